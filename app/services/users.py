"""Accounts: one's own, and those made for the staff."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import PasswordHasher
from app.core.errors import Contention, Unauthenticated
from app.core.i18n import Locale
from app.domain.accounts import UserNotFound
from app.domain.actors import Actor
from app.domain.contacts import email_address
from app.domain.passwords import ensure_strong
from app.domain.roles import Role
from app.domain.users import (
    InvalidEmail,
    Profile,
    Registration,
    User,
    UserCard,
    UserStatus,
    registered,
)
from app.policies.users import can_see, can_see_whole
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository
from app.services.audit import AuditService


class UserService:
    def __init__(
        self,
        users: UserRepository,
        verifications: VerificationRepository,
        audit: AuditService,
        passwords: PasswordHasher,
        clock: Clock,
    ) -> None:
        self.users = users
        self.verifications = verifications
        self.audit = audit
        self.passwords = passwords
        self.clock = clock

    async def card(self, actor: Actor | None, user_id: UUID) -> UserCard:
        """Return who somebody is: to strangers those alone who are active, and in brief."""
        user = await self.users.get(user_id)
        if user is None or not can_see(actor, user):
            raise UserNotFound
        return UserCard(user, is_whole=can_see_whole(actor, user))

    async def profile(self, actor: Actor) -> Profile:
        found = await self.users.with_pending_email(actor.user_id, now=self.clock())
        return _profile(actor, *(found or (None, None)))

    async def lock_profile(self, actor: Actor) -> Profile:
        """Return one's own account, locked until the transaction ends."""
        await self.users.lock(actor.user_id)
        return await self.profile(actor)

    async def change_profile(self, profile: Profile, changes: dict[str, Any]) -> Profile:
        """Change a locked profile; a username that somebody has is refused."""
        if not changes:
            return profile
        wanted = replace(profile.user, **changes, updated_at=self.clock())
        if wanted.phone != profile.user.phone:  # nobody has shown that it is theirs
            wanted = replace(wanted, phone_verified_at=None)
        await self.users.change(wanted)
        return replace(profile, user=wanted)

    async def create_staff(self, email: str, password: str, role: Role) -> tuple[User, bool]:
        """Make a confirmed account with a role; return it, and whether it is new.

        An existing account keeps its password and state and gets the role. One that was never
        confirmed is replaced: whoever registered it may not be who is meant.
        """
        try:
            address = email_address(email)
        except ValueError as error:
            raise InvalidEmail from error
        ensure_strong(password, email=address)
        user = await self._staff(address, password, role)
        await self.verifications.withdraw(address, now=self.clock())
        await self.users.forget_pending(address)
        owner_id = await self.users.add(user)
        if owner_id == user.id:
            await self.audit.note(None, "user.created", ("user", user.id), after=user)
            return user, True
        return await self._grant(owner_id, role), False

    async def _staff(self, email: str, password: str, role: Role) -> User:
        now = self.clock()
        wanted = Registration(email=email, password=password, locale=Locale.EN)
        hashed = await self.passwords.hash(password)
        return replace(
            registered(wanted, password_hash=hashed, now=now),
            roles=[str(Role.CUSTOMER), str(role)],
            status=UserStatus.ACTIVE,
            email_verified_at=now,
        )

    async def _grant(self, user_id: UUID | None, role: Role) -> User:
        user = await self.users.lock(user_id) if user_id else None
        if user is None:
            raise Contention
        if not await self.users.grant(user.id, role, now=self.clock()):
            return user
        granted = replace(user, roles=[*user.roles, str(role)])
        await self.audit.note(
            None, "user.roles_changed", ("user", user.id), before=user, after=granted
        )
        return granted


def _profile(actor: Actor, user: User | None, pending_email: str | None) -> Profile:
    if user is None or user.erased_at is not None:  # just now
        raise Unauthenticated
    return Profile(user, actor.provider_id, actor.has_mfa, pending_email)
