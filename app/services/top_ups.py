"""Paying into one's own wallet."""

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.idempotency import IdempotencyKeyReused
from app.domain.payments import Payment
from app.domain.top_ups import TopUpBounds, TopUpWanted, top_up
from app.repositories.payments import PaymentRepository
from app.services.payments import PaymentService


class TopUpService:
    """A top-up is a payment without a booking; what follows from it is as of any other."""

    def __init__(
        self,
        payments: PaymentRepository,
        methods: PaymentService,
        clock: Clock,
        *,
        bounds: TopUpBounds,
    ) -> None:
        self.payments = payments
        self.methods = methods
        self.clock = clock
        self.bounds = bounds

    async def open(self, actor: Actor, wanted: TopUpWanted, *, key: str | None) -> Payment:
        """Write down that somebody wants to top up: nothing was asked of anybody yet.

        The same request gets the payment it made before. Refused with TopUpOutOfBounds.
        """
        gateway = self.methods.gateway_of(wanted.method)
        self.bounds.ensure_within(wanted.amount)
        if key is not None and (before := await self.payments.asked_with(actor.user_id, key)):
            same = (before.booking_id, before.method, before.asked)
            if same != (None, wanted.method, wanted.amount):
                raise IdempotencyKeyReused
            return before
        made = top_up(wanted, gateway, user_id=actor.user_id, request_key=key, now=self.clock())
        await self.payments.add(made)
        return made
