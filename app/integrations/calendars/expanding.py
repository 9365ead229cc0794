"""A program that reads a calendar file and answers when somebody is busy.

It runs by itself, since a rule of repetition can be anything: one that takes for ever is ended
with its process, and nothing else waits for it. It imports nothing of ours.

In: a line of JSON with `zone`, `since`, `until` (seconds since 1970) and `most`, then the file.
Out: JSON, `{"busy": [[begins, ends], ...]}` or `{"failure": "..."}`.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

MEMORY: Final = 1 << 30
CPU_SECONDS: Final = 15
TOO_OFTEN: Final = ("SECONDLY", "MINUTELY")
ROOM: Final = timedelta(days=2)  # by which zones and whole days may reach into a range
UNREADABLE: Final = "The file is not an iCalendar file that can be read."


class Unusable(Exception):
    """The words are for who gave the address."""


def busy(content: bytes, *, zone: str, since: int, until: int, most: int) -> list[tuple[int, int]]:
    """Return when events that keep one busy take place and overlap `[since, until)`."""
    found: list[tuple[int, int]] = []
    here = ZoneInfo(zone)
    for calendar in _calendars(content):
        for event in _occurrences(calendar, since, until):
            begins, ends = _instant(event.start, here), _instant(event.end, here)
            if begins < ends and begins < until and since < ends and _keeps_busy(event):
                found.append((begins, ends))
            if len(found) > most:
                raise Unusable(f"The file has more than {most} events in the time ahead.")
    return found


def _calendars(content: bytes) -> list[Any]:
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    calendars = Calendar.from_ical(text, multiple=True)
    if not calendars or any(one.name != "VCALENDAR" for one in calendars):
        raise Unusable(UNREADABLE)
    return list(calendars)


def _occurrences(calendar: Any, since: int, until: int) -> Iterator[Any]:
    for event in calendar.walk("VEVENT"):
        _ensure_seldom(event.get("RRULE"))
    query = recurring_ical_events.of(calendar, components=["VEVENT"])
    begins, ends = (datetime.fromtimestamp(each, UTC) for each in (since, until))
    yield from query.between(begins - ROOM, ends + ROOM)


def _ensure_seldom(rules: Any) -> None:
    for rule in rules if isinstance(rules, list) else [rules] if rules else []:
        if any(str(freq).upper() in TOO_OFTEN for freq in rule.get("FREQ", ())):
            raise Unusable("The file has an event that repeats every minute, or more often.")


def _keeps_busy(event: Any) -> bool:
    status, shown = str(event.get("STATUS", "")), str(event.get("TRANSP", ""))
    return status.upper() != "CANCELLED" and shown.upper() != "TRANSPARENT"


def _instant(moment: date, here: ZoneInfo) -> int:
    """Return it in seconds since 1970; a day begins at its midnight, and without a zone it is here.

    A wall time that is skipped is as long after the change as it would have been.
    """
    at = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    return int((at if at.tzinfo is not None else at.replace(tzinfo=here)).timestamp())


def _limit() -> None:
    """Take away what a file can't need, where the system has limits."""
    with suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415  # not everywhere

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def _answer() -> dict[str, Any]:
    asked = json.loads(sys.stdin.buffer.readline())
    try:
        return {"busy": busy(sys.stdin.buffer.read(), **asked)}
    except Unusable as error:
        return {"failure": str(error)}
    except Exception:  # whatever a broken file makes of a library
        return {"failure": UNREADABLE}


if __name__ == "__main__":
    _limit()
    json.dump(_answer(), sys.stdout)
