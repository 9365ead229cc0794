"""What those who talk say on their sockets."""

from app.api.realtime.inbound import receives
from app.bootstrap import Services
from app.domain.actors import Actor
from app.schemas.conversations import PresenceSaid, TypingSaid


@receives("typing", TypingSaid)
async def tell_typing(actor: Actor, said: TypingSaid, services: Services) -> None:
    await services.chat_frames.typing(actor, said.conversation_id)


@receives("presence", PresenceSaid)
async def tell_presence(actor: Actor, said: PresenceSaid, services: Services) -> None:
    await services.chat_frames.present(actor, is_online=said.online)
