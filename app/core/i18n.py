"""Languages: which one a reader gets, and what a sentence is in it.

Sentences are their own keys (gettext). The catalogues under `app/locale` are read at start; a
sentence without a translation stays English, and a test keeps that from happening.
"""

from datetime import datetime
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.core import negotiate_locale
from babel.dates import format_datetime
from babel.messages.pofile import read_po

CATALOGUES: Final = Path(__file__).parents[1] / "locale"
LONGEST: Final = 200  # characters of Accept-Language that are looked at


class Locale(StrEnum):
    EN = "en"
    RU = "ru"
    UK = "uk"


def negotiated(accepted: str) -> Locale:
    """Return the language for an `Accept-Language` header (RFC 9110, 12.5.4); en by default."""
    return _negotiated(accepted[:LONGEST].lower())


@lru_cache(maxsize=1000)  # bounded: anybody can send a header nobody sent before
def _negotiated(accepted: str) -> Locale:
    wanted = sorted(map(_weighed, accepted.split(",")), reverse=True, key=lambda pair: pair[0])
    names = [name for weight, name in wanted if name and weight > 0]
    found = negotiate_locale(names, [str(locale) for locale in Locale], sep="-")
    return Locale(found) if found else Locale.EN


def _weighed(part: str) -> tuple[float, str]:
    name, _, parameter = part.partition(";")
    try:
        return float(parameter.strip().removeprefix("q=") or 1), name.strip()
    except ValueError:
        return 0.0, name


@cache
def catalogue(locale: Locale) -> dict[str, str]:
    """Return every translated sentence of a language."""
    path = CATALOGUES / locale / "LC_MESSAGES" / "messages.po"
    if locale is Locale.EN or not path.exists():
        return {}
    with path.open("rb") as file:
        return {
            str(message.id): str(message.string)
            for message in read_po(file, locale=locale)
            if message.id and message.string
        }


def translate(sentence: str, locale: Locale, **facts: object) -> str:
    """Return the sentence in that language, with `{facts}` filled in."""
    text = catalogue(locale).get(sentence, sentence)
    return text.format(**facts) if facts else text


def told(at: datetime, locale: Locale, *, timezone: str) -> str:
    """Return an instant as people write it, by the clock of a zone (CLDR, the long form)."""
    return format_datetime(at, "long", tzinfo=ZoneInfo(timezone), locale=locale)
