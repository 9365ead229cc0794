"""Names as they can stand in an address: lower-case ASCII words joined by hyphens."""

# ruff: noqa: RUF001  # Cyrillic letters are what this is about

import re
import unicodedata
from collections.abc import Collection
from typing import Final

# Letters that Unicode does not take apart into an ASCII one and a mark; Russian and Ukrainian
# as they are commonly spelled in Latin letters.
LETTERS: Final = str.maketrans(
    {
        "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "yo",
        "є": "ye", "ж": "zh", "з": "z", "и": "i", "і": "i", "ї": "yi", "й": "y", "к": "k",
        "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t",
        "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "",
        "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
        "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
        "ı": "i", "'": "", "’": "", "ʼ": "",
    }
)  # fmt: skip


def slug_of(name: str, *, longest: int = 100) -> str:
    """Return the name as a slug; empty where nothing of it can be spelled in ASCII."""
    spelled = unicodedata.normalize("NFC", name).lower().translate(LETTERS)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].rstrip("-")


def free_slug(slug: str, taken: Collection[str]) -> str:
    """Return the slug, or the first of `slug-2`, `slug-3`, ... that is not taken."""
    found, number = slug, 1
    while found in taken:
        number += 1
        found = f"{slug}-{number}"
    return found
