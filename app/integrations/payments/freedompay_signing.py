"""The signature of FreedomPay: MD5 over a script's name, values in the order of names, a secret.

MD5 is theirs to choose. It is used as a keyed digest, and compared in constant time.
"""

import hmac
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from operator import attrgetter
from typing import Final

SIGNATURE: Final = "pg_sig"
SALT: Final = "pg_salt"


@dataclass(frozen=True, slots=True)
class Tag:
    """A parameter: a text, or others within it."""

    name: str
    text: str = ""
    within: tuple["Tag", ...] = ()


def signature(script: str, tags: Sequence[Tag], secret: str) -> str:
    """Return the signature of what is sent to `script`, the last segment of an address's path."""
    text = ";".join((script, *_values(tags), secret))
    return md5(text.encode(), usedforsecurity=False).hexdigest()


def is_signed(script: str, tags: Sequence[Tag], secret: str) -> bool:
    """Tell whether they carry one signature, at the top, and it is right."""
    given = [tag.text for tag in tags if tag.name == SIGNATURE]
    if len(given) != 1:
        return False
    return hmac.compare_digest(given[0].encode(), signature(script, tags, secret).encode())


def signed(script: str, fields: Mapping[str, str], secret: str) -> dict[str, str]:
    """Return the fields with a salt nobody can guess, and the signature of them all."""
    salted = {**fields, SALT: secrets.token_hex(16)}
    tags = [Tag(name, text) for name, text in salted.items()]
    return {**salted, SIGNATURE: signature(script, tags, secret)}


def _values(tags: Sequence[Tag]) -> Iterator[str]:
    for tag in sorted(tags, key=attrgetter("name")):  # stable: same names stay as they came
        if tag.name == SIGNATURE:
            continue
        if tag.within:
            yield from _values(tag.within)
        else:
            yield tag.text
