"""Papers about money that came and went back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.receipts import ReceiptKind
from app.models.base import Model, Record


class Receipts(Record):
    """Append-only. `content` is what was so when it was issued."""

    __tablename__ = "receipts"

    kind: Mapped[ReceiptKind]
    issuer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    number: Mapped[int] = mapped_column(BigInteger)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"))
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    content: Mapped[Any] = mapped_column(JSONB)
    issued_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("amount BETWEEN 1 AND 1000000000000", name="amount"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("(kind = 'receipt') = (refund_id IS NULL)", name="of_refund"),
        UniqueConstraint("issuer_id", "number", name="uq_receipts_number"),
        UniqueConstraint(
            "payment_id",
            "kind",
            "refund_id",
            name="uq_receipts_cause",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_receipts_of_issuer", "issuer_id", "issued_at", "id"),
        Index("ix_receipts_of_customer", "customer_id", "issued_at", "id"),
        Index("ix_receipts_issued", "issued_at", "id"),
    )


class ReceiptCounters(Model):
    """The last number of each issuer, locked by who gives the next until the receipt is there."""

    __tablename__ = "receipt_counters"

    issuer_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))

    __table_args__ = {"postgresql_with": {"fillfactor": 50}}
