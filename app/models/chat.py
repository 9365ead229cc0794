"""What people write to one another: conversations, their two sides, messages, blocks, reports."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Uuid,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.chat_reports import ReportStatus
from app.domain.conversations import Subject
from app.domain.sides import Side
from app.models.base import Model, Record, TimedRecord

# Part of each page is left free: a counter is updated in place, and no index has to be told.
ROOM_TO_COUNT = {"postgresql_with": {"fillfactor": 70}}


class Conversations(TimedRecord):
    """A customer and whom they have business with, about one thing; or a customer and support.

    `partner_id` is, with support, who it was assigned to. `last_seq` is the place of the last
    message: whoever writes locks this row first.
    """

    __tablename__ = "conversations"

    subject: Mapped[Subject]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    partner_side: Mapped[Side]
    booking_id: Mapped[UUID | None] = mapped_column(ForeignKey("bookings.id", ondelete="SET NULL"))
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("events.id", ondelete="SET NULL"))
    service_id: Mapped[UUID | None] = mapped_column(ForeignKey("offerings.id", ondelete="SET NULL"))
    last_seq: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))

    __table_args__ = (
        CheckConstraint("partner_id <> customer_id", name="between_two"),
        CheckConstraint("partner_side <> 'customer'", name="partners"),
        CheckConstraint("(subject = 'support') = (partner_side = 'support')", name="support"),
        CheckConstraint("subject = 'support' OR partner_id IS NOT NULL", name="partner"),
        *(
            Index(
                f"uq_conversations_about_{thing}",
                f"{thing}_id",
                "customer_id",
                "partner_id",
                unique=True,
                postgresql_where=sql(f"{thing}_id IS NOT NULL"),
            )
            for thing in ("booking", "event", "service")
        ),
        Index(
            "uq_conversations_with_support",
            "customer_id",
            unique=True,
            postgresql_where=sql("subject = 'support'"),
        ),
        Index("ix_conversations_of_pair", "customer_id", "partner_id"),
        ROOM_TO_COUNT,
    )


class ConversationMembers(Model):
    """One side of a conversation: how far it has read, and how much of the other's it has not.

    `active_at` is when anybody last wrote, in both rows, for the lists of both. `digest_at` is
    when to write to them of what they have not read.
    """

    __tablename__ = "conversation_members"

    conversation_id: Mapped[UUID] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    side: Mapped[Side] = mapped_column(primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    active_at: Mapped[datetime]
    read_seq: Mapped[int] = mapped_column(BigInteger, server_default=sql("0"))
    unread: Mapped[int] = mapped_column(Integer, server_default=sql("0"))
    digest_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("unread >= 0", name="unread"),
        CheckConstraint("read_seq >= 0", name="read"),
        Index("ix_conversation_members_of_user", "user_id", "active_at", "conversation_id"),
        Index(
            "ix_conversation_members_of_support",
            "active_at",
            "conversation_id",
            postgresql_where=sql("side = 'support'"),
        ),
        Index(
            "ix_conversation_members_due",
            "digest_at",
            postgresql_where=sql("digest_at IS NOT NULL"),
        ),
        ROOM_TO_COUNT,
    )


class ChatMessages(Record):
    """What somebody wrote. `seq` is its place in the conversation, from 1, without a gap.

    Of what was deleted the words are gone, and the place stays.
    """

    __tablename__ = "chat_messages"

    conversation_id: Mapped[UUID] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE")
    )
    seq: Mapped[int] = mapped_column(BigInteger)
    sender_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    side: Mapped[Side]
    client_id: Mapped[str | None] = mapped_column(String(100))
    text: Mapped[str | None] = mapped_column(String(4000))
    attachments: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=sql("'{}'"))
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_chat_messages_place", "conversation_id", "seq", unique=True),
        Index(
            "uq_chat_messages_sent",
            "conversation_id",
            "sender_id",
            "client_id",
            unique=True,
            postgresql_where=sql("client_id IS NOT NULL"),
        ),
        Index("ix_chat_messages_of_sender", "sender_id", "id"),
    )


class ChatBlocks(Model):
    """Who doesn't want to hear from whom."""

    __tablename__ = "chat_blocks"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    blocked_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_chat_blocks_of_blocked", "blocked_id"),)


class ChatDigests(Model):
    """When somebody was last written to of what they have not read."""

    __tablename__ = "chat_digests"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    sent_at: Mapped[datetime]


class ChatReports(Record):
    """A message that somebody complains about: `text` as it was then, whatever becomes of it."""

    __tablename__ = "chat_reports"

    message_id: Mapped[UUID] = mapped_column(ForeignKey("chat_messages.id", ondelete="CASCADE"))
    conversation_id: Mapped[UUID] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE")
    )
    sender_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    reporter_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str | None] = mapped_column(String(500))
    text: Mapped[str | None] = mapped_column(String(4000))
    status: Mapped[ReportStatus]
    created_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("(status = 'open') = (resolved_at IS NULL)", name="resolved"),
        Index("uq_chat_reports_of_reporter", "message_id", "reporter_id", unique=True),
        Index("ix_chat_reports_queue", "status", "created_at", "id"),
        Index("ix_chat_reports_of_user", "reporter_id", "created_at", "id"),
        Index("ix_chat_reports_of_sender", "sender_id"),
        Index("ix_chat_reports_resolved", "resolved_at"),
    )
