"""How long a reader waits while 20 others log in, over how long it waits when nobody does."""

import asyncio
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from statistics import median, quantiles
from typing import Final

import orjson

from bench.load import written

STORM: Final = "login storm"
LOGINS: Final = 20
READERS: Final = 2
PAUSE: Final = 0.01  # seconds between two reads of one reader: they read, they don't press
AT_MOST: Final = 3.0
LIST: Final = written("GET", "/api/v1/services?limit=20", {})


@dataclass(slots=True)
class Storm:
    """Rounds of quiet and storm in turns; times in milliseconds."""

    quiet: list[float] = field(default_factory=list)
    stormy: list[float] = field(default_factory=list)
    logins: int = 0
    seconds: float = 0.0

    def round(self, port: int, seconds: float) -> None:
        self.quiet.append(asyncio.run(_p95(port, seconds)))
        found, logins = asyncio.run(_stormy(port, seconds))
        self.stormy.append(found)
        self.logins += logins
        self.seconds += seconds

    def told(self) -> Iterator[str]:
        """Say what was found, if anything was measured."""
        if not self.quiet:
            return
        ratios = sorted(
            stormy / quiet for quiet, stormy in zip(self.quiet, self.stormy, strict=True)
        )
        verdict = "met" if median(ratios) <= AT_MOST else "**missed**"
        yield (
            f"{STORM}: p95 of the catalog list {median(self.quiet):.1f} ms in quiet and"
            f" {median(self.stormy):.1f} ms during {LOGINS} parallel logins"
            f" ({self.logins / self.seconds:.0f} a second): {median(ratios):.2g} times,"
            f" {ratios[0]:.2g} to {ratios[-1]:.2g}, wanted at most {AT_MOST:g}: {verdict}"
        )


async def _p95(port: int, seconds: float) -> float:
    until = time.perf_counter() + seconds
    found = await asyncio.gather(*(_read(port, until) for _ in range(READERS)))
    return quantiles([took for times in found for took in times], n=20)[18]


async def _stormy(port: int, seconds: float) -> tuple[float, int]:
    """Read while logins go on all the time; return the p95 of the reads, and how many logins."""
    until = time.perf_counter() + seconds
    numbers = count()
    logins = [asyncio.create_task(_log_in(port, until, numbers)) for _ in range(LOGINS)]
    found = await _p95(port, seconds)
    await asyncio.gather(*logins)
    return found, next(numbers)


async def _read(port: int, until: float) -> list[float]:
    times = []
    async with _Line(port) as line:
        while (began := time.perf_counter()) < until:
            status = await line.ask(LIST)
            assert status == 200, status
            times.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(PAUSE)
    return times


async def _log_in(port: int, until: float, numbers: Iterator[int]) -> None:
    """Try wrong passwords, which cost as much as right ones."""
    async with _Line(port) as line:
        while time.perf_counter() < until:
            body = {"email": f"storm{next(numbers)}@example.com", "password": "a wrong password"}
            request = written("POST", "/api/v1/auth/login", {}, orjson.dumps(body).decode())
            status = await line.ask(request)
            assert status == 401, status


class _Line:
    """A connection to the server, for one request after another."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> "_Line":
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def ask(self, request: bytes) -> int:
        """Return the status of the answer, read whole."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        await self._reader.readexactly(int(length[1]) if length else 0)
        return int(head[9:12])

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()
