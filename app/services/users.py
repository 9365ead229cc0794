"""Accounts: one's own, and those made for the staff."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import PasswordHasher
from app.core.errors import Contention, Unauthenticated
from app.core.i18n import Locale
from app.domain.actors import Actor, Role
from app.domain.contacts import email_address
from app.domain.passwords import ensure_strong
from app.domain.users import (
    InvalidEmail,
    Profile,
    Registration,
    User,
    UserStatus,
    registered,
)
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository


class UserService:
    def __init__(
        self,
        users: UserRepository,
        verifications: VerificationRepository,
        passwords: PasswordHasher,
        clock: Clock,
    ) -> None:
        self.users = users
        self.verifications = verifications
        self.passwords = passwords
        self.clock = clock

    async def profile(self, actor: Actor) -> Profile:
        return _profile(actor, await self.users.get(actor.user_id))

    async def lock_profile(self, actor: Actor) -> Profile:
        """Return one's own account, locked until the transaction ends."""
        return _profile(actor, await self.users.lock(actor.user_id))

    async def change_profile(self, profile: Profile, changes: dict[str, Any]) -> Profile:
        """Change a locked profile; a username that somebody has is refused."""
        if not changes:
            return profile
        wanted = replace(profile.user, **changes, updated_at=self.clock())
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
        await self.users.grant(user.id, role, now=self.clock())
        return replace(user, roles=list(dict.fromkeys([*user.roles, str(role)])))


def _profile(actor: Actor, user: User | None) -> Profile:
    if user is None:
        raise Unauthenticated
    return Profile(user, actor.provider_id)
