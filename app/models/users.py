"""Accounts, and the proofs that an e-mail address is theirs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.i18n import Locale
from app.domain.users import UserStatus
from app.models.base import Record, TimedRecord


class Users(TimedRecord):
    __tablename__ = "users"

    email: Mapped[str] = mapped_column(String(254), unique=True)  # in lower case
    username: Mapped[str | None] = mapped_column(String(30))
    full_name: Mapped[str | None] = mapped_column(String(100))
    phone: Mapped[str | None] = mapped_column(String(20))  # E.164
    password_hash: Mapped[str | None]
    roles: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    status: Mapped[UserStatus]
    locale: Mapped[Locale]
    timezone: Mapped[str] = mapped_column(String(64))
    photo_url: Mapped[str | None]
    email_verified_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]

    __table_args__ = (
        # Were a pending account to hold its username, it would tell who has an account: see
        # docs/decisions/0020-who-has-an-account.md.
        Index(
            "uq_users_username",
            "username",
            unique=True,
            postgresql_where=text("status <> 'pending'"),
        ),
    )


class EmailVerifications(Record):
    """Codes that were sent: derived from the id and the secret key, so none is kept here.

    Tries are counted by address, and so outlast the account they were for.
    """

    __tablename__ = "email_verifications"

    email: Mapped[str] = mapped_column(String(254))
    user_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True
    )
    tries: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_email_verifications_of_address", "email", "created_at"),)
