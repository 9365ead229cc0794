"""A way to the database that can be closed, with everything that passes through it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

SOCKET = ".s.PGSQL.5432"


def detour(url: str, folder: Path) -> str:
    """Return the address of the same database by a socket in `folder`, see `way_to`."""
    parts = urlsplit(url)
    return f"postgresql://{parts.username}@{parts.path}?host={folder}"


@asynccontextmanager
async def way_to(url: str, folder: Path) -> AsyncIterator[None]:
    """Open a socket in `folder` on the way to the server; at the end of the block, cut it."""
    writers: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await _open(url)
        writers.extend((writer, far_writer))
        await asyncio.gather(
            carry(reader, far_writer), carry(far_reader, writer), return_exceptions=True
        )

    server = await asyncio.start_unix_server(connect, folder / SOCKET)
    yield
    server.close()
    for writer in writers:
        writer.transport.abort()
    (folder / SOCKET).unlink(missing_ok=True)


async def _open(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    parts = urlsplit(url)
    folder = parse_qs(parts.query).get("host", [""])[0]
    if folder.startswith("/"):
        return await asyncio.open_unix_connection(f"{folder}/{SOCKET}")
    return await asyncio.open_connection(parts.hostname, parts.port or 5432)
