"""Coming in: registering, confirming the address, logging in."""

from app.core.clock import Clock
from app.core.crypto import PasswordHasher
from app.core.database import Checkpoint
from app.core.errors import Contention
from app.domain.actors import Role
from app.domain.passwords import ensure_strong
from app.domain.providers import ProviderStatus
from app.domain.sessions import EmailNotVerified, InvalidCredentials, TokenPair
from app.domain.users import (
    Registration,
    User,
    UsernameTaken,
    UserStatus,
    provider_of,
    registered,
)
from app.repositories.users import UserRepository
from app.services.sessions import SessionService
from app.services.verifications import VerificationService


class AuthService:
    """Nobody learns here whose address has an account: what differs, differs in a letter."""

    def __init__(
        self,
        users: UserRepository,
        verifications: VerificationService,
        sessions: SessionService,
        passwords: PasswordHasher,
        checkpoint: Checkpoint,
        clock: Clock,
        new_providers: ProviderStatus,
    ) -> None:
        self.users = users
        self.verifications = verifications
        self.sessions = sessions
        self.passwords = passwords
        self.checkpoint = checkpoint
        self.clock = clock
        self.new_providers = new_providers

    async def register(self, wanted: Registration) -> User:
        """Return the pending account of a new address; its owner is sent a code.

        The address of a pending account is given to the newcomer: nothing of the earlier
        registration lives on. An account that was confirmed is untouched, its owner is told, and
        the newcomer sees what they would see otherwise.
        """
        ensure_strong(wanted.password, email=wanted.email)
        hashed = await self.passwords.hash(wanted.password)  # no connection is held yet
        if wanted.username is not None and await self.users.holds_name(wanted.username):
            raise UsernameTaken
        user = registered(wanted, password_hash=hashed, now=self.clock())
        await self.verifications.withdraw(user.email)
        await self.users.forget_pending(user.email)
        owner_id = await self.users.add(user)
        if owner_id is None:
            raise Contention
        await self.verifications.issue(user.email, owner_id)
        return user

    async def verify_code(self, email: str, code: str) -> TokenPair:
        return await self._welcome(await self.verifications.confirm_code(email, code))

    async def verify_link(self, token: str) -> TokenPair:
        return await self._welcome(await self.verifications.confirm_link(token))

    async def log_in(self, email: str, password: str, *, device: str | None = None) -> TokenPair:
        """Begin a session; refuse the unknown and the wrong alike, after the same time.

        The password is checked while neither a transaction nor a connection is held.
        """
        user = await self.users.with_email(email)
        await self.checkpoint()
        known = await self.passwords.verify(password, user.password_hash if user else None)
        if user is None or not known or user.status is UserStatus.DEACTIVATED:
            raise InvalidCredentials
        if user.email_verified_at is None:
            raise EmailNotVerified
        renewed = await self._renewed_hash(user, password)
        pair = await self.sessions.start(user, device=device)
        if renewed is not None:
            await self.users.keep_hash(user, renewed)
        return pair

    async def _welcome(self, user: User) -> TokenPair:
        if user.has(Role.PROVIDER):
            await self.users.add_provider(provider_of(user, self.new_providers))
        return await self.sessions.start(user)

    async def _renewed_hash(self, user: User, password: str) -> str | None:
        """Hash the password anew where the costs have changed since it was hashed."""
        outdated = user.password_hash is not None and self.passwords.is_outdated(user.password_hash)
        return await self.passwords.hash(password) if outdated else None
