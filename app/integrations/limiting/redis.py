"""Counts that all processes share, in Redis."""

from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from limits.aio.storage import RedisStorage

PATIENCE: Final = 5.0
"""Seconds until a connection that says nothing is closed; no request waits so long for it."""
PORT: Final = 6379
PREFIX: Final = "banister:limits"


class OwnedRedisStorage(RedisStorage):
    """The one of `limits` on redis-py, whose connections can be closed.

    `url` is redis://, rediss:// or unix://. It connects with the first count.
    """

    STORAGE_SCHEME = None  # type: ignore[assignment]  # the library's own stays registered

    def __init__(self, url: str) -> None:
        super().__init__(
            f"async+{_with_port(url)}",
            implementation="redispy",
            key_prefix=PREFIX,
            socket_connect_timeout=PATIENCE,
            socket_timeout=PATIENCE,
        )

    async def close(self) -> None:
        client: Any = self.bridge.get_connection()  # type: ignore[attr-defined]  # of redis-py
        await client.aclose()


def _with_port(url: str) -> str:
    """Return the address with the port that everybody else takes for granted."""
    parts = urlsplit(url)
    if not parts.hostname or parts.port:
        return url
    return urlunsplit(parts._replace(netloc=f"{parts.netloc.rstrip(':')}:{PORT}"))
