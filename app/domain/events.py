"""The vocabulary of events: what people come together for, and what a seat is sold as."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from app.core.errors import Conflict, Invalid, NotFound
from app.core.messages import Message
from app.core.money import Money
from app.domain.captures import CaptureMode
from app.domain.deposits import Deposit, DepositRest, deposit_of
from app.domain.fees import no_show_fee_of
from app.domain.offerings import CancellationPolicy

FIRST: Final = UUID(int=0)


class EventStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    COMPLETED = "completed"


class EventSort(StrEnum):
    """`relevance`: nearest to the words of a search first; `distance`: to the place of `near`."""

    SOONEST = "starts_at"
    LATEST = "-starts_at"
    RELEVANCE = "relevance"
    DISTANCE = "distance"
    TITLE = "title"
    TITLE_DOWN = "-title"
    OLDEST = "created_at"
    NEWEST = "-created_at"


class EventNotFound(NotFound):
    """There is no such event."""


class TicketTypeNotFound(NotFound):
    """There is no such ticket type."""


class EventNotBookable(Conflict):
    """This event can't be booked now."""


class SoldOut(Conflict):
    """There are not that many seats left."""

    example = {"available": 2}


class CapacityTaken(Conflict):
    """More seats than that are taken already."""

    example = {"taken": 12}


class EventOver(Conflict):
    """What is cancelled or over can't be changed."""


class UnknownTicketType(Invalid):
    """There is no such ticket type at this event."""

    pointer = "#/tickets"


class TooManyTickets(Invalid):
    """One booking can't have that many tickets of this type."""

    pointer = "#/seats"


class TicketTypeNeeded(Invalid):
    """There are several ticket types; say how many of which."""

    pointer = "#/seats"


@dataclass(frozen=True, slots=True)
class Event:
    """`starts_local` is what was announced: wall time in `timezone` (ISO 8601, to the second).

    `price_amount` is that of the cheapest ticket, in minor units.
    """

    id: UUID
    organizer_id: UUID
    category_id: UUID | None
    title: str
    description: str | None
    tags: list[str]
    status: EventStatus
    timezone: str
    starts_at: datetime
    starts_local: str
    ends_at: datetime
    location: str | None
    latitude: float | None
    longitude: float | None
    online_url: str | None
    cover_id: UUID | None
    max_participants: int
    price_amount: int
    price_currency: str
    free_until_minutes: int
    late_fee_percent: int
    no_show_fee_percent: int | None
    no_show_fee_amount: int | None
    no_show_fee_currency: str | None
    reminder_minutes: list[int]
    deposit_percent: int | None
    deposit_amount: int | None
    deposit_currency: str | None
    deposit_rest: DepositRest | None
    capture: CaptureMode
    cancelled_at: datetime | None
    cancelled_by: UUID | None
    cancel_reason: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def price(self) -> Money:
        return Money(self.price_amount, self.price_currency)

    @property
    def cancellation_policy(self) -> CancellationPolicy:
        return CancellationPolicy(
            self.free_until_minutes,
            self.late_fee_percent,
            no_show_fee_of(self.no_show_fee_percent, self.no_show_fee_amount),
        )

    @property
    def deposit(self) -> Deposit | None:
        return deposit_of(self.deposit_percent, self.deposit_amount, self.deposit_rest)


@dataclass(frozen=True, slots=True)
class TicketType:
    """What a seat is sold as; without a `capacity` of its own, the event's alone holds."""

    id: UUID
    event_id: UUID
    name: str
    price_amount: int
    price_currency: str
    capacity: int | None
    taken: int
    max_per_booking: int
    sales_start: datetime | None
    sales_end: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def price(self) -> Money:
        return Money(self.price_amount, self.price_currency)

    def on_sale(self, now: datetime) -> bool:
        begun = self.sales_start is None or self.sales_start <= now
        return begun and (self.sales_end is None or now < self.sales_end)


class Seats(NamedTuple):
    """How many an event has to sell, and how many of them are gone; see EventCapacity."""

    capacity: int
    taken: int
    waiting: int
    version: int

    @property
    def free(self) -> int:
        """Return how many anybody may have: none while somebody waits."""
        return 0 if self.waiting else self.capacity - self.taken


class EventEntry(NamedTuple):
    """An event as lists show it: with its category and its seats; a tuple as CatalogEntry is.

    The fields are those of Event, in their order, and more. `lapsed` seats of those taken are
    held by nobody any more, and anybody may have them. `distance_km` is from a place asked for.
    """

    id: UUID
    organizer_id: UUID
    category_id: UUID | None
    title: str
    description: str | None
    tags: list[str]
    status: EventStatus
    timezone: str
    starts_at: datetime
    starts_local: str
    ends_at: datetime
    location: str | None
    latitude: float | None
    longitude: float | None
    online_url: str | None
    cover_id: UUID | None
    max_participants: int
    price_amount: int
    price_currency: str
    free_until_minutes: int
    late_fee_percent: int
    no_show_fee_percent: int | None
    no_show_fee_amount: int | None
    no_show_fee_currency: str | None
    reminder_minutes: list[int]
    deposit_percent: int | None
    deposit_amount: int | None
    deposit_currency: str | None
    deposit_rest: DepositRest | None
    capture: CaptureMode
    cancelled_at: datetime | None
    cancelled_by: UUID | None
    cancel_reason: str | None
    created_at: datetime
    updated_at: datetime
    category_name: str | None
    category_slug: str | None
    capacity: int
    taken: int
    waiting: int
    lapsed: int
    distance_km: float | None = None


@dataclass(frozen=True, slots=True)
class EventItem(Event):
    """An event as it is shown by itself; `is_booked` by the one who looks at it."""

    category_name: str | None
    category_slug: str | None
    capacity: int
    taken: int
    waiting: int
    lapsed: int
    is_booked: bool
    ticket_types: list[TicketType]


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to list; None means any. `category_id` and `category_slug` reach down.

    `upcoming` are those that are not over; `owner_id` limits what somebody may see.
    """

    q: str | None = None
    category_id: UUID | None = None
    category_slug: str | None = None
    tag: str | None = None
    organizer_id: UUID | None = None
    starts_after: datetime | None = None
    starts_before: datetime | None = None
    has_seats: bool | None = None
    status: EventStatus | None = None
    upcoming: bool | None = None
    owner_id: UUID | None = None
    latitude: float | None = None
    longitude: float | None = None
    radius_km: float | None = None


def sellable(max_participants: int, ticket_types: Sequence[TicketType]) -> int:
    """Return how many seats can be sold at most, whatever the mixture of types."""
    total = 0
    for one in ticket_types:
        if one.capacity is None:
            return max_participants
        total += one.capacity
    return min(max_participants, total)


@dataclass(frozen=True, slots=True)
class EventCancelled(Message):
    """Every booking of it is to be cancelled, and everybody told."""

    event_id: UUID


@dataclass(frozen=True, slots=True)
class EventMoved(Message):
    """It takes place at another time, or elsewhere: everybody is to be told.

    `after_id` is the booking up to which they are told already.
    """

    event_id: UUID
    after_id: UUID = FIRST


@dataclass(frozen=True, slots=True)
class SeatsFreed(Message):
    """Seats of an event may have come free for those who wait."""

    event_id: UUID
