"""Making accounts for others."""

from app.core.clock import Clock
from app.core.crypto import PasswordHasher
from app.core.database import Checkpoint
from app.core.errors import Contention
from app.domain.accounts import POWERS, EmailTaken, NewAccount, opened, performs
from app.domain.actors import Actor
from app.domain.passwords import ensure_strong
from app.domain.roles import Role
from app.domain.users import User, provider_of
from app.policies import users as policy
from app.repositories.accounts import AccountRepository
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository
from app.services.audit import AuditService
from app.services.password_resets import PasswordResetService


class EnrolmentService:
    def __init__(
        self,
        accounts: AccountRepository,
        users: UserRepository,
        verifications: VerificationRepository,
        resets: PasswordResetService,
        audit: AuditService,
        passwords: PasswordHasher,
        checkpoint: Checkpoint,
        clock: Clock,
    ) -> None:
        self.accounts = accounts
        self.users = users
        self.verifications = verifications
        self.resets = resets
        self.audit = audit
        self.passwords = passwords
        self.checkpoint = checkpoint
        self.clock = clock

    async def hashed(self, actor: Actor, wanted: NewAccount) -> str | None:
        """Return the hash of the password it is to have, if any; refuse a weak one.

        A step of its own, before `enrol`: a hash takes long, and nothing is held meanwhile.
        """
        policy.ensure_can_manage(actor)
        if wanted.password is None:
            return None
        ensure_strong(wanted.password, email=wanted.email)
        await self.checkpoint()
        return await self.passwords.hash(wanted.password)

    async def enrol(self, actor: Actor, wanted: NewAccount, *, password_hash: str | None) -> User:
        """Make a confirmed account; one of this address that was never confirmed is replaced.

        Without a password its owner gets a letter to choose one.
        """
        powers = POWERS if wanted.permissions or set(wanted.roles) - {Role.CUSTOMER} else ()
        policy.ensure_can_change(actor, {"email", *powers}, now=self.clock())
        user = opened(wanted, password_hash=password_hash, now=self.clock())
        policy.ensure_can_make(actor, user)
        await self._add(user)
        if performs(user):
            await self.accounts.open_provider(provider_of(user))
        if password_hash is None:
            await self.resets.issue(user.id)
        await self.audit.note(actor, "user.created", ("user", user.id), after=user)
        return user

    async def _add(self, user: User) -> None:
        await self.verifications.withdraw(user.email, now=user.created_at)
        await self.users.forget_pending(user.email)
        owner_id = await self.users.add(user)
        if owner_id is None:
            raise Contention
        if owner_id != user.id:
            raise EmailTaken
