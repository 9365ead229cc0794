"""Seats that come free go to those who wait for them."""

from app.bootstrap import Services
from app.domain.events import SeatsFreed
from app.tasks.registry import handles


@handles(SeatsFreed)
async def settle_seats(message: SeatsFreed, services: Services) -> None:
    await services.seating.settle(message.event_id)
