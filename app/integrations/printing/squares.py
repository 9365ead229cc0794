"""QR codes (ISO/IEC 18004), with level M: a sixth of the square may be worn away."""

from collections.abc import Iterator
from io import BytesIO
from typing import Final

import segno

from app.domain.printing import LARGEST_QR, SMALLEST_QR

LEVEL: Final = "m"
MARGIN: Final = 4  # dots that stay light on each side, as the standard asks


def svg(text: str, size: int) -> bytes:
    """Return it dark on white, also where the page around it is dark."""
    square, across = _square(text, size)
    made = BytesIO()
    square.save(
        made,
        kind="svg",
        scale=size / across,
        border=MARGIN,
        light="#fff",
        svgclass=None,
        lineclass=None,
    )
    return made.getvalue()


def png(text: str, size: int) -> bytes:
    square, across = _square(text, size)
    made = BytesIO()
    square.save(made, kind="png", scale=size // across, border=MARGIN)
    return made.getvalue()


def runs(text: str) -> tuple[int, Iterator[tuple[int, int, int]]]:
    """Return how many dots there are to a side, without margin, and the dark runs of each row.

    A run is its row from the top, its first column, and its length.
    """
    square = segno.make_qr(text, error=LEVEL)
    return len(square.matrix), _runs(square.matrix)


def _square(text: str, size: int) -> tuple[segno.QRCode, int]:
    """Return the code, and how many dots it is across with its margin."""
    if not SMALLEST_QR <= size <= LARGEST_QR:
        raise ValueError(f"a square is {SMALLEST_QR} to {LARGEST_QR} wide")
    square = segno.make_qr(text, error=LEVEL)
    return square, len(square.matrix) + 2 * MARGIN


def _runs(matrix: tuple[bytearray, ...]) -> Iterator[tuple[int, int, int]]:
    for row, dots in enumerate(matrix):
        start = 0
        for run in bytes(dots).replace(b"\x00", b" ").split(b" "):
            if run:
                yield row, start, len(run)
            start += len(run) + 1
