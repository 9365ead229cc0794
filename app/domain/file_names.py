"""What a file is called: words of those who send it, made harmless for those who get it."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote

from app.domain.files import SUFFIXES, FileType

LONGEST: Final = 100
NAMELESS: Final = "file"
# Control and format characters (what turns the order of letters, what has no width), halves of
# pairs, private ones, and those that are none.
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
RESERVED: Final = re.compile(r'[<>:"|?*%\\/]')
DEVICES: Final = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
PLAIN: Final = re.compile(r"[^A-Za-z0-9 ._()-]")


def cleaned(name: str, media_type: FileType) -> str:
    """Return the last part of a name, as one line that is seen as it is, ending as what it is.

    Nothing of a path is left, no name that Windows takes for a device, no ending but ours.
    """
    last = re.split(r"[/\\]", name)[-1][: 10 * LONGEST]
    seen = "".join(c for c in last if unicodedata.category(c) not in UNSEEN or c.isspace())
    line = " ".join(RESERVED.sub("_", unicodedata.normalize("NFC", seen)).split())
    stem = line.rpartition(".")[0] or line
    stem = stem.strip(" .")[:LONGEST].rstrip(" .") or NAMELESS
    if DEVICES.fullmatch(stem):
        stem = f"_{stem}"
    return stem + SUFFIXES[media_type]


def disposition(name: str, media_type: FileType) -> str:
    """Return the Content-Disposition (RFC 6266): pictures are shown, all else is saved."""
    how = "inline" if media_type is FileType.WEBP else "attachment"
    return f"{how}; filename=\"{PLAIN.sub('_', name)}\"; filename*=UTF-8''{quote(name, safe='')}"
