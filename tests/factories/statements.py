"""What is sent to the database, to be counted."""

from typing import Any

SENDING = ("execute", "fetch", "fetchrow", "fetchval")


class Watched:
    """A pool of one connection, which tells what was sent on it: one entry, one round trip."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.sent: list[str] = []

    async def acquire(self) -> "Watched":
        return self

    async def release(self, _: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.raw, name)
        if name not in SENDING:
            return method

        async def send(sql: str, *arguments: Any) -> Any:
            self.sent.append(sql)
            return await method(sql, *arguments)

        return send
