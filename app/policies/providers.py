"""Who may see and do what with a provider."""

from dataclasses import replace

from app.core.errors import Forbidden
from app.domain.actors import Actor
from app.domain.providers import Provider, ProviderFilter, ProviderStatus


def can_see(actor: Actor | None, provider: Provider) -> bool:
    """Tell whether they may see them: who can be booked is public."""
    if provider.status is ProviderStatus.ACTIVE:
        return True
    return actor is not None and (actor.is_admin or actor.user_id == provider.user_id)


def narrow(actor: Actor | None, wanted: ProviderFilter) -> ProviderFilter:
    """Limit a listing to who can be booked, unless an administrator asks."""
    if actor is not None and actor.is_admin:
        return wanted
    return replace(wanted, status=ProviderStatus.ACTIVE)


def ensure_can_set_hours(actor: Actor, provider: Provider) -> None:
    if not actor.is_admin and actor.user_id != provider.user_id:
        raise Forbidden("Only the provider or an administrator can set these hours.")
