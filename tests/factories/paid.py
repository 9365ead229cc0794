"""Appointments that were paid for, as they stand in the tables, whatever way they came there."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command
from app.domain.bookings import Booking, PaymentStatus
from app.domain.gateway_events import GatewayEvent
from app.domain.payment_requests import opened
from app.domain.payments import ChargeState, GatewayName, Payment, PaymentMethod
from app.domain.providers import Provider
from app.models import GatewayEvents, Payments
from app.repositories.base import parameters, values
from tests.factories.accounts import make_user
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering
from tests.factories.clock import at

ADD = Command(insert(Payments).values(parameters(Payments, Payment)))
A_DAY = 24 * 60


async def make_paid(
    connection: Connection, provider: Provider, *, place: int = 0, **changes: Any
) -> Payment:
    """Make an appointment that was paid by card, `place` days ahead; nothing is in the books."""
    offering, customer = await make_offering(connection, provider), await make_user(connection)
    booking = await make_booking(
        connection,
        customer.id,
        offering,
        provider,
        starts_at=at(A_DAY * (place + 1)),
        payment_status=PaymentStatus.PAID,
        paid_amount=changes.get("captured_amount", offering.price_amount),
        refunded_amount=changes.get("refunded_amount", 0),
    )
    return await make_payment(connection, booking, **changes)


async def make_payment(connection: Connection, booking: Booking, **changes: Any) -> Payment:
    """Make a payment by card of all that a booking costs."""
    now = at(0)
    asked = opened(
        replace(booking, payment_status=PaymentStatus.UNPAID, paid_amount=0),
        GatewayName.SANDBOX,
        PaymentMethod.CARD,
        user_id=booking.customer_id,
        request_key=None,
        now=now - timedelta(minutes=1),
    )
    paid = {
        "state": ChargeState.PAID,
        "captured_amount": asked.amount,
        "reference": f"ref-{asked.id}",
        "paid_at": now,
    }
    made = replace(asked, **{**paid, **changes})
    await connection.run(ADD, **values(made))
    return made


async def make_gateway_event(
    connection: Connection, payment: Payment, **changes: Any
) -> GatewayEvent:
    """Make what a gateway told of a payment."""
    made = GatewayEvent(
        new_id(), payment.gateway, f"evt_{payment.id}", "payment", payment.id, b"{}", at(0), None
    )
    event = replace(made, **changes)
    await connection.run(Command(insert(GatewayEvents).values(values(event))))
    return event
