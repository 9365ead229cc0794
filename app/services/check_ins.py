"""Letting people in, once with each ticket."""

from collections.abc import Sequence
from uuid import UUID

from app.core.clock import Clock
from app.core.errors import Contention
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.bookings import InvalidTransition
from app.domain.check_ins import (
    AlreadyCheckedIn,
    CheckInFilter,
    CheckInSort,
    CheckInUndone,
    DoorTicket,
    Scan,
    TicketTransferred,
    TypeFigures,
    WrongEvent,
    ensure_open,
    moment_of,
)
from app.domain.event_bookings import EventOnSale
from app.domain.events import EventNotFound
from app.domain.ticket_codes import InvalidTicketCode, TicketCode, TicketSigner
from app.domain.tickets import (
    NamedTicket,
    ShownTicket,
    TicketCancelled,
    TicketNotFound,
    TicketStatus,
)
from app.policies import bookings as policy
from app.repositories.check_ins import CheckInRepository
from app.services.audit import AuditService
from app.services.tickets import TicketService


class CheckInService:
    def __init__(
        self,
        check_ins: CheckInRepository,
        tickets: TicketService,
        signer: TicketSigner,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.check_ins = check_ins
        self.tickets = tickets
        self.signer = signer
        self.audit = audit
        self.clock = clock

    async def check_in(self, actor: Actor, event_id: UUID, scan: Scan) -> ShownTicket:
        """Let somebody in: one, however many scan the same ticket at the same time.

        Refused with AlreadyCheckedIn, unless it is the same scan sent again, or forced: then it
        is noted, and when they came in first is kept.
        """
        event, now = await self._at_the_door(actor, event_id), self.clock()
        ensure_open(event)
        code, at = self._read(event_id, scan.code), moment_of(scan, event, now=now)
        ticket = await self.check_ins.admit(code, scan, actor_id=actor.user_id, at=at, now=now)
        if ticket is not None:
            await self._note(actor, "ticket.checked_in", event, ticket)
            return self.tickets.shown(ticket)
        ticket = await self._seen_before(code, scan)
        if scan.force:
            await self.check_ins.note_again(code, scan, actor_id=actor.user_id, at=at, now=now)
        return self.tickets.shown(ticket)

    async def undo(
        self, actor: Actor, event_id: UUID, *, code: str | None, ticket_id: UUID | None
    ) -> ShownTicket:
        """Take somebody out again; refused with InvalidTransition where nobody is in."""
        event = await self._at_the_door(actor, event_id)
        ticket = await self._named(event_id, code, ticket_id)
        undone = await self.check_ins.undo(ticket, actor_id=actor.user_id, now=self.clock())
        if undone is None:
            raise InvalidTransition
        await self._note(actor, "ticket.check_in_undone", event, undone)
        return self.tickets.shown(undone)

    async def list(
        self, actor: Actor, wanted: CheckInFilter, request: PageRequest[CheckInSort]
    ) -> Page[DoorTicket]:
        await self._at_the_door(actor, wanted.event_id)
        return await self.check_ins.matching(wanted, request)

    async def figures(self, actor: Actor, event_id: UUID) -> Sequence[TypeFigures]:
        """Return, of each ticket type, how many are sold and how many of them are in."""
        await self._at_the_door(actor, event_id)
        return await self.check_ins.figures(event_id)

    async def _at_the_door(self, actor: Actor, event_id: UUID) -> EventOnSale:
        event = await self.check_ins.event(event_id)
        if event is None or not policy.can_see_on_sale(actor, event):
            raise EventNotFound
        policy.ensure_can_admit(actor, event)
        return event

    def _read(self, event_id: UUID, code: str) -> TicketCode:
        read = self.signer.read(code)
        if read.event_id != event_id:
            raise WrongEvent
        return read

    async def _ticket(self, code: TicketCode) -> NamedTicket:
        """Return what a code is of; refuse one of which only a later code is good."""
        ticket = await self.check_ins.ticket(code.event_id, code.ticket_id)
        if ticket is None or ticket.status is TicketStatus.HELD:
            raise InvalidTicketCode
        if ticket.code_version != code.code_version:
            raise TicketTransferred
        return ticket

    async def _seen_before(self, code: TicketCode, scan: Scan) -> NamedTicket:
        """Return the ticket of a scan that let nobody in, and may be repeated; or refuse it."""
        ticket = await self._ticket(code)
        if ticket.status is TicketStatus.CANCELLED:
            raise TicketCancelled
        if ticket.status is TicketStatus.VALID:  # made so since we asked
            raise Contention
        was_undone = None
        if scan.nonce is not None:
            was_undone = await self.check_ins.was_undone(ticket.id, scan.nonce)
        if was_undone:
            raise CheckInUndone
        if was_undone is None and not scan.force:
            raise AlreadyCheckedIn(checked_in_at=ticket.checked_in_at)
        return ticket

    async def _named(self, event_id: UUID, code: str | None, ticket_id: UUID | None) -> NamedTicket:
        if code is not None:
            return await self._ticket(self._read(event_id, code))
        ticket = ticket_id and await self.check_ins.ticket(event_id, ticket_id)
        if not ticket:
            raise TicketNotFound
        return ticket

    async def _note(
        self, actor: Actor, action: str, event: EventOnSale, ticket: NamedTicket
    ) -> None:
        """Note what staff do at the door of somebody else's event."""
        if actor.user_id != event.organizer_id:
            await self.audit.note(actor, action, ("ticket", ticket.id))
