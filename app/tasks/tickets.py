"""What follows when a ticket changes hands."""

from app.bootstrap import Services
from app.domain.ticket_transfers import TicketHandedOver
from app.tasks.registry import handles


@handles(TicketHandedOver)
async def send_ticket(message: TicketHandedOver, services: Services) -> None:
    await services.ticket_letters.tell_handed_over(message)
