"""Letters to customers about what they still owe."""

from uuid import UUID

from app.core.clock import Clock
from app.core.i18n import told
from app.core.money import Money
from app.domain.bookings import Booking
from app.domain.dues import asked_for, dues, fee_due, is_payable
from app.domain.users import User, UserStatus
from app.repositories.bookings import BookingRepository
from app.repositories.users import UserRepository
from app.services.mail import MailService


class PaymentLetterService:
    """A letter tells how things stand when it is written, and is left out where they moved on."""

    def __init__(
        self,
        bookings: BookingRepository,
        users: UserRepository,
        mail: MailService,
        clock: Clock,
        *,
        base_url: str,
    ) -> None:
        self.bookings = bookings
        self.users = users
        self.mail = mail
        self.clock = clock
        self.base_url = base_url

    async def tell_rest(self, booking_id: UUID) -> None:
        """Write that the rest is due before it starts; not once it is paid, given up or over."""
        booking, now = await self.bookings.get(booking_id), self.clock()
        if booking is None or not is_payable(booking, now=now) or now >= booking.starts_at:
            return
        customer, due = await self._reader(booking.customer_id), dues(booking).now
        if customer is None or not due.amount:
            return
        until = told(booking.starts_at, customer.locale, timezone=booking.timezone)
        start = f"{booking.id}/{booking.starts_at:%Y%m%dT%H%M}"  # moved, it is told again
        await self._send("rest_due", start, customer, due, booking, until=until)

    async def tell_fee(self, booking_id: UUID) -> None:
        """Write that a fee is to be paid; not once it was, or was waived."""
        booking = await self.bookings.get(booking_id)
        if booking is None or not fee_due(booking):
            return
        customer = await self._reader(booking.customer_id)
        if customer is not None:
            await self._send("fee_owed", booking.id, customer, asked_for(booking), booking)

    async def _send(
        self,
        kind: str,
        fact_id: UUID | str,
        customer: User,
        amount: Money,
        booking: Booking,
        *,
        until: str | None = None,
    ) -> None:
        await self.mail.send(
            kind,
            to=customer.email,
            locale=customer.locale,
            key=f"{kind}/{fact_id}",
            title=booking.title,
            amount=amount.written(customer.locale),
            until=until,
            link=f"{self.base_url}/bookings/{booking.id}",
        )

    async def _reader(self, user_id: UUID) -> User | None:
        user = await self.users.get(user_id)
        return user if user is not None and user.status is UserStatus.ACTIVE else None
