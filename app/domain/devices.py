"""The vocabulary of devices that show push."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import NotFound

MOST: Final = 20
"""Devices of one account; who registers one more loses the one that was not seen for longest."""
SHOWN: Final = 4  # letters of a token at either end


class Platform(StrEnum):
    IOS = "ios"
    ANDROID = "android"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Device:
    """`seen_at` is when it was last registered, in the session it belongs to."""

    id: UUID
    user_id: UUID
    session_id: UUID
    platform: Platform
    token: str = field(repr=False)
    name: str | None
    created_at: datetime
    seen_at: datetime

    @property
    def hint(self) -> str:
        """Return what tells the token from others, and is worth nothing."""
        return f"{self.token[:SHOWN]}…{self.token[-SHOWN:]}"


@dataclass(frozen=True, slots=True)
class DeviceFilter:
    """Whose devices to list: those whose session has not ended."""

    live_of: UUID


class DeviceSort(StrEnum):
    OLDEST = "seen_at"
    NEWEST = "-seen_at"


class DeviceNotFound(NotFound):
    """There is no such device, or its session has ended."""
