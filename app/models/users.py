"""Accounts, and the proofs that an e-mail address is theirs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Computed, ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.i18n import Locale
from app.domain.roles import Role
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
    permissions: Mapped[list[str]] = mapped_column(
        ARRAY(String(40)), server_default=text("'{}'")
    )  # single ones, beside those of the roles
    requested_role: Mapped[Role | None]  # waits for an administrator
    status: Mapped[UserStatus]
    locale: Mapped[Locale]
    timezone: Mapped[str] = mapped_column(String(64))
    photo_id: Mapped[UUID | None]  # of Photos; no key, so that either can be made first
    email_verified_at: Mapped[datetime | None]
    phone_verified_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    searched: Mapped[str] = mapped_column(
        Computed(
            "lower(email || ' ' || coalesce(username, '') || ' ' || coalesce(full_name, '')"
            " || ' ' || coalesce(phone, ''))",
            persisted=True,
        )
    )

    __table_args__ = (
        # Were a pending account to hold its username, it would tell who has an account: see
        # docs/decisions/0020-who-has-an-account.md.
        Index(
            "uq_users_username",
            "username",
            unique=True,
            postgresql_where=text("status <> 'pending'"),
        ),
        Index("ix_users_roles", "roles", postgresql_using="gin"),
        Index("ix_users_created", "created_at", "id"),
        Index(
            "ix_users_searched",
            "searched",
            postgresql_using="gin",
            postgresql_ops={"searched": "gin_trgm_ops"},
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


class EmailChanges(Record):
    """Somebody wants another address; it is theirs once both, the old and the new, confirmed."""

    __tablename__ = "email_changes"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    # Where it was asked for, which stays signed in; no key, since it may be over by then.
    session_id: Mapped[UUID]
    old_email: Mapped[str] = mapped_column(String(254))
    email: Mapped[str] = mapped_column(String(254))  # the new one, in lower case
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    old_confirmed_at: Mapped[datetime | None]
    new_confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # made, withdrawn, or replaced by another

    __table_args__ = (
        Index(
            "uq_email_changes_under_way",
            "user_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_email_changes_of_user", "user_id", "created_at"),
    )


class PasswordResets(Record):
    """Letters that let their reader choose a new password: the token is derived from the id."""

    __tablename__ = "password_resets"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_password_resets_of_user", "user_id", "created_at"),)


class Photos(Record):
    """Pictures of people in the storage; one that no account shows is thrown away."""

    __tablename__ = "photos"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
