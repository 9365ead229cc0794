"""What people come together for: events, their seats, tickets, and who waits for one."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.captures import CaptureMode
from app.domain.check_ins import CheckInKind
from app.domain.deposits import DepositRest
from app.domain.events import EventStatus
from app.domain.tickets import TicketStatus
from app.domain.waitlist import WaitlistStatus
from app.models.base import Model, Record, TimedRecord
from app.models.deposits import deposits
from app.models.fees import no_show_fees

# Half of each page is left free: a counter is updated in place, and no index has to be told.
ROOM_TO_COUNT = {"postgresql_with": {"fillfactor": 50}}


class Events(TimedRecord):
    """`price_amount` is that of the cheapest ticket; `starts_local` wall time in `timezone`."""

    __tablename__ = "events"

    organizer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id"), index=True)
    title: Mapped[str] = mapped_column(String(150))
    description: Mapped[str | None] = mapped_column(String(10000))
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default=text("'{}'"))
    status: Mapped[EventStatus]
    timezone: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime]
    starts_local: Mapped[str] = mapped_column(String(19))
    ends_at: Mapped[datetime]
    location: Mapped[str | None] = mapped_column(String(300))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    online_url: Mapped[str | None] = mapped_column(String(2000))
    cover_id: Mapped[UUID | None]
    max_participants: Mapped[int] = mapped_column(Integer)
    price_amount: Mapped[int] = mapped_column(BigInteger)
    price_currency: Mapped[str] = mapped_column(String(3))
    free_until_minutes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    late_fee_percent: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    no_show_fee_percent: Mapped[int | None] = mapped_column(SmallInteger)
    no_show_fee_amount: Mapped[int | None] = mapped_column(BigInteger)
    no_show_fee_currency: Mapped[str | None] = mapped_column(String(3))
    # How long before the start people are reminded.
    reminder_minutes: Mapped[list[int]] = mapped_column(
        ARRAY(Integer), server_default=text("'{1440,120}'")
    )
    deposit_percent: Mapped[int | None] = mapped_column(SmallInteger)
    deposit_amount: Mapped[int | None] = mapped_column(BigInteger)
    deposit_currency: Mapped[str | None] = mapped_column(String(3))
    deposit_rest: Mapped[DepositRest | None]
    capture: Mapped[CaptureMode] = mapped_column(server_default=text("'automatic'"))
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    searched: Mapped[str] = mapped_column(
        Computed(
            "lower(title || ' ' || coalesce(location, '') || ' ' || coalesce(description, ''))",
            persisted=True,
        )
    )

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="in_order"),
        CheckConstraint("max_participants BETWEEN 1 AND 1000000", name="participants"),
        CheckConstraint("price_amount BETWEEN 0 AND 1000000000000", name="price"),
        CheckConstraint("late_fee_percent BETWEEN 0 AND 100", name="late_fee"),
        CheckConstraint("free_until_minutes >= 0", name="free_until"),
        CheckConstraint("cardinality(reminder_minutes) <= 5", name="reminders"),
        *deposits("price_currency"),
        *no_show_fees("price_currency"),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place"),
        Index("ix_events_place", text("point(longitude, latitude)"), postgresql_using="gist"),
        Index(
            "ix_events_searched",
            "searched",
            postgresql_using="gin",
            postgresql_ops={"searched": "gin_trgm_ops"},
        ),
        Index("ix_events_tags", "tags", postgresql_using="gin"),
        Index("ix_events_starting", "status", "starts_at", "id"),
        Index("ix_events_created", "status", "created_at", "id"),
        Index("ix_events_titled", "status", "title", "id"),
        Index("ix_events_of_organizer", "organizer_id", "starts_at", "id"),
        Index("ix_events_over", "ends_at", postgresql_where=text("status = 'published'")),
    )


class EventCapacity(Model):
    """How many seats of an event there are to sell, and how many are taken.

    `capacity` is what can be sold at most: `max_participants`, or what its ticket types add up
    to if that is less. `taken` counts what is booked and what is kept for those who were offered
    a seat; while somebody is `waiting`, nobody else gets one. `joined` counts who ever joined
    the waitlist. `version` goes up with whatever a booking is decided by.
    """

    __tablename__ = "event_capacity"

    event_id: Mapped[UUID] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), primary_key=True
    )
    capacity: Mapped[int] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    waiting: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    joined: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    version: Mapped[int] = mapped_column(Integer, server_default=text("0"))

    __table_args__ = (
        CheckConstraint("taken BETWEEN 0 AND capacity", name="taken"),
        CheckConstraint("waiting BETWEEN 0 AND joined", name="waiting"),
        ROOM_TO_COUNT,
    )


class TicketTypes(TimedRecord):
    """What a seat is sold as; without a `capacity` of its own, the event's alone holds."""

    __tablename__ = "ticket_types"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    price_amount: Mapped[int] = mapped_column(BigInteger)
    price_currency: Mapped[str] = mapped_column(String(3))
    capacity: Mapped[int | None] = mapped_column(Integer)
    taken: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    max_per_booking: Mapped[int] = mapped_column(Integer)
    sales_start: Mapped[datetime | None]
    sales_end: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name="taken"),
        CheckConstraint("capacity BETWEEN 1 AND 1000000", name="capacity"),
        CheckConstraint("max_per_booking BETWEEN 1 AND 100", name="per_booking"),
        CheckConstraint("price_amount BETWEEN 0 AND 1000000000000", name="price"),
        CheckConstraint("sales_start < sales_end", name="sales"),
        Index("ix_ticket_types_of_event", "event_id", "created_at", "id"),
        ROOM_TO_COUNT,
    )


