"""Which passwords are no protection (NIST SP 800-63B, 3.1.1.2)."""

import unicodedata
from functools import cache
from importlib import import_module
from itertools import pairwise
from typing import Final

from app.core.errors import Invalid

SHORTEST: Final = 10
LONGEST: Final = 128
TELLING: Final = 4  # a part of an address shorter than that says nothing
REPEATED: Final = 4  # "abcdabcdabcd" is as good as "abcd"


class WeakPassword(Invalid):
    """This password is too easy to guess."""

    pointer = "#/password"


def ensure_strong(password: str, *, email: str, at: str = WeakPassword.pointer) -> None:
    """Refuse with WeakPassword what a guesser would try first; `at` is where the request has it."""
    folded = unicodedata.normalize("NFKC", password).casefold()
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword("A password has 10 to 128 characters.").at(at)
    if _is_pattern(folded) or folded in _common():
        raise WeakPassword().at(at)
    if any(len(part) >= TELLING and part in folded for part in (email, email.partition("@")[0])):
        raise WeakPassword("The password must not contain the e-mail address.").at(at)


def _is_pattern(password: str) -> bool:
    """Tell whether it repeats a few characters, or counts up or down."""
    sizes = range(1, REPEATED + 1)
    if any(password == (password[:size] * len(password))[: len(password)] for size in sizes):
        return True
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return steps in ({1}, {-1})


@cache
def _common() -> frozenset[str]:
    """Return the common passwords that are long enough to be chosen here.

    Imported when first asked: the library builds 100,000 entries of which we need a thousand.
    """
    lists = import_module("zxcvbn.frequency_lists").FREQUENCY_LISTS
    return frozenset(word for word in lists["passwords"] if len(word) >= SHORTEST)
