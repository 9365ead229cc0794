"""Who is signed in, on which device, until when."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model, Record


class Sessions(Record):
    __tablename__ = "sessions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    device: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]
    ip: Mapped[str | None] = mapped_column(String(45))  # where it began
    user_agent: Mapped[str | None] = mapped_column(String(300))
    proved_at: Mapped[datetime | None]  # when a password or a code was last shown
    stepped_up_at: Mapped[datetime | None]  # when that was after signing in

    __table_args__ = (
        # Which addresses an owner comes from, so that a lockout can tell them from a stranger.
        Index("ix_sessions_from", "user_id", "ip"),
    )


class RefreshTokens(Model):
    """Every refresh token of a session, by its hash; one that was used is kept to be caught."""

    __tablename__ = "refresh_tokens"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    attempt: Mapped[bytes | None] = mapped_column(LargeBinary)  # fingerprint of who used it
