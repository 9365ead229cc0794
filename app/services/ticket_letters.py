"""Letters with a ticket, to who comes with it."""

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.i18n import Locale, told
from app.domain.events import EventStatus
from app.domain.printing import PrintedTicket, printed
from app.domain.ticket_codes import TicketSigner
from app.domain.ticket_transfers import TicketHandedOver, handed_over
from app.domain.tickets import TicketAtEvent, TicketStatus
from app.integrations.mail.protocol import Attachment
from app.integrations.printing.protocol import Printing
from app.repositories.tickets import TicketRepository
from app.repositories.users import UserRepository
from app.services.mail import MailService


class TicketLetterService:
    def __init__(
        self,
        tickets: TicketRepository,
        users: UserRepository,
        mail: MailService,
        printing: Printing,
        signer: TicketSigner,
        checkpoint: Checkpoint,
        clock: Clock,
        *,
        base_url: str,
    ) -> None:
        self.tickets = tickets
        self.users = users
        self.mail = mail
        self.printing = printing
        self.signer = signer
        self.checkpoint = checkpoint
        self.clock = clock
        self.base_url = base_url

    async def tell_handed_over(self, message: TicketHandedOver) -> None:
        """Send a ticket to who has it now; left out where it has changed hands again, or is over.

        In the language of who booked it: of who comes nothing else is known.
        """
        ticket = await self.tickets.get(message.ticket_id)
        if ticket is None or handed_over(ticket.id, ticket.code_version) != message:
            return
        customer = await self.users.get(ticket.customer_id)
        if customer is None or ticket.attendee_email is None or not self._is_good(ticket):
            return
        await self._send(ticket, ticket.attendee_email, customer.locale)

    def _is_good(self, ticket: TicketAtEvent) -> bool:
        stands = ticket.event_status is not EventStatus.CANCELLED
        ahead = self.clock() < ticket.ends_at
        return stands and ahead and ticket.status is TicketStatus.VALID

    async def _send(self, ticket: TicketAtEvent, to: str, locale: Locale) -> None:
        await self.checkpoint()  # nothing is held while it is printed
        await self.mail.send(
            "ticket_handed_over",
            to=to,
            locale=locale,
            key=f"ticket_handed_over/{ticket.id}/{ticket.code_version}",
            attachments=(await self._file(printed(ticket, self.signer), locale),),
            title=ticket.title,
            at=told(ticket.starts_at, locale, timezone=ticket.timezone),
            place=ticket.location,
            attendee=ticket.attendee_name,
            ticket_type=ticket.ticket_type,
            link=f"{self.base_url}/events/{ticket.event_id}",
        )

    async def _file(self, ticket: PrintedTicket, locale: Locale) -> Attachment:
        content = await self.printing.tickets([ticket], locale)
        return Attachment(f"ticket-{ticket.number}.pdf", "application/pdf", content)
