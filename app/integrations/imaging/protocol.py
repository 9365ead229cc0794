"""What the application needs of pictures, in its own words."""

from collections.abc import Sequence
from typing import Protocol


class Imaging(Protocol):
    async def fitted(self, content: bytes, sides: Sequence[int]) -> list[bytes]:
        """Return what is seen in a picture as WebP, for each side as large as that square lets it.

        Never larger than it was sent, upright, in sRGB, and with nothing else of what was sent.
        UnreadableImage for what is no JPEG, PNG, WebP or GIF, ImageTooLarge before it is decoded.
        Of what moves the first frame is taken.
        """
        ...

    def close(self) -> None: ...
