"""Bookings against hours that change."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from app.domain.displacement import Plan, displaces, holds
from app.domain.providers import Schedule

MONDAY = date(2030, 3, 4)


def plan(*weekly: list[int], zone: str = "UTC", **more) -> Plan:
    schedule = Schedule(uuid4(), uuid4(), zone, date(2020, 1, 1), list(weekly))
    return Plan(zone, (schedule,), more.get("overrides", {}), more.get("closures", []))


def span(start: str, end: str) -> tuple[int, int]:
    begins, ends = (
        int(datetime.fromisoformat(f"2030-03-{at}:00").replace(tzinfo=UTC).timestamp())
        for at in (start, end)
    )
    return begins, ends


@pytest.mark.parametrize(
    ("start", "end", "is_held"),
    [
        ("04T09:00", "04T12:00", True),
        ("04T09:00", "04T14:00", True),  # from one window into the next
        ("04T08:59", "04T10:00", False),
        ("04T13:30", "04T14:01", False),
        ("04T13:59", "04T15:01", False),  # across a gap
        ("04T22:30", "05T02:00", True),
        ("05T01:00", "05T02:00", True),
        ("05T01:00", "05T02:01", False),
        ("05T09:00", "05T10:00", False),
    ],
)
def test_a_time_is_held_if_all_of_it_lies_in_windows(start, end, is_held):
    hours = plan([0, 540, 720], [0, 720, 840], [0, 900, 960], [0, 1320, 1560]).hours

    assert holds(hours, span(start, end)) is is_held


def test_without_any_hours_nothing_is_held():
    assert not holds(Plan("UTC", (), {}, []).hours, span("04T09:00", "04T10:00"))


@pytest.mark.parametrize(
    ("zone", "start", "is_displaced"),
    [
        ("UTC", "04T00:00", True),
        ("UTC", "03T23:00", False),
        ("UTC", "03T23:30", True),
        ("Pacific/Kiritimati", "03T10:00", True),
        ("Pacific/Kiritimati", "04T10:00", False),
        ("Pacific/Pago_Pago", "04T10:59", True),
        ("Pacific/Pago_Pago", "05T10:59", True),
        ("Pacific/Pago_Pago", "05T11:00", False),
    ],
)
def test_a_closed_day_displaces_what_was_to_be_then_where_it_is(zone, start, is_displaced):
    before = plan(*([day, 0, 1440] for day in range(7)), zone=zone)
    begins, _ = span(start, start)

    found = displaces(before, before.closed(MONDAY, MONDAY), [(begins, begins + 3600)])

    assert found is is_displaced


def test_windows_that_take_it_in_displace_nothing_on_the_day_clocks_change():
    before = plan([6, 0, 600], zone="Europe/Berlin")  # the last Sunday of March: no two o'clock
    at = span("31T00:30", "31T01:30")  # half past one, to half past three

    kept = before.overridden(date(2030, 3, 31), ((60, 240),))
    cut = before.overridden(date(2030, 3, 31), ((60, 180),))

    assert not displaces(before, kept, [at])
    assert displaces(before, cut, [at])


def test_what_lay_outside_already_and_what_a_closure_keeps_closed_is_not_displaced():
    before = plan([0, 540, 1020], closures=[("2030-03-04", "2030-03-04")])

    assert not displaces(before, before.overridden(MONDAY, ()), [span("04T10:00", "04T11:00")])
    assert not displaces(plan(), plan().closed(MONDAY, MONDAY), [span("04T10:00", "04T11:00")])
