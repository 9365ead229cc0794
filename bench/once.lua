-- Sends each line of the file FEED once; a line is a whole request, its CR LF written as byte 1.
local lines = io.lines(os.getenv("FEED"))
request = function()
  local line = lines()
  if line == nil then error("out of requests") end
  return (line:gsub("\1", "\r\n"))
end
