"""Documents, looked into byte by byte; what can't be looked into is refused."""

import asyncio
import re
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from app.domain.file_contents import ensure_plain_text, is_pdf
from app.domain.files import FileType, UnsupportedFile

HEADER: Final = re.compile(rb"%PDF-[12]\.\d")
TAIL: Final = 1024
ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")  # how a name may be spelled (ISO 32000, 7.3.5)
STREAM: Final = re.compile(rb"(?<!end)stream\r?\n")
OF_OBJECTS: Final = re.compile(rb"/ObjStm(?![A-Za-z0-9])")
PACKED: Final = re.compile(rb"/F(?:ilter)?(?![A-Za-z0-9])")
DEFLATED: Final = re.compile(rb"/Filter\s*(?:/FlateDecode(?![A-Za-z0-9])|\[\s*/FlateDecode\s*\])")
PREDICTED: Final = re.compile(rb"/(?:DecodeParms|DP)(?![A-Za-z0-9])")
LONGEST_HEAD: Final = 1 << 16
MOST_STREAMS: Final = 20_000
MOST_UNPACKED: Final = 64 << 20
# Names of what does something when a document is opened, or hides another in it. None is so short
# that the noise of ten compressed megabytes would hold one.
ACTIVE: Final = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|Encrypt|"
    rb"Rendition)(?![A-Za-z0-9])"
)


class StrictDocuments:
    """Works in a thread of its own, so that no request waits for what another one sent."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="documents")

    async def examine(self, content: bytes) -> FileType:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _examined, content)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _examined(content: bytes) -> FileType:
    if not is_pdf(content):
        ensure_plain_text(content)
        return FileType.TEXT
    if not HEADER.match(content) or b"%%EOF" not in content[-TAIL:] or b"startxref" not in content:
        raise UnsupportedFile
    for part in (content, *_objects(content)):
        if ACTIVE.search(_spelled_out(part)):
            raise UnsupportedFile
    return FileType.PDF


def _spelled_out(content: bytes) -> bytes:
    return ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), content)


def _objects(content: bytes) -> Iterator[bytes]:
    """Yield the streams in which objects are packed away, unpacked."""
    left = MOST_UNPACKED
    for count, found in enumerate(STREAM.finditer(content)):
        start = content.rfind(b"obj", max(0, found.start() - LONGEST_HEAD), found.start())
        if start < 0 or count >= MOST_STREAMS:
            raise UnsupportedFile
        head = _spelled_out(content[start : found.start()])
        if OF_OBJECTS.search(head) and PACKED.search(head):  # else it stands there as it is
            _ensure_deflated(head)
            unpacked = _unpacked(memoryview(content)[found.end() :], left)
            left -= len(unpacked)
            yield unpacked


def _ensure_deflated(head: bytes) -> None:
    """Refuse what was packed in another way, or in more than one."""
    if not DEFLATED.search(head) or len(PACKED.findall(head)) > 1 or PREDICTED.search(head):
        raise UnsupportedFile


def _unpacked(packed: memoryview, most: int) -> bytes:
    if most <= 0:  # to zlib, no limit at all
        raise UnsupportedFile
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(packed, most)
    except zlib.error as error:
        raise UnsupportedFile from error
    if not unpacker.eof:
        raise UnsupportedFile
    return unpacked
