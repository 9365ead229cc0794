"""What is told at once, kept for a while for those who were away."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, Sequence, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.realtime import FrameType
from app.models.base import Model, Record

FramePositions = Sequence("realtime_positions", metadata=Model.metadata)


class RealtimeFrames(Record):
    """`position` is given after the commit, by one process at a time.

    So whoever has read up to one misses nothing: what can be seen later stands further on. Of a
    sequence or of ids that would not be true: a transaction that took its number first may commit
    last.
    """

    __tablename__ = "realtime_frames"

    arrived: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    position: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    ordered_at: Mapped[datetime | None] = mapped_column(index=True)
    type: Mapped[FrameType]
    data: Mapped[str]
    user_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))

    __table_args__ = (
        Index("ix_realtime_frames_waiting", "arrived", postgresql_where=text("position IS NULL")),
        Index("ix_realtime_frames_user_ids", "user_ids", postgresql_using="gin"),
    )


class RealtimeTickets(Model):
    """What opens a connection, by its hash: deleted when it is used."""

    __tablename__ = "realtime_tickets"

    hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    session_id: Mapped[UUID] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[datetime] = mapped_column(index=True)
