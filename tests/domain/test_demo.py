"""The demo salon keeps the rules of the house, whatever day it is first looked at."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.domain import demo
from app.domain.availability import Demand, merged, starts
from app.domain.bookings import Booking, BookingStatus
from app.domain.demo.calendar import performer_of
from app.domain.events import Event, TicketType
from app.domain.offerings import Offering, PaymentTerms
from app.domain.passwords import ensure_strong
from app.domain.tickets import Ticket
from app.domain.walltime import epoch

OVER = {BookingStatus.COMPLETED, BookingStatus.NO_SHOW, BookingStatus.EXPIRED}
GONE = {BookingStatus.CANCELLED, BookingStatus.EXPIRED}
MONDAYS = [date(2030, 1, 7) + timedelta(weeks=week) for week in range(52)]
OFFERINGS: dict = {offering.id: offering for offering in demo.OFFERINGS}


def is_offered(booking: Booking, others: list[Booking]) -> bool:
    """Tell whether the slot list would have offered it when it was made, had the others stood."""
    offering: Offering = OFFERINGS[booking.service_id]
    performer = performer_of(booking.service_id, booking.provider_id)
    start = epoch(booking.starts_at)
    busy = merged((epoch(one.blocked_from), epoch(one.blocked_until)) for one in others)
    demand = Demand.of(offering, performer, now=booking.created_at)
    opened = performer.hours.opened_between(start, start + 1)
    return start in starts(opened, busy, demand, since=start, until=start + 1)


@pytest.mark.parametrize("monday", MONDAYS, ids=str)
def test_every_booking_is_a_free_slot_of_its_service(monday):
    bookings = demo.calendar(monday)
    kept = [booking for booking in bookings if booking.status not in GONE]

    for booking in bookings:
        others = [one for one in kept if one.provider_id == booking.provider_id and one != booking]
        assert is_offered(booking, others), (booking.title, booking.starts_at)


@pytest.mark.parametrize("weekday", range(7))
def test_what_is_over_lies_behind_and_the_rest_ahead(weekday):
    today = MONDAYS[10] + timedelta(days=weekday)
    for zone in ("UTC", "Europe/Berlin"):
        for moment in (time.min, time.max):
            now = datetime.combine(today, moment, ZoneInfo(zone))
            for booking in demo.calendar(today):
                assert booking.updated_at < now
                assert (booking.ends_at < now) == (booking.status in OVER)


def test_the_calendar_is_lived_in():
    statuses = Counter(booking.status for booking in demo.calendar(MONDAYS[0]))

    assert statuses[BookingStatus.COMPLETED] >= 10
    assert statuses[BookingStatus.CONFIRMED] >= 15
    assert statuses[BookingStatus.PENDING] == 1
    assert statuses[BookingStatus.CANCELLED] == 1
    assert statuses[BookingStatus.NO_SHOW] == 1


def test_six_providers_in_two_zones_offer_twelve_services_in_four_categories():
    assert len(demo.PROVIDERS) == 6
    assert len({provider.timezone for provider in demo.PROVIDERS}) == 2
    assert len(demo.OFFERINGS) == 12
    assert len({offering.category_id for offering in demo.OFFERINGS}) == len(demo.CATEGORIES) == 4
    assert {one.provider_id for one in demo.PERFORMANCES} == {one.id for one in demo.PROVIDERS}


def test_most_services_are_booked_without_further_ado():
    terms = Counter(one.payment for one in demo.OFFERINGS if not one.approval_required)

    assert terms == {PaymentTerms.ON_SITE: 9, PaymentTerms.PREPAID: 1, PaymentTerms.FREE: 1}


@pytest.mark.parametrize("offering", demo.OFFERINGS, ids=lambda offering: offering.name)
def test_every_service_keeps_the_rules_of_the_catalog(offering):
    assert (offering.payment is PaymentTerms.FREE) == (offering.price_amount == 0)
    assert len(offering.description) > 100
    assert all(tag == tag.strip().lower() for tag in offering.tags)


def test_the_password_is_one_that_an_account_may_have():
    for account in demo.ACCOUNTS:
        ensure_strong(account.password, email=account.email)


def test_nobody_is_there_twice():
    rows = [
        *demo.accounts("hash"), *demo.CATEGORIES, *demo.PROVIDERS, *demo.SCHEDULES,
        *demo.OFFERINGS, *demo.calendar(MONDAYS[0]),
        *(row for row in demo.events(MONDAYS[0]) if not isinstance(row, demo.EventSeats)),
    ]  # fmt: skip

    assert len({row.id for row in rows}) == len(rows)
    assert len({account.email for account in demo.ACCOUNTS}) == len(demo.ACCOUNTS)


def of_kind(kind, today=MONDAYS[0]):
    return [row for row in demo.events(today) if isinstance(row, kind)]


@pytest.mark.parametrize("weekday", range(7))
def test_events_are_ahead_and_were_booked_before(weekday):
    today = MONDAYS[10] + timedelta(days=weekday)
    now = datetime.combine(today, time.min, ZoneInfo("Asia/Bishkek"))

    assert all(event.starts_at > now + timedelta(days=1) for event in of_kind(Event, today))
    assert all(booking.created_at < now for booking in of_kind(Booking, today))
    ended = [one.sales_end for one in of_kind(TicketType, today) if one.sales_end]
    assert len(ended) == 1
    assert ended[0] < now


def test_a_conference_a_free_meetup_a_weekly_class_and_a_concert_in_two_zones():
    events = of_kind(Event)
    sold = Counter(one.event_id for one in of_kind(TicketType))

    assert len(events) == 8
    assert len({event.timezone for event in events}) == 2
    assert sorted(sold.values()) == [1] * 7 + [3]
    assert sum(event.price_amount == 0 for event in events) == 1
    assert all(len(event.description) > 200 for event in events)
    starts = sorted(e.starts_local for e in events if e.title == "Braids on Tuesday")
    days = [datetime.fromisoformat(start) for start in starts]
    assert {after - before for before, after in pairwise(days)} == {timedelta(weeks=1)}


def test_the_concert_is_sold_out_and_the_rest_is_not():
    full = [one.event_id for one in of_kind(demo.EventSeats) if one.taken == one.capacity]

    assert [event.title for event in of_kind(Event) if event.id in full] == [
        "Songs between the mirrors"
    ]


def test_counters_are_the_sums_of_bookings_and_tickets():
    seats, types = Counter(), Counter()
    for booking in of_kind(Booking):
        seats[booking.event_id] += booking.seats
    for ticket in of_kind(Ticket):
        types[ticket.ticket_type_id] += 1

    for one in of_kind(demo.EventSeats):
        assert seats[one.event_id] == one.taken <= one.capacity
    for one in of_kind(TicketType):
        assert types[one.id] == one.taken
        assert one.capacity is None or one.taken <= one.capacity
    most = {one.id: one.max_per_booking for one in of_kind(TicketType)}
    for booking in of_kind(Booking):
        for id_, _, quantity, _ in booking.items:
            assert quantity <= most[UUID(id_)]
