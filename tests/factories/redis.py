"""As much of a Redis as counting and telling need, on a port here: real clients speak to it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha1

from limits.aio.storage.redis.bridge import RedisBridge

NOTHING = b"_\r\n"  # of RESP3, which HELLO agrees to
FINE = b"+OK\r\n"
UNKNOWN = b"-ERR unknown command\r\n"
NO_SCRIPT = b"-NOSCRIPT No matching script.\r\n"
COUNTING = RedisBridge.SCRIPT_INCR_EXPIRE  # the one of the library's scripts that is used


class SmallRedis:
    """Keys with counts and the time they end; of Lua it knows the script that counts."""

    def __init__(self) -> None:
        self.kept: dict[bytes, tuple[int, float]] = {}
        self.scripts: set[bytes] = set()
        self.listeners: dict[asyncio.StreamWriter, bytes] = {}
        self._does: dict[bytes, Callable[..., bytes]] = {
            b"HELLO": lambda *_: b"%1\r\n$5\r\nproto\r\n:3\r\n",
            b"CLIENT": lambda *_: FINE,
            b"SELECT": lambda *_: FINE,
            b"PING": lambda *_: b"+PONG\r\n",
            b"PUBLISH": self._publish,
            b"SCRIPT": self._load,
            b"EVALSHA": self._count,
            b"GET": self._get,
            b"DEL": lambda key: _number(self.kept.pop(key, None) is not None),
            b"TTL": lambda key: _number(round(self.kept[key][1] - time.time())),
        }

    def answer(self, command: list[bytes]) -> bytes:
        known = self._does.get(command[0].upper())
        return UNKNOWN if known is None else known(*command[1:])

    def listen(self, writer: asyncio.StreamWriter, channel: bytes) -> bytes:
        self.listeners[writer] = channel
        return _pushed(b"subscribe", channel, 1)

    def cut_listeners(self) -> int:
        """End the lines of all who listen; return of how many."""
        cut = list(self.listeners)
        self.listeners.clear()
        for writer in cut:
            writer.close()
        return len(cut)

    def _publish(self, channel: bytes, word: bytes) -> bytes:
        for writer, listened in self.listeners.items():
            if listened == channel:
                writer.write(_pushed(b"message", channel, word))
        return _number(len(self.listeners))

    def _load(self, _: bytes, script: bytes) -> bytes:
        assert script.decode() == _text(COUNTING)
        digest = sha1(script).hexdigest().encode()
        self.scripts.add(digest)
        return _text_answer(digest)

    def _count(self, digest: bytes, _: bytes, key: bytes, lasts: bytes, amount: bytes) -> bytes:
        if digest not in self.scripts:
            return NO_SCRIPT
        count, ends_at = self.kept.get(key, (0, time.time() + int(lasts)))
        self.kept[key] = count + int(amount), ends_at
        return _number(count + int(amount))

    def _get(self, key: bytes) -> bytes:
        return _text_answer(b"%d" % self.kept[key][0]) if key in self.kept else NOTHING


@asynccontextmanager
async def small_redis() -> AsyncIterator[tuple[str, SmallRedis]]:
    """Yield the address of a new one, and what is in it."""
    redis, writers = SmallRedis(), []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while head := await reader.readline():
            parts = [await _part(reader) for _ in range(int(head[1:]))]
            if parts[0].upper() == b"SUBSCRIBE":
                writer.write(redis.listen(writer, parts[1]))
            else:
                writer.write(redis.answer(parts))
        redis.listeners.pop(writer, None)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0", redis
    server.close()
    for writer in writers:
        writer.close()


async def _part(reader: asyncio.StreamReader) -> bytes:
    length = int((await reader.readline())[1:])
    return (await reader.readexactly(length + 2))[:-2]


def _text(script: str | bytes) -> str:
    return script.decode() if isinstance(script, bytes) else script


def _text_answer(text: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(text), text)


def _number(number: int) -> bytes:
    return b":%d\r\n" % number


def _pushed(kind: bytes, channel: bytes, told: bytes | int) -> bytes:
    last = _number(told) if isinstance(told, int) else _text_answer(told)
    return b">3\r\n" + _text_answer(kind) + _text_answer(channel) + last
