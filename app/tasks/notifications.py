"""Telling people what happened, and bringing it to them."""

from datetime import timedelta
from typing import Any

from app.bootstrap import Services
from app.domain.announcements import OF_BOOKING
from app.domain.deposits import RestDue
from app.domain.notices import SecurityNotice
from app.domain.notification_deliveries import DeliveryDue
from app.domain.payments import PaymentFailed, PaymentSucceeded
from app.domain.refunds import RefundSettled
from app.domain.ticket_transfers import TicketHandedOver
from app.domain.waitlist import SeatsOffered
from app.tasks.registry import handles


async def tell_people(message: Any, services: Services) -> None:
    await services.announcements.tell_of_booking(message, message.booking_id)


for kind in OF_BOOKING:
    handles(kind)(tell_people)


@handles(PaymentSucceeded)
async def tell_paid(message: PaymentSucceeded, services: Services) -> None:
    await services.announcements.tell_paid(message.payment_id)


@handles(RestDue)
async def ask_for_rest(message: RestDue, services: Services) -> None:
    await services.announcements.tell_rest(message.booking_id)


@handles(PaymentFailed)
async def tell_not_paid(message: PaymentFailed, services: Services) -> None:
    await services.announcements.tell_not_paid(message.payment_id)


@handles(RefundSettled)
async def tell_refunded(message: RefundSettled, services: Services) -> None:
    await services.announcements.tell_refunded(message.refund_id)


@handles(SeatsOffered)
async def tell_offered(message: SeatsOffered, services: Services) -> None:
    await services.announcements.tell_offered(message.entry_id)


@handles(TicketHandedOver)
async def tell_handed_over(message: TicketHandedOver, services: Services) -> None:
    await services.announcements.tell_handed_over(message)


@handles(SecurityNotice)
async def tell_owner(message: SecurityNotice, services: Services) -> None:
    await services.announcements.tell_owner(message)


@handles(DeliveryDue, within=timedelta(minutes=1))
async def send_delivery(message: DeliveryDue, services: Services) -> None:
    await services.notification_deliveries.send(message.delivery_id)
