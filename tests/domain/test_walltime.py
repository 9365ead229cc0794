"""Local time is resolved once: what doesn't exist is nowhere, what exists twice is twice."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.walltime import instants, midnight

CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),  # half an hour
    ("Africa/Cairo", date(2026, 4, 24)),  # skips midnight
    ("America/Santiago", date(2026, 9, 6)),  # skips midnight
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Asia/Almaty", date(2024, 3, 1)),  # for good
    ("Pacific/Apia", date(2011, 12, 30)),  # a day that never was
    ("Asia/Kathmandu", date(2026, 6, 1)),
]


def by_the_minute(day: date, start: int, end: int, zone: str) -> set[int]:
    """Try every minute around that day: slow, and with nothing to get wrong."""
    base = datetime.combine(day, datetime.min.time())
    opens, closes = base + timedelta(minutes=start), base + timedelta(minutes=end)
    first = int(base.replace(tzinfo=UTC).timestamp()) - 2 * 86_400
    found = set()
    for moment in range(first, first + 6 * 86_400, 60):
        wall = datetime.fromtimestamp(moment, ZoneInfo(zone)).replace(tzinfo=None)
        if opens <= wall < closes:
            found.add(moment)
    return found


@pytest.mark.parametrize(("zone", "day"), CHANGES, ids=[f"{z}-{d}" for z, d in CHANGES])
@pytest.mark.parametrize(
    ("start", "end"), [(0, 1440), (60, 240), (120, 180), (90, 150), (1320, 1560)]
)
def test_it_agrees_with_trying_every_minute(zone, day, start, end):
    spans = instants(day, start, end, zone)

    minutes = {moment for begins, ends in spans for moment in range(begins, ends, 60)}
    assert minutes == by_the_minute(day, start, end, zone)
    assert list(spans) == sorted(spans)


@given(
    st.sampled_from(CHANGES),
    st.integers(-3, 3),
    st.integers(0, 1439),
    st.integers(1, 1440),
)
def test_any_window_near_a_change_agrees_too(change, shift, start, length):
    zone, day = change[0], change[1] + timedelta(days=shift)

    spans = instants(day, start, start + length, zone)

    minutes = {moment for begins, ends in spans for moment in range(begins, ends, 60)}
    assert minutes == by_the_minute(day, start, start + length, zone)


def test_a_day_without_a_midnight_begins_at_its_first_instant():
    first = midnight(date(2026, 4, 24), "Africa/Cairo")

    assert datetime.fromtimestamp(first, ZoneInfo("Africa/Cairo")).hour == 1
