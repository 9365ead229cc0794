"""How people are reached elsewhere than by mail: devices, telephones, chats."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.devices import Platform
from app.domain.messengers import TextState
from app.models.base import Model, Record


class Devices(Record):
    """What shows push. It belongs to the session that registered it, and ends with that."""

    __tablename__ = "devices"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), index=True
    )
    platform: Mapped[Platform]
    token: Mapped[str] = mapped_column(String(1024), unique=True)
    name: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]  # when it was last registered

    __table_args__ = (Index("ix_devices_of_user", "user_id", "seen_at", "id"),)


class PhoneVerifications(Record):
    """Codes that were sent to a number: derived from the id and the secret key."""

    __tablename__ = "phone_verifications"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    phone: Mapped[str] = mapped_column(String(20))
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]  # when the code was first handed to the vendor
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_phone_verifications_of_user", "user_id", "created_at"),)


class TelegramLinks(Model):
    """Whose chat is whose, and by which code, kept by its hash, one is about to be."""

    __tablename__ = "telegram_links"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    chat_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    linked_at: Mapped[datetime | None]
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    code_expires_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("(chat_id IS NULL) = (linked_at IS NULL)", name="linked_once"),
        CheckConstraint("(code_hash IS NULL) = (code_expires_at IS NULL)", name="code_lapses"),
    )


class TelegramUpdates(Model):
    """What Telegram told, so that it has its effect once."""

    __tablename__ = "telegram_updates"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    received_at: Mapped[datetime] = mapped_column(index=True)


class TextReports(Record):
    """How far a text message got, as the vendor tells: each state once."""

    __tablename__ = "text_reports"

    reference: Mapped[str] = mapped_column(String(64))
    state: Mapped[TextState]
    code: Mapped[str | None] = mapped_column(String(10))
    is_dead: Mapped[bool]
    received_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (Index("uq_text_reports_state", "reference", "state", unique=True),)
