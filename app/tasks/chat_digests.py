"""Who has not read for a while what others wrote is told of it."""

from app.bootstrap import Services
from app.domain.chat_digests import ChatDigestDue
from app.tasks.registry import handles
from app.tasks.schedule import every


@every("* * * * *")
async def announce_chat_digests(services: Services) -> int:
    return await services.chat_digests.announce_due()


@handles(ChatDigestDue)
async def tell_unread(message: ChatDigestDue, services: Services) -> None:
    await services.chat_digests.tell(message)
