"""Where pictures of people are, and what they come as."""

from typing import Any, Final
from uuid import UUID

from app.core import addresses
from app.domain.photos import PhotoSize

PHOTO: Final[dict[str, Any]] = {
    "content": {
        "image/webp": {
            "schema": {"type": "string", "format": "binary"},
            "example": "(the bytes of the picture)",
        }
    }
}


def photo_url(photo_id: UUID | None) -> str | None:
    """Return the address of the medium size; the last segment names another."""
    if photo_id is None:
        return None
    return f"{addresses.base.get()}/api/v1/photos/{photo_id}/{PhotoSize.MEDIUM}"
