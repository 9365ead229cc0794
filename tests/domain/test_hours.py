"""Hours with all that takes their place: overrides, closed days, time away, own terms, limits."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.domain.availability import Demand, Performer, Taken, free, merged, window
from app.domain.hours import Hours, replaced_days
from app.domain.offerings import Performance
from app.domain.providers import OwnTerms, Schedule
from app.domain.walltime import Span, instant
from tests.factories.catalog import an_offering
from tests.factories.clock import NOW

MONDAY = date(2030, 3, 4)
HOUR = 3_600
DAY = 24 * HOUR
NINE_TO_NOON = [(day, 540, 720) for day in range(7)]
NIGHTS = [(day, 1320, 1560) for day in range(7)]  # from 22:00 to 02:00
AN_HOUR = Demand(length=HOUR, step=HOUR, before=0, after=0, earliest=0, latest=1 << 40)


def second(clock: str, day: date = MONDAY) -> int:
    hour, minute = clock.split(":")
    whole = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return int(whole.timestamp()) + int(hour) * HOUR + int(minute) * 60


def schedule(weekly: Sequence[Sequence[int]], since: date = date(2000, 1, 1)) -> Schedule:
    return Schedule(uuid4(), uuid4(), "UTC", since, [list(each) for each in weekly])


def performer(
    *schedules: Schedule,
    overrides: dict[str, list[list[int]]] | None = None,
    closures: list[list[str]] | None = None,
    away: Sequence[Span] = (),
    **own: int,
) -> Performer:
    hours = Hours("UTC", schedules, replaced_days(overrides, closures), merged(away))
    terms = Performance(UUID(int=1), UUID(int=2), None, None)
    return Performer(UUID(int=2), terms, hours, OwnTerms(**own))


def offered(
    who: Performer, days: int = 1, *, wanted: Demand = AN_HOUR, taken: Taken | None = None
) -> list[str]:
    """Return the starts from Monday on, as `day HH:MM`, where Monday is 4."""
    since = second("00:00")
    found = free(who, wanted, taken or Taken(), since=since, until=since + days * DAY)
    return [instant(start).strftime("%-d %H:%M") for start in found]


def test_an_override_takes_the_place_of_the_whole_day_and_of_no_other():
    who = performer(schedule(NINE_TO_NOON), overrides={"2030-03-04": [[840, 960]]})

    assert offered(who, 2) == ["4 14:00", "4 15:00", "5 09:00", "5 10:00", "5 11:00"]


def test_an_override_without_windows_closes_the_day():
    who = performer(schedule(NINE_TO_NOON), overrides={"2030-03-04": []})

    assert offered(who) == []


def test_an_override_opens_a_day_that_has_no_hours_and_a_provider_who_has_none():
    some = performer(schedule([(1, 540, 600)]), overrides={"2030-03-04": [[600, 660]]})
    none = performer(overrides={"2030-03-04": [[600, 660]]})

    assert offered(some, 2) == ["4 10:00", "5 09:00"]
    assert offered(none, 2) == ["4 10:00"]


def test_several_windows_of_an_override_leave_a_break_between_them():
    who = performer(overrides={"2030-03-04": [[540, 630], [690, 780]]})

    assert offered(who) == ["4 09:00", "4 11:30"]


def test_what_runs_into_a_replaced_day_from_the_evening_before_ends_at_its_midnight():
    nightly = schedule(NIGHTS)

    assert offered(performer(nightly))[:2] == ["4 00:00", "4 01:00"]
    assert offered(performer(nightly, overrides={"2030-03-04": [[540, 600]]})) == ["4 09:00"]
    assert offered(performer(nightly, closures=[["2030-03-04", "2030-03-04"]]), 2) == [
        "5 22:00",
        "5 23:00",
    ]


def test_an_override_may_itself_run_over_midnight():
    who = performer(schedule([(0, 540, 600)]), overrides={"2030-03-04": [[1380, 1500]]})

    assert offered(who, 2) == ["4 23:00", "5 00:00"]


def test_a_closed_day_is_closed_whatever_an_override_says():
    closed = [["2030-03-04", "2030-03-05"]]
    who = performer(schedule(NINE_TO_NOON), overrides={"2030-03-04": [[540, 600]]}, closures=closed)

    assert offered(who, 3) == ["6 09:00", "6 10:00", "6 11:00"]


def test_an_override_holds_before_and_after_a_new_schedule_takes_over():
    old, new = schedule(NINE_TO_NOON), schedule([(1, 840, 900)], since=date(2030, 3, 5))
    who = performer(old, new, overrides={"2030-03-04": [[600, 660]], "2030-03-06": [[720, 780]]})

    assert offered(who, 3) == ["4 10:00", "5 14:00", "6 12:00"]


def test_time_away_takes_out_what_meets_it_and_keeps_the_grid():
    away = [(second("09:30"), second("10:15"))]
    wanted = Demand(length=1800, step=1800, before=0, after=0, earliest=0, latest=1 << 40)

    found = offered(performer(schedule(NINE_TO_NOON), away=away), wanted=wanted)

    assert found == ["4 09:00", "4 10:30", "4 11:00", "4 11:30"]


def test_buffers_may_lie_in_time_away():
    wanted = Demand(length=HOUR, step=HOUR, before=600, after=600, earliest=0, latest=1 << 40)
    away = [(second("08:00"), second("09:00")), (second("10:00"), second("11:00"))]

    assert offered(performer(schedule(NINE_TO_NOON), away=away), wanted=wanted) == [
        "4 09:00",
        "4 11:00",
    ]


@pytest.mark.parametrize(("begun", "left"), [(1, ["4 10:00", "4 11:00"]), (2, [])])
def test_a_day_takes_as_many_bookings_as_its_limit(begun, left):
    who = performer(schedule(NINE_TO_NOON), max_per_day=2)
    starts = [second("09:00"), second("15:00")][:begun]
    taken = Taken(busy=[(second("09:00"), second("10:00"))], begun=starts)

    assert offered(who, taken=taken) == left


def test_a_booking_counts_on_the_day_it_begins_and_in_its_week_from_monday():
    weekly = schedule([(day, 540, 600) for day in range(7)])
    sunday, monday = second("23:30") - DAY, second("12:00")

    daily = offered(performer(weekly, max_per_day=1), 2, taken=Taken(begun=[sunday]))
    whole = offered(performer(weekly, max_per_week=1), 8, taken=Taken(begun=[monday]))
    before = offered(performer(weekly, max_per_week=1), 1, taken=Taken(begun=[sunday]))

    assert daily == ["4 09:00", "5 09:00"]
    assert whole == ["11 09:00"]
    assert before == ["4 09:00"]


def test_of_the_services_terms_and_ones_own_the_stricter_hold():
    offering = an_offering(min_notice_minutes=60, max_horizon_days=30, slot_step_minutes=30)
    stricter = OwnTerms(min_notice_minutes=120, max_horizon_days=10)
    laxer = OwnTerms(min_notice_minutes=0, max_horizon_days=300)

    assert window(offering, stricter, now=NOW) == (
        NOW + timedelta(hours=2),
        NOW + timedelta(days=10),
    )
    assert window(offering, laxer, now=NOW) == window(offering, now=NOW)


def test_ones_own_step_takes_the_place_of_the_services():
    offering = an_offering(slot_step_minutes=30)
    quarterly = performer(schedule(NINE_TO_NOON), slot_step_minutes=15)

    assert Demand.of(offering, quarterly, now=NOW).step == 15 * 60
    assert Demand.of(offering, performer(), now=NOW).step == 30 * 60
    found = offered(quarterly, wanted=Demand.of(offering, quarterly, now=NOW))
    assert found[:3] == ["4 09:00", "4 09:15", "4 09:30"]


def test_days_are_read_as_they_are_kept():
    kept: dict[str, Any] = {"2030-03-05": [[540, 600]], "2028-02-29": []}

    assert replaced_days(kept, [["2030-03-05", "2030-03-06"]]) == {
        date(2028, 2, 29): (),
        date(2030, 3, 5): (),
        date(2030, 3, 6): (),
    }
    assert replaced_days(None, None) == {}
