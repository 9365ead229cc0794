"""Who asked how often, where processes count together in PostgreSQL."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class RateLimits(Model):
    """Not logged: a count that a crash forgets costs nothing, and writing it less."""

    __tablename__ = "rate_limits"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)  # a digest
    count: Mapped[int] = mapped_column(Integer)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = {"prefixes": ["UNLOGGED"]}
