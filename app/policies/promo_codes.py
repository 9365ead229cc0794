"""Who may see and do what with a promo code."""

from dataclasses import replace

from app.core.errors import Forbidden
from app.domain.actors import Actor
from app.domain.permissions import Permission
from app.domain.promo_codes import PromoCode, PromoCodeFilter


def manages(actor: Actor) -> bool:
    """Whether everybody's codes, and the platform's, are theirs to change."""
    return actor.may(Permission.PROMO_CODES_MANAGE_ANY)


def ensure_can_promote(actor: Actor) -> None:
    """Refuse everybody but those who sell, and administrators."""
    sells = actor.may(Permission.EVENTS_WRITE) or actor.may(Permission.SERVICES_WRITE)
    if not (sells or manages(actor)):
        raise Forbidden("Only those who sell have promo codes.")


def can_see(actor: Actor, code: PromoCode) -> bool:
    """Tell whether they may see it, and so change it: it is nobody else's business."""
    return manages(actor) or code.owner_id == actor.user_id


def narrow(actor: Actor, wanted: PromoCodeFilter) -> PromoCodeFilter:
    return wanted if manages(actor) else replace(wanted, owner_id=actor.user_id)
