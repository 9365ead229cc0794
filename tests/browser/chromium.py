"""A headless Chromium, spoken to by its own protocol."""

import asyncio
import json
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

SOON = 20.0
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FOUND = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--no-proxy-server", "--remote-debugging-port=0"),
)

THERE = "location.href !== 'about:blank'"
WAIT = """new Promise((done) => {{
  const until = Date.now() + {milliseconds};
  const look = () => {{
    let holds = false;
    try {{ holds = {condition}; }} catch {{ /* not there yet */ }}
    if (holds || Date.now() > until) done(Boolean(holds)); else setTimeout(look, 30);
  }};
  look();
}})"""


class Browser:
    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._ids = count(1)
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def hear(self) -> None:
        with suppress(ConnectionClosed):
            async for text in self._line:
                told = json.loads(text)
                if waiting := self._asked.pop(told.get("id", 0), None):
                    waiting.set_result(told)

    async def call(self, method: str, session: str | None = None, **given: Any) -> dict[str, Any]:
        """Ask for something and return what it says; fail if it is refused."""
        number = next(self._ids)
        self._asked[number] = asyncio.get_running_loop().create_future()
        asked = {"id": number, "method": method, "params": given}
        await self._line.send(json.dumps(asked | ({"sessionId": session} if session else {})))
        async with asyncio.timeout(SOON):
            told = await self._asked[number]
        assert "error" not in told, told
        result: dict[str, Any] = told["result"]
        return result

    async def page(self, address: str) -> "Page":
        """Open an address for somebody new: nothing is shared with other pages."""
        person = await self.call("Target.createBrowserContext")
        made = await self.call(
            "Target.createTarget", url="about:blank", browserContextId=person["browserContextId"]
        )
        joined = await self.call("Target.attachToTarget", targetId=made["targetId"], flatten=True)
        page = Page(self, joined["sessionId"])
        await self.call("Page.navigate", page.session, url=address)
        async with asyncio.timeout(SOON):
            while not await page.run(f"document.readyState === 'complete' && {THERE}"):
                pass  # what waits on a page that is left is never told
        return page


class Page:
    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self.session = browser, session

    async def run(self, script: str) -> Any:
        """Return what a script comes to."""
        told = await self._browser.call(
            "Runtime.evaluate",
            self.session,
            expression=script,
            awaitPromise=True,
            returnByValue=True,
        )
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    async def until(self, condition: str) -> None:
        """Return once a condition holds on the page; fail with what it shows."""
        holds = await self.run(WAIT.format(condition=condition, milliseconds=SOON * 900))
        if not holds:
            shown = await self.run("document.body.innerText")
            raise AssertionError(f"never: {condition}\non:\n{shown}")

    async def fill(self, form: str, **fields: str) -> None:
        """Fill a form and send it."""
        script = "".join(
            f"f.elements[{json.dumps(name)}].value = {json.dumps(value)};"
            for name, value in fields.items()
        )
        await self.run(
            f"{{ const f = document.querySelector('{form}'); {script} f.requestSubmit(); 1 }}"
        )

    async def click(self, what: str) -> None:
        await self.until(f"document.querySelector('{what}') !== null")
        await self.run(f"document.querySelector('{what}').click()")


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    assert FOUND is not None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        process = await asyncio.create_subprocess_exec(
            FOUND,
            *FLAGS,
            f"--user-data-dir={folder}",
            "about:blank",
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"HOME": folder},
            start_new_session=True,
        )
        try:
            address = await _address(process)
            reading = asyncio.create_task(process.communicate())  # or it would wait for a reader
            async with connect(address, proxy=None, max_size=None) as line:
                browser = Browser(line)
                hearing = asyncio.create_task(browser.hear())
                yield browser
                await browser.call("Browser.close")
                await hearing
                await reading
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)  # its children too
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    """Return where it listens, which is what it says first."""
    assert process.stderr is not None
    said = b""
    async with asyncio.timeout(SOON):
        while line := await process.stderr.readline():
            said += line
            if line.startswith(b"DevTools listening on "):
                return line.split()[-1].decode()
    raise AssertionError(said.decode())
