"""All that goes into the predicate, against an oracle that tries every minute, in many zones."""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.availability import Demand, Performer, Taken, free, merged
from app.domain.hours import Hours
from app.domain.offerings import Performance
from app.domain.providers import OwnTerms, Schedule
from tests.domain.test_availability import windows, without_overlaps

DAY = 86_400
ZONES = (
    "Africa/Cairo",  # skips midnight
    "Africa/Casablanca",  # goes back for Ramadan
    "America/Asuncion",
    "America/Havana",  # changes at midnight
    "America/New_York",
    "America/Nuuk",  # changes late in the evening
    "America/Santiago",  # skips midnight
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Beirut",  # skips midnight
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Atlantic/Azores",
    "Australia/Adelaide",
    "Australia/Eucla",
    "Australia/Lord_Howe",  # half an hour
    "Europe/Berlin",
    "Europe/Dublin",
    "Europe/Kyiv",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "UTC",
)
YEAR = 2026


@cache
def changes(zone: str) -> list[date]:
    """Return the days of a year on which clocks are changed there, and one on which they aren't."""
    noon, tz = datetime(YEAR, 1, 1, 12, tzinfo=UTC), ZoneInfo(zone)
    found = [
        (noon + timedelta(days=day)).date()
        for day in range(364)
        if (noon + timedelta(days=day)).astimezone(tz).utcoffset()
        != (noon + timedelta(days=day + 1)).astimezone(tz).utcoffset()
    ]
    return [*found, date(YEAR, 1, 20)]


places = st.sampled_from(ZONES).flatmap(
    lambda zone: st.tuples(st.just(zone), st.sampled_from(changes(zone)))
)
quarters = st.integers(-96, 384)
overrides = st.dictionaries(
    st.integers(-2, 4),
    st.lists(st.tuples(st.integers(0, 95), st.integers(1, 96)), max_size=3),
    max_size=4,
)
spans = st.lists(st.tuples(quarters, st.integers(1, 32)), max_size=4)
limits = st.sampled_from([None, 1, 2, 4])


