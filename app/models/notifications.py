"""What people are told, by which channels it went, and what they want to know."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.notification_deliveries import DeliveryState
from app.domain.notifications import LONGEST_KEY, Channel
from app.models.base import Model, Record, TimedRecord


class Notifications(Record):
    """Told once: `key` stands for the fact. Nobody's name is in `facts`."""

    __tablename__ = "notifications"

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))  # no CHECK: kinds come and go, and these pass
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    facts: Mapped[Any] = mapped_column(JSONB)
    is_shown: Mapped[bool]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_notifications_key",
            "user_id",
            "key",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "ix_notifications_shown",
            "user_id",
            "created_at",
            "id",
            postgresql_where=text("is_shown"),
        ),
        Index(
            "ix_notifications_unread",
            "user_id",
            "created_at",
            "id",
            postgresql_where=text("is_shown AND read_at IS NULL"),
        ),
        Index("ix_notifications_created", "created_at", "id"),
    )


class NotificationDeliveries(TimedRecord):
    """A notification on its way by one channel; `target_id` is one device of several."""

    __tablename__ = "notification_deliveries"

    notification_id: Mapped[UUID] = mapped_column(
        ForeignKey("notifications.id", ondelete="CASCADE")
    )
    channel: Mapped[Channel]
    target_id: Mapped[UUID | None]
    state: Mapped[DeliveryState]
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    round: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]  # when it may first have gone out
    sent_at: Mapped[datetime | None]
    reference: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[str | None] = mapped_column(String(100))

    __table_args__ = (
        CheckConstraint("channel <> 'in_app'", name="leaves"),
        CheckConstraint("(state = 'sending') <= (claimed_at IS NOT NULL)", name="claimed"),
        Index(
            "uq_notification_deliveries_way",
            "notification_id",
            "channel",
            "target_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_notification_deliveries_created", "created_at", "id"),
        Index("ix_notification_deliveries_state", "state", "created_at", "id"),
        Index(
            "ix_notification_deliveries_due",
            "due_at",
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
        Index(
            "ix_notification_deliveries_reference",
            "channel",
            "reference",
            postgresql_where=text("reference IS NOT NULL"),
        ),
    )


class NotificationPreferences(Model):
    """What somebody chose, kind by channel, and their quiet hours in minutes after midnight."""

    __tablename__ = "notification_preferences"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    choices: Mapped[Any] = mapped_column(JSONB)
    quiet_start: Mapped[int | None] = mapped_column(SmallInteger)
    quiet_end: Mapped[int | None] = mapped_column(SmallInteger)

    __table_args__ = (
        CheckConstraint("(quiet_start IS NULL) = (quiet_end IS NULL)", name="quiet"),
        CheckConstraint("quiet_start BETWEEN 0 AND 1439", name="starts"),
        CheckConstraint("quiet_end BETWEEN 0 AND 1439 AND quiet_end <> quiet_start", name="ends"),
    )


class Suppressions(Record):
    """Addresses that refused letters for good."""

    __tablename__ = "suppressions"

    channel: Mapped[Channel]
    address: Mapped[str] = mapped_column(String(254))
    reason: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_suppressions_address", "channel", "address", unique=True),
        Index("ix_suppressions_created", "created_at", "id"),
    )
