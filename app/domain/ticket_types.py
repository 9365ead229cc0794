"""What seats of an event are sold as: making and changing the types, and what holds of them all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.core.errors import Conflict, Invalid
from app.core.ids import new_id
from app.core.money import Money
from app.domain.events import CapacityTaken, Event, EventItem, TicketType, sellable

MOST: Final = 50
ONLY_ONE: Final = "Ticket"
"""What the type is called that is made where none is named."""
FREE: Final = Money(0, "EUR")
DEFAULTS: Final[Mapping[str, Any]] = {
    "capacity": None,
    "max_per_booking": 10,
    "sales_start": None,
    "sales_end": None,
}


class TicketTypeSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"
    NAME = "name"
    CHEAPEST = "price"
    DEAREST = "-price"


@dataclass(frozen=True, slots=True)
class TicketTypeFilter:
    """Whose ticket types to list."""

    event_id: UUID


class PriceAndTypes(Invalid):
    """Give either a price or ticket types, which have their own."""

    pointer = "#/price"


class CurrenciesDiffer(Invalid):
    """All tickets of an event are sold in one currency."""

    pointer = "#/ticket_types"


class BeyondCapacity(Invalid):
    """A ticket type has no more seats than the event has participants."""

    pointer = "#/capacity"


class SalesEndTooSoon(Invalid):
    """Sales end after they start."""

    pointer = "#/sales_end"


class ForeignTicketType(Invalid):
    """This is not a ticket type of this event, or it is named twice."""

    pointer = "#/ticket_types"


class TooManyTicketTypes(Conflict):
    """An event has 50 ticket types at most."""


class LastTicketType(Conflict):
    """An event has at least one ticket type."""


def drafted(
    given: Mapping[str, Any], *, event_id: UUID, now: datetime, place: int = 0
) -> TicketType:
    """Return the type made of these fields; what is missing takes its default.

    Types that are made together are shown in the order of their places.
    """
    fields = {name: value for name, value in given.items() if name != "id"}
    return TicketType(
        id=new_id(),
        event_id=event_id,
        taken=0,
        created_at=now + timedelta(microseconds=place),
        updated_at=now,
        **{**DEFAULTS, **fields},
    )


def revised(one: TicketType, given: Mapping[str, Any], *, now: datetime) -> TicketType:
    """Return the type with these fields; the very same where nothing would change.

    What was sold in one currency is not sold in another: CurrenciesDiffer.
    """
    if all(getattr(one, name) == value for name, value in given.items()):
        return one
    if (
        one.taken
        and one.price_amount
        and given.get("price_currency", one.price_currency) != (one.price_currency)
    ):
        raise CurrenciesDiffer("Tickets were sold in another currency.").at("#/price")
    return replace(one, **given, updated_at=now)


def first_of(
    price: Money | None, given: Sequence[Mapping[str, Any]], *, event_id: UUID, now: datetime
) -> list[TicketType]:
    """Return the types of a new event; of a price, or of nothing, the only one there is."""
    if price is not None and given:
        raise PriceAndTypes
    for place, one in enumerate(given):
        if "id" in one:
            raise ForeignTicketType().at(f"#/ticket_types/{place}/id")
    if not given:
        price = price or FREE
        given = [
            {
                "name": ONLY_ONE,
                "price_amount": price.amount,
                "price_currency": price.currency,
            }
        ]
    return [
        drafted(one, event_id=event_id, now=now, place=place) for place, one in enumerate(given)
    ]


def put(
    current: EventItem,
    price: Money | None,
    given: Sequence[Mapping[str, Any]] | None,
    *,
    now: datetime,
) -> list[TicketType]:
    """Return the types that the event is to have; without a price or types, those it has.

    Of a list each type is found again by its id or else by its name, and those not named go.
    A price is that of the only type there is.
    """
    if price is not None and given is not None:
        raise PriceAndTypes
    kept = current.ticket_types
    if price is not None:
        if len(kept) > 1:
            raise PriceAndTypes("There are several ticket types; change the price of one of them.")
        new = {"price_amount": price.amount, "price_currency": price.currency}
        return [revised(one, new, now=now) for one in kept]
    if given is None:
        return kept
    return list(_matched(kept, given, event_id=current.id, now=now))


def _matched(
    kept: Sequence[TicketType],
    given: Sequence[Mapping[str, Any]],
    *,
    event_id: UUID,
    now: datetime,
) -> Iterable[TicketType]:
    left = {one.id: one for one in kept}
    named = {one.name: one.id for one in reversed(kept)}
    for place, fields in enumerate(given):
        wanted = fields.get("id") or named.get(fields["name"])
        found = left.pop(wanted, None) if wanted else None
        if found is None and fields.get("id"):
            raise ForeignTicketType().at(f"#/ticket_types/{place}/id")
        if found is None:
            yield drafted(fields, event_id=event_id, now=now, place=place)
        else:
            terms = {name: value for name, value in fields.items() if name != "id"}
            yield revised(found, {**DEFAULTS, **terms}, now=now)


def aligned(ticket_types: Sequence[TicketType]) -> list[TicketType]:
    """Return them in one currency: what is free is so in any; refuse with CurrenciesDiffer."""
    paid = {one.price_currency for one in ticket_types if one.price_amount}
    if len(paid) > 1:
        raise CurrenciesDiffer
    currency = paid.pop() if paid else ticket_types[-1].price_currency
    return [
        one if one.price_currency == currency else replace(one, price_currency=currency)
        for one in ticket_types
    ]


def ensure_sellable(ticket_types: Sequence[TicketType]) -> None:
    """Refuse none, too many, and one whose sales end before they start."""
    if not ticket_types:
        raise LastTicketType
    if len(ticket_types) > MOST:
        raise TooManyTicketTypes
    for one in ticket_types:
        start, end = one.sales_start, one.sales_end
        if start is not None and end is not None and end <= start:
            raise SalesEndTooSoon


def ensure_fits(event: Event, ticket_type: TicketType) -> None:
    """Refuse a type that is given more seats than there are participants."""
    if ticket_type.capacity is not None and ticket_type.capacity > event.max_participants:
        raise BeyondCapacity


def ensure_room(max_participants: int, taken: int, ticket_types: Sequence[TicketType]) -> int:
    """Return how many seats can be sold; refuse with CapacityTaken fewer than are taken."""
    for one in ticket_types:
        if one.capacity is not None and one.capacity < one.taken:
            raise CapacityTaken(taken=one.taken)
    capacity = sellable(max_participants, ticket_types)
    if capacity < taken:
        raise CapacityTaken(taken=taken)
    return capacity
