"""Who may see and do what with an offering."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from app.core.errors import Unauthenticated
from app.domain.actors import Actor
from app.domain.offerings import Offering, OfferingFilter, OfferingStatus
from app.domain.permissions import Permission
from app.domain.providers import Provider, ProviderStatus


def manages(actor: Actor) -> bool:
    """Whether everybody's services are theirs to change."""
    return actor.may(Permission.SERVICES_MANAGE_ANY)


def can_see(actor: Actor | None, offering: Offering) -> bool:
    """Tell whether they may see it: what is active is public, the rest its owner's."""
    if offering.status is OfferingStatus.ACTIVE:
        return True
    return actor is not None and (manages(actor) or actor.user_id == offering.owner_id)


def narrow(actor: Actor | None, wanted: OfferingFilter, *, mine: bool) -> OfferingFilter:
    """Limit a listing to what the actor may see; `mine` to what they own.

    Drafts and archived ones are shown to those who ask for them, by `mine` or by status, and to
    administrators.
    """
    if not mine and wanted.status in (None, OfferingStatus.ACTIVE):
        sees_all = actor is not None and manages(actor)
        return wanted if sees_all else replace(wanted, status=OfferingStatus.ACTIVE)
    if actor is None:
        raise Unauthenticated
    if manages(actor) and not mine:
        return wanted
    return replace(wanted, owner_id=actor.user_id)


def ensure_can_offer(actor: Actor, provider: Provider | None) -> None:
    """Refuse everybody but administrators and providers who can be booked."""
    bookable = provider is not None and provider.status is ProviderStatus.ACTIVE
    if not (bookable and actor.may(Permission.SERVICES_WRITE)):
        actor.ensure_may(
            Permission.SERVICES_MANAGE_ANY,
            "Only a provider or an administrator can offer services.",
        )


def ensure_can_change(actor: Actor, offering: Offering) -> None:
    if not (actor.user_id == offering.owner_id and actor.may(Permission.SERVICES_WRITE)):
        actor.ensure_may(
            Permission.SERVICES_MANAGE_ANY,
            "Only its provider or an administrator can change a service.",
        )


def ensure_can_name(actor: Actor, provider_ids: Iterable[UUID]) -> None:
    """Refuse a provider who names others as performing; they answer for themselves alone."""
    if any(named != actor.provider_id for named in provider_ids):
        actor.ensure_may(
            Permission.SERVICES_MANAGE_ANY, "A provider can put themselves alone on a service."
        )
