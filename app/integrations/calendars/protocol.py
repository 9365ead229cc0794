"""What the application needs of calendar files, in its own words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.core.periods import Period
from app.domain.calendars import Entry, Method


class UnreadableCalendar(Exception):
    """The file can't be used; the words are for who gave its address, and quote nothing of it."""


class Calendars(Protocol):
    async def write(
        self,
        entries: Sequence[Entry],
        *,
        method: Method,
        name: str | None = None,
        attendee: str | None = None,
    ) -> bytes:
        """Return the file: always the same bytes for the same entries.

        `name` is what a calendar that is subscribed to is called, `attendee` the address of whom
        a REQUEST or a CANCEL is for.
        """
        ...

    async def busy(
        self, content: bytes, *, zone: str, since: datetime, until: datetime
    ) -> list[Period]:
        """Return when the events of a file take place, as far as they overlap `[since, until)`.

        In order and apart. Whole days, and times without a zone, are those of `zone`. What is
        cancelled, or said to leave one free, doesn't count. UnreadableCalendar where the file is
        none, holds too much, or takes too long.
        """
        ...
