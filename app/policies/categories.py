"""Who may change the catalog's tree; everybody may see it."""

from app.core.errors import Forbidden
from app.domain.actors import Actor


def ensure_can_arrange(actor: Actor) -> None:
    if not actor.is_admin:
        raise Forbidden("Only an administrator can change categories.")
