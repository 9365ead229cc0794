"""Codes that make things cheaper, and who used them for what."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.promo_codes import PromoKind
from app.models.base import Model, TimedRecord


class PromoCodes(TimedRecord):
    """Without an owner it is the platform's. `uses` counts the rows below not given back."""

    __tablename__ = "promo_codes"

    code: Mapped[str] = mapped_column(String(40))
    kind: Mapped[PromoKind]
    percent: Mapped[int | None] = mapped_column(SmallInteger)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    event_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("events.id", ondelete="CASCADE"), index=True
    )
    ticket_type_ids: Mapped[Any | None] = mapped_column(ARRAY(Uuid))
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("offerings.id"))
    min_total: Mapped[int | None] = mapped_column(BigInteger)
    max_uses: Mapped[int | None] = mapped_column(Integer)
    max_uses_per_user: Mapped[int | None] = mapped_column(Integer)
    uses: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    returns_use: Mapped[bool] = mapped_column(server_default=text("true"))
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))

    __table_args__ = (
        CheckConstraint("uses >= 0 AND (max_uses IS NULL OR uses <= max_uses)", name="uses"),
        CheckConstraint("max_uses BETWEEN 1 AND 1000000000", name="max_uses"),
        CheckConstraint("max_uses_per_user BETWEEN 1 AND 1000000", name="per_user"),
        CheckConstraint(
            "(kind = 'percent') = (percent IS NOT NULL)"
            " AND (kind = 'fixed') = (amount IS NOT NULL)",
            name="value",
        ),
        CheckConstraint("percent BETWEEN 1 AND 100", name="percent"),
        CheckConstraint("amount BETWEEN 1 AND 1000000000000", name="amount"),
        CheckConstraint("min_total BETWEEN 0 AND 1000000000000", name="min_total"),
        CheckConstraint(
            "(currency IS NULL) = (amount IS NULL AND min_total IS NULL)", name="currency"
        ),
        CheckConstraint("num_nonnulls(event_id, service_id) < 2", name="one_scope"),
        CheckConstraint("ticket_type_ids IS NULL OR event_id IS NOT NULL", name="types"),
        CheckConstraint("starts_at < ends_at", name="in_order"),
        Index(
            "uq_promo_codes_code",
            "code",
            "owner_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_promo_codes_of_owner", "owner_id", "created_at", "id"),
        Index("ix_promo_codes_created", "created_at", "id"),
    )


class PromoUses(Model):
    """A code at work in a booking; with `returned_at`, it may be used once more."""

    __tablename__ = "promo_uses"

    booking_id: Mapped[UUID] = mapped_column(
        ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True
    )
    promo_code_id: Mapped[UUID] = mapped_column(ForeignKey("promo_codes.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    returned_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_promo_uses_of_user", "promo_code_id", "user_id"),)
