"""What can be booked with a provider; a "service" on the wire."""

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
from app.domain.deposits import DepositRest
from app.domain.offerings import OfferingStatus, PaymentTerms
from app.models.base import Model, TimedRecord
from app.models.deposits import deposits
from app.models.fees import no_show_fees


class Offerings(TimedRecord):
    __tablename__ = "offerings"

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    category_id: Mapped[UUID | None] = mapped_column(ForeignKey("categories.id"), index=True)
    name: Mapped[str] = mapped_column(String(150))
    description: Mapped[str | None] = mapped_column(String(5000))
    tags: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default=text("'{}'"))
    duration_minutes: Mapped[int] = mapped_column(Integer)
    buffer_before_minutes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    buffer_after_minutes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    slot_step_minutes: Mapped[int] = mapped_column(Integer)
    min_notice_minutes: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    max_horizon_days: Mapped[int] = mapped_column(Integer)
    price_amount: Mapped[int] = mapped_column(BigInteger)
    price_currency: Mapped[str] = mapped_column(String(3))
    payment: Mapped[PaymentTerms]
    approval_required: Mapped[bool] = mapped_column(server_default=text("false"))
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
    status: Mapped[OfferingStatus]
    rating_average: Mapped[float] = mapped_column(server_default=text("0"))
    rating_count: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    searched: Mapped[str] = mapped_column(
        Computed("lower(name || ' ' || coalesce(description, ''))", persisted=True)
    )

    __table_args__ = (
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="lasts"),
        CheckConstraint("buffer_before_minutes BETWEEN 0 AND 480", name="buffer_before"),
        CheckConstraint("buffer_after_minutes BETWEEN 0 AND 480", name="buffer_after"),
        CheckConstraint("slot_step_minutes BETWEEN 1 AND 1440", name="steps"),
        CheckConstraint("min_notice_minutes BETWEEN 0 AND 525600", name="notice"),
        CheckConstraint("max_horizon_days BETWEEN 1 AND 730", name="horizon"),
        CheckConstraint("price_amount BETWEEN 0 AND 1000000000000", name="price"),
        CheckConstraint("late_fee_percent BETWEEN 0 AND 100", name="late_fee"),
        CheckConstraint("free_until_minutes >= 0", name="free_until"),
        CheckConstraint("cardinality(reminder_minutes) <= 5", name="reminders"),
        *deposits("price_currency"),
        *no_show_fees("price_currency"),
        Index(
            "ix_offerings_searched",
            "searched",
            postgresql_using="gin",
            postgresql_ops={"searched": "gin_trgm_ops"},
        ),
        Index("ix_offerings_tags", "tags", postgresql_using="gin"),
        Index("ix_offerings_created", "status", "created_at", "id"),
        Index("ix_offerings_named", "status", "name", "id"),
        Index("ix_offerings_priced", "status", "price_amount", "id"),
        Index("ix_offerings_rated", "status", "rating_average", "id"),
    )


class ProviderOfferings(Model):
    """Who performs an offering, at which price and length if not the offering's own."""

    __tablename__ = "provider_offerings"

    offering_id: Mapped[UUID] = mapped_column(
        ForeignKey("offerings.id", ondelete="CASCADE"), primary_key=True
    )
    provider_id: Mapped[UUID] = mapped_column(
        ForeignKey("providers.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    price_amount: Mapped[int | None] = mapped_column(BigInteger)
    duration_minutes: Mapped[int | None] = mapped_column(Integer)

    __table_args__ = (
        CheckConstraint("price_amount BETWEEN 0 AND 1000000000000", name="price"),
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="lasts"),
    )
