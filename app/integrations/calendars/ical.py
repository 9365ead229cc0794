"""Calendar files by the `icalendar` library."""

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final

from icalendar import Calendar, Event, vCalAddress, vText

from app.core.periods import Period, merged
from app.domain.calendars import Entry, Method
from app.integrations.calendars.protocol import UnreadableCalendar

PROGRAM: Final = Path(__file__).with_name("expanding.py")
SECONDS: Final = 20.0
MOST_EVENTS: Final = 5000
MOST_AT_ONCE: Final = 2  # files that are read, each in a process
A_FEW: Final = 50  # entries that are written without a thread, in some 7 ms
PRODUCT: Final = "-//Banister//Banister//EN"
REFRESH: Final = timedelta(hours=1)
# A line break is written as such; what else controls something has no place in a file of lines.
CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class ICalendar:
    """`sender` is who organizes all bookings: the address letters come from."""

    def __init__(self, sender: str, *, seconds: float = SECONDS, most: int = MOST_EVENTS) -> None:
        self._organizer = _person(*parseaddr(sender))
        self._seconds = seconds
        self._most = most
        self._reading = asyncio.Semaphore(MOST_AT_ONCE)

    async def write(
        self,
        entries: Sequence[Entry],
        *,
        method: Method,
        name: str | None = None,
        attendee: str | None = None,
    ) -> bytes:
        if len(entries) <= A_FEW:
            return self._file(entries, method, name, attendee)
        return await asyncio.to_thread(self._file, entries, method, name, attendee)

    async def busy(
        self, content: bytes, *, zone: str, since: datetime, until: datetime
    ) -> list[Period]:
        asked = {
            "zone": zone,
            "since": int(since.timestamp()),
            "until": int(until.timestamp()),
            "most": self._most,
        }
        async with self._reading:
            answer = await self._run(json.dumps(asked).encode() + b"\n" + content)
        if "failure" in answer:
            raise UnreadableCalendar(answer["failure"])
        return merged(Period(*map(_at, each)) for each in answer["busy"])

    def _file(
        self, entries: Sequence[Entry], method: Method, name: str | None, attendee: str | None
    ) -> bytes:
        calendar = Calendar()
        calendar.add("prodid", PRODUCT)
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", str(method))
        if name is not None:
            calendar.add("x-wr-calname", vText(_clean(name)))
            calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
            calendar.add("x-published-ttl", "PT1H")
        for entry in entries:
            calendar.add_component(self._event(entry, attendee))
        return bytes(calendar.to_ical())

    def _event(self, entry: Entry, attendee: str | None) -> Event:
        event = Event()
        event.add("uid", entry.uid)
        event.add("sequence", entry.sequence)
        event.add("dtstamp", _second(entry.changed_at))
        event.add("created", _second(entry.created_at))
        event.add("last-modified", _second(entry.changed_at))
        event.add("dtstart", _second(entry.starts_at))
        event.add("dtend", _second(entry.ends_at))
        event.add("status", str(entry.status))
        event.add("summary", _clean(entry.summary))
        if entry.description:
            event.add("description", _clean(entry.description))
        if entry.location:
            event.add("location", _clean(entry.location))
        event.add("organizer", self._organizer)
        if attendee is not None:
            event.add("attendee", _attendee(attendee))
        return event

    async def _run(self, asked: bytes) -> dict[str, Any]:
        """Ask the program; it is ended when its time is over, or when nobody waits for it."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", str(PROGRAM)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
        )
        try:
            async with asyncio.timeout(self._seconds):
                told, _ = await process.communicate(asked)
            answer: dict[str, Any] = json.loads(told)
        except (TimeoutError, ValueError):  # out of time, or out of memory
            raise UnreadableCalendar("The file takes too long to read.") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        return answer


def _person(name: str, address: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    if name:
        person.params["CN"] = name
    return person


def _attendee(address: str) -> vCalAddress:
    """Return who takes part: it is known that they do, and nobody waits for their answer."""
    person = _person("", address)
    person.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    return person


def _clean(text: str) -> str:
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _second(at: datetime) -> datetime:
    """Return it in UTC, in whole seconds, which is all that the format has."""
    return at.astimezone(UTC).replace(microsecond=0)


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
