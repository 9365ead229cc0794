"""Weekly hours: what is kept of them, and which are refused."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.domain.schedules import EmptyWindow, OverlappingWindows, Window, weekly

MON, TUE, SAT, SUN = 0, 1, 5, 6
DAY, HOUR = 1440, 60


def hours(weekday: int, start: float, end: float) -> Window:
    return Window(weekday, int(start * HOUR), int(end * HOUR))


@pytest.mark.parametrize(
    ("windows", "kept"),
    [
        ([], []),
        ([hours(MON, 9, 17)], [[MON, 540, 1020]]),
        ([hours(MON, 0, 24)], [[MON, 0, 1440]]),
        ([hours(MON, 22, 6)], [[MON, 1320, 1800]]),
        ([hours(MON, 22, 0)], [[MON, 1320, 1440]]),
        ([hours(MON, 9, 8.5)], [[MON, 540, 1950]]),
        (
            [hours(TUE, 9, 12), hours(MON, 13, 17), hours(MON, 9, 12)],
            [[MON, 540, 720], [MON, 780, 1020], [TUE, 540, 720]],
        ),
        ([hours(MON, 9, 12), hours(MON, 12, 17)], [[MON, 540, 720], [MON, 720, 1020]]),
        ([hours(MON, 22, 6), hours(TUE, 6, 9)], [[MON, 1320, 1800], [TUE, 360, 540]]),
        ([hours(SUN, 22, 6), hours(MON, 6, 9)], [[MON, 360, 540], [SUN, 1320, 1800]]),
        ([hours(day, 0, 24) for day in range(7)], [[day, 0, 1440] for day in range(7)]),
    ],
)
def test_windows_are_kept_in_order_with_their_end_after_their_start(windows, kept):
    assert weekly(windows) == kept


@pytest.mark.parametrize(
    ("windows", "pointer"),
    [
        ([hours(MON, 9, 17), hours(MON, 9, 17)], "#/weekly/1"),
        ([hours(MON, 9, 17), hours(MON, 16, 18)], "#/weekly/1"),
        ([hours(MON, 9, 17), hours(MON, 10, 11)], "#/weekly/1"),
        ([hours(MON, 10, 11), hours(MON, 9, 17)], "#/weekly/1"),
        ([hours(MON, 9, 10), hours(TUE, 5, 9), hours(MON, 22, 6)], "#/weekly/2"),
        ([hours(MON, 22, 6), hours(TUE, 5, 9)], "#/weekly/1"),
        ([hours(SUN, 22, 6), hours(MON, 5, 9)], "#/weekly/1"),
        ([hours(MON, 5, 9), hours(SUN, 22, 6)], "#/weekly/1"),
        ([hours(MON, 0, 24), hours(SUN, 22, 1)], "#/weekly/1"),
        ([hours(SUN, 23, 22), hours(MON, 21, 22)], "#/weekly/1"),
        ([hours(SAT, 23, 22), hours(SUN, 21, 23)], "#/weekly/1"),
    ],
)
def test_windows_that_overlap_are_refused_also_over_midnight_and_the_weeks_end(windows, pointer):
    with pytest.raises(OverlappingWindows) as refusal:
        weekly(windows)

    assert refusal.value.pointer == pointer


@pytest.mark.parametrize("start", [0, 9, 23.5])
def test_a_window_that_ends_when_it_starts_is_refused(start):
    with pytest.raises(EmptyWindow) as refusal:
        weekly([hours(TUE, 1, 2), hours(MON, start, start)])

    assert refusal.value.pointer == "#/weekly/1/end"


def minutes_of(window: Window) -> set[int]:
    length = (window.end - window.start) % DAY or DAY * (window.end != window.start)
    first = window.weekday * DAY + window.start
    return {minute % (7 * DAY) for minute in range(first, first + length)}


WINDOWS = st.builds(
    lambda weekday, start, end: Window(weekday, start * 120, end * 120),
    st.integers(0, 6),
    st.integers(0, 11),
    st.integers(0, 12),
)


@given(st.lists(WINDOWS, max_size=5))
def test_they_are_refused_if_and_only_if_some_minute_of_the_week_is_in_none_or_two(windows):
    sets = [minutes_of(window) for window in windows]
    wrong = not all(sets) or sum(map(len, sets)) != len(set().union(*sets))

    try:
        kept = weekly(windows)
    except Invalid:
        assert wrong
    else:
        assert not wrong
        assert all(0 <= start < end <= start + DAY for _, start, end in kept)
        assert all(left < right for left, right in pairwise(kept))
