"""What takes the place of weekly hours: other hours on a date, absence, closed days."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, String, func, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Record


class Overrides(Record):
    """One date of one provider: its windows replace the day's. `windows` as in Schedules."""

    __tablename__ = "overrides"

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("providers.id", ondelete="CASCADE"))
    day: Mapped[date]
    windows: Mapped[Any] = mapped_column(JSONB)  # [[start, end], ...], none: closed
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (Index("uq_overrides_of_provider", "provider_id", "day", unique=True),)


class TimeOff(Record):
    """A provider is away."""

    __tablename__ = "time_off"

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("providers.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    away: Mapped[Any] = mapped_column(
        TSTZRANGE, Computed("tstzrange(starts_at, ends_at)", persisted=True)
    )
    reason: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="in_order"),
        Index("ix_time_off_away", "provider_id", "away", postgresql_using="gist"),
        Index("ix_time_off_of_provider", "provider_id", "starts_at", "id"),
    )


class Closures(Record):
    """Days on which the whole business is closed, for every provider in their own zone."""

    __tablename__ = "closures"

    first_day: Mapped[date]
    last_day: Mapped[date]
    name: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        CheckConstraint("first_day <= last_day AND last_day - first_day < 366", name="in_order"),
        Index("ix_closures_days", "first_day", "id"),
    )


class ExternalCalendars(Record):
    """A calendar elsewhere (an address of an iCalendar file) whose events keep a provider busy."""

    __tablename__ = "external_calendars"

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("providers.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    url: Mapped[str] = mapped_column(String(2000))
    etag: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    fetched_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(String(300))

    __table_args__ = (
        Index("ix_external_calendars_of_provider", "provider_id", "created_at", "id"),
    )


class ExternalBusy(Record):
    """One event of such a calendar, within the time ahead that can be booked."""

    __tablename__ = "external_busy"

    calendar_id: Mapped[UUID] = mapped_column(
        ForeignKey("external_calendars.id", ondelete="CASCADE"), index=True
    )
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("providers.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    away: Mapped[Any] = mapped_column(
        TSTZRANGE, Computed("tstzrange(starts_at, ends_at)", persisted=True)
    )

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="in_order"),
        Index("ix_external_busy_away", "provider_id", "away", postgresql_using="gist"),
    )


class CalendarFeeds(Record):
    """An address to subscribe to: its token is derived from the id, so it ends with the row."""

    __tablename__ = "calendar_feeds"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    provider_id: Mapped[UUID | None] = mapped_column(ForeignKey("providers.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (
        # One of one's own bookings, and one of those with the provider one is.
        Index(
            "uq_calendar_feeds_of_user",
            "user_id",
            text("(provider_id IS NULL)"),
            unique=True,
        ),
    )
