"""What those who wait for seats are told by letter."""

from app.bootstrap import Services
from app.domain.waitlist import SeatsOffered
from app.tasks.registry import handles


@handles(SeatsOffered)
async def tell_offered(message: SeatsOffered, services: Services) -> None:
    await services.waitlist_letters.tell_offered(message.entry_id)
