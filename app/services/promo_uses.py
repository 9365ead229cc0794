"""Using a promo code: found among all, counted once, and taken again where money came late."""

from uuid import UUID

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.bookings import Booking
from app.domain.limits import Quota
from app.domain.promo_codes import PromoCode, PromoCodeExhausted, PromoCodeInvalid, normalized
from app.repositories.bookings import BookingRepository
from app.repositories.promo_uses import PromoUseRepository
from app.services.limits import LimitService


class PromoUseService:
    def __init__(
        self,
        uses: PromoUseRepository,
        bookings: BookingRepository,
        limits: LimitService,
        clock: Clock,
    ) -> None:
        self.uses = uses
        self.bookings = bookings
        self.limits = limits
        self.clock = clock

    async def begin(self, actor: Actor, code: str | None) -> None:
        """Count a try, where a code is tried: they can be guessed. Call it before anything else.

        The lock is for the door of single statements, which so begins anew in a transaction.
        """
        if code is not None:
            await self.bookings.lock_holds(actor.user_id)
            await self.limits.spend(Quota.PROMO_CODES, actor.user_id)

    async def of_event(
        self, code: str | None, event_id: UUID, organizer_id: UUID
    ) -> PromoCode | None:
        """Return the code that is good for an event; refuse all others with PromoCodeInvalid."""
        if code is None:
            return None
        found = await self.uses.found(normalized(code), organizer_id=organizer_id)
        return self._open([one for one in found if one.covers_event(event_id)])

    async def of_service(self, code: str, service_id: UUID, provider_id: UUID) -> PromoCode:
        """Return the code that is good for a service at a provider, or PromoCodeInvalid."""
        found = await self.uses.found(normalized(code), provider_id=provider_id)
        return self._open([one for one in found if one.covers_service(service_id)])

    async def use(self, booking: Booking) -> None:
        """Count the use of a booking that was just made; or PromoCodeExhausted, and undo it all."""
        code_id = booking.promo_code_id
        if code_id is None:
            return
        now = self.clock()
        if not await self.uses.count(code_id, now=now):
            code = await self.uses.get(code_id)
            raise PromoCodeExhausted if code and code.is_open(now) else PromoCodeInvalid
        if not await self.uses.note(booking, code_id):
            raise PromoCodeExhausted

    async def take_again(self, booking: Booking) -> bool:
        """Count the use of a booking that had lapsed again; return whether there was one left."""
        if booking.promo_code_id is None:
            return True
        code = await self.uses.lock(booking.promo_code_id)
        if code is None or (code.max_uses is not None and code.uses >= code.max_uses):
            return False
        most = code.max_uses_per_user
        if most is not None and await self.uses.uses_of(code.id, booking.customer_id) >= most:
            return False
        await self.uses.take_again(booking.id)
        return True

    async def give_back(self, booking: Booking) -> None:
        """Let it be used once more; where a booking is given up, the database does that itself."""
        if booking.promo_code_id is not None:
            await self.uses.give_back(booking.id, now=self.clock())

    def _open(self, codes: list[PromoCode]) -> PromoCode:
        now = self.clock()
        for code in codes:
            if code.is_open(now):
                return code
        raise PromoCodeInvalid
