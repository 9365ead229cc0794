"""A customer's claim on a provider's time, or on seats at an event."""

from datetime import datetime
from typing import Any
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
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.booking_changes import ChangeKind
from app.domain.bookings import (
    ACTIVE,
    BookingKind,
    BookingStatus,
    PaymentStatus,
)
from app.domain.deposits import DepositRest
from app.models.base import Record
from app.models.deposits import deposits
from app.models.fees import no_show_fees

IS_ACTIVE = f"status IN ({', '.join(repr(str(status)) for status in ACTIVE)})"


class Bookings(Record):
    """`blocked_from` and `blocked_until` are the appointment with its buffers, as booked."""

    __tablename__ = "bookings"

    kind: Mapped[BookingKind]
    status: Mapped[BookingStatus]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("offerings.id"))
    provider_id: Mapped[UUID | None] = mapped_column(ForeignKey("providers.id"))
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.id"))
    organizer_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))  # the event's
    title: Mapped[str] = mapped_column(String(150))
    timezone: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime]
    # What was agreed: wall time in `timezone`. The instant follows from it by the zone database.
    starts_local: Mapped[str] = mapped_column(String(19))
    ends_at: Mapped[datetime]
    blocked_from: Mapped[datetime]
    blocked_until: Mapped[datetime]
    blocked: Mapped[Any] = mapped_column(
        TSTZRANGE, Computed("tstzrange(blocked_from, blocked_until)", persisted=True)
    )
    seats: Mapped[int] = mapped_column(Integer)
    # What the seats of an event were sold as: [[ticket type, name, quantity, unit
    # price, discount], ...], the last where there is one.
    items: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    price_amount: Mapped[int] = mapped_column(BigInteger)
    price_currency: Mapped[str] = mapped_column(String(3))
    # What a code took off: the price is what was left.
    discount_amount: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    promo_code_id: Mapped[UUID | None] = mapped_column(ForeignKey("promo_codes.id"))
    payment_status: Mapped[PaymentStatus]
    free_until_minutes: Mapped[int] = mapped_column(Integer)
    late_fee_percent: Mapped[int] = mapped_column(SmallInteger)
    no_show_fee_percent: Mapped[int | None] = mapped_column(SmallInteger)
    no_show_fee_amount: Mapped[int | None] = mapped_column(BigInteger)
    late_fee_amount: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    missed_fee_amount: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    deposit_percent: Mapped[int | None] = mapped_column(SmallInteger)
    deposit_amount: Mapped[int | None] = mapped_column(BigInteger)
    deposit_rest: Mapped[DepositRest | None]
    # What its payments add up to, and what of that was given back.
    paid_amount: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    refunded_amount: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    # How often it was changed since it was made, for calendars (RFC 5545, 3.8.7.4).
    sequence: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    hold_expires_at: Mapped[datetime | None]
    notes: Mapped[str | None] = mapped_column(String(1000))
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    # When its customer was last told that the rest is due.
    rest_told_at: Mapped[datetime | None]

    __table_args__ = (
        ExcludeConstraint(
            ("provider_id", "="),
            ("blocked", "&&"),
            name="no_overlapping_appointments",
            where=text(f"kind = 'appointment' AND {IS_ACTIVE}"),
        ),
        CheckConstraint(
            "(kind = 'appointment' AND service_id IS NOT NULL AND provider_id IS NOT NULL"
            " AND event_id IS NULL) OR (kind = 'event' AND event_id IS NOT NULL"
            " AND service_id IS NULL AND provider_id IS NULL)",
            name="one_kind",
        ),
        CheckConstraint("(kind = 'event') = (items IS NOT NULL)", name="items"),
        CheckConstraint(
            "blocked_from <= starts_at AND starts_at < ends_at AND ends_at <= blocked_until",
            name="in_order",
        ),
        CheckConstraint(
            "kind <> 'appointment' OR blocked_until - blocked_from <= interval '48 hours'",
            name="bounded",
        ),
        CheckConstraint("status <> 'pending' OR hold_expires_at IS NOT NULL", name="holds_end"),
        CheckConstraint("seats >= 1", name="seats"),
        CheckConstraint("price_amount BETWEEN 0 AND 1000000000000", name="price"),
        CheckConstraint(
            "discount_amount >= 0 AND (discount_amount = 0 OR promo_code_id IS NOT NULL)",
            name="discount",
        ),
        CheckConstraint("refunded_amount BETWEEN 0 AND paid_amount", name="paid"),
        *deposits(),
        *no_show_fees(),
        CheckConstraint("missed_fee_amount BETWEEN 0 AND late_fee_amount", name="missed_fee"),
        Index("ix_bookings_of_customer", "customer_id", "starts_at", "id"),
        Index("ix_bookings_of_provider", "provider_id", "starts_at", "id"),
        Index("ix_bookings_of_organizer", "organizer_id", "starts_at", "id"),
        Index("ix_bookings_of_service", "service_id", "starts_at", "id"),
        Index(
            "ix_bookings_of_event",
            "event_id",
            "starts_at",
            "id",
            postgresql_where=text("event_id IS NOT NULL"),
        ),
        Index(
            "ix_bookings_held_of_event",
            "event_id",
            "hold_expires_at",
            postgresql_where=text("status = 'pending' AND event_id IS NOT NULL"),
        ),
        Index("ix_bookings_starting", "starts_at", "id"),
        Index(
            "ix_bookings_rest_due",
            "starts_at",
            postgresql_where=text("payment_status = 'partially_paid' AND status = 'confirmed'"),
        ),
        Index("ix_bookings_held", "hold_expires_at", postgresql_where=text("status = 'pending'")),
    )


class BookingChanges(Record):
    """Who did what with a booking, when and why; nobody is the program itself."""

    __tablename__ = "booking_changes"

    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    kind: Mapped[ChangeKind]
    status: Mapped[BookingStatus]  # after it
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str | None] = mapped_column(String(500))
    moved_from: Mapped[datetime | None]
    moved_to: Mapped[datetime | None]

    __table_args__ = (Index("ix_booking_changes_of_booking", "booking_id", "created_at", "id"),)
