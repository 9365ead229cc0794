"""The text message by which a number is shown to be one's own."""

from app.bootstrap import Services
from app.domain.phones import PhoneVerificationAsked
from app.tasks.registry import handles


@handles(PhoneVerificationAsked)
async def send_code(message: PhoneVerificationAsked, services: Services) -> None:
    await services.phones.send_code(message.verification_id)
