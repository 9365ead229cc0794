"""Names of people, for statements about something else."""

from typing import Any

from sqlalchemy import select

from app.models import Users


def customer_name(customer_id: Any) -> Any:
    """Return the name of who booked, looked up by key; a person who was erased has none."""
    name = select(Users.full_name).where(Users.id == customer_id)
    return name.scalar_subquery().label("customer_name")
