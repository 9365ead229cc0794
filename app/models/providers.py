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
    photo_url: Mapped[str | None]
    status: Mapped[ProviderStatus]
    rating_average: Mapped[float] = mapped_column(server_default=text("0"))
    rating_count: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    searched: Mapped[str] = mapped_column(
        Computed("lower(name || ' ' || coalesce(bio, ''))", persisted=True)
    )

    __table_args__ = (
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude"),
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
