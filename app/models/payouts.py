"""What is paid out to those who sell, and what the platform keeps of it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.ledger import AccountKind
from app.domain.payouts import PayoutStatus
from app.models.base import Model, TimedRecord


class Payouts(TimedRecord):
    """In the books once it is paid. Of one account no more is proposed than there is in it."""

    __tablename__ = "payouts"

    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    account: Mapped[AccountKind]
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[PayoutStatus]
    note: Mapped[str | None] = mapped_column(String(200))
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    settled_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("amount BETWEEN 1 AND 1000000000000", name="amount"),
        CheckConstraint("account IN ('organizer_payable', 'provider_payable')", name="payable"),
        CheckConstraint("(status = 'proposed') = (settled_at IS NULL)", name="settled"),
        Index("ix_payouts_created", "created_at", "id"),
        Index("ix_payouts_of_owner", "owner_id", "created_at", "id"),
        Index(
            "ix_payouts_proposed",
            "owner_id",
            "account",
            "currency",
            postgresql_where=text("status = 'proposed'"),
        ),
    )


class Commissions(Model):
    """What the platform keeps of one seller, in place of the usual share."""

    __tablename__ = "commissions"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    basis_points: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("basis_points BETWEEN 0 AND 10000", name="share"),)
