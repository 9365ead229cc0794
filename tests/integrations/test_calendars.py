"""Calendar files: ours, read back by a library, and those of others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar

from app.core.periods import Period
from app.domain.calendars import Entry, EntryStatus, Method
from app.integrations.calendars.expanding import busy as expanded
from app.integrations.calendars.ical import ICalendar
from app.integrations.calendars.protocol import UnreadableCalendar
from tests.factories.calendars import calendar_file as file

ENTRY = Entry(
    uid="0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e@salon.example",
    sequence=3,
    status=EntryStatus.CONFIRMED,
    starts_at=datetime(2030, 3, 4, 10, tzinfo=UTC),
    ends_at=datetime(2030, 3, 4, 11, tzinfo=UTC),
    summary="Haircut",
    description="Vera",
    location="Main street 1, Riga",
    created_at=datetime(2030, 3, 1, 12, 0, 0, 999, tzinfo=UTC),
    changed_at=datetime(2030, 3, 2, 12, tzinfo=UTC),
)
FILES = ICalendar("Banister <hello@salon.example>")
SINCE, UNTIL = datetime(2030, 3, 1, tzinfo=UTC), datetime(2030, 4, 30, tzinfo=UTC)


async def written(entry=ENTRY, *, method=Method.PUBLISH, **more) -> Calendar:
    return Calendar.from_ical(await FILES.write([entry], method=method, **more))


async def test_an_entry_is_read_back_as_it_is():
    calendar = await written()

    (event,) = calendar.walk("VEVENT")
    assert (calendar["version"], calendar["method"]) == ("2.0", "PUBLISH")
    assert calendar["prodid"]
    assert (event["uid"], event["sequence"], event["status"]) == (ENTRY.uid, 3, "CONFIRMED")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (ENTRY.starts_at, ENTRY.ends_at)
    assert event.decoded("dtstamp") == event.decoded("last-modified") == ENTRY.changed_at
    assert event.decoded("created") == ENTRY.created_at.replace(microsecond=0)
    assert (event["summary"], event["description"]) == ("Haircut", "Vera")
    assert event["location"] == "Main street 1, Riga"
    assert event["organizer"] == "mailto:hello@salon.example"
    assert event["organizer"].params["CN"] == "Banister"
    assert "attendee" not in event


async def test_instants_are_in_utc_so_that_no_zone_has_to_come_along():
    raw = await FILES.write([ENTRY], method=Method.PUBLISH)

    assert b"\r\nDTSTART:20300304T100000Z\r\n" in raw
    assert b"VTIMEZONE" not in raw


async def test_an_invitation_names_who_is_invited_and_asks_for_no_answer():
    calendar = await written(method=Method.REQUEST, attendee="ada@example.com")

    (event,) = calendar.walk("VEVENT")
    assert calendar["method"] == "REQUEST"
    assert event["attendee"] == "mailto:ada@example.com"
    assert event["attendee"].params["RSVP"] == "FALSE"


@pytest.mark.parametrize("text", ["Стрижка и укладка " * 40, "💇" * 100, "x" * 1000, "日本語" * 60])
async def test_lines_are_folded_at_75_bytes_and_never_within_a_character(text):
    entry = replace(ENTRY, summary=text, description=text)
    raw = await FILES.write([entry], method=Method.PUBLISH)

    assert raw.endswith(b"\r\n")
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        line.decode()
    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    assert event["summary"] == event["description"] == text


@pytest.mark.parametrize(
    "text",
    [
        "x\r\nSTATUS:CANCELLED",
        "x\nEND:VEVENT\nBEGIN:VEVENT\nUID:evil",
        "x\rATTENDEE:mailto:evil@example.com",
        "x\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029ATTENDEE:mailto:evil@example.com",
        "a;b,c\\d\\n:e\"f'",
        "BEGIN:VCALENDAR",
    ],
)
async def test_no_text_of_a_person_becomes_a_line_of_its_own(text):
    entry = replace(ENTRY, summary=text, description=text, location=text)
    raw = await FILES.write([entry], method=Method.PUBLISH, name=text)

    (event,) = Calendar.from_ical(raw).walk("VEVENT")
    assert (event["uid"], event["status"]) == (ENTRY.uid, "CONFIRMED")
    assert "attendee" not in event
    assert raw.count(b"BEGIN:VEVENT\r\n") == 1
    assert raw.count(b"\r\nUID:") == 1
    if text.isprintable():
        assert event["summary"] == event["location"] == text


async def test_many_entries_are_written_as_a_few_are_and_always_the_same():
    entries = [replace(ENTRY, uid=f"{number}@salon.example") for number in range(200)]
    raw = await FILES.write(entries, method=Method.PUBLISH, name="Mine")

    assert raw == await FILES.write(entries, method=Method.PUBLISH, name="Mine")
    calendar = Calendar.from_ical(raw)
    assert calendar["x-wr-calname"] == "Mine"
    assert [event["uid"] for event in calendar.walk("VEVENT")] == [e.uid for e in entries]


def read(content: bytes, *, zone="Europe/Berlin", most=5000) -> list[str]:
    """Return what the program would find, as `begins/ends` in UTC."""
    since, until = int(SINCE.timestamp()), int(UNTIL.timestamp())
    found = expanded(content, zone=zone, since=since, until=until, most=most)
    return [f"{_told(begins)}/{_told(ends)}" for begins, ends in sorted(found)]


def _told(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%m-%dT%H:%M")


BERLIN = """
BEGIN:VTIMEZONE TZID:Somewhere
BEGIN:STANDARD DTSTART:19701025T030000 RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0200 TZOFFSETTO:+0100 END:STANDARD
BEGIN:DAYLIGHT DTSTART:19700329T020000 RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0100 TZOFFSETTO:+0200 END:DAYLIGHT
END:VTIMEZONE
"""


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ("DTSTART:20300304T100000Z DTEND:20300304T110000Z", ["03-04T10:00/03-04T11:00"]),
        ("DTSTART:20300304T100000Z DURATION:PT90M", ["03-04T10:00/03-04T11:30"]),
        # A time without a zone is the provider's, before and after clocks change.
        ("DTSTART:20300304T100000 DTEND:20300304T110000", ["03-04T09:00/03-04T10:00"]),
        ("DTSTART:20300404T100000 DTEND:20300404T110000", ["04-04T08:00/04-04T09:00"]),
        (
            "DTSTART;TZID=America/New_York:20300304T100000 DURATION:PT1H",
            ["03-04T15:00/03-04T16:00"],
        ),
        (
            "DTSTART;TZID=Somewhere:20300404T100000 DTEND;TZID=Somewhere:20300404T110000",
            ["04-04T08:00/04-04T09:00"],
        ),
        # Whole days are the provider's own days: from midnight to midnight, also over a change.
        ("DTSTART;VALUE=DATE:20300304", ["03-03T23:00/03-04T23:00"]),
        ("DTSTART;VALUE=DATE:20300304 DTEND;VALUE=DATE:20300305", ["03-03T23:00/03-04T23:00"]),
        ("DTSTART;VALUE=DATE:20300304 DTEND;VALUE=DATE:20300307", ["03-03T23:00/03-06T23:00"]),
        ("DTSTART;VALUE=DATE:20300330 DTEND;VALUE=DATE:20300401", ["03-29T23:00/03-31T22:00"]),
        ("DTSTART:20300310T220000Z DTEND:20300313T040000Z", ["03-10T22:00/03-13T04:00"]),
        # What leaves one free, doesn't take place or takes no time.
        ("DTSTART:20300304T100000Z DURATION:PT1H TRANSP:TRANSPARENT", []),
        ("DTSTART:20300304T100000Z DURATION:PT1H TRANSP:OPAQUE", ["03-04T10:00/03-04T11:00"]),
        ("DTSTART:20300304T100000Z DURATION:PT1H STATUS:CANCELLED", []),
        ("DTSTART:20300304T100000Z DURATION:PT1H STATUS:TENTATIVE", ["03-04T10:00/03-04T11:00"]),
        ("DTSTART:20300304T100000Z", []),
        ("DTSTART:20300304T100000Z DTEND:20300304T100000Z", []),
        # What is over, or too far ahead; and what reaches into the time that counts.
        ("DTSTART:20300201T100000Z DURATION:PT1H", []),
        ("DTSTART:20310201T100000Z DURATION:PT1H", []),
        ("DTSTART:20300201T000000Z DTEND:20300302T000000Z", ["02-01T00:00/03-02T00:00"]),
        # Repetition, by the wall clock of its zone, with its exceptions.
        (
            "DTSTART;TZID=Europe/Berlin:20300325T100000 DURATION:PT1H RRULE:FREQ=WEEKLY;COUNT=2",
            ["03-25T09:00/03-25T10:00", "04-01T08:00/04-01T09:00"],
        ),
        (
            "DTSTART:20300304T100000Z DURATION:PT1H RRULE:FREQ=DAILY;UNTIL=20300306T100000Z"
            " EXDATE:20300305T100000Z",
            ["03-04T10:00/03-04T11:00", "03-06T10:00/03-06T11:00"],
        ),
        (
            "DTSTART:20300304T100000Z DURATION:PT1H RDATE:20300308T120000Z",
            ["03-04T10:00/03-04T11:00", "03-08T12:00/03-08T13:00"],
        ),
        (
            "DTSTART:20000403T100000Z DURATION:PT1H RRULE:FREQ=YEARLY",
            ["04-03T10:00/04-03T11:00"],
        ),
        (
            "DTSTART;VALUE=DATE:20290304 RRULE:FREQ=YEARLY",
            ["03-03T23:00/03-04T23:00"],
        ),
    ],
)
def test_an_event_keeps_busy_as_long_as_it_takes(event, found):
    assert read(file(event, before=BERLIN)) == found


def test_one_of_many_may_be_moved_and_another_not_take_place():
    content = file(
        "UID:a DTSTART:20300304T100000Z DURATION:PT1H RRULE:FREQ=DAILY;COUNT=3",
        "UID:a RECURRENCE-ID:20300305T100000Z DTSTART:20300309T150000Z DURATION:PT2H",
        "UID:a RECURRENCE-ID:20300306T100000Z DTSTART:20300306T100000Z DURATION:PT1H"
        " STATUS:CANCELLED",
    )

    assert read(content) == ["03-04T10:00/03-04T11:00", "03-09T15:00/03-09T17:00"]


def test_whatever_else_is_in_a_file_is_passed_over():
    todo = (
        b"BEGIN:VTODO\r\nUID:t\r\nDTSTART:20300304T100000Z\r\nDUE:20300305T100000Z\r\nEND:VTODO\r\n"
    )
    event = "DTSTART:20300304T100000Z DURATION:PT1H"
    content = file(event).replace(b"END:VCALENDAR", todo + b"END:VCALENDAR")

    assert read(b"\xef\xbb\xbf" + content) == ["03-04T10:00/03-04T11:00"]
    assert read(file()) == []
    assert len(read(file(event) + file(event.replace("0304", "0305")))) == 2


async def busy(content: bytes, **limits) -> list[Period]:
    files = ICalendar("hello@salon.example", **limits)
    return await files.busy(content, zone="Europe/Berlin", since=SINCE, until=UNTIL)


async def test_what_overlaps_is_busy_once_and_in_order():
    content = file(
        "DTSTART:20300305T100000Z DURATION:PT1H",
        "DTSTART:20300304T100000Z DURATION:PT1H",
        "DTSTART:20300304T103000Z DURATION:PT1H",
    )
    ten = datetime(2030, 3, 4, 10, tzinfo=UTC)

    assert await busy(content) == [
        Period(ten, ten + timedelta(minutes=90)),
        Period(ten + timedelta(days=1), ten + timedelta(days=1, hours=1)),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not an iCalendar file"),
        (b"<!doctype html><html></html>", "not an iCalendar file"),
        (b"\x00\xff\xfe", "not an iCalendar file"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "not an iCalendar file"),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "not an iCalendar file"),
        (file("DTSTART:20300304T100000Z DURATION:PT1S RRULE:FREQ=SECONDLY"), "repeats every"),
        (file("DTSTART:20300304T100000Z DURATION:PT1S RRULE:FREQ=minutely"), "repeats every"),
    ],
)
async def test_a_file_that_can_t_be_used_is_a_failure_that_quotes_nothing(content, words):
    with pytest.raises(UnreadableCalendar, match=words):
        await busy(content)


async def test_a_file_with_too_many_events_is_not_used_in_part():
    hourly = file("DTSTART:20300301T000000Z DURATION:PT1M RRULE:FREQ=HOURLY")

    with pytest.raises(UnreadableCalendar, match="more than 1000 events"):
        await busy(hourly, most=1000)
    assert len(await busy(hourly, most=1500)) == 60 * 24


async def test_a_file_that_takes_for_ever_is_given_up_and_its_process_ended():
    never = "DTSTART:20300301T000000Z DURATION:PT1M RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30"

    with pytest.raises(UnreadableCalendar, match="too long"):
        await busy(file(*[never] * 3), seconds=1.0)


async def test_no_rule_however_odd_is_more_than_a_failure():
    odd = "DTSTART:20300301T000000Z DURATION:PT1M "
    for rule in (
        "RRULE:FREQ=NEVER",
        "RRULE:",
        "RRULE:FREQ=DAILY;INTERVAL=0",
        "EXDATE:x",
        "RDATE:y",
    ):
        try:
            found = await busy(file(odd + rule), seconds=1.0)
        except UnreadableCalendar:
            continue
        assert len(found) <= 1, rule
