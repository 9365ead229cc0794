"""Quiet hours and choices, in any zone and on any night, those when clocks change too."""

from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.notification_preferences import (
    URGENT,
    CannotBeSwitchedOff,
    NotificationPreferences,
    QuietHours,
    ensure_choosable,
    is_required,
    usual,
)
from app.domain.notifications import Channel, Kind

SOMEBODY = UUID(int=1)
MINUTE = timedelta(minutes=1)
# Half an hour's change, changes at midnight, days that were skipped, quarters of an hour.
ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana"),
    *("Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca", "America/Santiago"),
)
zones = st.sampled_from(ZONES)
nights = st.sampled_from(
    [
        datetime(2030, 3, 31, tzinfo=UTC),  # Berlin
        datetime(2030, 10, 27, tzinfo=UTC),
        datetime(2030, 3, 10, tzinfo=UTC),  # New York, Havana
        datetime(2030, 11, 3, tzinfo=UTC),
        datetime(2030, 4, 7, tzinfo=UTC),  # Lord Howe, Santiago
        datetime(2030, 10, 6, tzinfo=UTC),
        datetime(2030, 6, 15, tzinfo=UTC),  # nothing happens
    ]
)
instants = st.builds(
    lambda night, seconds: night + timedelta(seconds=seconds),
    nights,
    st.integers(-36 * 3600, 36 * 3600),
)
minutes = st.integers(0, 1439)
hours = st.builds(QuietHours, minutes, minutes).filter(lambda one: one.start != one.end)
choices = st.dictionaries(
    st.sampled_from(Kind), st.dictionaries(st.sampled_from(Channel), st.booleans())
)


@given(hours, instants, zones)
def test_it_is_quiet_by_the_clock_on_the_wall(quiet, at, zone):
    wall = at.astimezone(ZoneInfo(zone))
    shown = wall.hour * 60 + wall.minute
    length = (quiet.end - quiet.start) % 1440

    assert quiet.holds(at, zone) == ((shown - quiet.start) % 1440 < length)


@given(hours, instants, zones)
def test_they_are_over_at_the_first_minute_that_is_not_quiet(quiet, at, zone):
    over = quiet.over(at, zone)

    assert not quiet.holds(over, zone)
    if over == at:
        return
    assert over.second == over.microsecond == 0
    assert over - at <= timedelta(hours=48)  # an end that is skipped is the next day's
    step = at
    while step < over:
        assert quiet.holds(step, zone)
        step = (step + MINUTE).replace(second=0)


@given(
    hours,
    instants,
    zones,
    st.sampled_from(Kind),
    st.none() | st.integers(1, 3 * 1440).map(lambda ahead: timedelta(minutes=ahead)),
)
def test_nothing_waits_until_it_is_too_late_and_nothing_urgent_waits(quiet, at, zone, kind, ahead):
    known = NotificationPreferences(SOMEBODY, {}, quiet.start, quiet.end)
    before = None if ahead is None else at + ahead

    due = known.due(kind, at, zone=zone, before=before)

    assert due >= at
    assert before is None or due < before
    if kind in URGENT:
        assert due == at
    elif due == at:
        is_too_late = before is not None and quiet.over(at, zone) >= before
        assert not quiet.holds(at, zone) or is_too_late
    else:
        assert due == quiet.over(at, zone)


@given(instants, zones, st.sampled_from(Kind))
def test_without_quiet_hours_it_is_never_quiet(at, zone, kind):
    assert usual(SOMEBODY).due(kind, at, zone=zone, before=None) == at


@given(choices, st.sampled_from(Kind), st.sampled_from(Channel))
def test_what_was_chosen_holds_and_the_rest_is_as_usual(chosen, kind, channel):
    known = NotificationPreferences(SOMEBODY, chosen, None, None)

    allowed = known.allows(kind, channel)

    if is_required(kind, channel):
        assert allowed
    elif channel in chosen.get(kind, {}):
        assert allowed is chosen[kind][channel]
    else:
        assert allowed is usual(SOMEBODY).allows(kind, channel)


@given(choices, st.sampled_from(Kind), st.sampled_from(Channel))
def test_what_is_switched_off_is_off_and_nothing_else(chosen, kind, channel):
    known = NotificationPreferences(SOMEBODY, chosen, None, None)

    without = known.without(kind, channel)

    for each in Kind:
        for way in Channel:
            if (each, way) == (kind, channel):
                assert without.allows(each, way) is is_required(each, way)
            else:
                assert without.allows(each, way) is known.allows(each, way)


@given(choices)
def test_only_what_nobody_must_know_can_be_chosen_away(chosen):
    is_refused = any(
        not wanted and is_required(kind, channel)
        for kind, channels in chosen.items()
        for channel, wanted in channels.items()
    )

    if is_refused:
        with pytest.raises(CannotBeSwitchedOff):
            ensure_choosable(chosen)
    else:
        ensure_choosable(chosen)
