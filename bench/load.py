"""Load from 16 connections: by `wrk` where there is one, else by a client of our own."""

import asyncio
import os
import re
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice, repeat
from pathlib import Path
from statistics import quantiles
from typing import Final

CONNECTIONS: Final = 16
MOST_PER_SECOND: Final = 20_000
"""More than any server here answers; so many requests are written for a second of load."""
WRK: Final = shutil.which("wrk")
UNITS: Final = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True, slots=True)
class Heard:
    """What the clients saw; times in milliseconds, `refused` are answers other than 2xx."""

    requests: int
    seconds: float
    p50: float
    p99: float
    longest: float
    refused: int


@dataclass(frozen=True, slots=True)
class Get:
    """The same request again and again."""

    path: str
    token: str | None = None

    def drive(self, port: int, seconds: float) -> Heard:
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        if WRK is None:
            return _drive(port, repeat(written("GET", self.path, headers)), seconds)
        flags = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
        return _wrk([*flags, f"http://127.0.0.1:{port}{self.path}"], seconds)


@dataclass(frozen=True, slots=True)
class Once:
    """Requests that each are sent once."""

    requests: Iterator[bytes] = field(repr=False)
    folder: Path

    def drive(self, port: int, seconds: float) -> Heard:
        if WRK is None:
            return _drive(port, self.requests, seconds)
        feed = self.folder / "feed"
        enough = int(MOST_PER_SECOND * seconds)
        with feed.open("wb") as file:
            for request in islice(self.requests, enough):
                file.write(request.replace(b"\r\n", b"\1") + b"\n")
        script = Path(__file__).with_name("once.lua")
        return _wrk(["-s", str(script), f"http://127.0.0.1:{port}"], seconds, feed=str(feed))


def fetched(port: int, ask: Get) -> bytes:
    """Return the body of one answer."""
    headers = {} if ask.token is None else {"Authorization": f"Bearer {ask.token}"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{ask.path}", headers=headers)
    with urllib.request.urlopen(request) as answer:
        body: bytes = answer.read()
        return body


def written(method: str, path: str, headers: dict[str, str], body: str = "") -> bytes:
    """Return a request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def _wrk(arguments: list[str], seconds: float, **environment: str) -> Heard:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--latency", *arguments]
    env = {**os.environ, **{name.upper(): value for name, value in environment.items()}}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    said = done.stdout
    if done.returncode or "Socket errors" in said or "requests in" not in said:
        raise SystemExit(f"wrk: {said}{done.stderr}")
    requests, took, unit = _found(r"(\d+) requests in ([\d.]+)(\w+),", said)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return Heard(
        int(requests),
        float(took) * UNITS[unit] / 1000,
        _milliseconds(r"50%\s+([\d.]+)(\w+)", said),
        _milliseconds(r"99%\s+([\d.]+)(\w+)", said),
        _milliseconds(r"Latency(?:\s+\S+){2}\s+([\d.]+)(\w+)", said),
        int(refused[1]) if refused else 0,
    )


def _found(pattern: str, said: str) -> tuple[str, ...]:
    match = re.search(pattern, said)
    if match is None:
        raise SystemExit(f"wrk said something new: {said}")
    return match.groups()


def _milliseconds(pattern: str, said: str) -> float:
    value, unit = _found(pattern, said)
    return float(value) * UNITS[unit]


def _drive(port: int, requests: Iterator[bytes], seconds: float) -> Heard:
    times, statuses = asyncio.run(_ask(port, requests, time.perf_counter() + seconds))
    cuts = quantiles(times, n=100)
    refused = sum(not 200 <= status < 400 for status in statuses)
    return Heard(len(times), seconds, cuts[49], cuts[98], max(times), refused)


async def _ask(port: int, requests: Iterator[bytes], until: float) -> tuple[list[float], list[int]]:
    times: list[float] = []
    statuses: list[int] = []

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < until:
            writer.write(next(requests))
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            await reader.readexactly(int(length[1]) if length else 0)
            times.append((time.perf_counter() - began) * 1000)
            statuses.append(int(head[9:12]))
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return times, statuses
