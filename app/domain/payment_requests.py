"""Asking for what is due."""

from datetime import datetime
from uuid import UUID

from app.core.ids import new_id
from app.domain.bookings import Booking
from app.domain.captures import CaptureMode
from app.domain.dues import asked_for
from app.domain.payments import ChargeState, GatewayName, Payment, PaymentMethod


def opened(
    booking: Booking,
    gateway: GatewayName,
    method: PaymentMethod,
    *,
    user_id: UUID,
    request_key: str | None,
    now: datetime,
    capture: CaptureMode = CaptureMode.AUTOMATIC,
) -> Payment:
    """Return a payment of what is due for a booking, which nobody was asked for yet."""
    due = asked_for(booking)
    return Payment(
        id=new_id(),
        booking_id=booking.id,
        group_id=None,
        booking_ids=None,
        user_id=user_id,
        gateway=gateway,
        method=method,
        state=ChargeState.OPEN,
        amount=due.amount,
        currency=due.currency,
        captured_amount=0,
        refunded_amount=0,
        disputed_amount=0,
        reference=None,
        client_secret=None,
        redirect_url=None,
        failure_code=None,
        card_id=None,
        saves_card=False,
        is_fee=False,
        request_key=request_key,
        paid_at=None,
        created_at=now,
        updated_at=now,
        capture=capture,
    )
