"""Who may see and do what with a review."""

from dataclasses import replace

from app.core.errors import Forbidden
from app.domain.actors import Actor
from app.domain.permissions import Permission
from app.domain.reviews import Review, ReviewFilter, ReviewStatus


def moderates(actor: Actor) -> bool:
    return actor.may(Permission.REVIEWS_MODERATE)


def can_see(actor: Actor, review: Review) -> bool:
    """Tell whether they may see it: published to all, otherwise its author's and moderators'."""
    is_public = review.status is ReviewStatus.APPROVED
    return is_public or review.author_id == actor.user_id or moderates(actor)


def narrow(actor: Actor, wanted: ReviewFilter) -> ReviewFilter:
    """Let all but those who moderate list their own reviews alone."""
    return wanted if moderates(actor) else replace(wanted, author_id=actor.user_id)


def ensure_can_moderate(actor: Actor) -> None:
    actor.ensure_may(Permission.REVIEWS_MODERATE)


def ensure_is_author(actor: Actor, review: Review) -> None:
    if review.author_id != actor.user_id:
        raise Forbidden("Only its author can change a review.")


def ensure_can_remove(actor: Actor, review: Review) -> None:
    if not moderates(actor):
        ensure_is_author(actor, review)


def ensure_can_reply(actor: Actor, review: Review) -> None:
    """Refuse everybody but those it is about: the provider, or the event's organizer."""
    provides = actor.provider_id is not None and actor.provider_id == review.provider_id
    if not provides and actor.user_id != review.organizer_id:
        raise Forbidden("Only those whom a review is about can reply to it.")


def ensure_can_react(actor: Actor, review: Review) -> None:
    if review.author_id == actor.user_id:
        raise Forbidden("That is for others to say of your review.")
