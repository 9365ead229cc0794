"""A slot list is a promise: checked against an oracle that tries every minute."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.availability import Demand, merged, starts
from app.domain.hours import Hours
from app.domain.providers import Schedule
from app.domain.walltime import instant
from tests.domain.test_walltime import CHANGES

NEVER = 1 << 40


def demand(**changes: int) -> Demand:
    made = {"length": 1800, "step": 1800, "before": 0, "after": 0, "earliest": 0, "latest": NEVER}
    return Demand(**{**made, **changes})


def schedule(zone: str, *weekly: tuple[int, int, int], since: date = date(2000, 1, 1)) -> Schedule:
    return Schedule(uuid4(), uuid4(), zone, since, [list(window) for window in weekly])


def every_day(start: int, end: int) -> list[tuple[int, int, int]]:
    return [(day, start, end) for day in range(7)]


def listed(schedules: list[Schedule], since: int, until: int, wanted: Demand, busy=()) -> list[int]:
    opened = Hours(schedules[0].timezone, tuple(schedules)).opened_between(since, until)
    return list(starts(opened, merged(busy), wanted, since=since, until=until))


def local_day(zone: str, day: date) -> tuple[int, int]:
    start = datetime.combine(day, datetime.min.time(), ZoneInfo(zone))
    end = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZoneInfo(zone))
    return int(start.timestamp()), int(end.timestamp())


def shown(found: list[int]) -> list[str]:
    return [instant(start).strftime("%Y-%m-%dT%H:%MZ") for start in found]


def test_an_hour_that_is_skipped_is_never_offered():
    day = local_day("Europe/Berlin", date(2026, 3, 29))

    around = listed([schedule("Europe/Berlin", *every_day(60, 240))], *day, demand())
    inside = listed([schedule("Europe/Berlin", *every_day(120, 180))], *day, demand())

    assert shown(around) == [
        "2026-03-29T00:00Z",
        "2026-03-29T00:30Z",
        "2026-03-29T01:00Z",
        "2026-03-29T01:30Z",
    ]
    assert inside == []


def test_an_hour_that_comes_twice_is_offered_twice():
    day = local_day("Europe/Berlin", date(2026, 10, 25))

    found = listed([schedule("Europe/Berlin", *every_day(60, 240))], *day, demand())

    assert len(found) == 8
    assert shown(found)[0] == "2026-10-24T23:00Z"
    assert shown(found)[-1] == "2026-10-25T02:30Z"


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 11, 1), 25), (date(2026, 3, 8), 23)])
def test_a_day_has_as_many_hours_as_it_has(day, hours):
    whole = [schedule("America/New_York", *every_day(0, 1440))]

    found = listed(whole, *local_day("America/New_York", day), demand(length=3600, step=3600))

    assert len(found) == hours


def test_a_slot_must_fit_and_may_run_into_a_window_that_touches():
    day = local_day("UTC", date(2026, 6, 1))
    hour = demand(length=3600, step=1800)

    apart = listed([schedule("UTC", (0, 540, 630), (0, 660, 720))], *day, hour)
    touching = listed([schedule("UTC", (0, 540, 630), (0, 630, 720))], *day, hour)

    assert [clock[11:16] for clock in shown(apart)] == ["09:00", "09:30", "11:00"]
    assert [clock[11:16] for clock in shown(touching)] == [
        "09:00",
        "09:30",
        "10:00",
        "10:30",
        "11:00",
    ]


def test_between_two_bookings_lie_the_buffers_of_both():
    begins, ends = local_day("UTC", date(2026, 6, 1))
    open_ = [schedule("UTC", *every_day(540, 720))]
    wanted = demand(length=1800, step=300, before=600, after=300)
    taken = (begins + 600 * 60, begins + 640 * 60)  # 10:00 to 10:40, the other's buffers in it

    found = listed(open_, begins, ends, wanted, [taken])

    clocks = [clock[11:16] for clock in shown(found)]
    assert "09:25" in clocks  # ends 09:55, then five minutes of ours
    assert "09:30" not in clocks
    assert "10:45" not in clocks
    assert "10:50" in clocks


def test_a_new_schedule_takes_over_on_its_day():
    old = schedule("UTC", *every_day(540, 600))
    new = schedule("UTC", *every_day(840, 900), since=date(2026, 6, 3))
    begins, _ = local_day("UTC", date(2026, 6, 1))

    found = listed([old, new], begins, begins + 4 * 86_400, demand(length=3600, step=3600))

    assert [moment[8:16] for moment in shown(found)] == [
        "01T09:00",
        "02T09:00",
        "03T14:00",
        "04T14:00",
    ]


def test_notice_and_horizon_are_kept_to_the_second():
    begins, ends = local_day("UTC", date(2026, 6, 1))
    open_ = [schedule("UTC", *every_day(540, 720))]

    found = listed(
        open_, begins, ends, demand(earliest=begins + 570 * 60, latest=begins + 630 * 60)
    )

    assert [clock[11:16] for clock in shown(found)] == ["09:30", "10:00", "10:30"]


windows = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 95), st.integers(1, 96)), min_size=1, max_size=8
)


def without_overlaps(drawn) -> list[tuple[int, int, int]]:
    """Keep of the drawn windows (quarter hours) those that overlap none kept before."""
    kept: list[tuple[int, int, int]] = []
    taken: set[int] = set()
    for day, start, length in drawn:
        quarters = {(day * 96 + start + quarter) % 672 for quarter in range(length)}
        if not quarters & taken:
            taken |= quarters
            kept.append((day, start * 15, (start + length) * 15))
    return kept


def oracle(hours: Schedule, busy, wanted: Demand, since: int, until: int) -> list[int]:
    """Every minute: is it a point of its window's grid, and is all of its time open and free?"""
    zone = ZoneInfo(hours.timezone)
    open_minutes: dict[int, int] = {}  # minute -> where its unbroken stretch of window began
    for moment in range(since - 3 * 86_400, until + 3 * 86_400, 60):
        for key in _windows_at(hours, datetime.fromtimestamp(moment, zone)):
            before = open_minutes.get(moment - 60)
            same = before is not None and before[1] == key
            open_minutes[moment] = (before[0], key) if same else (moment, key)
    found = []
    for moment in range(max(since, wanted.earliest), min(until, wanted.latest + 1), 60):
        here = open_minutes.get(moment)
        if here is None or (moment - here[0]) % wanted.step:
            continue
        if not all(m in open_minutes for m in range(moment, moment + wanted.length, 60)):
            continue
        blocked = (moment - wanted.before, moment + wanted.length + wanted.after)
        if not any(begins < blocked[1] and blocked[0] < ends for begins, ends in busy):
            found.append(moment)
    return found


