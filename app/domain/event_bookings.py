"""Seats of an event: what is asked for, whether it may be had, and the booking it makes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from app.core.ids import new_id
from app.core.money import LARGEST, Money
from app.domain.booking_items import BookingItem, item_of, items_of
from app.domain.bookings import (
    Booking,
    BookingKind,
    BookingStatus,
    PaymentStatus,
    Settlement,
    settlement,
)
from app.domain.deposits import DepositRest
from app.domain.dues import surplus
from app.domain.events import (
    EventNotBookable,
    EventStatus,
    Seats,
    SoldOut,
    TicketType,
    TicketTypeNeeded,
    TooManyTickets,
    UnknownTicketType,
)
from app.domain.promo_codes import PromoCode, PromoCodeInvalid, discounts
from app.domain.walltime import wall_time


class Wanted(NamedTuple):
    """So many tickets; without a type, of the only one there is."""

    ticket_type_id: UUID | None
    quantity: int


class Line(NamedTuple):
    """So many tickets of a type, at its price, less what a code takes off."""

    ticket_type: TicketType
    quantity: int
    discount: int = 0

    @property
    def full(self) -> Money:
        return self.ticket_type.price.times(self.quantity)


@dataclass(frozen=True, slots=True)
class Offer:
    """Seats kept for somebody who waited for them."""

    entry_id: UUID
    seats: int


@dataclass(frozen=True, slots=True)
class EventOnSale:
    """What a booking is made of, of an event."""

    id: UUID
    organizer_id: UUID
    title: str
    status: EventStatus
    timezone: str
    starts_at: datetime
    ends_at: datetime
    price_currency: str
    free_until_minutes: int
    late_fee_percent: int
    no_show_fee_percent: int | None
    no_show_fee_amount: int | None
    deposit_percent: int | None
    deposit_amount: int | None
    deposit_rest: DepositRest | None


@dataclass(frozen=True, slots=True)
class Sale:
    """An event as it is sold to somebody: with its types, what is left, and what is theirs."""

    event: EventOnSale
    seats: Seats
    ticket_types: Sequence[TicketType]
    offer: Offer | None

    def left(self, lines: Iterable[Line]) -> int:
        """Return how many of these there are for them: of the event, and of every type."""
        free = self.offer.seats if self.offer else self.seats.free
        capacities = [
            one.ticket_type.capacity - one.ticket_type.taken
            for one in lines
            if one.ticket_type.capacity is not None
        ]
        return max(min([free, *capacities]), 0)

    def has(self, lines: Sequence[Line]) -> bool:
        """Tell whether all of these are there for them."""
        free = self.offer.seats if self.offer else self.seats.free
        return sum(one.quantity for one in lines) <= free and all(
            one.ticket_type.capacity is None
            or one.ticket_type.taken + one.quantity <= one.ticket_type.capacity
            for one in lines
        )

    def ensure_has(self, lines: Sequence[Line]) -> None:
        """Refuse with SoldOut, which tells how many there are."""
        if not self.has(lines):
            raise SoldOut(available=self.left(lines))


def is_bookable(event: EventOnSale, *, now: datetime) -> bool:
    """Tell whether it is published and has not begun."""
    return event.status is EventStatus.PUBLISHED and now < event.starts_at


def ensure_bookable(event: EventOnSale, *, now: datetime) -> None:
    """Refuse with EventNotBookable what isn't published, or has begun."""
    if not is_bookable(event, now=now):
        raise EventNotBookable


def ordered(sale: Sale, wanted: Sequence[Wanted], *, now: datetime) -> list[Line]:
    """Return what is asked for, each type once.

    Refused with EventNotBookable, UnknownTicketType, TicketTypeNeeded or TooManyTickets.
    """
    ensure_bookable(sale.event, now=now)
    known = {one.id: one for one in sale.ticket_types}
    totals: dict[UUID, int] = {}
    for place, one in enumerate(wanted):
        ticket_type = _found(known, one, place)
        total = totals.get(ticket_type.id, 0) + one.quantity
        totals[ticket_type.id] = total
        if total > ticket_type.max_per_booking:
            raise TooManyTickets(most=ticket_type.max_per_booking).at(_quantity(one, place))
    lines = [Line(known[id_], totals[id_]) for id_ in totals]
    if not all(line.ticket_type.on_sale(now) for line in lines):
        raise EventNotBookable("These tickets are not on sale now.")
    return lines


