"""Money that people hand to each other."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Record


class WalletTransfers(Record):
    """What is in the books as `wallet_transfer`; the note is the sender's, and not in the books."""

    __tablename__ = "wallet_transfers"

    from_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    to_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    note: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("amount BETWEEN 1 AND 1000000000000", name="amount"),
        CheckConstraint("from_user_id <> to_user_id", name="to_another"),
        Index("ix_wallet_transfers_sent", "from_user_id", "created_at", "id"),
        Index("ix_wallet_transfers_received", "to_user_id", "created_at", "id"),
    )
