"""Money asked for, given back, and what gateways told about it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.captures import CaptureMode
from app.domain.disputes import DisputeState
from app.domain.payments import ChargeState, GatewayName, PaymentMethod, RefundState
from app.models.base import Record, TimedRecord


class Payments(TimedRecord):
    """Written before its gateway is asked; the id is the gateway's key for a repetition.

    `refunded_amount` counts what was given back and what is on its way, `disputed_amount` what a
    bank has taken. Without a booking it tops up the payer's wallet. `request_key` is the client's
    Idempotency-Key; `look_at` when its gateway is asked next, though it is paid. Of one that is
    kept first, `capture_amount` is what is to be taken, written before its gateway is asked.
    """

    __tablename__ = "payments"

    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("bookings.id"))
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    booking_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    gateway: Mapped[GatewayName]
    method: Mapped[PaymentMethod]
    state: Mapped[ChargeState]
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    captured_amount: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    refunded_amount: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    disputed_amount: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    reference: Mapped[str | None] = mapped_column(String(255))
    client_secret: Mapped[str | None] = mapped_column(String(255))
    redirect_url: Mapped[str | None] = mapped_column(String(2000))
    failure_code: Mapped[str | None] = mapped_column(String(100))
    card_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("saved_cards.id", ondelete="SET NULL"), index=True
    )
    saves_card: Mapped[bool] = mapped_column(server_default=text("false"))
    is_fee: Mapped[bool] = mapped_column(server_default=text("false"))
    request_key: Mapped[str | None] = mapped_column(String(255))
    paid_at: Mapped[datetime | None]
    look_at: Mapped[datetime | None]
    capture: Mapped[CaptureMode] = mapped_column(server_default=text("'automatic'"))
    capture_amount: Mapped[int | None] = mapped_column(BigInteger)
    authorized_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("amount BETWEEN 1 AND 1000000000000", name="amount"),
        CheckConstraint("captured_amount BETWEEN 0 AND amount", name="captured"),
        CheckConstraint("refunded_amount BETWEEN 0 AND captured_amount", name="refunded"),
        CheckConstraint("disputed_amount >= 0", name="disputed"),
        CheckConstraint("capture_amount BETWEEN 1 AND amount", name="capture_amount"),
        CheckConstraint("capture_amount IS NULL OR capture = 'manual'", name="capture"),
        CheckConstraint("(state = 'paid') = (paid_at IS NOT NULL)", name="paid"),
        # A share is of one booking, and of a payment for several; its gateway knows that alone.
        CheckConstraint(
            "group_id IS NULL OR (booking_id IS NOT NULL AND reference IS NULL)", name="share"
        ),
        CheckConstraint(
            "booking_ids IS NULL OR (booking_id IS NULL AND cardinality(booking_ids) > 1)",
            name="group",
        ),
        Index(
            "ix_payments_of_group",
            "group_id",
            "created_at",
            "id",
            postgresql_where=text("group_id IS NOT NULL"),
        ),
        UniqueConstraint("gateway", "reference", name="uq_payments_reference"),
        Index(
            "uq_payments_request",
            "user_id",
            "request_key",
            unique=True,
            postgresql_where=text("request_key IS NOT NULL"),
        ),
        Index(
            "uq_payments_fee", "booking_id", unique=True, postgresql_where=text("is_fee")
        ),  # one is begun for a booking, whoever cancels it how often
        Index("ix_payments_of_booking", "booking_id", "created_at", "id"),
        Index("ix_payments_of_user", "user_id", "created_at", "id"),
        Index("ix_payments_created", "created_at", "id"),
        Index(
            "ix_payments_unsettled",
            "updated_at",
            postgresql_where=text("state IN ('open', 'processing', 'authorized')"),
        ),
        Index("ix_payments_to_look_at", "look_at", postgresql_where=text("look_at IS NOT NULL")),
    )


class Refunds(TimedRecord):
    """Written before its gateway is asked; the id is the gateway's key for a repetition."""

    __tablename__ = "refunds"

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[RefundState]
    reason: Mapped[str | None] = mapped_column(String(500))
    requested_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    reference: Mapped[str | None] = mapped_column(String(255))
    failure_code: Mapped[str | None] = mapped_column(String(100))
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))

    __table_args__ = (
        CheckConstraint("amount BETWEEN 1 AND 1000000000000", name="amount"),
        UniqueConstraint("payment_id", "reference", name="uq_refunds_reference"),
        Index("ix_refunds_of_payment", "payment_id", "created_at", "id"),
        Index("ix_refunds_pending", "updated_at", postgresql_where=text("state = 'pending'")),
    )


class Disputes(TimedRecord):
    """What banks took back of payments, and whether it came back."""

    __tablename__ = "disputes"

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    reference: Mapped[str] = mapped_column(String(255))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[DisputeState]
    reason: Mapped[str | None] = mapped_column(String(100))
    withdrawn_at: Mapped[datetime | None]
    reinstated_at: Mapped[datetime | None]
    borne_amount: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))

    __table_args__ = (
        CheckConstraint("amount BETWEEN 1 AND 1000000000000", name="amount"),
        CheckConstraint("borne_amount BETWEEN 0 AND amount", name="borne"),
        CheckConstraint(
            "reinstated_at IS NULL OR withdrawn_at IS NOT NULL", name="taken_before_it_came_back"
        ),
        UniqueConstraint("payment_id", "reference", name="uq_disputes_reference"),
        Index("ix_disputes_created", "created_at", "id"),
    )


class GatewayEvents(Record):
    """Every delivery of a gateway whose signature was good, once, as it came."""

    __tablename__ = "gateway_events"

    gateway: Mapped[GatewayName]
    event_id: Mapped[str] = mapped_column(String(255))
    kind: Mapped[str] = mapped_column(String(100))
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    failure: Mapped[str | None] = mapped_column(String(300))

    __table_args__ = (
        UniqueConstraint("gateway", "event_id", name="uq_gateway_events_event"),
        Index("ix_gateway_events_received", "received_at", "id"),
        Index("ix_gateway_events_of_payment", "payment_id", "received_at", "id"),
    )
