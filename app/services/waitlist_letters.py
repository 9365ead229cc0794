"""Letters to those who wait for seats."""

from uuid import UUID

from app.core.clock import Clock
from app.core.i18n import told
from app.domain.event_bookings import EventOnSale
from app.domain.users import User, UserStatus
from app.domain.waitlist import WaitlistEntry, WaitlistStatus, as_of
from app.repositories.event_bookings import EventBookingRepository
from app.repositories.users import UserRepository
from app.repositories.waitlist import WaitlistRepository
from app.services.mail import MailService


class WaitlistLetterService:
    def __init__(
        self,
        entries: WaitlistRepository,
        event_bookings: EventBookingRepository,
        users: UserRepository,
        mail: MailService,
        clock: Clock,
        *,
        base_url: str,
    ) -> None:
        self.entries = entries
        self.event_bookings = event_bookings
        self.users = users
        self.mail = mail
        self.clock = clock
        self.base_url = base_url

    async def tell_offered(self, entry_id: UUID) -> None:
        """Write that seats are kept, and until when; nothing once they are taken, or are not."""
        found, now = await self.entries.get(entry_id), self.clock()
        entry = found and as_of(found, now)
        if entry is None or entry.status is not WaitlistStatus.OFFERED:
            return
        user = await self.users.get(entry.user_id)
        sale = await self.event_bookings.on_sale(entry.event_id, entry.user_id, now=now)
        if sale is not None and user is not None and user.status is UserStatus.ACTIVE:
            await self._send(entry, sale.event, user)

    async def _send(self, entry: WaitlistEntry, event: EventOnSale, user: User) -> None:
        assert entry.offer_expires_at is not None  # by a constraint
        await self.mail.send(
            "seats_offered",
            to=user.email,
            locale=user.locale,
            key=f"seats_offered/{entry.id}",
            title=event.title,
            seats=entry.seats,
            at=told(event.starts_at, user.locale, timezone=event.timezone),
            until=told(entry.offer_expires_at, user.locale, timezone=event.timezone),
            link=f"{self.base_url}/events/{event.id}",
        )
