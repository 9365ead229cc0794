"""The vocabulary of pictures of people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import NotFound
from app.core.messages import Message

UNSEEN_FOR: Final = timedelta(hours=1)
"""How long a photo may be kept that no account shows: it is about to, or never will."""


class PhotoSize(StrEnum):
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


SIDES: Final = {PhotoSize.SMALL: 64, PhotoSize.MEDIUM: 256, PhotoSize.LARGE: 1024}
"""The square, in pixels, that each size fits into; none is made larger than what was sent."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of somebody, in all sizes; which one an account shows stands there."""

    id: UUID
    user_id: UUID
    created_at: datetime


class PhotoNotFound(NotFound):
    """There is no such photo."""


@dataclass(frozen=True, slots=True)
class PhotoDropped(Message):
    """No account shows this photo any more."""

    photo_id: UUID


def key_of(photo_id: UUID, size: PhotoSize) -> str:
    """Return under which key the storage has a photo: nothing of it is told by a client."""
    return f"photos/{photo_id}-{size}.webp"


def keys_of(photo_id: UUID) -> list[str]:
    return [key_of(photo_id, size) for size in PhotoSize]
