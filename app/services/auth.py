"""Coming in: registering, confirming the address, logging in."""

from dataclasses import replace

from app.core.clock import Clock
from app.core.crypto import PasswordHasher
from app.core.database import Checkpoint
from app.core.errors import Contention
from app.domain.limits import Quota
from app.domain.passwords import ensure_strong
from app.domain.roles import Role
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
from app.services.admission import AdmissionService
from app.services.limits import LimitService
from app.services.password_resets import PasswordResetService
from app.services.verifications import VerificationService


class AuthService:
    """Nobody learns here whose address has an account: what differs, differs in a letter."""

    def __init__(
        self,
        users: UserRepository,
        verifications: VerificationService,
        password_resets: PasswordResetService,
        limits: LimitService,
        admission: AdmissionService,
        passwords: PasswordHasher,
        checkpoint: Checkpoint,
        clock: Clock,
        *,
        approved_by_hand: bool,
    ) -> None:
        self.users = users
        self.verifications = verifications
        self.password_resets = password_resets
        self.limits = limits
        self.admission = admission
        self.passwords = passwords
        self.checkpoint = checkpoint
        self.clock = clock
        self.approved_by_hand = approved_by_hand

    async def register(self, wanted: Registration) -> User:
        """Return the pending account of a new address; its owner is sent a code.

        The address of a pending account is given to the newcomer: nothing of the earlier
        registration lives on. An account that was confirmed is untouched, its owner is told, and
        the newcomer sees what they would see otherwise.

        Two who register one address with passwords of their own within the life of a code are a
        contest: whoever reads the letter may confirm what the other one made. Neither password
        counts then, and the letter's reader chooses one by another letter.
        """
        ensure_strong(wanted.password, email=wanted.email)
        seen = await self.users.with_email(wanted.email)
        await self.limits.spend(Quota.MAILS, wanted.email)  # no connection is held from here on
        hashed = await self.passwords.hash(wanted.password)
        before = seen.password_hash if seen and seen.is_pending else None
        is_same = await self.passwords.verify(wanted.password, before)
        if wanted.username is not None and await self.users.holds_name(wanted.username):
            raise UsernameTaken
        user = registered(
            wanted,
            password_hash=hashed,
            now=self.clock(),
            approved_by_hand=self.approved_by_hand,
        )
        code_is_out = await self.verifications.withdraw(user.email)
        forgotten = await self.users.forget_pending(user.email)
        is_own = is_same and forgotten == [before]
        contested = code_is_out and bool(forgotten) and not is_own
        owner_id = await self.users.add(replace(user, password_hash=None) if contested else user)
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
        user, side = await self.users.with_email(email), await self.limits.side(email)
        await self.limits.spend(Quota.LOGIN, side)
        known = await self.passwords.verify(password, user.password_hash if user else None)
        if user is None or not known or user.status is UserStatus.DEACTIVATED:
            raise InvalidCredentials
        if user.email_verified_at is None:
            raise EmailNotVerified
        await self.limits.forgive(Quota.LOGIN, side)
        user = await self._with_renewed_hash(user, password)
        return await self.admission.admit(user, device=device)

    async def _welcome(self, user: User) -> TokenPair:
        if user.has(Role.PROVIDER):
            await self.users.add_provider(provider_of(user))
        if user.password_hash is None:
            await self.password_resets.issue(user.id)
        return await self.admission.admit(user)

    async def _with_renewed_hash(self, user: User, password: str) -> User:
        """Hash the password anew where the costs have changed since it was hashed."""
        if user.password_hash is None or not self.passwords.is_outdated(user.password_hash):
            return user
        renewed = await self.passwords.hash(password)
        await self.users.keep_hash(user, renewed)
        return replace(user, password_hash=renewed)
