"""The vocabulary of pictures that people send."""

from typing import Final

from app.core.errors import Invalid

MOST_PIXELS: Final = 40_000_000
LONGEST_SIDE: Final = 10_000


class UnreadableImage(Invalid):
    """This is not a JPEG, PNG, WebP or GIF image, or it is damaged."""


class ImageTooLarge(Invalid):
    """This image has more than 40 megapixels, or a side of more than 10,000."""
