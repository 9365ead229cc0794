"""What people are told about, as it stands now: bookings with all who take part, events, times."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.domain.bookings import BookingKind, BookingStatus, PaymentStatus
from app.domain.events import EventStatus


@dataclass(frozen=True, slots=True)
class BookingOccasion:
    """`seller_id` is whose time or event it is: a user.

    `granted_by` confirmed it last, None the program itself; `is_request` waits to be granted.
    `is_authorized`: a gateway keeps the money for it; `is_authorized_first`: it may do so before it
    was granted.
    """

    id: UUID
    kind: BookingKind
    status: BookingStatus
    title: str
    timezone: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    sequence: int
    hold_expires_at: datetime | None
    price_amount: int
    price_currency: str
    payment_status: PaymentStatus
    cancelled_by: UUID | None
    customer_id: UUID
    customer_name: str | None
    provider_name: str | None
    location: str | None
    seller_id: UUID | None
    event_status: EventStatus | None
    granted_by: UUID | None
    is_request: bool
    is_authorized: bool
    is_authorized_first: bool

    def is_held(self, now: datetime) -> bool:
        """Tell whether it waits for something, and its time is not over."""
        held = self.hold_expires_at is not None and self.hold_expires_at > now
        return self.status is BookingStatus.PENDING and held

    def is_ahead(self, now: datetime) -> bool:
        return self.status is BookingStatus.CONFIRMED and now < self.starts_at


@dataclass(frozen=True, slots=True)
class EventOccasion:
    id: UUID
    title: str
    timezone: str
    starts_at: datetime
    location: str | None
    status: EventStatus


@dataclass(frozen=True, slots=True)
class SlotOccasion:
    """A time that is kept for who waited for it."""

    id: UUID
    title: str
    timezone: str
    starts_at: datetime
    provider_name: str
    location: str | None


@dataclass(frozen=True, slots=True)
class Occasions:
    """Some of them by their ids; what was deleted is not there."""

    bookings: Mapping[UUID, BookingOccasion] = field(default_factory=dict)
    events: Mapping[UUID, EventOccasion] = field(default_factory=dict)
    slots: Mapping[UUID, SlotOccasion] = field(default_factory=dict)

    def booking(self, id_: UUID | None) -> BookingOccasion | None:
        return None if id_ is None else self.bookings.get(id_)

    def slot(self, id_: UUID | None) -> SlotOccasion | None:
        return None if id_ is None else self.slots.get(id_)

    def event(self, id_: UUID | None) -> EventOccasion | None:
        return None if id_ is None else self.events.get(id_)
