"""Reminding people of what they booked."""

from datetime import timedelta
from uuid import UUID

from app.core.clock import Clock
from app.domain.notification_standing import stands
from app.domain.notifications import Facts, Kind
from app.domain.reminders import lead_now
from app.repositories.occasions import OccasionRepository
from app.repositories.reminders import ReminderRepository
from app.services.notifications import NotificationService


class ReminderService:
    """See docs/decisions/0047-reminders.md."""

    def __init__(
        self,
        reminders: ReminderRepository,
        occasions: OccasionRepository,
        notifications: NotificationService,
        clock: Clock,
    ) -> None:
        self.reminders = reminders
        self.occasions = occasions
        self.notifications = notifications
        self.clock = clock

    async def announce_due(self) -> int:
        """Announce the reminders that came due since the last time; return how many.

        After a time when nobody did, what is late is announced once, whatever came due meanwhile.
        """
        until = self.clock()
        since = await self.reminders.lock(now=until)
        if until <= since:  # somebody just did
            return 0
        return await self.reminders.announce(since=since, until=until)

    async def remind(self, booking_id: UUID) -> None:
        """Remind its customer of a booking, once for each lead and start; safe to repeat.

        Of what was cancelled or moved meanwhile, or has begun, nobody is reminded.
        """
        booking, terms = (
            await self.occasions.booking(booking_id),
            await self.reminders.of(booking_id),
        )
        if booking is None or terms is None:
            return
        facts, now = Facts(booking_id=booking.id, starts_at=booking.starts_at), self.clock()
        lead = lead_now(terms.reminder_minutes, booking.starts_at, now=now)
        if lead is None or not stands(Kind.REMINDER, facts, booking, now=now):
            return
        if terms.created_at > booking.starts_at - timedelta(minutes=lead):
            return
        key = f"{Kind.REMINDER}/{booking.id}/{booking.starts_at:%Y%m%dT%H%M}/{lead}"
        await self.notifications.tell(Kind.REMINDER, booking.customer_id, key=key, facts=facts)
