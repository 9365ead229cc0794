"""Who may see and do what with somebody else's account.

What somebody may do at all is one question, and whom they may do it to another: nobody touches
an account that may do more than they may themselves, nor makes one.
"""

from collections.abc import Collection
from datetime import datetime

from app.core.errors import Forbidden
from app.domain.accounts import POWERS, OwnAccount, powers
from app.domain.actors import Actor
from app.domain.permissions import Permission, granted
from app.domain.users import User, UserStatus


def can_see(actor: Actor | None, user: User) -> bool:
    """Tell whether there is such a person for them: who is active is public."""
    return user.status is UserStatus.ACTIVE or can_see_whole(actor, user)


def can_see_whole(actor: Actor | None, user: User) -> bool:
    """Tell whether they may see more than the card; by an API key, more than its scopes no."""
    if actor is None:
        return False
    is_own = actor.user_id == user.id
    reads_own = actor.session_id is not None or actor.may(Permission.PROFILE_READ)
    return (is_own and reads_own) or actor.may(Permission.USERS_READ)


def ensure_can_see_all(actor: Actor) -> None:
    actor.ensure_may(Permission.USERS_READ, "Only those who look after accounts can see them.")


def ensure_can_manage(actor: Actor) -> None:
    actor.ensure_may(Permission.USERS_MANAGE, "Only an administrator can change accounts.")


def ensure_can_change(actor: Actor, fields: Collection[str], *, now: datetime) -> None:
    """Refuse who may not change these fields of any account; powers need a fresh proof."""
    if not fields or set(fields) - POWERS:
        ensure_can_manage(actor)
    if not POWERS.isdisjoint(fields):
        actor.ensure_may(Permission.ROLES_MANAGE, "Only an administrator can change roles.")
        actor.ensure_proved(now=now)


def ensure_can_erase(actor: Actor, *, now: datetime) -> None:
    ensure_can_manage(actor)
    actor.ensure_proved(now=now)


def ensure_reaches(actor: Actor, user: User) -> None:
    """Refuse to touch an account that may do more than the actor."""
    if not powers(user) <= _reach(actor):
        raise Forbidden("This account may do more than you, so it is not yours to change.")


def ensure_can_make(actor: Actor, user: User) -> None:
    """Refuse to make an account what the actor is not."""
    if not powers(user) <= _reach(actor):
        raise Forbidden("You can give nobody more than you have yourself.")


def ensure_is_another(actor: Actor, user: User) -> None:
    if actor.user_id == user.id:
        raise OwnAccount


def _reach(actor: Actor) -> frozenset[Permission]:
    """Return whose equal they are. An API key limits what is done, not to whom."""
    return granted(actor.roles, frozenset()) | actor.permissions
