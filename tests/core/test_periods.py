"""Periods: half open, in instants."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.periods import Period, merged

START = datetime(2030, 1, 1, tzinfo=UTC)


def period(start: int, end: int) -> Period:
    return Period(START + timedelta(minutes=start), START + timedelta(minutes=end))


PERIODS = st.builds(
    lambda start, length: period(start, start + length), st.integers(0, 100), st.integers(1, 30)
)


def minutes(periods: list[Period]) -> set[int]:
    return {
        minute
        for one in periods
        for minute in range(
            int((one.start - START).total_seconds()) // 60,
            int((one.end - START).total_seconds()) // 60,
        )
    }


@given(st.lists(PERIODS, max_size=20))
def test_merging_keeps_every_minute_in_as_few_periods_as_there_can_be(periods):
    found = merged(periods)

    assert minutes(found) == minutes(periods)
    assert all(one.end < next_.start for one, next_ in pairwise(found))
    assert merged(found) == found
    assert merged(reversed(periods)) == found


@given(PERIODS, PERIODS)
def test_two_overlap_where_they_share_a_minute(one, other):
    shared = minutes([one]) & minutes([other])

    assert one.overlaps(other) == other.overlaps(one) == bool(shared)
    assert one.contains(other) == (minutes([other]) <= minutes([one]))


def test_what_touches_does_not_overlap():
    assert not period(0, 60).overlaps(period(60, 120))
    assert period(0, 61).overlaps(period(60, 120))


def test_padding_adds_on_both_sides():
    padded = period(60, 120).padded(before=timedelta(minutes=5), after=timedelta(minutes=10))

    assert padded == period(55, 130)


def test_length_is_time_that_passed_also_over_a_change_of_clocks():
    berlin = ZoneInfo("Europe/Berlin")
    night = Period(datetime(2030, 3, 31, 0, tzinfo=berlin), datetime(2030, 3, 31, 6, tzinfo=berlin))

    assert night.length == timedelta(hours=5)


@pytest.mark.parametrize(
    ("start", "end"),
    [(START, START), (START, START - timedelta(1)), (START.replace(tzinfo=None), START)],
)
def test_an_empty_or_naive_period_is_none(start, end):
    with pytest.raises(ValueError, match="period"):
        Period(start, end)
