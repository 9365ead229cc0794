"""Letters to customers about their bookings, with a file for their calendar."""

from uuid import UUID

from app.core.clock import Clock
from app.core.i18n import told
from app.domain.bookings import BookingStatus
from app.domain.calendars import Entry, EntryStatus, Method, Visit, for_customer
from app.domain.users import User, UserStatus
from app.integrations.calendars.protocol import Calendars
from app.integrations.mail.protocol import Attachment
from app.repositories.calendars import CalendarRepository
from app.repositories.users import UserRepository
from app.services.mail import MailService


class BookingLetterService:
    """A letter tells how things stand when it is written, and is left out where they moved on.

    Whatever changed them has announced a letter of its own.
    """

    def __init__(
        self,
        visits: CalendarRepository,
        users: UserRepository,
        mail: MailService,
        calendars: Calendars,
        clock: Clock,
        *,
        base_url: str,
        host: str,
    ) -> None:
        self.visits = visits
        self.users = users
        self.mail = mail
        self.calendars = calendars
        self.clock = clock
        self.base_url = base_url
        self.host = host

    async def tell_confirmed(self, booking_id: UUID) -> None:
        """Write that it takes place, unless it waits for an answer or a payment."""
        await self._tell("booking_confirmed", booking_id, BookingStatus.CONFIRMED)

    async def tell_rescheduled(self, booking_id: UUID) -> None:
        await self._tell("booking_rescheduled", booking_id, BookingStatus.CONFIRMED)

    async def tell_reduced(self, booking_id: UUID) -> None:
        """Write that it has fewer seats than before."""
        await self._tell("booking_reduced", booking_id, BookingStatus.CONFIRMED)

    async def tell_cancelled(self, booking_id: UUID) -> None:
        await self._tell("booking_cancelled", booking_id, BookingStatus.CANCELLED)

    async def _tell(self, kind: str, booking_id: UUID, status: BookingStatus) -> None:
        visit = await self.visits.visit(booking_id)
        if visit is None or visit.status is not status:
            return
        customer = await self.users.get(visit.customer_id)
        if customer is not None and customer.status is UserStatus.ACTIVE:
            await self._send(kind, visit, customer)

    async def _send(self, kind: str, visit: Visit, customer: User) -> None:
        entry = for_customer(visit, host=self.host, now=self.clock())
        await self.mail.send(
            kind,
            to=customer.email,
            locale=customer.locale,
            key=f"{kind}/{visit.id}/{visit.sequence}",
            attachments=(await self._file(entry, customer.email),),
            title=visit.title,
            at=told(visit.starts_at, customer.locale, timezone=visit.timezone),
            provider=visit.provider_name,
            place=visit.location,
            seats=visit.seats,
            link=f"{self.base_url}/bookings/{visit.id}",
        )

    async def _file(self, entry: Entry, attendee: str) -> Attachment:
        cancelled = entry.status is EntryStatus.CANCELLED
        method = Method.CANCEL if cancelled else Method.REQUEST
        content = await self.calendars.write([entry], method=method, attendee=attendee)
        return Attachment("booking.ics", f"text/calendar; method={method}; charset=utf-8", content)
