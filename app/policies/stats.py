"""Who may see how the platform is doing."""

from app.domain.actors import Actor
from app.domain.permissions import Permission


def ensure_can_read(actor: Actor) -> None:
    actor.ensure_may(Permission.STATS_READ, "Only those who work here can see these figures.")
