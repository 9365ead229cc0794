"""Telling somebody all that is kept of them."""

from collections.abc import Sequence
from datetime import datetime

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.exports import Batch, Place
from app.repositories.exports import SECTIONS, ExportRepository


class ExportService:
    def __init__(self, exports: ExportRepository, clock: Clock) -> None:
        self.exports = exports
        self.clock = clock

    @property
    def sections(self) -> Sequence[str]:
        return tuple(SECTIONS)

    def now(self) -> datetime:
        return self.clock()

    async def batch(self, actor: Actor, section: str, place: Place | None = None) -> Batch:
        """Return some rows of a section of theirs; `place` is where the batch before ended."""
        return await self.exports.batch(section, actor.user_id, place)
