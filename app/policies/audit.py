"""Who may see what those who work here did."""

from app.domain.actors import Actor
from app.domain.permissions import Permission


def ensure_can_read(actor: Actor) -> None:
    actor.ensure_may(Permission.AUDIT_READ, "Only an administrator can read this log.")
