"""Who may see and do what with a booking."""

from dataclasses import replace

from app.core.errors import Forbidden
from app.domain.actors import Actor
from app.domain.bookings import Booking, BookingFilter, BookingScope, NamedBooking
from app.domain.event_bookings import EventOnSale
from app.domain.events import EventStatus
from app.domain.permissions import Permission
from app.domain.roles import Role
from app.domain.waitlist import WaitlistFilter


def can_see(actor: Actor, booking: Booking) -> bool:
    anybodys = actor.may(Permission.BOOKINGS_READ_ANY)
    return anybodys or is_customer(actor, booking) or sells(actor, booking)


def is_customer(actor: Actor, booking: Booking) -> bool:
    return actor.user_id == booking.customer_id


def sells(actor: Actor, booking: Booking) -> bool:
    """Whether it is a booking with the actor: their time as a provider, or their event."""
    provides = actor.provider_id is not None and actor.provider_id == booking.provider_id
    return provides or actor.user_id == booking.organizer_id


def told(actor: Actor, booking: NamedBooking) -> NamedBooking:
    """Return it as they are told of it: whose it is, to everybody but the customer, who knows.

    So a booking looks to its customer as it did when it was made, which doesn't ask for names.
    """
    return replace(booking, customer_name=None) if is_customer(actor, booking) else booking


def can_see_on_sale(actor: Actor, event: EventOnSale) -> bool:
    """Tell whether they may know of it: drafts are their organizer's and staff's."""
    if event.status is not EventStatus.DRAFT:
        return True
    return actor.user_id == event.organizer_id or actor.may(Permission.EVENTS_MANAGE_ANY)


def narrow_waitlist(actor: Actor, event: EventOnSale, wanted: WaitlistFilter) -> WaitlistFilter:
    """Limit a waitlist to oneself, unless it is of one's own event, or one looks after all."""
    sees_all = actor.user_id == event.organizer_id or actor.may(Permission.BOOKINGS_READ_ANY)
    return wanted if sees_all else replace(wanted, user_id=actor.user_id)


def narrow(actor: Actor, scope: BookingScope, wanted: BookingFilter) -> BookingFilter:
    """Limit a listing to the scope; refuse one that the actor has no part in."""
    match scope:
        case BookingScope.MINE:
            return replace(wanted, customer_id=actor.user_id)
        case BookingScope.PROVIDER if actor.provider_id is not None:
            return replace(wanted, provider_id=actor.provider_id)
        case BookingScope.ORGANIZER if Role.ORGANIZER in actor.roles:
            return replace(wanted, organizer_id=actor.user_id)
        case BookingScope.ALL:
            actor.ensure_may(Permission.BOOKINGS_READ_ANY, "That list is not yours to see.")
            return wanted
    raise Forbidden("That list is not yours to see.")


def ensure_can_cancel(actor: Actor, booking: Booking) -> None:
    """Refuse everybody but the customer, the provider and support; they all may see it too."""
    if not (is_customer(actor, booking) or sells(actor, booking)):
        actor.ensure_may(Permission.BOOKINGS_MANAGE_ANY)


def ensure_can_reschedule(actor: Actor, booking: Booking) -> None:
    """Refuse everybody but the customer, the provider and support, as for cancelling."""
    ensure_can_cancel(actor, booking)


def ensure_can_decide(actor: Actor, booking: Booking) -> None:
    """Refuse everybody but the provider, the organizer and support: it is not the customer's."""
    if not sells(actor, booking):
        actor.ensure_may(Permission.BOOKINGS_MANAGE_ANY)


def can_see_codes(actor: Actor, booking: Booking) -> bool:
    """Tell whether they may hold its tickets: the customer, and whoever lets people in."""
    return is_customer(actor, booking) or sells(actor, booking) or _runs_doors(actor)


def ensure_can_see_codes(actor: Actor, booking: Booking) -> None:
    if not can_see_codes(actor, booking):
        raise Forbidden


def ensure_can_transfer(actor: Actor, booking: Booking) -> None:
    """Refuse everybody but the customer, the organizer and support, as for cancelling."""
    ensure_can_cancel(actor, booking)


def ensure_can_admit(actor: Actor, event: EventOnSale) -> None:
    """Refuse everybody but the organizer and those who look after all events or bookings."""
    if actor.user_id != event.organizer_id and not _runs_doors(actor):
        raise Forbidden("Only its organizer and support can let people in.")


def _runs_doors(actor: Actor) -> bool:
    return actor.may(Permission.BOOKINGS_MANAGE_ANY) or actor.may(Permission.EVENTS_MANAGE_ANY)
