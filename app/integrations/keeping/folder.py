"""Messages that stay on this machine, whichever way they would have gone: a file each."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from app.domain.messengers import KeptMessage, Receipt
from app.integrations.keeping.files import KeptFiles

MOST: Final = 500
FORM: Final = TypeAdapter(KeptMessage)


class FileKeeping:
    """Keeps the newest in a folder that several processes may share."""

    def __init__(self, folder: Path, *, most: int = MOST) -> None:
        self._files = KeptFiles(folder, FORM, most=most)

    async def keep(self, message: KeptMessage, *, key: str) -> Receipt:
        """Keep a message; one with the same key takes the place of the first, with its receipt."""
        name = sha256(f"{message.messenger}/{message.to}/{key}".encode()).hexdigest()
        await asyncio.to_thread(self._files.keep, name, message)
        return Receipt(f"kept-{name[:32]}")

    async def messages(self, *, to: str | None = None) -> list[KeptMessage]:
        kept = await asyncio.to_thread(self._files.read)
        return [each for each in kept if to is None or each.to == to]

    async def forget(self, *, to: str, before: datetime | None = None) -> None:
        def is_meant(kept: KeptMessage) -> bool:
            return kept.to == to and (before is None or kept.created_at < before)

        await asyncio.to_thread(self._files.forget, is_meant)

    async def forget_naming(self, is_named: Callable[[str], bool]) -> None:
        def is_meant(kept: KeptMessage) -> bool:
            return is_named("\n".join([kept.title or "", kept.text, *kept.data.values()]))

        await asyncio.to_thread(self._files.forget, is_meant)
