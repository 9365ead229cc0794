"""Letters that stay on this machine: a file each, for people who develop and for tests."""

import asyncio
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from app.core.clock import Clock
from app.domain.mail import KeptAttachment, KeptLetter
from app.integrations.keeping.files import KeptFiles
from app.integrations.mail.protocol import Attachment, Letter

MOST: Final = 500
FORM: Final = TypeAdapter(KeptLetter)


class FileMailbox:
    """Keeps the newest letters in a folder that several processes may share.

    A letter appears whole or not at all; one that is sent again takes the place of the first.
    """

    def __init__(self, folder: Path, clock: Clock, *, most: int = MOST) -> None:
        self._files = KeptFiles(folder, FORM, most=most)
        self._clock = clock

    async def send(self, letter: Letter) -> None:
        kept = KeptLetter(
            letter.to,
            letter.subject,
            letter.text,
            letter.html,
            self._clock(),
            [_kept(attachment) for attachment in letter.attachments],
        )
        name = sha256(letter.key.encode()).hexdigest()
        await asyncio.to_thread(self._files.keep, name, kept)

    async def letters(self, *, to: str | None = None) -> list[KeptLetter]:
        """Return the letters that were kept, newest first; with `to`, those to one address."""
        kept = await asyncio.to_thread(self._files.read)
        return [each for each in kept if to is None or each.to == to]

    async def forget(self, *, to: str, before: datetime | None = None) -> None:
        """Throw away the letters to an address; with `before`, those that were kept before then."""

        def is_meant(kept: KeptLetter) -> bool:
            return kept.to == to and (before is None or kept.created_at < before)

        await asyncio.to_thread(self._files.forget, is_meant)

    async def forget_naming(self, is_named: Callable[[str], bool]) -> None:
        """Throw away the letters in whose text somebody is named, whomever they went to."""
        await asyncio.to_thread(self._files.forget, lambda kept: is_named(kept.text))


def _kept(attachment: Attachment) -> KeptAttachment:
    content = b64encode(attachment.content).decode()
    return KeptAttachment(attachment.name, attachment.content_type, content)
