"""Reminding people, as its time comes."""

from app.bootstrap import Services
from app.domain.reminders import ReminderDue
from app.tasks.registry import handles
from app.tasks.schedule import every


@every("* * * * *")
async def announce_reminders(services: Services) -> int:
    return await services.reminders.announce_due()


@handles(ReminderDue)
async def remind(message: ReminderDue, services: Services) -> None:
    await services.reminders.remind(message.booking_id)
