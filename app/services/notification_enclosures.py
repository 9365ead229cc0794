"""What comes with letters: a file for the calendar, a receipt, a ticket."""

from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.i18n import Locale
from app.domain.calendars import Entry, EntryStatus, Method, for_customer, for_seller
from app.domain.notifications import Kind, Notification
from app.domain.printing import printed
from app.domain.receipts import Receipt
from app.domain.ticket_codes import TicketSigner
from app.integrations.calendars.protocol import Calendars
from app.integrations.mail.protocol import Attachment
from app.integrations.printing.protocol import Printing
from app.repositories.calendars import CalendarRepository
from app.repositories.tickets import TicketRepository
from app.services.receipts import ReceiptService

FOR_CUSTOMERS: Final = frozenset(
    {
        Kind.BOOKING_CONFIRMED,
        Kind.BOOKING_APPROVED,
        Kind.BOOKING_MOVED,
        Kind.BOOKING_REDUCED,
        Kind.REMINDER,
        Kind.BOOKING_CANCELLED,
        Kind.EVENT_MOVED,
        Kind.EVENT_CANCELLED,
    }
)
FOR_SELLERS: Final = frozenset(
    {Kind.RECEIVED_BOOKING, Kind.RECEIVED_MOVE, Kind.RECEIVED_CANCELLATION}
)
NONE: Final[tuple[Attachment, ...]] = ()


class EnclosureService:
    def __init__(
        self,
        visits: CalendarRepository,
        tickets: TicketRepository,
        receipts: ReceiptService,
        calendars: Calendars,
        printing: Printing,
        signer: TicketSigner,
        checkpoint: Checkpoint,
        clock: Clock,
        *,
        host: str,
    ) -> None:
        self.visits = visits
        self.tickets = tickets
        self.receipts = receipts
        self.calendars = calendars
        self.printing = printing
        self.signer = signer
        self.checkpoint = checkpoint
        self.clock = clock
        self.host = host

    async def of(
        self, notification: Notification, address: str, locale: Locale
    ) -> tuple[Attachment, ...]:
        """Return what comes with it, printed with no transaction open."""
        kind, facts = notification.kind, notification.facts
        if kind in FOR_CUSTOMERS | FOR_SELLERS and facts.booking_id is not None:
            return await self._calendar_file(kind, facts.booking_id, address)
        match kind:
            case Kind.PAYMENT_SUCCEEDED if facts.payment_id is not None:
                paper = await self.receipts.issue(facts.payment_id)
                return await self._paper(paper, locale)
            case Kind.REFUND_SUCCEEDED if facts.refund_id is not None:
                paper = await self.receipts.credit(facts.refund_id)
                return await self._paper(paper, locale)
            case Kind.TICKET_HANDED_OVER if facts.ticket_id is not None:
                return await self._ticket(facts.ticket_id, locale)
        return NONE

    async def _calendar_file(
        self, kind: Kind, booking_id: UUID, attendee: str
    ) -> tuple[Attachment, ...]:
        visit = await self.visits.visit(booking_id)
        if visit is None:
            return NONE
        as_seen = for_seller if kind in FOR_SELLERS else for_customer
        entry = as_seen(visit, host=self.host, now=self.clock())
        method = self._method(entry)
        content = await self.calendars.write([entry], method=method, attendee=attendee)
        type_ = f"text/calendar; method={method}; charset=utf-8"
        return (Attachment("booking.ics", type_, content),)

    def _method(self, entry: Entry) -> Method:
        is_off = entry.status is EntryStatus.CANCELLED
        return Method.CANCEL if is_off else Method.REQUEST

    async def _paper(self, paper: Receipt | None, locale: Locale) -> tuple[Attachment, ...]:
        if paper is None:
            return NONE
        await self.checkpoint()  # nothing is held while it is printed
        content = await self.receipts.printed(paper, locale)
        return (Attachment(f"receipt-{paper.shown_number}.pdf", "application/pdf", content),)

    async def _ticket(self, ticket_id: UUID, locale: Locale) -> tuple[Attachment, ...]:
        ticket = await self.tickets.get(ticket_id)
        if ticket is None:
            return NONE
        await self.checkpoint()  # nothing is held while it is printed
        shown = printed(ticket, self.signer)
        content = await self.printing.tickets([shown], locale)
        return (Attachment(f"ticket-{shown.number}.pdf", "application/pdf", content),)
