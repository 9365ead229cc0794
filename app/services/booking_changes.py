"""What becomes of a booking: granted, declined, moved, cancelled, held, missed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.errors import Contention
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.core.messages import Message
from app.domain.actors import Actor
from app.domain.appointments import moved
from app.domain.authorizations import AuthorizationsDue
from app.domain.availability import Performer, widest_window
from app.domain.booking_changes import BookingChange, ChangeSort
from app.domain.bookings import (
    APPROVAL_HOLD,
    Booking,
    BookingCancelled,
    BookingCompleted,
    BookingConfirmed,
    BookingDeclined,
    BookingReduced,
    BookingRescheduled,
    BookingStatus,
    CustomerMissing,
    InvalidTransition,
    OutsideBookingWindow,
    Settlement,
    SlotUnavailable,
    awaits_payment,
    ensure_can_move,
    missed_fee,
    settlement,
)
from app.domain.offerings import Offering, PaymentTerms
from app.policies import bookings as policy
from app.repositories.booking_changes import BookingChangeRepository
from app.repositories.jobs import JobRepository
from app.services.audit import AuditService
from app.services.availability import AvailabilityService
from app.services.bookings import BookingService
from app.services.seating import SeatingService

AT_ONCE: Final = 500
LEFT_FOR_NO_SHOWS: Final = timedelta(hours=6)
"""How long after its end a booking waits to be called a no-show before it is completed."""


class BookingChangeService:
    def __init__(
        self,
        changes: BookingChangeRepository,
        bookings: BookingService,
        availability: AvailabilityService,
        seating: SeatingService,
        jobs: JobRepository,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.changes = changes
        self.bookings = bookings
        self.availability = availability
        self.seating = seating
        self.jobs = jobs
        self.audit = audit
        self.clock = clock

    async def confirm(self, actor: Actor, booking_id: UUID) -> Booking:
        """Grant a request; its time was held for it all along.

        What has to be prepaid waits on, for the payment: only that confirms it. What its card was
        only authorized for is taken then.
        """
        booking = await self._locked(actor, booking_id)
        await self.jobs.announce(AuthorizationsDue(booking_id))
        if awaits_payment(booking):
            waiting = await self.changes.waiting(booking_id)
            payment, is_request = waiting or (PaymentTerms.PREPAID, False)
            if payment is PaymentTerms.PREPAID and is_request:
                return await self._accept(actor, booking)
            if payment is PaymentTerms.PREPAID:
                raise InvalidTransition("It waits to be paid for.")
        return await self._move(actor, booking, BookingStatus.CONFIRMED, BookingConfirmed)

    async def confirm_paid(self, booking: Booking) -> Booking:
        """Confirm what was held until it is paid for, whoever paid. It must be locked."""
        changed = await self.changes.move(
            booking.id, BookingStatus.CONFIRMED, actor_id=None, reason=None, now=self.clock()
        )
        if changed is None:
            raise InvalidTransition
        await self._seat(changed)
        await self.jobs.announce(BookingConfirmed(booking.id))
        return changed

    async def decline(self, actor: Actor, booking_id: UUID, *, reason: str | None) -> Booking:
        """Turn a request down; its time is free again."""
        booking = await self._locked(actor, booking_id)
        return await self._move(
            actor, booking, BookingStatus.DECLINED, BookingDeclined, reason=reason
        )

    async def complete(self, actor: Actor, booking_id: UUID) -> Booking:
        """Say that it took place; not before it began."""
        booking = await self._locked(actor, booking_id)
        self._ensure_begun(booking)
        return await self._move(actor, booking, BookingStatus.COMPLETED, BookingCompleted)

    async def miss(self, actor: Actor, booking_id: UUID) -> Booking:
        """Say that the customer did not come; what is due by the policy is recorded."""
        booking = await self._locked(actor, booking_id)
        self._ensure_begun(booking)
        missed = missed_fee(booking).amount
        return await self._move(
            actor,
            booking,
            BookingStatus.NO_SHOW,
            CustomerMissing,
            fee=booking.late_fee_amount + missed,
            missed=missed,
        )

    async def cancel(
        self, actor: Actor, booking_id: UUID, *, reason: str | None = None
    ) -> tuple[Booking, Settlement]:
        """Cancel it and say what that costs; what was paid follows once this is committed."""
        booking, now = await self.bookings.lock(actor, booking_id), self.clock()
        policy.ensure_can_cancel(actor, booking)
        over = booking.starts_at if policy.is_customer(actor, booking) else booking.ends_at
        if booking.status is BookingStatus.EXPIRED or now >= over:
            raise InvalidTransition
        if await self.seating.is_anybody_in(booking):
            raise InvalidTransition("Somebody was let in with it already.")
        terms = settlement(booking, by_customer=policy.is_customer(actor, booking), now=now)
        cancelled = await self._move(
            actor,
            booking,
            BookingStatus.CANCELLED,
            BookingCancelled,
            reason=reason,
            fee=booking.late_fee_amount + terms.fee.amount,
        )
        return cancelled, terms

    async def cancel_for(self, user_id: UUID, booking_ids: Sequence[UUID]) -> None:
        """Cancel, in somebody's name and on their terms, those of these that are still active."""
        now = self.clock()
        await self.seating.lock_of_all(booking_ids)
        for booking_id in sorted(booking_ids):
            booking = await self.bookings.lock_any(booking_id)
            if booking is None:
                continue
            terms = settlement(booking, by_customer=booking.customer_id == user_id, now=now)
            cancelled = await self.changes.move(
                booking_id,
                BookingStatus.CANCELLED,
                actor_id=user_id,
                reason=None,
                now=now,
                late_fee_amount=booking.late_fee_amount + terms.fee.amount,
            )
            if cancelled:
                await self.jobs.announce(BookingCancelled(booking_id))
                await self._seat(cancelled)

    async def reduce(
        self, actor: Actor, booking: Booking, left: Booking, *, reason: str | None
    ) -> Booking:
        """Write down that a booking has fewer seats than it had. It must be locked."""
        reduced = await self.changes.reduce(left, actor_id=actor.user_id, reason=reason)
        if reduced is None:
            raise InvalidTransition
        await self.jobs.announce(BookingReduced(booking.id))
        await self._note(actor, "booking.reduced", booking, reduced)
        return policy.told(actor, reduced)

    async def reschedule(
        self,
        actor: Actor,
        booking_id: UUID,
        *,
        starts_at: datetime,
        provider_id: UUID | None = None,
    ) -> Booking:
        """Move it to another time, of the same provider unless another is named, in one step.

        A time that is not free is refused with SlotUnavailable, and the old one is kept. Of those
        who move bookings of one provider one is let in at a time, so that none waits for another
        who waits for them.
        """
        seen = await self.bookings.get(actor, booking_id)
        policy.ensure_can_reschedule(actor, seen)
        if seen.service_id is None or seen.provider_id is None:
            raise InvalidTransition
        target = provider_id or seen.provider_id
        await self.availability.lock(sorted({seen.provider_id, target}))
        booking, now = await self.bookings.lock(actor, booking_id), self.clock()
        if booking.provider_id != seen.provider_id:
            raise Contention
        ensure_can_move(booking, by_customer=policy.is_customer(actor, booking), now=now)
        offering, performers = await self.availability.bookable(
            seen.service_id,
            target,
            since=starts_at,
            until=starts_at,
            for_user=seen.customer_id,
        )
        soonest, farthest = widest_window(offering, performers, now=now)
        if not soonest <= starts_at <= farthest:
            raise OutsideBookingWindow
        performer = await self._free(offering, performers, booking, starts_at)
        wanted = replace(moved(booking, offering, performer, starts_at=starts_at), updated_at=now)
        return await self._put(actor, booking, wanted, performer, now=now)

    async def history(
        self, actor: Actor, booking_id: UUID, request: PageRequest[ChangeSort]
    ) -> Page[BookingChange]:
        await self.bookings.get(actor, booking_id)
        return await self.changes.history(booking_id, request)

    async def expire_holds(self) -> int:
        """Write down that some holds have lapsed; return how many, 0 when all are."""
        return await self.changes.expire_holds(now=self.clock(), most=AT_ONCE)

    async def complete_over(self) -> int:
        """Complete some of the bookings that ended and that nobody called missed."""
        now = self.clock()
        return await self.changes.complete_over(
            ended=now - LEFT_FOR_NO_SHOWS, now=now, most=AT_ONCE
        )

    async def _locked(self, actor: Actor, booking_id: UUID) -> Booking:
        """Return it locked, for the provider, the organizer or support to decide about."""
        booking = await self.bookings.lock(actor, booking_id)
        policy.ensure_can_decide(actor, booking)
        if booking.status is BookingStatus.EXPIRED:
            raise InvalidTransition
        return booking

    async def _accept(self, actor: Actor, booking: Booking) -> Booking:
        """Hold it for the payment, as long again as it may wait to be granted."""
        now = self.clock()
        accepted = await self.changes.accept(
            booking.id,
            actor_id=actor.user_id,
            hold_expires_at=min(now + APPROVAL_HOLD, booking.starts_at),
            now=now,
        )
        if accepted is None:
            raise InvalidTransition
        await self.jobs.announce(BookingConfirmed(booking.id))
        await self._note(actor, "booking.accepted", booking, accepted)
        return policy.told(actor, accepted)

    def _ensure_begun(self, booking: Booking) -> None:
        if self.clock() < booking.starts_at:
            raise InvalidTransition("It has not begun yet.")

    async def _move(
        self,
        actor: Actor,
        booking: Booking,
        target: BookingStatus,
        announcing: Callable[[UUID], Message],
        *,
        reason: str | None = None,
        fee: int = 0,
        missed: int = 0,
    ) -> Booking:
        changed = await self.changes.move(
            booking.id,
            target,
            actor_id=actor.user_id,
            reason=reason,
            now=self.clock(),
            late_fee_amount=fee,
            missed_fee_amount=missed,
        )
        if changed is None:
            raise InvalidTransition
        await self._seat(changed)
        await self.jobs.announce(announcing(booking.id))
        await self._note(actor, f"booking.{target}", booking, changed)
        return policy.told(actor, changed)

    async def _seat(self, booking: Booking) -> None:
        """Let its tickets be worth what the booking is now."""
        if booking.status is BookingStatus.CONFIRMED:
            await self.seating.admit(booking)
        elif booking.status in (BookingStatus.CANCELLED, BookingStatus.DECLINED):
            await self.seating.release(booking)

    async def _free(
        self,
        offering: Offering,
        performers: list[Performer],
        booking: Booking,
        starts_at: datetime,
    ) -> Performer:
        """Return who performs it then; the booking's own time is not in its way."""
        wanted = int(starts_at.timestamp())
        offered = await self.availability.offering(offering, performers, starts_at, but=booking.id)
        if offered and await self.availability.between(
            offering, offered, since=wanted, until=wanted + 1, but=booking.id
        ):
            return offered[0]
        target = performers[0].provider_id if performers else booking.provider_id
        raise SlotUnavailable(
            alternatives=await self.availability.alternatives(
                offering, target, starts_at, but=booking.id
            )
        )

    async def _put(
        self,
        actor: Actor,
        booking: Booking,
        wanted: Booking,
        performer: Performer,
        *,
        now: datetime,
    ) -> Booking:
        await self.changes.expire_lapsed(wanted)
        change_id = new_id()
        put = await self.changes.reschedule(
            booking,
            wanted,
            change_id=change_id,
            actor_id=actor.user_id,
            hours_version=performer.hours_version,
            now=now,
        )
        if put is None:
            raise Contention
        await self.jobs.announce(BookingRescheduled(booking.id, change_id))
        await self._note(actor, "booking.rescheduled", booking, put)
        return policy.told(actor, put)

    async def _note(self, actor: Actor, action: str, before: Booking, after: Booking) -> None:
        """Note what staff did with a booking that is neither theirs nor with them."""
        if not (policy.is_customer(actor, before) or policy.sells(actor, before)):
            await self.audit.note(actor, action, ("booking", before.id), before=before, after=after)
