"""What happens after somebody says that an address is theirs."""

from app.bootstrap import Services
from app.domain.verifications import EmailVerificationAskedAgain, EmailVerificationRequested
from app.tasks.registry import handles


@handles(EmailVerificationRequested)
async def write_to_owner(message: EmailVerificationRequested, services: Services) -> None:
    await services.verifications.write_to_owner(message.verification_id)


@handles(EmailVerificationAskedAgain)
async def issue_again(message: EmailVerificationAskedAgain, services: Services) -> None:
    await services.verifications.issue_again(message.user_id)
