"""Making events and changing them: defaults, legal moves, and what contradicts itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from uuid import UUID

from app.core.errors import Conflict, Invalid
from app.domain.bookings import InvalidTransition
from app.domain.captures import CaptureMode
from app.domain.deposits import DepositInOtherCurrency
from app.domain.events import Event, EventEntry, EventOver, EventStatus, TicketType
from app.domain.fees import NoShowFeeInOtherCurrency
from app.domain.reminders import REMINDED
from app.domain.walltime import wall_time

USUAL_LENGTH: Final = timedelta(hours=2)
LONGEST: Final = timedelta(days=31)
# What is left out when an event is made, or all of it is replaced.
DEFAULTS: Final[Mapping[str, Any]] = {
    "category_id": None,
    "description": None,
    "tags": [],
    "location": None,
    "latitude": None,
    "longitude": None,
    "online_url": None,
    "free_until_minutes": 0,
    "late_fee_percent": 0,
    "no_show_fee_percent": None,
    "no_show_fee_amount": None,
    "no_show_fee_currency": None,
    "reminder_minutes": REMINDED,
    "deposit_percent": None,
    "deposit_amount": None,
    "deposit_currency": None,
    "deposit_rest": None,
    "capture": CaptureMode.AUTOMATIC,
}
LEGAL_MOVES: Final = {
    EventStatus.DRAFT: {EventStatus.PUBLISHED},
    EventStatus.PUBLISHED: {EventStatus.DRAFT, EventStatus.CANCELLED},
}
OVER: Final = (EventStatus.CANCELLED, EventStatus.COMPLETED)
# Who booked relies on these, and is told when they change.
AGREED: Final = ("starts_at", "ends_at", "timezone", "location")
Shown = TypeVar("Shown", bound=Event | EventEntry)


class StartsInPast(Invalid):
    """An event starts in the future."""

    pointer = "#/starts_at"


class EndsTooSoon(Invalid):
    """An event ends after it starts."""

    pointer = "#/ends_at"


class TooLong(Invalid):
    """An event lasts 31 days at most."""

    pointer = "#/ends_at"


class PlaceNeeded(Invalid):
    """Say where it takes place, or give a link to it."""

    pointer = "#/location"


class HalfAPlace(Invalid):
    """Give both latitude and longitude, or neither."""

    pointer = "#/latitude"


class EventStands(Conflict):
    """This event is not cancelled."""


@dataclass(frozen=True, slots=True)
class CancellationProgress:
    """How far the bookings of a cancelled event are cancelled; `finished_at` once all are."""

    total: int
    cancelled: int
    remaining: int
    started_at: datetime
    finished_at: datetime | None


def made(
    given: Mapping[str, Any],
    ticket_types: Sequence[TicketType],
    *,
    id_: UUID,
    organizer_id: UUID,
    now: datetime,
) -> Event:
    """Return the event made of these fields; published, unless they say otherwise."""
    starts_at, timezone = given["starts_at"], given["timezone"]
    implied = {"status": EventStatus.PUBLISHED, "ends_at": starts_at + USUAL_LENGTH}
    event = Event(
        id=id_,
        organizer_id=organizer_id,
        starts_local=wall_time(starts_at, timezone),
        cover_id=None,
        price_amount=0,
        price_currency="",
        cancelled_at=None,
        cancelled_by=None,
        cancel_reason=None,
        created_at=now,
        updated_at=now,
        **{**DEFAULTS, **implied, **given},
    )
    if event.status is EventStatus.CANCELLED:
        raise InvalidTransition("Only what is published can be cancelled.")
    ensure_ahead(event, now=now)
    ensure_consistent(event)
    return priced(event, ticket_types)


def changed(event: Event, given: Mapping[str, Any], *, now: datetime) -> Event:
    """Return the event with these fields; the very same where nothing would change.

    Without an end of its own, one that starts at another time takes as long as before. Refused
    with InvalidTransition and, for what is cancelled or completed, with EventOver.
    """
    fields = dict(given)
    if "starts_at" in fields and "ends_at" not in fields:
        fields["ends_at"] = fields["starts_at"] + (event.ends_at - event.starts_at)
    if all(getattr(event, name) == value for name, value in fields.items()):
        return event
    new = plain(replace(event, **fields, updated_at=now))
    _ensure_can_become(event, new.status)
    new = replace(new, starts_local=wall_time(new.starts_at, new.timezone))
    published = new.status is EventStatus.PUBLISHED and new.status is not event.status
    if new.starts_at != event.starts_at or published:
        ensure_ahead(new, now=now)
    ensure_consistent(new)
    return new


def plain(event: Event) -> Event:
    """Return it without what it is shown with."""
    return Event(*(getattr(event, name) for name in Event.__slots__))


def priced(event: Event, ticket_types: Sequence[TicketType]) -> Event:
    """Return it at the price of its cheapest ticket; its terms must be in its currency."""
    cheapest = min(ticket_types, key=lambda one: one.price_amount)
    if event.deposit_currency not in (None, cheapest.price_currency):
        raise DepositInOtherCurrency
    if event.no_show_fee_currency not in (None, cheapest.price_currency):
        raise NoShowFeeInOtherCurrency
    return replace(
        event, price_amount=cheapest.price_amount, price_currency=cheapest.price_currency
    )


def has_moved(old: Event, new: Event) -> bool:
    """Tell whether who booked has to know."""
    return any(getattr(old, name) != getattr(new, name) for name in AGREED)


def as_of(event: Shown, now: datetime) -> Shown:
    """Return it as it is at that moment: what was published and has ended is completed."""
    if event.status is not EventStatus.PUBLISHED or now < event.ends_at:
        return event
    if isinstance(event, EventEntry):
        return event._replace(status=EventStatus.COMPLETED)
    return replace(event, status=EventStatus.COMPLETED)


def _ensure_can_become(event: Event, status: EventStatus) -> None:
    if status is not event.status and status not in LEGAL_MOVES.get(event.status, ()):
        raise InvalidTransition("The event cannot change to that state.")
    if event.status in OVER:
        raise EventOver


def ensure_ahead(event: Event, *, now: datetime) -> None:
    if event.starts_at <= now:
        raise StartsInPast


def ensure_consistent(event: Event) -> None:
    if event.ends_at <= event.starts_at:
        raise EndsTooSoon
    if event.ends_at - event.starts_at > LONGEST:
        raise TooLong
    if not event.location and not event.online_url:
        raise PlaceNeeded
    if (event.latitude is None) != (event.longitude is None):
        raise HalfAPlace
