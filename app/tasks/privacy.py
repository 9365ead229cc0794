"""What follows when somebody is forgotten."""

from app.bootstrap import Services
from app.domain.privacy import AddressErased, UserErased
from app.tasks.registry import handles


@handles(UserErased)
async def erase_rest(message: UserErased, services: Services) -> None:
    await services.erasure.erase_rest(message.user_id)


@handles(AddressErased)
async def forget_kept(message: AddressErased, services: Services) -> None:
    await services.erasure.forget_kept(message.address_id)
