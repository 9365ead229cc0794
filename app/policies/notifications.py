"""Who may tell others something, and see what they were told."""

from app.domain.actors import Actor
from app.domain.permissions import Permission


def ensure_can_manage(actor: Actor) -> None:
    actor.ensure_may(
        Permission.NOTIFICATIONS_MANAGE, "Only those who work here can see what others are told."
    )