def apart(drawn: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    kept: list[tuple[int, int]] = []
    for start, length in sorted(drawn):
        if not kept or start * 15 >= kept[-1][1]:
            kept.append((start * 15, (start + length) * 15))
    return tuple(kept)


def seconds(drawn: list[tuple[int, int]], origin: int) -> list[tuple[int, int]]:
    return [(origin + start * 900, origin + (start + length) * 900) for start, length in drawn]


def opened(hours: Hours, local: datetime):
    """Yield the windows that this wall time lies in."""
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        minute = local.hour * 60 + local.minute + back * 1440
        if back and local.date() in hours.replaced:
            continue
        for start, end in planned(hours, day):
            if start <= minute < end:
                yield day, start, end


def planned(hours: Hours, day: date):
    if day in hours.replaced:
        return hours.replaced[day]
    held = [one for one in hours.schedules if one.effective_from <= day]
    weekly = held[-1].weekly if held else []
    return [(start, end) for weekday, start, end in weekly if weekday == day.weekday()]


def oracle(who: Performer, wanted: Demand, taken: Taken, since: int, until: int) -> list[int]:
    """Every minute: is it a point of a window's grid, is all of its time open, free, and theirs?"""
    zone, own = ZoneInfo(who.timezone), who.own
    begins: dict[int, dict[object, int]] = {}  # minute -> windows it is in -> where each began
    for moment in range(since - 2 * DAY, until + 2 * DAY, 60):
        before = begins.get(moment - 60, {})
        begins[moment] = {
            key: before.get(key, moment)
            for key in opened(who.hours, datetime.fromtimestamp(moment, zone))
        }
    local = [datetime.fromtimestamp(moment, zone).date() for moment in taken.begun]
    weeks = [day.isocalendar()[:2] for day in local]
    found = []
    for moment in range(max(since, wanted.earliest), min(until, wanted.latest + 1), 60):
        ends, day = moment + wanted.length, datetime.fromtimestamp(moment, zone).date()
        if (
            any((moment - began) % wanted.step == 0 for began in begins[moment].values())
            and all(begins[minute] for minute in range(moment, ends, 60))
            and not meets(taken.busy, moment - wanted.before, ends + wanted.after)
            and not meets(who.hours.away, moment, ends)
            and (own.max_per_day is None or local.count(day) < own.max_per_day)
            and (own.max_per_week is None or weeks.count(day.isocalendar()[:2]) < own.max_per_week)
        ):
            found.append(moment)
    return found


def meets(spans, begins: int, ends: int) -> bool:
    return any(since < ends and begins < until for since, until in spans)


@st.composite
def worlds(draw):
    """Draw a performer with everything there is, what is looked for, and what is booked."""
    zone, day = draw(places)
    origin = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    provider = uuid4()
    schedules = [
        Schedule(uuid4(), provider, zone, since, [list(each) for each in without_overlaps(weekly)])
        for since, weekly in (
            (date(2000, 1, 1), draw(windows)),
            (day + timedelta(days=draw(st.integers(-1, 2))), draw(windows)),
        )
    ][: draw(st.integers(0, 2))]
    replaced = {day + timedelta(days=shift): apart(each) for shift, each in draw(overrides).items()}
    away = merged(seconds(draw(spans), origin))
    own = OwnTerms(max_per_day=draw(limits), max_per_week=draw(limits))
    who = Performer(
        provider,
        Performance(UUID(int=1), provider, None, None),
        Hours(zone, tuple(schedules), replaced, away),
        own,
    )
    booked = seconds(draw(spans), origin)
    wanted = Demand(
        length=draw(st.sampled_from([15, 20, 45, 60, 90, 600])) * 60,
        step=draw(st.sampled_from([5, 15, 30, 60])) * 60,
        before=draw(st.sampled_from([0, 5, 15])) * 60,
        after=draw(st.sampled_from([0, 10])) * 60,
        earliest=origin + draw(st.sampled_from([-DAY, 3 * 3600, 3 * 3600 + 60])),
        latest=origin + draw(st.sampled_from([DAY, DAY + 3600, 9 * DAY])),
    )
    taken = Taken(busy=merged(booked), begun=[start for start, _ in booked])
    return who, wanted, taken, origin - DAY // 2, origin + 2 * DAY


@settings(max_examples=60)
@given(worlds())
def test_with_everything_it_agrees_with_trying_every_minute(world):
    assert free(*world[:3], since=world[3], until=world[4]) == oracle(*world)


@settings(max_examples=60)
@given(worlds(), st.integers(0, 59))
def test_what_the_list_offers_and_nothing_else_is_offered_alone(world, minutes):
    who, wanted, taken, since, until = world
    whole = free(who, wanted, taken, since=since, until=until)

    for moment in (*whole[:20], *range(since + minutes * 60, until, 4 * 3600)):
        alone = free(who, wanted, taken, since=moment, until=moment + 1)
        assert alone == [moment] * (moment in whole)


@settings(max_examples=60)
@given(worlds(), st.integers(0, 100))
def test_booking_what_is_offered_takes_it_away_and_adds_nothing(world, pick):
    who, wanted, taken, since, until = world
    whole = free(who, wanted, taken, since=since, until=until)
    if not whole:
        return
    start = whole[pick % len(whole)]
    blocked = (start - wanted.before, start + wanted.length + wanted.after)
    fuller = Taken(merged([*taken.busy, blocked]), [*taken.begun, start])

    left = free(who, wanted, fuller, since=since, until=until)

    assert set(left) <= set(whole) - {start}
    near = whole[bisect_left(whole, start) + 1 :][:1]
    assert not set(near) & set(left) or near[0] >= blocked[1] + wanted.before


def test_the_zones_are_many_and_most_of_them_change():
    assert len(ZONES) >= 20
    assert sum(len(changes(zone)) > 1 for zone in ZONES) >= 15
