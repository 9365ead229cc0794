"""Who may change the catalog's tree; everybody may see it."""

from app.domain.actors import Actor
from app.domain.permissions import Permission


def ensure_can_arrange(actor: Actor) -> None:
    actor.ensure_may(Permission.CATEGORIES_MANAGE, "Only an administrator can change categories.")
