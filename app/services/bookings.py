"""Making and finding bookings."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from app.core.clock import Clock
from app.core.errors import Contention
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.appointments import appointment
from app.domain.availability import Performer, widest_window
from app.domain.bookings import (
    MOST_HOLDS,
    Booking,
    BookingFilter,
    BookingMade,
    BookingNotFound,
    BookingScope,
    BookingSort,
    NamedBooking,
    OutsideBookingWindow,
    SlotUnavailable,
    TooManyHolds,
    as_of,
)
from app.domain.idempotency import Kept
from app.domain.promo_codes import PromoCode, PromoCodeInvalid
from app.policies import bookings as policy
from app.repositories.booking_changes import BookingChangeRepository
from app.repositories.bookings import BookingRepository
from app.services.availability import AvailabilityService
from app.services.promo_uses import PromoUseService
from app.services.seating import SeatingService


class BookingService:
    def __init__(
        self,
        bookings: BookingRepository,
        changes: BookingChangeRepository,
        availability: AvailabilityService,
        seating: SeatingService,
        promo_uses: PromoUseService,
        clock: Clock,
        hold: timedelta,
    ) -> None:
        self.bookings = bookings
        self.changes = changes
        self.availability = availability
        self.seating = seating
        self.promo_uses = promo_uses
        self.clock = clock
        self.hold = hold

    async def book(
        self,
        actor: Actor,
        service_id: UUID,
        *,
        starts_at: datetime,
        provider_id: UUID | None = None,
        notes: str | None = None,
        promo_code: str | None = None,
        kept: Callable[[Booking], Kept | None] = lambda _: None,
    ) -> Booking:
        """Claim a provider's time for the actor: the named one's, or the least loaded free one's.

        A time that is taken or not a slot is refused with SlotUnavailable, which names others.
        What is to be `kept` of the request is, by the statement that makes the booking.
        """
        await self.promo_uses.begin(actor, promo_code)
        offering, performers = await self.availability.bookable(
            service_id, provider_id, since=starts_at, until=starts_at, for_user=actor.user_id
        )
        now = self.clock()
        soonest, farthest = widest_window(offering, performers, now=now)
        if not soonest <= starts_at <= farthest:
            raise OutsideBookingWindow
        codes = await self._codes(promo_code, service_id, performers)
        performers = [one for one in performers if codes is None or one.provider_id in codes]
        offered = await self.availability.offering(offering, performers, starts_at)
        for performer in await self.availability.least_loaded(offered, starts_at):
            booking = appointment(
                offering,
                performer,
                customer_id=actor.user_id,
                starts_at=starts_at,
                notes=notes,
                now=now,
                hold=self.hold,
                code=codes[performer.provider_id] if codes else None,
            )
            if await self._add(booking, performer, kept(booking)):
                await self.promo_uses.use(booking)
                return booking
        raise SlotUnavailable(
            alternatives=await self.availability.alternatives(offering, provider_id, starts_at)
        )

    async def get(self, actor: Actor, booking_id: UUID) -> NamedBooking:
        return as_of(_visible(actor, await self.bookings.get(booking_id)), self.clock())

    async def list(
        self,
        actor: Actor,
        scope: BookingScope,
        wanted: BookingFilter,
        request: PageRequest[BookingSort],
    ) -> Page[Booking]:
        """Return a page of them; of those that are not one's own, with the customers' names."""
        wanted, now = policy.narrow(actor, scope, wanted), self.clock()
        if scope is BookingScope.MINE:
            own = await self.bookings.matching(wanted, request, now=now)
            return Page([as_of(booking, now) for booking in own.items], own.next_cursor, own.total)
        page = await self.bookings.named(wanted, request, now=now)
        items = [policy.told(actor, as_of(booking, now)) for booking in page.items]
        return Page(items, page.next_cursor, page.total)

    async def lock(self, actor: Actor, booking_id: UUID) -> NamedBooking:
        """Return the booking, locked until the transaction ends; of an event, its seats first."""
        await self.seating.lock_of(booking_id)
        return as_of(_visible(actor, await self.bookings.lock(booking_id)), self.clock())

    async def find(self, booking_id: UUID) -> Booking | None:
        """Return it as it is kept, whoever may see it."""
        return await self.bookings.get(booking_id)

    async def lock_any(self, booking_id: UUID) -> Booking | None:
        """Return it as it is kept, locked: for what happens to it, whoever may see it.

        If it is for an event, the event's seats must be locked.
        """
        return await self.bookings.lock(booking_id)

    async def ensure_may_hold(self, booking: Booking) -> None:
        """Refuse one more hold of a customer who has too many; they are counted one at a time."""
        if booking.hold_expires_at is None:
            return
        await self.bookings.lock_holds(booking.customer_id)
        held = await self.bookings.count_holds(booking.customer_id, now=booking.created_at)
        if held >= MOST_HOLDS:
            raise TooManyHolds

    async def _add(self, booking: Booking, performer: Performer, kept: Kept | None) -> bool:
        """Insert and announce it; a lapsed hold in its way expires first.

        If the provider's hours were changed meanwhile, the use case is run again.
        """
        await self.ensure_may_hold(booking)
        if await self._insert(booking, performer, kept):
            return True
        if not await self._has_lapsed_in_its_way(booking, performer):
            return False
        await self.changes.expire_lapsed(booking)
        if await self._insert(booking, performer, kept):
            return True
        await self._has_lapsed_in_its_way(booking, performer)
        return False

    async def _codes(
        self, promo_code: str | None, service_id: UUID, performers: Sequence[Performer]
    ) -> dict[UUID, PromoCode] | None:
        """Return the code at each provider it is good at, refused where there is none.

        Return None where no code was named.
        """
        if promo_code is None:
            return None
        found = {}
        for one in performers:
            with suppress(PromoCodeInvalid):
                code = await self.promo_uses.of_service(promo_code, service_id, one.provider_id)
                found[one.provider_id] = code
        if not found:
            raise PromoCodeInvalid
        return found

    async def _insert(self, booking: Booking, performer: Performer, kept: Kept | None) -> bool:
        return await self.bookings.add(
            booking,
            hours_version=performer.hours_version,
            announcing=BookingMade(booking.id),
            kept=kept,
        )

    async def _has_lapsed_in_its_way(self, booking: Booking, performer: Performer) -> bool:
        version, has_lapsed = await self.bookings.obstacles(booking)
        if version != performer.hours_version:
            raise Contention
        return has_lapsed


def _visible(actor: Actor, booking: NamedBooking | None) -> NamedBooking:
    if booking is None or not policy.can_see(actor, booking):
        raise BookingNotFound
    return policy.told(actor, booking)
