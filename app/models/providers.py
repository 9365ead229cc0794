"""Who performs services, and when they work."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Integer, String, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.providers import ProviderStatus
from app.models.base import Record, TimedRecord


class Providers(TimedRecord):
    __tablename__ = "providers"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    bio: Mapped[str | None] = mapped_column(String(2000))
    timezone: Mapped[str] = mapped_column(String(64))
    location: Mapped[str | None] = mapped_column(String(300))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    photo_id: Mapped[UUID | None]  # their account's
    status: Mapped[ProviderStatus]
    # Their own terms, where they have some: the stricter notice and horizon hold.
    min_notice_minutes: Mapped[int | None] = mapped_column(Integer)
    max_horizon_days: Mapped[int | None] = mapped_column(Integer)
    slot_step_minutes: Mapped[int | None] = mapped_column(Integer)
    max_per_day: Mapped[int | None] = mapped_column(Integer)
    max_per_week: Mapped[int | None] = mapped_column(Integer)
    # Goes up with every change of hours, time off and terms: a booking was decided by one of them.
    hours_version: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    rating_average: Mapped[float] = mapped_column(server_default=text("0"))
    rating_count: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    searched: Mapped[str] = mapped_column(
        Computed("lower(name || ' ' || coalesce(bio, ''))", persisted=True)
    )

    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
        CheckConstraint("min_notice_minutes BETWEEN 0 AND 525600", name="notice"),
        CheckConstraint("max_horizon_days BETWEEN 1 AND 730", name="horizon"),
        CheckConstraint("slot_step_minutes BETWEEN 1 AND 1440", name="steps"),
        CheckConstraint("max_per_day BETWEEN 1 AND 1000", name="per_day"),
        CheckConstraint("max_per_week BETWEEN 1 AND 5000", name="per_week"),
        # Within a box first, by this index; the exact distance is worked out for what is inside.
        Index("ix_providers_place", text("point(longitude, latitude)"), postgresql_using="gist"),
        Index(
            "ix_providers_searched",
            "searched",
            postgresql_using="gin",
            postgresql_ops={"searched": "gin_trgm_ops"},
        ),
        Index("ix_providers_named", "status", "name", "id"),
        Index("ix_providers_rated", "status", "rating_average", "id"),
    )


class Schedules(Record):
    """Weekly hours, from a date on; a new version gets a new id, by which it is cached.

    `weekly` is a list of `[weekday, start, end]`: Monday is 0, minutes from local midnight, and
    an end past 1440 lies on the next day.
    """

    __tablename__ = "schedules"

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("providers.id", ondelete="CASCADE"))
    timezone: Mapped[str] = mapped_column(String(64))
    effective_from: Mapped[date]
    weekly: Mapped[Any] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        Index("uq_schedules_of_provider", "provider_id", "effective_from", unique=True),
    )
