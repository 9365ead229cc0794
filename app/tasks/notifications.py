"""Telling people what happened, and bringing it to them."""

from datetime import timedelta
from typing import Any

from app.bootstrap import Services
from app.domain.announcements import OF_BOOKING
from app.domain.deposits import RestDue
from app.domain.messengers import TextStatusReported
from app.domain.notices import SecurityNotice
from app.domain.notification_deliveries import DeliveryDue, DeliveryTaken
from app.domain.payments import PaymentFailed, PaymentSucceeded
from app.domain.payouts import PayoutCancelled, PayoutPaid, PayoutProposed, PayoutStatus
from app.domain.refunds import RefundSettled
from app.domain.reviews import ReviewInvited, ReviewPosted, ReviewReplied
from app.domain.slot_waits import SlotOffered
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


@handles(SlotOffered)
async def tell_slot_offered(message: SlotOffered, services: Services) -> None:
    await services.announcements.tell_slot_offered(message.wait_id)


@handles(TicketHandedOver)
async def tell_handed_over(message: TicketHandedOver, services: Services) -> None:
    await services.announcements.tell_handed_over(message)


@handles(SecurityNotice)
async def tell_owner(message: SecurityNotice, services: Services) -> None:
    await services.announcements.tell_owner(message)


@handles(PayoutProposed)
async def tell_payout_proposed(message: PayoutProposed, services: Services) -> None:
    await services.money_announcements.tell_of_payout(message.payout_id, PayoutStatus.PROPOSED)


@handles(PayoutPaid)
async def tell_payout_paid(message: PayoutPaid, services: Services) -> None:
    await services.money_announcements.tell_of_payout(message.payout_id, PayoutStatus.PAID)


@handles(PayoutCancelled)
async def tell_payout_cancelled(message: PayoutCancelled, services: Services) -> None:
    await services.money_announcements.tell_of_payout(message.payout_id, PayoutStatus.CANCELLED)


@handles(ReviewPosted)
async def tell_reviewed(message: ReviewPosted, services: Services) -> None:
    await services.talk_announcements.tell_reviewed(message.review_id)


@handles(ReviewReplied)
async def tell_replied(message: ReviewReplied, services: Services) -> None:
    await services.talk_announcements.tell_replied(message.review_id)


@handles(ReviewInvited)
async def invite_review(message: ReviewInvited, services: Services) -> None:
    await services.talk_announcements.invite_review(message.booking_id)


@handles(TextStatusReported)
async def take_text_report(message: TextStatusReported, services: Services) -> None:
    await services.notification_deliveries.take_report(message.report_id)


@handles(DeliveryTaken)
async def catch_up(message: DeliveryTaken, services: Services) -> None:
    await services.notification_deliveries.catch_up(message.delivery_id)


@handles(DeliveryDue, within=timedelta(minutes=1))
async def send_delivery(message: DeliveryDue, services: Services) -> None:
    await services.notification_deliveries.send(message.delivery_id)
