"""Throwing away files that nobody needs: dropped, never attached, or left over by a crash."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.domain.files import FOLDER, UNATTACHED_FOR, UNFINISHED_FOR, StoredFile, id_in, key_of
from app.integrations.storage.protocol import Storage
from app.repositories.files import FileRepository

DROPPED_AT_ONCE: Final = 100
LEFT_ALONE_FOR: Final = timedelta(hours=24)


class FileSweepService:
    """The content goes first and the row after it, so that a crash between leaves the row."""

    def __init__(
        self, files: FileRepository, storage: Storage, checkpoint: Checkpoint, clock: Clock
    ) -> None:
        self.files = files
        self.storage = storage
        self.checkpoint = checkpoint
        self.clock = clock

    async def drop(self, file_ids: Sequence[UUID]) -> None:
        """Delete those of these files that were dropped, content and row."""
        await self._delete(await self.files.gone(file_ids))

    async def drop_unwanted(self) -> int:
        """Delete some that never came whole, or that nothing came to need; return how many."""
        now = self.clock()
        found = await self.files.drop_unwanted(
            unfinished_before=now - UNFINISHED_FOR,
            unattached_before=now - UNATTACHED_FOR,
            most=DROPPED_AT_ONCE,
            now=now,
        )
        await self._delete(found)
        return len(found)

    async def drop_bereft(self) -> int:
        """Delete some whose message or review is gone without them; return how many."""
        found = await self.files.drop_bereft(most=DROPPED_AT_ONCE, now=self.clock())
        await self._delete(found)
        return len(found)

    async def drop_unknown(self) -> int:
        """Delete contents that no row tells of, as a restored database may leave; return how many.

        All that is stored is gone through, and what is younger than a day is left alone.
        """
        await self.checkpoint()
        dropped = 0
        async for batch in self.storage.listed(FOLDER):
            unknown = await self._unknown(batch)
            await self.checkpoint()
            await self.storage.delete(unknown)
            dropped += len(unknown)
        return dropped

    async def _unknown(self, batch: Sequence[StoredFile]) -> list[str]:
        before = self.clock() - LEFT_ALONE_FOR
        old = [one.key for one in batch if one.stored_at < before]
        ids = {key: id_in(key) for key in old}
        known = set(await self.files.known([id_ for id_ in ids.values() if id_ is not None]))
        return [key for key, id_ in ids.items() if id_ not in known]

    async def _delete(self, file_ids: Sequence[UUID]) -> None:
        if not file_ids:
            return
        await self.checkpoint()
        await self.storage.delete([key_of(id_) for id_ in file_ids])
        await self.files.forget(file_ids)
