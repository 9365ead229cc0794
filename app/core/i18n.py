"""Languages: which one a reader gets, and what a sentence is in it.

Sentences are their own keys (gettext). The catalogues under `app/locale` are read at start; a
sentence without a translation stays English, and a test keeps that from happening.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale as Rules
from babel.core import negotiate_locale
from babel.dates import format_date, format_time, format_timedelta, get_timezone_name
from babel.messages.pofile import read_po

CATALOGUES: Final = Path(__file__).parents[1] / "locale"
LONGEST: Final = 200  # characters of Accept-Language that are looked at
PLURALS: Final = ("one", "few", "many", "other")
NARROW_SPACE: Final = "\u202f"  # in a text message it would take the room of all others


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
def catalogue(locale: Locale) -> Mapping[str, str]:
    """Return every translated sentence of a language."""
    return _read(locale)[0]


@cache
def counted(locale: Locale) -> Mapping[str, Sequence[str]]:
    """Return the forms of every translated sentence with a number, by its singular."""
    return _read(locale)[1]


@cache
def _read(locale: Locale) -> tuple[Mapping[str, str], Mapping[str, Sequence[str]]]:
    path = CATALOGUES / locale / "LC_MESSAGES" / "messages.po"
    if locale is Locale.EN or not path.exists():
        return {}, {}
    with path.open("rb") as file:
        found = [one for one in read_po(file, locale=locale) if one.id and one.string]
    plain = {str(one.id): str(one.string) for one in found if isinstance(one.id, str)}
    plural = {one.id[0]: list(one.string or ()) for one in found if not isinstance(one.id, str)}
    return plain, plural


def translate(sentence: str, locale: Locale, **facts: object) -> str:
    """Return the sentence in that language, with `{facts}` filled in."""
    text = catalogue(locale).get(sentence, sentence)
    return text.format(**facts) if facts else text


def translate_counted(one: str, many: str, count: int, locale: Locale) -> str:
    """Return a sentence with `{count}` in it, in the form that the number takes (CLDR)."""
    forms = counted(locale).get(one, (one, many))
    rule = Rules.parse(str(locale)).plural_form(count)
    place = PLURALS.index(rule) if locale is not Locale.EN else int(rule != "one")
    return forms[min(place, len(forms) - 1)].format(count=count)


def told(at: datetime, locale: Locale, *, timezone: str) -> str:
    """Return an instant as people write it, by the clock of a zone that is named (CLDR)."""
    local = at.astimezone(ZoneInfo(timezone))
    day = format_date(local, "full", locale=str(locale))
    time = format_time(local, "short", locale=str(locale)).replace(NARROW_SPACE, " ")
    return f"{day}, {time} ({get_timezone_name(local, locale=str(locale))})"


def told_lead(lead: timedelta, locale: Locale) -> str:
    """Return how soon something is: `in 2 hours` (CLDR)."""
    return format_timedelta(
        lead, granularity="minute", threshold=2, add_direction=True, locale=str(locale)
    )
