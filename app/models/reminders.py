"""How far reminders have been announced."""

from datetime import datetime

from sqlalchemy import CheckConstraint, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Model


class ReminderProgress(Model):
    """One row, locked by who announces: what was due by then has been announced."""

    __tablename__ = "reminder_progress"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    announced_until: Mapped[datetime]

    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)