def _windows_at(hours: Schedule, local: datetime):
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        minute = local.hour * 60 + local.minute + back * 1440
        for weekday, start, end in hours.weekly:
            if weekday == day.weekday() and start <= minute < end:
                yield (day, start, end)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(CHANGES),
    windows,
    st.sampled_from([15, 20, 30, 45, 60, 90]),
    st.sampled_from([10, 15, 30, 60]),
    st.lists(st.tuples(st.integers(0, 2880), st.integers(5, 240)), max_size=5),
    st.sampled_from([0, 5, 15]),
    st.sampled_from([0, 10]),
)
def test_it_agrees_with_trying_every_minute(change, drawn, length, step, taken, before, after):
    zone, day = change
    hours = schedule(zone, *without_overlaps(drawn))
    since = int(datetime.combine(day, datetime.min.time(), UTC).timestamp()) - 43_200
    busy = [(since + start * 60, since + (start + lasts) * 60) for start, lasts in taken]
    wanted = demand(length=length * 60, step=step * 60, before=before * 60, after=after * 60)

    found = listed([hours], since, since + 2 * 86_400, wanted, busy)

    assert found == oracle(hours, busy, wanted, since, since + 2 * 86_400)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CHANGES),
    windows,
    st.integers(0, 200),
    st.integers(1, 60),
    st.lists(st.tuples(st.integers(0, 2880), st.integers(5, 240)), max_size=3),
)
def test_a_start_is_offered_alone_if_and_only_if_it_is_in_the_list(
    change, drawn, offset, quarters, taken
):
    zone, day = change
    hours = [schedule(zone, *without_overlaps(drawn))]
    since = int(datetime.combine(day, datetime.min.time(), UTC).timestamp()) - 86_400
    busy = [(since + start * 60, since + (start + lasts) * 60) for start, lasts in taken]
    moment = since + offset * 900
    wanted = demand(length=quarters * 300, step=900, before=600, after=900)

    whole = listed(hours, since, since + 3 * 86_400, wanted, busy)
    alone = listed(hours, moment, moment + 1, wanted, busy)

    assert (alone == [moment]) == (moment in whole)


def test_a_start_asked_for_alone_keeps_the_buffer_before_it_too():
    begins, _ = local_day("UTC", date(2026, 6, 1))
    open_ = [schedule("UTC", *every_day(540, 720))]
    wanted = demand(length=1800, step=300, before=600, after=300)
    taken, late, free = begins + 600 * 60, begins + 645 * 60, begins + 650 * 60

    assert listed(open_, late, late + 1, wanted, [(taken, taken + 2400)]) == []
    assert listed(open_, free, free + 1, wanted, [(taken, taken + 2400)]) == [free]


@settings(max_examples=60, deadline=None)
@given(windows, st.integers(0, 2880), st.integers(5, 300))
def test_another_booking_never_adds_a_slot(drawn, start, lasts):
    hours = [schedule("Europe/Kyiv", *without_overlaps(drawn))]
    since = int(datetime(2026, 3, 28, tzinfo=UTC).timestamp())
    busy = [(since + start * 60, since + (start + lasts) * 60)]

    free = listed(hours, since, since + 3 * 86_400, demand())
    fuller = listed(hours, since, since + 3 * 86_400, demand(), busy)

    assert set(fuller) <= set(free)
