"""Paying for several bookings at once: all of them, or none."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.bookings import Booking
from app.domain.captures import CaptureMode
from app.domain.cards import ANY_CARD, CardChoice
from app.domain.group_payments import ShareNeeded, ensure_together, grouped
from app.domain.idempotency import IdempotencyKeyReused
from app.domain.payments import (
    UNSETTLED,
    GatewayName,
    NotPayable,
    Payment,
    PaymentMethod,
    PaymentNotFound,
)
from app.policies import payments as policy
from app.repositories.payments import PaymentRepository
from app.services.payments import PaymentService


class GroupPaymentService:
    def __init__(self, payments: PaymentRepository, single: PaymentService, clock: Clock) -> None:
        self.payments = payments
        self.single = single
        self.clock = clock

    async def open(
        self,
        actor: Actor,
        booking_ids: Sequence[UUID],
        method: PaymentMethod,
        *,
        key: str | None,
        card: CardChoice = ANY_CARD,
    ) -> Payment:
        """Write down that somebody wants to pay what is due for several bookings: nobody was asked.

        The same request gets the payment it made before, and so does one for the same by the same
        method while the first is under way. Refused with NotPayable, if any of them is, with
        SeveralCurrencies, SeveralCustomers and TooMuchAtOnce.
        """
        gateway, ids = self.single.gateway_of(method), sorted(booking_ids)
        if key is not None and (before := await self.payments.asked_with(actor.user_id, key)):
            if (before.booking_ids, before.method) != (ids, method):
                raise IdempotencyKeyReused
            return before
        bookings = await self._locked(actor, ids)
        for booking in bookings:
            policy.ensure_can_pay(actor, booking, gateway)
        ensure_together(bookings)
        for booking in bookings:
            await self._ensure_payable(booking, gateway)
        customer_id = bookings[0].customer_id
        await self.single.saved.chosen(customer_id, gateway, card)
        whole, shares = grouped(
            bookings,
            gateway,
            method,
            user_id=customer_id,
            request_key=key if actor.user_id == customer_id else None,
            now=self.clock(),
        )
        whole = replace(whole, card_id=card.card_id, saves_card=card.is_saved)
        return await self._under_way(whole) or await self._add(whole, shares)

    async def share(self, actor: Actor, payment_id: UUID, booking_id: UUID | None) -> UUID:
        """Return the payment of one booking among several; the payment itself of a single one.

        Refused with ShareNeeded where it is for several and none is named.
        """
        payment = await self.single.get(actor, payment_id)
        if payment.booking_ids is None:
            if booking_id not in (None, payment.booking_id):
                raise PaymentNotFound
            return payment.id
        if booking_id is None:
            raise ShareNeeded
        for one in await self.payments.shares(payment_id):
            if one.booking_id == booking_id:
                return one.id
        raise PaymentNotFound

    async def _ensure_payable(self, booking: Booking, gateway: GatewayName) -> None:
        if await self.single.capture_of(booking, gateway) is CaptureMode.MANUAL:
            raise NotPayable("Its card is charged later: it has to be paid by itself.")
        await self.single.ensure_payable(booking, CaptureMode.AUTOMATIC)

    async def _locked(self, actor: Actor, booking_ids: Sequence[UUID]) -> list[Booking]:
        """Return them locked, in one order, after the seats of their events."""
        await self.single.bookings.seating.lock_of_all(booking_ids)
        return [await self.single.bookings.lock(actor, one) for one in booking_ids]

    async def _under_way(self, wanted: Payment) -> Payment | None:
        assert wanted.booking_ids is not None
        for share in await self.payments.of_booking(wanted.booking_ids[0]):
            whole = await self.payments.get(share.group_id) if share.group_id else None
            if (
                whole is not None
                and whole.state in UNSETTLED
                and (whole.booking_ids, whole.method) == (wanted.booking_ids, wanted.method)
                and whole.asked == wanted.asked
                and (whole.card_id, whole.saves_card) == (wanted.card_id, wanted.saves_card)
            ):
                return whole
        return None

    async def _add(self, whole: Payment, shares: Sequence[Payment]) -> Payment:
        await self.payments.add(whole)
        for share in shares:
            await self.payments.add(share)
        return whole
