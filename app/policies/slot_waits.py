"""Who may see who waits for a service."""

from dataclasses import replace

from app.domain.actors import Actor
from app.domain.offerings import Offering
from app.domain.permissions import Permission
from app.domain.slot_waits import SlotWaitFilter


def narrow(actor: Actor, offering: Offering, wanted: SlotWaitFilter) -> SlotWaitFilter:
    """Limit a listing to the actor's own, save for the service's owner and staff."""
    is_own = actor.user_id == offering.owner_id and actor.may(Permission.SERVICES_WRITE)
    if is_own or actor.may(Permission.BOOKINGS_READ_ANY):
        return wanted
    return replace(wanted, user_id=actor.user_id)
