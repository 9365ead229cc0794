"""Who may see and do what with an event."""

from dataclasses import replace

from app.core.errors import Unauthenticated
from app.domain.actors import Actor
from app.domain.events import Event, EventEntry, EventFilter, EventStatus
from app.domain.permissions import Permission


def manages(actor: Actor) -> bool:
    """Whether everybody's events are theirs to change."""
    return actor.may(Permission.EVENTS_MANAGE_ANY)


def organizes(actor: Actor | None, event: Event | EventEntry) -> bool:
    return actor is not None and actor.user_id == event.organizer_id


def can_see(actor: Actor | None, event: Event | EventEntry) -> bool:
    """Tell whether they may see it: all but drafts are public, for people hold links to them."""
    if event.status is not EventStatus.DRAFT or organizes(actor, event):
        return True
    return actor is not None and manages(actor)


def can_join(actor: Actor | None, event: Event | EventEntry, *, is_booked: bool = False) -> bool:
    """Tell whether they are told the link: who booked it, who organizes it, and support."""
    if is_booked or organizes(actor, event):
        return True
    return actor is not None and (manages(actor) or actor.may(Permission.BOOKINGS_READ_ANY))


def narrow(actor: Actor | None, wanted: EventFilter, *, mine: bool) -> EventFilter:
    """Limit a listing to what the actor may see; `mine` to what they organize.

    What is published and not over is shown without being asked for; drafts to their organizers
    and to administrators.
    """
    if mine:
        if actor is None:
            raise Unauthenticated
        return replace(wanted, owner_id=actor.user_id)
    if wanted.status in (None, EventStatus.PUBLISHED):
        return replace(wanted, status=EventStatus.PUBLISHED, upcoming=True)
    if wanted.status is not EventStatus.DRAFT:
        return wanted
    if actor is None:
        raise Unauthenticated
    return wanted if manages(actor) else replace(wanted, owner_id=actor.user_id)


def ensure_can_organize(actor: Actor) -> None:
    """Refuse everybody but organizers and administrators."""
    if not actor.may(Permission.EVENTS_WRITE):
        actor.ensure_may(
            Permission.EVENTS_MANAGE_ANY,
            "Only an organizer or an administrator can make events.",
        )


def ensure_can_change(actor: Actor, event: Event) -> None:
    if not (organizes(actor, event) and actor.may(Permission.EVENTS_WRITE)):
        actor.ensure_may(
            Permission.EVENTS_MANAGE_ANY,
            "Only its organizer or an administrator can change an event.",
        )


def ensure_can_watch(actor: Actor, event: Event) -> None:
    """Refuse everybody but the organizer and those who look after bookings."""
    if not organizes(actor, event):
        actor.ensure_may(
            Permission.BOOKINGS_READ_ANY, "Only its organizer and support can see that."
        )
