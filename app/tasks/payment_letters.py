"""What customers are told by letter about what they still owe."""

from app.bootstrap import Services
from app.domain.deposits import RestDue
from app.tasks.registry import handles


@handles(RestDue)
async def ask_for_rest(message: RestDue, services: Services) -> None:
    await services.payment_letters.tell_rest(message.booking_id)
