"""Those in a room of `fanout.py`: they read frames, and say how late each came.

python -m bench.audience PORT COUNT STALLED says when all are in, reads how many frames there will
be, and prints how many got all of them in their order, and how many milliseconds late each was. It
parses no more of a frame than it must, so that the server is measured and not the clients.
"""

import asyncio
import base64
import json
import os
import re
import socket
import sys
import time
from typing import Final

import uvloop

SMALL: Final = 4096
"""Bytes the kernel keeps for who does not read, so that the server soon feels it."""
NUMBER: Final = re.compile(rb'"n":\s?(\d+),\s?"at":\s?([\d.]+)')
PATIENCE: Final = 60.0


class Listener(asyncio.Protocol):
    """A client of a websocket, once it is let in, of a server that sends no part of a frame."""

    def __init__(self, late: list[float]) -> None:
        self.is_in = asyncio.get_running_loop().create_future()
        self.is_over = asyncio.get_running_loop().create_future()
        self.is_in_order = True
        self.expected = 0
        self._late = late
        self._count: int | None = None
        self._seen = b""

    def expect(self, count: int) -> None:
        self._count = count

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        seen = self._seen + data
        if not self.is_in.done():
            head, found, seen = seen.partition(b"\r\n\r\n")
            if not found:
                self._seen = head
                return
            assert b" 101 " in head.split(b"\r\n")[0], head
            self.is_in.set_result(None)
        while (frame := _frame(seen)) is not None:
            start, end = frame
            if seen[0] == 0x81:
                self._hear(seen[start:end], now)
            seen = seen[end:]
        self._seen = seen

    def connection_lost(self, _: Exception | None) -> None:
        if not self.is_over.done():
            self.is_in_order = False
            self.is_over.set_result(None)

    def _hear(self, text: bytes, now: float) -> None:
        number, at = NUMBER.search(text).groups()  # type: ignore[union-attr]  # each frame has one
        self._late.append((now - float(at)) * 1000)
        self.is_in_order &= int(number) == self.expected
        self.expected += 1
        if self.expected == self._count:
            self.is_over.set_result(None)


def _frame(seen: bytes) -> tuple[int, int] | None:
    """Return where the text of the first frame begins and ends, if it is there as a whole."""
    if len(seen) < 4:
        return None
    size, start = seen[1], 2
    if size == 126:
        size, start = int.from_bytes(seen[2:4]), 4
    return (start, start + size) if len(seen) >= start + size else None


async def _listening(port: int, count: int, stalled: int) -> None:
    late: list[float] = []
    there = [await _enter(port, late) for _ in range(count)]
    deaf = [await _enter(port, late, is_deaf=True) for _ in range(stalled)]
    for listener, _ in (*there, *deaf):
        await listener.is_in
    for _, transport in deaf:
        transport.pause_reading()
    print("in", flush=True)
    frames = int(await asyncio.to_thread(sys.stdin.readline))
    for listener, _ in there:
        listener.expect(frames)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(listener.is_over for listener, _ in there))
    told = sum(listener.is_in_order for listener, _ in there)
    print(json.dumps([told, [round(each, 3) for each in late]]), flush=True)
    os._exit(0)


async def _enter(
    port: int, late: list[float], *, is_deaf: bool = False
) -> tuple[Listener, asyncio.Transport]:
    line = socket.socket()
    if is_deaf:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
    line.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(line, ("127.0.0.1", port))
    transport, listener = await loop.create_connection(lambda: Listener(late), sock=line)
    key = base64.b64encode(os.urandom(16))
    transport.write(
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n\r\n"
    )
    return listener, transport


if __name__ == "__main__":
    uvloop.run(_listening(*map(int, sys.argv[1:])))
