"""Who waits for a time with a provider, and what is kept for them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.waitlist import WaitlistStatus
from app.models.base import TimedRecord


class SlotWaits(TimedRecord):
    """In the order in which they joined. An offer keeps a provider's time, with its buffers."""

    __tablename__ = "slot_waits"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("offerings.id", ondelete="CASCADE"))
    provider_id: Mapped[UUID | None] = mapped_column(ForeignKey("providers.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    windows: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))  # [[from, until], ...]
    status: Mapped[WaitlistStatus]
    offered_by: Mapped[UUID | None] = mapped_column(ForeignKey("providers.id", ondelete="CASCADE"))
    offer_starts_at: Mapped[datetime | None]
    offer_blocked_from: Mapped[datetime | None]
    offer_blocked_until: Mapped[datetime | None]
    offer_blocked: Mapped[Any | None] = mapped_column(
        TSTZRANGE, Computed("tstzrange(offer_blocked_from, offer_blocked_until)", persisted=True)
    )
    offer_expires_at: Mapped[datetime | None]
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("bookings.id", ondelete="SET NULL"))

    __table_args__ = (
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint(
            "num_nulls(offered_by, offer_starts_at, offer_blocked_from, offer_blocked_until,"
            " offer_expires_at) IN (0, 5)",
            name="whole_offer",
        ),
        CheckConstraint("status <> 'offered' OR offered_by IS NOT NULL", name="offers"),
        ExcludeConstraint(
            ("offered_by", "="),
            ("offer_blocked", "&&"),
            name="no_overlapping_offers",
            where=text("status = 'offered'"),
        ),
        Index(
            "uq_slot_waits_of_user",
            "service_id",
            "user_id",
            unique=True,
            postgresql_where=text("status IN ('waiting', 'offered')"),
        ),
        Index(
            "ix_slot_waits_waiting",
            "service_id",
            "created_at",
            "id",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index(
            "ix_slot_waits_offered",
            "offered_by",
            "offer_expires_at",
            postgresql_where=text("status = 'offered'"),
        ),
        Index("ix_slot_waits_of_service", "service_id", "created_at", "id"),
        Index("ix_slot_waits_of_user", "user_id", "created_at", "id"),
    )
