"""Who may see and do what with a conversation."""

from dataclasses import replace
from typing import Final

from app.core.errors import Forbidden
from app.domain.actors import Actor
from app.domain.conversations import (
    Conversation,
    ConversationFilter,
    ConversationNotFound,
    ConversationScope,
    NotSupport,
)
from app.domain.permissions import OF_ROLE, Permission, granted, readable
from app.domain.roles import Role
from app.domain.sides import Side
from app.domain.users import User, UserStatus

ROLES_OF_SUPPORT: Final = [
    role for role, allowed in OF_ROLE.items() if Permission.CHAT_SUPPORT in allowed
]


def answers_for_support(actor: Actor) -> bool:
    return actor.may(Permission.CHAT_SUPPORT)


def side_of(actor: Actor, conversation: Conversation) -> Side | None:
    """Return what they are in it, None for whom it doesn't exist.

    Whoever answers for support sees all that customers have with it; nobody else's talk is seen
    by anybody.
    """
    if actor.user_id == conversation.customer_id:
        return Side.CUSTOMER
    if conversation.is_with_support:
        return Side.SUPPORT if answers_for_support(actor) else None
    return conversation.partner_side if actor.user_id == conversation.partner_id else None


def ensure_side(actor: Actor, conversation: Conversation | None) -> tuple[Conversation, Side]:
    """Return it and what they are in it; refuse with ConversationNotFound."""
    side = None if conversation is None else side_of(actor, conversation)
    if conversation is None or side is None:
        raise ConversationNotFound
    return conversation, side


def narrow(
    actor: Actor, scope: ConversationScope, wanted: ConversationFilter
) -> ConversationFilter:
    """Limit a listing to the scope; refuse one that the actor has no part in."""
    if scope is ConversationScope.SUPPORT:
        ensure_can_support(actor)
        return replace(wanted, with_support=True)
    mine = replace(wanted, user_id=actor.user_id)
    return mine if answers_for_support(actor) else replace(mine, apart_from_support=True)


def ensure_answers(user: User | None, conversation: Conversation) -> None:
    """Refuse with NotSupport whoever can't answer for support in this conversation."""
    if user is None or user.id == conversation.customer_id or not answers(user):
        raise NotSupport


def answers(user: User) -> bool:
    """Tell whether an account could answer for support."""
    allowed = granted(frozenset(map(Role, user.roles)), readable(user.permissions))
    return user.status is UserStatus.ACTIVE and Permission.CHAT_SUPPORT in allowed


def ensure_can_support(actor: Actor) -> None:
    if not answers_for_support(actor):
        raise Forbidden("That list is not yours to see.")
