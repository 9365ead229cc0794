"""Looking after other people's accounts."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from app.core.clock import Clock
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.listing import Page, PageRequest
from app.domain.accounts import (
    AccountFilter,
    AccountSort,
    BulkAction,
    CustomerStays,
    Outcome,
    UserNotFound,
    act,
    asked_of,
    changed,
    ensure_can_be_changed,
    is_acting_super_admin,
    performs,
)
from app.domain.actors import Actor
from app.domain.roles import Role
from app.domain.users import User, UserStatus, provider_of
from app.policies import users as policy
from app.repositories.accounts import AccountRepository
from app.repositories.sessions import SessionRepository
from app.repositories.users import UserRepository
from app.services.audit import AuditService
from app.services.super_admins import SuperAdminService

ANSWERED = (NotFound, Forbidden, Conflict, Invalid)
"""What one account of many is refused with; a database that is gone refuses all of them."""


class AccountService:
    def __init__(
        self,
        accounts: AccountRepository,
        users: UserRepository,
        sessions: SessionRepository,
        super_admins: SuperAdminService,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.accounts = accounts
        self.users = users
        self.sessions = sessions
        self.super_admins = super_admins
        self.audit = audit
        self.clock = clock

    async def get(self, actor: Actor, user_id: UUID) -> User:
        policy.ensure_can_see_all(actor)
        return _found(await self.users.get(user_id))

    async def list(
        self, actor: Actor, wanted: AccountFilter, request: PageRequest[AccountSort]
    ) -> Page[User]:
        policy.ensure_can_see_all(actor)
        return await self.accounts.matching(wanted, request)

    async def lock(self, actor: Actor, user_id: UUID, *, changing: Collection[str]) -> User:
        """Return an account that the actor may change in these fields, locked."""
        policy.ensure_can_change(actor, changing, now=self.clock())
        user = _found(await self.users.lock(user_id))
        policy.ensure_reaches(actor, user)
        return user

    async def change(self, actor: Actor, user: User, given: Mapping[str, Any]) -> User:
        """Change what `lock` returned, and all that hangs on it: sessions, and being bookable."""
        new = changed(user, given, now=self.clock())
        if new is user:
            return user
        ensure_can_be_changed(user)
        policy.ensure_can_make(actor, new)
        if new.status is UserStatus.DEACTIVATED:
            policy.ensure_is_another(actor, new)
        if not is_acting_super_admin(new):
            await self.super_admins.ensure_can_leave(user)
        await self.accounts.change(new)
        await self._follow(user, new)
        await self.audit.note(actor, act(user, new), ("user", user.id), before=user, after=new)
        return new

    async def change_all(
        self, actor: Actor, user_ids: Sequence[UUID], action: BulkAction, role: Role | None
    ) -> Sequence[Outcome]:
        """Do the same to many; return what became of each, in the order asked.

        One that is refused stays as it is, and the others are done.
        """
        if action is BulkAction.REMOVE_ROLE and role is Role.CUSTOMER:
            raise CustomerStays
        fields = {"roles"} if action.of_roles else {"status"}
        policy.ensure_can_change(actor, fields, now=self.clock())
        found = {user.id: user for user in await self.accounts.lock_all(sorted(user_ids))}
        return [
            await self._attempt(actor, user_id, found.get(user_id), action, role)
            for user_id in user_ids
        ]

    async def _attempt(
        self,
        actor: Actor,
        user_id: UUID,
        locked: User | None,
        action: BulkAction,
        role: Role | None,
    ) -> Outcome:
        try:
            user = _found(locked)
            policy.ensure_reaches(actor, user)
            await self.change(actor, user, asked_of(user, action, role))
        except ANSWERED as refusal:
            return Outcome(user_id, refusal)
        return Outcome(user_id)

    async def _follow(self, old: User, new: User) -> None:
        if new.status is UserStatus.DEACTIVATED:
            await self.sessions.end_all(new.id, now=self.clock())
        if performs(new) and not performs(old):
            await self.accounts.open_provider(provider_of(new))
        if performs(old) and not performs(new):
            await self.accounts.close_provider(new.id, now=self.clock())


def _found(user: User | None) -> User:
    if user is None or user.erased_at is not None:
        raise UserNotFound
    return user
