"""Letters that stay on this machine: a file each, for people who develop and for tests."""

import asyncio
import os
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from app.core.clock import Clock
from app.core.ids import new_id
from app.domain.mail import KeptAttachment, KeptLetter
from app.integrations.mail.protocol import Attachment, Letter

MOST: Final = 500
BROKEN_AFTER: Final = 60  # seconds in which a letter is written, if it ever is
FORM: Final = TypeAdapter(KeptLetter)


class FileMailbox:
    """Keeps the newest letters in a folder that several processes may share.

    A letter appears whole or not at all; one that is sent again takes the place of the first.
    """

    def __init__(self, folder: Path, clock: Clock, *, most: int = MOST) -> None:
        self._folder = folder
        self._clock = clock
        self._most = most

    async def send(self, letter: Letter) -> None:
        kept = KeptLetter(
            letter.to,
            letter.subject,
            letter.text,
            letter.html,
            self._clock(),
            [_kept(attachment) for attachment in letter.attachments],
        )
        await asyncio.to_thread(self._keep, sha256(letter.key.encode()).hexdigest(), kept)

    async def letters(self, *, to: str | None = None) -> list[KeptLetter]:
        """Return the letters that were kept, newest first; with `to`, those to one address."""
        kept = await asyncio.to_thread(self._read)
        return [each for each in kept if to is None or each.to == to]

    async def forget(self, *, to: str, before: datetime | None = None) -> None:
        """Throw away the letters to an address; with `before`, those that were kept before then."""

        def is_meant(kept: KeptLetter) -> bool:
            return kept.to == to and (before is None or kept.created_at < before)

        await asyncio.to_thread(self._forget, is_meant)

    async def forget_naming(self, is_named: Callable[[str], bool]) -> None:
        """Throw away the letters in whose text somebody is named, whomever they went to."""
        await asyncio.to_thread(self._forget, lambda kept: is_named(kept.text))

    def _keep(self, name: str, kept: KeptLetter) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f"{new_id()}.unfinished"
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(FORM.dump_json(kept))
        os.replace(unfinished, self._folder / f"{name}.json")
        for path in self._newest_first()[self._most :]:
            path.unlink(missing_ok=True)

    def _forget(self, is_meant: Callable[[KeptLetter], bool]) -> None:
        """Throw away too what was never finished: nobody can tell whose it was to be."""
        for path in self._newest_first():
            kept = _letter(path)
            if kept and is_meant(kept):
                path.unlink(missing_ok=True)
        for path in self._folder.glob("*.unfinished"):
            if _written_at(path) < time.time_ns() - BROKEN_AFTER * 1_000_000_000:
                path.unlink(missing_ok=True)

    def _read(self) -> list[KeptLetter]:
        found = [_letter(path) for path in self._newest_first()]
        return [kept for kept in found if kept is not None]

    def _newest_first(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"), key=_written_at, reverse=True)


def _kept(attachment: Attachment) -> KeptAttachment:
    content = b64encode(attachment.content).decode()
    return KeptAttachment(attachment.name, attachment.content_type, content)


def _written_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # another process has just thrown it away
        return 0


def _letter(path: Path) -> KeptLetter | None:
    try:
        return FORM.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):  # thrown away, or of an older form
        return None
