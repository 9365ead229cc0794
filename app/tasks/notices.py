"""What the owner of an account is told about its safety."""

from app.bootstrap import Services
from app.domain.notices import SecurityNotice
from app.tasks.registry import handles


@handles(SecurityNotice)
async def tell_owner(message: SecurityNotice, services: Services) -> None:
    await services.notices.write_to_owner(message)
