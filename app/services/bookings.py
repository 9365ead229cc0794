"""Making, finding and cancelling bookings."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.availability import Demand, Performer, opened_between, starts, window
from app.domain.bookings import (
    MOST_HOLDS,
    Booking,
    BookingCancelled,
    BookingFilter,
    BookingMade,
    BookingNotFound,
    BookingScope,
    BookingSort,
    BookingStatus,
    InvalidTransition,
    OutsideBookingWindow,
    Settlement,
    SlotUnavailable,
    TooManyHolds,
    appointment,
    as_of,
    settlement,
)
from app.domain.offerings import Offering
from app.domain.walltime import epoch
from app.policies import bookings as policy
from app.repositories.bookings import BookingRepository
from app.repositories.jobs import JobRepository
from app.services.availability import AvailabilityService

EXPIRED_AT_ONCE: Final = 500


class BookingService:
    def __init__(
        self,
        bookings: BookingRepository,
        availability: AvailabilityService,
        jobs: JobRepository,
        clock: Clock,
        hold: timedelta,
    ) -> None:
        self.bookings = bookings
        self.availability = availability
        self.jobs = jobs
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
    ) -> Booking:
        """Claim a provider's time for the actor: the named one's, or the least loaded free one's.

        A time that is taken or not a slot is refused with SlotUnavailable, which names others.
        """
        offering, performers = await self.availability.bookable(service_id, provider_id)
        now = self.clock()
        soonest, farthest = window(offering, now=now)
        if not soonest <= starts_at <= farthest:
            raise OutsideBookingWindow
        offered = [one for one in performers if _offers(offering, one, starts_at, now=now)]
        for performer in await self.availability.least_loaded(offered, starts_at):
            booking = appointment(
                offering,
                performer,
                customer_id=actor.user_id,
                starts_at=starts_at,
                notes=notes,
                now=now,
                hold=self.hold,
            )
            if await self._add(booking):
                return booking
        raise await self._unavailable(offering, performers, starts_at)

    async def get(self, actor: Actor, booking_id: UUID) -> Booking:
        return as_of(_visible(actor, await self.bookings.get(booking_id)), self.clock())

    async def list(
        self,
        actor: Actor,
        scope: BookingScope,
        wanted: BookingFilter,
        request: PageRequest[BookingSort],
    ) -> Page[Booking]:
        now = self.clock()
        page = await self.bookings.matching(policy.narrow(actor, scope, wanted), request, now=now)
        return Page([as_of(booking, now) for booking in page.items], page.next_cursor, page.total)

    async def lock(self, actor: Actor, booking_id: UUID) -> Booking:
        """Return the booking, locked until the transaction ends."""
        return as_of(_visible(actor, await self.bookings.lock(booking_id)), self.clock())

    async def cancel(
        self, actor: Actor, booking_id: UUID, *, reason: str | None = None
    ) -> tuple[Booking, Settlement]:
        """Cancel it and say what that costs; what was paid follows once this is committed."""
        booking, now = await self.lock(actor, booking_id), self.clock()
        policy.ensure_can_cancel(actor, booking)
        over = booking.starts_at if policy.is_customer(actor, booking) else booking.ends_at
        if booking.status is BookingStatus.EXPIRED or now >= over:
            raise InvalidTransition
        terms = settlement(booking, by_customer=policy.is_customer(actor, booking), now=now)
        cancelled = await self.bookings.cancel(
            booking_id, actor_id=actor.user_id, reason=reason, now=now
        )
        if cancelled is None:
            raise InvalidTransition
        await self.jobs.announce(BookingCancelled(booking_id))
        return cancelled, terms

    async def expire_holds(self) -> int:
        """Write down that some holds have lapsed; return how many, 0 when all are."""
        return await self.bookings.expire_holds(now=self.clock(), most=EXPIRED_AT_ONCE)

    async def _add(self, booking: Booking) -> bool:
        """Insert and announce it; a lapsed hold in its way expires first."""
        if booking.hold_expires_at is not None:
            await self._ensure_may_hold(booking)
        made = BookingMade(booking.id)
        if await self.bookings.add(booking, announcing=made):
            return True
        expired = await self.bookings.expire_lapsed(booking)
        return expired and await self.bookings.add(booking, announcing=made)

    async def _ensure_may_hold(self, booking: Booking) -> None:
        await self.bookings.lock_holds(booking.customer_id)
        held = await self.bookings.count_holds(booking.customer_id, now=booking.created_at)
        if held >= MOST_HOLDS:
            raise TooManyHolds

    async def _unavailable(
        self, offering: Offering, performers: Sequence[Performer], starts_at: datetime
    ) -> SlotUnavailable:
        others = await self.availability.alternatives(offering, performers, starts_at)
        return SlotUnavailable(alternatives=others)


def _visible(actor: Actor, booking: Booking | None) -> Booking:
    if booking is None or not policy.can_see(actor, booking):
        raise BookingNotFound
    return booking


def _offers(
    offering: Offering, performer: Performer, starts_at: datetime, *, now: datetime
) -> bool:
    """Tell whether the slot list would offer this start if nobody had booked anything.

    Whether somebody has is decided by the insert, which can't be raced.
    """
    if starts_at.microsecond:
        return False
    wanted = epoch(starts_at)
    opened = opened_between(performer.schedules, wanted, wanted + 1)
    demand = Demand.of(offering, performer, now=now)
    return any(True for _ in starts(opened, (), demand, since=wanted, until=wanted + 1))
