"""Letters on paper: the fonts, what they can show, and how a text fills its lines.

reportlab keeps its fonts for the whole process and is told of them once, in the thread that draws.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from io import BytesIO
from typing import Final, NamedTuple

import pymupdf_fonts
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR: Final = "Noto Sans"
BOLD: Final = "Noto Sans Bold"
FILES: Final = {REGULAR: "notos", BOLD: "notosbo"}
UNKNOWN: Final = "\N{REPLACEMENT CHARACTER}"
CUT: Final = "…"
BREAKS: Final = ("Zl", "Zp", "Cc")
GAP: Final = "Zs"
ACCENTS: Final = ("Mn", "Me")
"""They go with their letter, also where it can't be shown."""
UNSEEN: Final = "Cf"
"""Joiners and marks of direction; some fonts draw what nobody should see."""


class Step(NamedTuple):
    """A size in points, and the most lines a text may have in it."""

    size: float
    lines: int


class Set(NamedTuple):
    """A text as it is set: its font, its size, its lines."""

    font: str
    size: float
    lines: list[str]


def fitted(text: str, font: str, width: float, steps: Sequence[Step]) -> Set:
    """Set a text in the largest size in which it fits; in the smallest, cut what is too much."""
    shown = drawable(text, font)
    for size, most in steps:
        lines = list(wrapped(shown, font, size, width))
        if len(lines) <= most:
            return Set(font, size, lines)
    return Set(font, size, [*lines[: most - 1], _cut(lines[most - 1], font, size, width)])


def drawable(text: str, font: str) -> str:
    """Return the text in letters that the font has; what it lacks is seen to be missing."""
    known, shown = _font(font).face.charToGlyph, ""
    for letter in unicodedata.normalize("NFC", text):
        category = unicodedata.category(letter)
        if category == UNSEEN or (category in ACCENTS and shown.endswith(UNKNOWN)):
            continue
        if category in BREAKS or (category == GAP and ord(letter) not in known):
            letter = " "
        shown += letter if ord(letter) in known else UNKNOWN
    return shown


def wrapped(text: str, font: str, size: float, width: float) -> Iterator[str]:
    """Yield lines that are no wider; a word that is wider by itself is broken where it must be."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if across(longer, font, size) <= width:
            line = longer
            continue
        if line:
            yield line
        *full, line = _broken(word, font, size, width)
        yield from full
    yield line


def across(text: str, font: str, size: float) -> float:
    """Return how wide a text is, in points."""
    return float(_font(font).stringWidth(text, size))


def _broken(word: str, font: str, size: float, width: float) -> list[str]:
    pieces = [""]
    for letter in word:
        if across(pieces[-1] + letter, font, size) > width and pieces[-1]:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def _cut(line: str, font: str, size: float, width: float) -> str:
    while line and across(line + CUT, font, size) > width:
        line = line[:-1]
    return line.rstrip() + CUT


@cache
def _font(name: str) -> TTFont:
    """Return a font by its name, by which a canvas knows it from then on."""
    font = TTFont(name, BytesIO(pymupdf_fonts.myfont(FILES[name])))
    pdfmetrics.registerFont(font)
    return font
