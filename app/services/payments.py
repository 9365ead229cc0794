"""Paying for what is booked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.i18n import Locale, translate
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.authorizations import STANDING
from app.domain.bookings import Booking, BookingNotFound
from app.domain.captures import CaptureMode
from app.domain.cards import ANY_CARD, CardChoice
from app.domain.dues import asked_for, is_payable
from app.domain.gateways import GatewayRefused
from app.domain.idempotency import IdempotencyKeyReused
from app.domain.payment_requests import opened
from app.domain.payments import (
    AT_HAND,
    UNSETTLED,
    Asked,
    Begun,
    Charge,
    ChargeState,
    GatewayName,
    MethodUnavailable,
    NotPayable,
    Payment,
    PaymentFilter,
    PaymentMethod,
    PaymentNotFound,
    PaymentSort,
)
from app.integrations.payments.protocol import PaymentGateway
from app.policies import payments as policy
from app.repositories.booking_changes import BookingChangeRepository
from app.repositories.captures import CaptureRepository
from app.repositories.payments import PaymentRepository
from app.repositories.users import UserRepository
from app.services.bookings import BookingService
from app.services.cards import CardService


class PaymentService:
    """Bookings are locked before payments."""

    def __init__(
        self,
        payments: PaymentRepository,
        bookings: BookingService,
        changes: BookingChangeRepository,
        captures: CaptureRepository,
        users: UserRepository,
        saved: CardService,
        gateways: Mapping[GatewayName, PaymentGateway],
        checkpoint: Checkpoint,
        clock: Clock,
        *,
        cards: GatewayName,
        base_url: str,
    ) -> None:
        self.payments = payments
        self.bookings = bookings
        self.changes = changes
        self.captures = captures
        self.users = users
        self.saved = saved
        self.gateways = gateways
        self.checkpoint = checkpoint
        self.clock = clock
        self.cards = cards
        self.base_url = base_url

    async def open(
        self,
        actor: Actor,
        booking_id: UUID,
        method: PaymentMethod,
        *,
        key: str | None,
        card: CardChoice = ANY_CARD,
    ) -> Payment:
        """Write down that somebody wants to pay what is due for a booking: nobody was asked yet.

        The same request gets the payment it made before, and so does one by the same method
        while the first is under way. Refused with NotPayable.
        """
        gateway = self.gateway_of(method)
        if key is not None and (before := await self.payments.asked_with(actor.user_id, key)):
            if (before.booking_id, before.method) != (booking_id, method):
                raise IdempotencyKeyReused
            return before
        booking = await self.bookings.lock(actor, booking_id)
        policy.ensure_can_pay(actor, booking, gateway)
        capture = await self.capture_of(booking, gateway)
        await self.ensure_payable(booking, capture)
        await self.saved.chosen(booking.customer_id, gateway, card)
        for payment in await self.payments.of_booking(booking_id):
            asks_it = payment.method is method and payment.asked == asked_for(booking)
            is_single = payment.group_id is None
            has_card = payment.is_fee or (payment.card_id, payment.saves_card) == card
            if asks_it and is_single and has_card and payment.state in UNSETTLED:
                return payment
        payment = opened(
            booking,
            gateway,
            method,
            user_id=booking.customer_id,
            request_key=key if actor.user_id == booking.customer_id else None,
            now=self.clock(),
            capture=capture,
        )
        payment = replace(payment, card_id=card.card_id, saves_card=card.is_saved)
        await self.payments.add(payment)
        return payment

    async def begin(self, payment: Payment, *, locale: str) -> Begun:
        """Ask the gateway for it, as often as needed: it has its effect once.

        No transaction is open meanwhile. One that is refused for good is reported as failed.
        """
        asked = await self._asked(payment, locale)
        await self.checkpoint()
        try:
            return await self.gateways[payment.gateway].begin(asked)
        except GatewayRefused as refusal:
            failed = Charge("", payment.id, ChargeState.FAILED, payment.asked, refusal.code)
            return Begun(failed)

    async def show(self, payment_id: UUID, begun: Begun) -> None:
        """Keep what the customer needs to pay."""
        payment, _ = await self.lock_any(payment_id)
        await self.payments.change(
            replace(
                payment,
                reference=payment.reference or begun.charge.reference or None,
                client_secret=begun.client_secret or payment.client_secret,
                redirect_url=begun.redirect_url or payment.redirect_url,
                updated_at=self.clock(),
            )
        )

    async def locale_of(self, payment: Payment) -> str:
        """Return the language of who pays."""
        user = await self.users.get(payment.user_id)
        return user.locale if user else Locale.EN

    async def get(self, actor: Actor, payment_id: UUID) -> Payment:
        payment = await self.payments.get(payment_id)
        if payment is None:
            raise PaymentNotFound
        booking = await self._booking(payment.booking_id) if payment.booking_id else None
        if not policy.can_see(actor, payment, booking):
            raise PaymentNotFound
        return payment

    async def locked(self, actor: Actor, payment_id: UUID) -> tuple[Payment, Booking | None]:
        """Return a payment that the actor may see and its booking, both locked."""
        await self.get(actor, payment_id)
        return await self.lock_any(payment_id)

    async def lock_any(self, payment_id: UUID) -> tuple[Payment, Booking | None]:
        """Return a payment and its booking, both locked, the booking first.

        Of one for several bookings all are locked, with their payments, and none is returned.
        """
        seen = await self.payments.get(payment_id)
        if seen is None:
            raise PaymentNotFound
        await self.bookings.seating.lock_of_all(seen.paid_for)
        booking = None
        for booking_id in seen.paid_for:
            booking = await self.bookings.lock_any(booking_id)
            await self.payments.of_booking(booking_id)
        payment = await self.payments.lock(payment_id)
        assert payment is not None  # none is ever deleted
        return payment, None if payment.booking_ids else booking

    async def list(
        self, actor: Actor, wanted: PaymentFilter, request: PageRequest[PaymentSort]
    ) -> Page[Payment]:
        return await self.payments.matching(policy.narrow(actor, wanted), request)

    @property
    def takes_cards(self) -> bool:
        """Whether anybody takes cards here."""
        return self.cards in self.gateways

    def gateway_of(self, method: PaymentMethod) -> GatewayName:
        """Return who takes money that way; refuse with MethodUnavailable if nobody does here."""
        is_card = method in (PaymentMethod.CARD, PaymentMethod.CREDIT_CARD)
        gateway = self.cards if is_card else GatewayName(method)
        if method not in AT_HAND and gateway not in self.gateways:
            raise MethodUnavailable
        return gateway

    async def capture_of(self, booking: Booking, gateway: GatewayName) -> CaptureMode:
        """Return whether what is paid for it by a gateway is only kept at first."""
        if gateway not in self.gateways or booking.status not in STANDING:
            return CaptureMode.AUTOMATIC
        terms = await self.captures.terms(booking.id)
        return CaptureMode.MANUAL if terms.waits else CaptureMode.AUTOMATIC

    async def ensure_payable(self, booking: Booking, capture: CaptureMode) -> None:
        """Refuse with NotPayable what was paid, or is not to be paid yet, or any more.

        What is only kept at first may be paid before it was granted.
        """
        if not is_payable(booking, now=self.clock()):
            raise NotPayable
        if capture is CaptureMode.MANUAL:
            return
        waiting = await self.changes.waiting(booking.id)
        if waiting is not None and waiting[1]:
            raise NotPayable("It has not been granted yet.")

    async def _asked(self, payment: Payment, locale: str) -> Asked:
        bookings = [await self._booking(one) for one in payment.paid_for]
        customer, card = await self.saved.paid_with(payment)
        user = await self.users.get(payment.user_id)
        held = [one.hold_expires_at for one in bookings if one.hold_expires_at is not None]
        place = "bookings" if bookings else "wallet"
        return Asked(
            payment_id=payment.id,
            amount=payment.asked,
            description=_titles(bookings) or translate("Wallet top-up", Locale(locale)),
            expires_at=min(held, default=None),
            return_url="/".join([self.base_url, place, *map(str, payment.paid_for[:1])]),
            email=user.email if user else None,
            locale=locale,
            capture=not payment.is_manual,
            customer=customer,
            card=card,
            saves_card=payment.saves_card,
            is_absent=payment.is_fee and payment.failure_code is None,
        )

    async def _booking(self, booking_id: UUID) -> Booking:
        booking = await self.bookings.find(booking_id)
        if booking is None:
            raise BookingNotFound
        return booking


def _titles(bookings: Sequence[Booking]) -> str:
    """Return what a gateway calls it: by the first that is paid for, and how many more."""
    more = f" + {len(bookings) - 1}" if len(bookings) > 1 else ""
    return f"{bookings[0].title}{more}" if bookings else ""