class Tickets(Record):
    """One seat of a booking. Its code is derived from the row, and kept nowhere.

    `code_version` goes up when it changes hands, so that the code before is worth nothing.
    """

    __tablename__ = "tickets"

    booking_id: Mapped[UUID] = mapped_column(
        ForeignKey("bookings.id", ondelete="CASCADE"), index=True
    )
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"))
    ticket_type_id: Mapped[UUID] = mapped_column(ForeignKey("ticket_types.id"), index=True)
    status: Mapped[TicketStatus]
    attendee_name: Mapped[str | None] = mapped_column(String(150))
    attendee_email: Mapped[str | None] = mapped_column(String(254))
    code_version: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    checked_in_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("(status = 'checked_in') = (checked_in_at IS NOT NULL)", name="checked_in"),
        Index("ix_tickets_of_event", "event_id", "id"),
        Index(
            "ix_tickets_attendee_email",
            "attendee_email",
            postgresql_where=text("attendee_email IS NOT NULL"),
        ),
    )


class CheckIns(Record):
    """What was scanned at the door, in the order it arrived; `scanned_at` is the scanner's."""

    __tablename__ = "check_ins"

    ticket_id: Mapped[UUID] = mapped_column(ForeignKey("tickets.id", ondelete="CASCADE"))
    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id"))
    kind: Mapped[CheckInKind]
    nonce: Mapped[str | None] = mapped_column(String(100))
    forced: Mapped[bool] = mapped_column(server_default=text("false"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    scanned_at: Mapped[datetime]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_check_ins_of_event", "event_id", "created_at", "id"),
        Index(
            "uq_check_ins_nonce",
            "ticket_id",
            "nonce",
            unique=True,
            postgresql_where=text("nonce IS NOT NULL"),
        ),
    )


class WaitlistEntries(TimedRecord):
    """Somebody who waits for seats, in the order of `place`; an offer keeps them for a time."""

    __tablename__ = "waitlist_entries"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    seats: Mapped[int] = mapped_column(Integer)
    place: Mapped[int] = mapped_column(Integer)
    status: Mapped[WaitlistStatus]
    offer_expires_at: Mapped[datetime | None]
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("bookings.id", ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint("seats >= 1", name="seats"),
        CheckConstraint("status <> 'offered' OR offer_expires_at IS NOT NULL", name="offers_end"),
        Index(
            "uq_waitlist_entries_of_user",
            "event_id",
            "user_id",
            unique=True,
            postgresql_where=text("status IN ('waiting', 'offered')"),
        ),
        Index("uq_waitlist_entries_place", "event_id", "place", unique=True),
        Index(
            "ix_waitlist_entries_waiting",
            "event_id",
            "place",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index(
            "ix_waitlist_entries_offered",
            "event_id",
            "offer_expires_at",
            postgresql_where=text("status = 'offered'"),
        ),
        Index("ix_waitlist_entries_of_user", "user_id", "created_at", "id"),
    )
