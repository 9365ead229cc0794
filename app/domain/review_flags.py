"""What makes somebody look at a review before it is published: found by the program, not judged."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

LINK: Final = re.compile(
    r"(?:https?|hxxps?|ftp)\s*:\s*/\s*/|\bwww\s*\.|\bt\.me/|"
    r"\b[\w-]+\s?\.\s?(?:com|net|org|info|biz|io|ru|ua|kz|kg|by|рф|укр|me|site|shop|online|link)\b"
)
ADDRESS: Final = re.compile(
    r"[\w.+-]+\s*(?:@|\(at\)|\[at\]|\(собака\))\s*[\w-]+\s*(?:\.|\(dot\))\s*\w{2,}"
)
# Told from dates and prices by how it begins.
PHONE: Final = re.compile(r"(?<![\d.,])(?:\+|00|0|8|\()[\d\s().\-/]{8,24}")
FEWEST_DIGITS: Final = 9
UNSEEN: Final = frozenset({"Cf", "Mn", "Me", "Cc"})
# Letters and digits that are written for one another: Cyrillic for Latin, digits for letters.
ALIKE: Final = str.maketrans(
    {
        **dict(zip("авекмнорстухіјѕһ", "abekmhopctyxijsh", strict=True)),
        **dict(zip("013457@$!|", "oieastasii", strict=True)),
    }
)
REPEATED: Final = re.compile(r"(.)\1+")
WORD: Final = re.compile(r"[^\W_]+", re.UNICODE)
STANDING_IN: Final = re.compile(r"[@$!|](?=\w)")
SPACED: Final = re.compile(r"(?<!\w)(?:\w[\W_]{1,2}){2,}\w(?!\w)")


def flags_of(text: str | None, blocked: Sequence[str]) -> list[str]:
    """Return what is in a text: `link`, `email`, `phone`, `word`, in this order."""
    if not text:
        return []
    plain = _plain(text)
    found = {
        "link": bool(LINK.search(ADDRESS.sub(" ", plain))),
        "email": bool(ADDRESS.search(plain)),
        "phone": any(_digits(one) >= FEWEST_DIGITS for one in PHONE.findall(plain)),
        "word": _says(plain, tuple(blocked)),
    }
    return [name for name, is_there in found.items() if is_there]


def _plain(text: str) -> str:
    """Return a text without what is not seen, in small letters, each in its usual form."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if unicodedata.category(c) not in UNSEEN or c == "\n")


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def skeleton(word: str) -> str:
    """Return what words that look alike have in common, however often a letter is repeated."""
    bare = "".join(
        c for c in unicodedata.normalize("NFD", word.casefold()) if unicodedata.category(c) != "Mn"
    )
    return REPEATED.sub(r"\1", bare.translate(ALIKE))


@lru_cache(maxsize=16)
def _patterns(blocked: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the words as they are compared: whole ones, and beginnings, given as `word*`."""
    whole = {skeleton(word) for word in blocked if not word.endswith("*")}
    begun = {skeleton(word[:-1]) for word in blocked if word.endswith("*")}
    return frozenset(whole - {""}), tuple(begun - {""})


def _says(plain: str, blocked: tuple[str, ...]) -> bool:
    whole, begun = _patterns(blocked)
    said = any(word in whole or word.startswith(begun) for word in _words(plain))
    return said or any(word in spelled for spelled in _spelled(plain) for word in (*whole, *begun))


def _words(plain: str) -> Iterable[str]:
    for_letters = STANDING_IN.sub(lambda found: found[0].translate(ALIKE), plain)
    return map(skeleton, WORD.findall(for_letters))


def _spelled(plain: str) -> Iterable[str]:
    """Return what is spelled letter by letter: `s.c a m`."""
    return (skeleton(re.sub(r"[\W_]", "", one)) for one in SPACED.findall(plain))
