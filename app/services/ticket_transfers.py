"""Giving a ticket to somebody else, or saying for the first time who comes with it."""

from dataclasses import fields
from uuid import UUID

from app.core.clock import Clock
from app.domain.actors import Actor
from app.domain.bookings import InvalidTransition
from app.domain.limits import Quota
from app.domain.ticket_transfers import Attendee, ensure_transferable, handed_over
from app.domain.tickets import (
    NamedTicket,
    ShownTicket,
    TicketAtEvent,
    TicketNotFound,
    TicketStatus,
)
from app.policies import bookings as policy
from app.repositories.jobs import JobRepository
from app.repositories.ticket_transfers import TicketTransferRepository
from app.repositories.tickets import TicketRepository
from app.services.audit import AuditService
from app.services.bookings import BookingService
from app.services.limits import LimitService
from app.services.tickets import TicketService


class TicketTransferService:
    def __init__(
        self,
        transfers: TicketTransferRepository,
        rows: TicketRepository,
        tickets: TicketService,
        bookings: BookingService,
        limits: LimitService,
        jobs: JobRepository,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.transfers = transfers
        self.rows = rows
        self.tickets = tickets
        self.bookings = bookings
        self.limits = limits
        self.jobs = jobs
        self.audit = audit
        self.clock = clock

    async def transfer(
        self, actor: Actor, booking_id: UUID, ticket_id: UUID, attendee: Attendee
    ) -> ShownTicket:
        """Give it to somebody, who gets a letter with it; every code before is worth nothing.

        Refused with InvalidTransition where nobody can come with it any more. Told once more
        what is known, it stays as it is.
        """
        policy.ensure_can_transfer(actor, await self.bookings.get(actor, booking_id))
        if attendee.email is not None:
            await self.limits.spend(Quota.MAILS, actor.user_id)
        booking = await self.bookings.lock(actor, booking_id)
        seen = await self.rows.get_of(booking_id, ticket_id)
        if seen is None or seen.status is TicketStatus.HELD:
            raise TicketNotFound
        ensure_transferable(seen, now=self.clock())
        if attendee == Attendee(seen.attendee_name, seen.attendee_email):
            return self.tickets.shown(seen)
        changed = await self._hand(actor, seen, attendee)
        if not (policy.is_customer(actor, booking) or policy.sells(actor, booking)):
            await self.audit.note(
                actor, "ticket.transferred", ("ticket", seen.id), before=_plain(seen), after=changed
            )
        return self.tickets.shown(changed)

    async def _hand(self, actor: Actor, seen: TicketAtEvent, attendee: Attendee) -> NamedTicket:
        changed = await self.transfers.transfer(
            seen, attendee, actor_id=actor.user_id, now=self.clock()
        )
        if changed is None:  # let in a moment ago
            raise InvalidTransition
        if attendee.email is not None:
            await self.jobs.announce(handed_over(changed.id, changed.code_version))
        return changed


def _plain(ticket: NamedTicket) -> NamedTicket:
    return NamedTicket(*(getattr(ticket, field.name) for field in fields(NamedTicket)))
