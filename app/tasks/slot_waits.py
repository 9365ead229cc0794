"""Time that comes free goes to those who wait for it."""

from typing import Any

from app.bootstrap import Services
from app.domain.bookings import (
    BookingCancelled,
    BookingDeclined,
    BookingRescheduled,
)
from app.domain.slot_waits import TimeFreed
from app.tasks.registry import handles
from app.tasks.schedule import every


async def offer_time(message: Any, services: Services) -> None:
    booking = await services.bookings.find(message.booking_id)
    if booking is not None and booking.provider_id is not None:
        await services.slot_waits.offer_time_of(booking.provider_id)


for kind in (BookingCancelled, BookingDeclined, BookingRescheduled):
    handles(kind)(offer_time)


@handles(TimeFreed)
async def offer_freed_time(message: TimeFreed, services: Services) -> None:
    await services.slot_waits.offer_time_of(message.provider_id)


@every("* * * * *")
async def look_for_free_time(services: Services) -> int:
    return await services.slot_waits.look_everywhere()
