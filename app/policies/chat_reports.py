"""Who decides on complaints about messages."""

from app.domain.actors import Actor
from app.domain.permissions import Permission


def ensure_can_moderate(actor: Actor) -> None:
    actor.ensure_may(Permission.CHAT_MODERATE, "Only support decides on complaints.")
