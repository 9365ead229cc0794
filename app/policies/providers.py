"""Who may see and do what with a provider."""

from dataclasses import replace

from app.domain.actors import Actor
from app.domain.permissions import Permission
from app.domain.providers import Provider, ProviderFilter, ProviderStatus


def manages(actor: Actor) -> bool:
    """Whether every provider is theirs to look after."""
    return actor.may(Permission.PROVIDERS_MANAGE_ANY)


def can_see(actor: Actor | None, provider: Provider) -> bool:
    """Tell whether they may see them: who can be booked is public."""
    if provider.status is ProviderStatus.ACTIVE:
        return True
    return actor is not None and (manages(actor) or actor.user_id == provider.user_id)


def narrow(actor: Actor | None, wanted: ProviderFilter) -> ProviderFilter:
    """Limit a listing to who can be booked, unless an administrator asks."""
    if actor is not None and manages(actor):
        return wanted
    return replace(wanted, status=ProviderStatus.ACTIVE)


def ensure_can_change(actor: Actor, provider: Provider) -> None:
    if not (actor.user_id == provider.user_id and actor.may(Permission.SCHEDULES_WRITE)):
        actor.ensure_may(
            Permission.PROVIDERS_MANAGE_ANY,
            "Only the provider or an administrator can change this.",
        )


def ensure_can_see_time_off(actor: Actor, provider: Provider) -> None:
    """Why somebody is away is nobody else's business."""
    if actor.user_id != provider.user_id:
        actor.ensure_may(
            Permission.PROVIDERS_MANAGE_ANY,
            "Only the provider or an administrator can see this.",
        )


def ensure_can_close(actor: Actor) -> None:
    """Whether they may close the business, which means every provider."""
    actor.ensure_may(
        Permission.PROVIDERS_MANAGE_ANY, "Only an administrator can close the business."
    )


def ensure_can_set_hours(actor: Actor, provider: Provider) -> None:
    if not (actor.user_id == provider.user_id and actor.may(Permission.SCHEDULES_WRITE)):
        actor.ensure_may(
            Permission.PROVIDERS_MANAGE_ANY,
            "Only the provider or an administrator can set these hours.",
        )