def discounted(lines: Sequence[Line], code: PromoCode) -> list[Line]:
    """Return them with what the code takes off; refused with PromoCodeInvalid if it's nothing."""
    total = sum(line.full.amount for line in lines)
    currency = lines[0].ticket_type.price_currency
    totals = [line.full.amount * code.covers_type(line.ticket_type.id) for line in lines]
    off = discounts(code, totals, currency)
    if not any(off) or not code.accepts(Money(total, currency)):
        raise PromoCodeInvalid
    return [line._replace(discount=one) for line, one in zip(lines, off, strict=True)]


def _found(known: Mapping[UUID, TicketType], wanted: Wanted, place: int) -> TicketType:
    if wanted.ticket_type_id is None:
        if len(known) != 1:
            raise TicketTypeNeeded
        return next(iter(known.values()))
    if (found := known.get(wanted.ticket_type_id)) is None:
        raise UnknownTicketType().at(f"#/tickets/{place}/ticket_type_id")
    return found


def _quantity(wanted: Wanted, place: int) -> str:
    return "#/seats" if wanted.ticket_type_id is None else f"#/tickets/{place}/quantity"


def seats_booking(
    event: EventOnSale,
    lines: Sequence[Line],
    *,
    customer_id: UUID,
    notes: str | None,
    now: datetime,
    hold: timedelta,
    code: PromoCode | None = None,
) -> Booking:
    """Return the booking such a request makes, at the prices and terms of this moment.

    What costs nothing is confirmed at once; the rest is held until it, or its deposit, is paid.
    """
    price = _price(event, lines)
    expires = min(now + hold, event.starts_at) if price.amount else None
    return Booking(
        id=new_id(),
        kind=BookingKind.EVENT,
        status=BookingStatus.PENDING if expires else BookingStatus.CONFIRMED,
        customer_id=customer_id,
        service_id=None,
        provider_id=None,
        event_id=event.id,
        organizer_id=event.organizer_id,
        title=event.title,
        timezone=event.timezone,
        starts_at=event.starts_at,
        starts_local=wall_time(event.starts_at, event.timezone),
        ends_at=event.ends_at,
        blocked_from=event.starts_at,
        blocked_until=event.ends_at,
        seats=sum(line.quantity for line in lines),
        items=[_item(line) for line in lines],
        price_amount=price.amount,
        price_currency=price.currency,
        discount_amount=sum(line.discount for line in lines),
        promo_code_id=code.id if code else None,
        payment_status=PaymentStatus.UNPAID if expires else PaymentStatus.NOT_REQUIRED,
        free_until_minutes=event.free_until_minutes,
        late_fee_percent=event.late_fee_percent,
        no_show_fee_percent=event.no_show_fee_percent,
        no_show_fee_amount=event.no_show_fee_amount,
        late_fee_amount=0,
        missed_fee_amount=0,
        deposit_percent=event.deposit_percent if expires else None,
        deposit_amount=event.deposit_amount if expires else None,
        deposit_rest=event.deposit_rest if expires else None,
        paid_amount=0,
        refunded_amount=0,
        sequence=0,
        hold_expires_at=expires,
        notes=notes,
        cancelled_at=None,
        cancelled_by=None,
        cancel_reason=None,
        created_at=now,
        updated_at=now,
    )


def _price(event: EventOnSale, lines: Sequence[Line]) -> Money:
    total = Money(0, event.price_currency)
    for line in lines:
        total = total.plus(line.full).plus(Money(-line.discount, total.currency))
    if total.amount > LARGEST:
        raise TooManyTickets("That is more than one booking can cost.")
    return total


def _item(line: Line) -> list[Any]:
    one = line.ticket_type
    item = BookingItem(str(one.id), one.name, line.quantity, one.price_amount, line.discount)
    return item.kept()


def reduced(
    booking: Booking, ticket_type_id: UUID, *, by_customer: bool, now: datetime
) -> tuple[Booking, Settlement]:
    """Return it without one ticket of a type, and what that costs and gives back."""
    found = item_of(booking, ticket_type_id)
    less = found.less_one(booking.price_currency)
    price = found.total - less.total
    terms = settlement(replace(booking, price_amount=price), by_customer=by_customer, now=now)
    left = [less if one == found else one for one in items_of(booking)]
    kept = replace(
        booking,
        seats=booking.seats - 1,
        items=[one.kept() for one in left if one.quantity],
        price_amount=booking.price_amount - price,
        discount_amount=sum(one.discount_amount for one in left),
        late_fee_amount=booking.late_fee_amount + terms.fee.amount,
        updated_at=now,
    )
    return kept, replace(terms, refund=surplus(kept))
