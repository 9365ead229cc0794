"""What follows when a bank takes a payment back, and asking after it when nobody tells."""

from app.bootstrap import Services
from app.domain.disputes import DisputeMoved
from app.tasks.registry import handles
from app.tasks.schedule import every


@handles(DisputeMoved)
async def tell_of_dispute(message: DisputeMoved, services: Services) -> None:
    await services.money_announcements.tell_of_dispute(message.dispute_id)


@every("20 */6 * * *")
async def ask_about_disputes(services: Services) -> int:
    return await services.disputes.ask_stale()
