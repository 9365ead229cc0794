"""Who gateways know of ours, and the cards they keep for them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.payments import GatewayName
from app.models.base import Model, TimedRecord


class GatewayCustomers(Model):
    """Under which name a gateway knows somebody."""

    __tablename__ = "gateway_customers"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    gateway: Mapped[GatewayName] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(255))

    __table_args__ = (
        UniqueConstraint("gateway", "reference", name="uq_gateway_customers_reference"),
    )


class SavedCards(TimedRecord):
    """What a card is told by, and the gateway's name for it. One that was removed stays so."""

    __tablename__ = "saved_cards"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    gateway: Mapped[GatewayName]
    reference: Mapped[str] = mapped_column(String(255))
    brand: Mapped[str] = mapped_column(String(40))
    last4: Mapped[str] = mapped_column(String(4))
    expires_month: Mapped[int] = mapped_column(SmallInteger)
    expires_year: Mapped[int] = mapped_column(SmallInteger)
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("last4 ~ '^[0-9]{4}$'", name="no_more_than_four_digits"),
        CheckConstraint("expires_month BETWEEN 1 AND 12", name="month"),
        CheckConstraint("expires_year BETWEEN 2000 AND 2200", name="year"),
        UniqueConstraint("gateway", "reference", name="uq_saved_cards_reference"),
        Index("ix_saved_cards_of_user", "user_id", "created_at", "id"),
    )
