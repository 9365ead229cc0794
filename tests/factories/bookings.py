"""Bookings as they stand in the table, whatever way they came there."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.statements import Command
from app.domain.appointments import appointment
from app.domain.availability import Performer
from app.domain.bookings import Booking, BookingStatus
from app.domain.hours import Hours
from app.domain.offerings import Offering, Performance
from app.domain.providers import Provider
from app.models import Bookings
from app.repositories.base import parameters, values

ADD = Command(insert(Bookings).values(parameters(Bookings, Booking)))


async def make_booking(
    connection: Connection,
    customer_id: UUID,
    offering: Offering,
    provider: Provider,
    *,
    starts_at: datetime,
    **changes: Any,
) -> Booking:
    """Make a confirmed appointment, in the past if wanted, with an own end, notes or state."""
    terms = Performance(offering.id, provider.id, None, None)
    performer = Performer(provider.id, terms, Hours(provider.timezone, ()))
    made = appointment(
        offering,
        performer,
        customer_id=customer_id,
        starts_at=starts_at,
        notes=None,
        now=starts_at - timedelta(days=1),
        hold=timedelta(minutes=15),
    )
    booking = replace(made, **{"status": BookingStatus.CONFIRMED, **changes})
    await connection.run(ADD, **values(booking))
    return booking
