"""What calendars elsewhere say, asked for every quarter of an hour."""

from datetime import timedelta

from app.bootstrap import Services
from app.domain.external_calendars import CalendarRefreshWanted
from app.tasks.registry import handles
from app.tasks.schedule import every


@handles(CalendarRefreshWanted, attempts=2, within=timedelta(minutes=2))
async def read_calendar(message: CalendarRefreshWanted, services: Services) -> None:
    await services.external_calendars.read(message.calendar_id)


@every("*/15 * * * *")
async def refresh_calendars(services: Services) -> None:
    await services.external_calendars.refresh_all()
