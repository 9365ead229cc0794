"""Who may see and do what with money."""

from dataclasses import replace

from app.core.errors import Forbidden
from app.domain.actors import Actor
from app.domain.bookings import Booking
from app.domain.payments import GatewayName, Payment, PaymentFilter
from app.domain.permissions import Permission
from app.policies import bookings


def sees_all(actor: Actor) -> bool:
    return actor.may(Permission.PAYMENTS_READ_ANY)


def can_see(actor: Actor, payment: Payment, booking: Booking | None) -> bool:
    """Tell whether they may see it: who pays, who sells, and who looks after the money."""
    if sees_all(actor) or actor.user_id == payment.user_id:
        return True
    return booking is not None and bookings.sells(actor, booking)


def narrow(actor: Actor, wanted: PaymentFilter) -> PaymentFilter:
    """Limit a listing to one's own, unless one looks after the money."""
    return wanted if sees_all(actor) else replace(wanted, user_id=actor.user_id)


def ensure_can_pay(actor: Actor, booking: Booking, gateway: GatewayName) -> None:
    """Refuse all but the customer; cash is recorded by who takes it, and by nobody else."""
    if gateway is GatewayName.CASH:
        if not bookings.sells(actor, booking):
            actor.ensure_may(
                Permission.BOOKINGS_MANAGE_ANY, "Cash is recorded by those who take it."
            )
    elif not bookings.is_customer(actor, booking):
        raise Forbidden("Only its customer can pay for a booking.")


def ensure_can_refund(actor: Actor, booking: Booking | None) -> None:
    """Refuse everybody but who sells it and who looks after the money."""
    if booking is None or not bookings.sells(actor, booking):
        actor.ensure_may(Permission.PAYMENTS_REFUND_ANY)


def ensure_can_look_into(actor: Actor) -> None:
    """Refuse everybody but who looks after the money."""
    actor.ensure_may(Permission.PAYMENTS_REFUND_ANY)
