"""Choosing a new password without the old one, by a letter to the address of the account."""

from typing import Final
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.crypto import PasswordHasher, Signer
from app.core.database import Checkpoint
from app.core.ids import new_id
from app.domain.limits import Quota
from app.domain.password_resets import (
    ISSUED_AGAIN_AFTER,
    LASTS,
    PURPOSE,
    Holder,
    PasswordForgotten,
    PasswordResetIssued,
    password_reset,
)
from app.domain.passwords import ensure_strong
from app.domain.users import UserStatus
from app.domain.verifications import InvalidCode
from app.repositories.jobs import JobRepository
from app.repositories.password_resets import PasswordResetRepository
from app.repositories.users import UserRepository
from app.services.limits import LimitService
from app.services.mail import MailService
from app.services.passwords import NEW, PasswordService
from app.services.verifications import VerificationService

FORGOTTEN_AT_ONCE: Final = 1000
log = structlog.get_logger("banister.password_resets")


class PasswordResetService:
    """The token is made from the id of a reset: no table and no job holds one."""

    def __init__(
        self,
        resets: PasswordResetRepository,
        users: UserRepository,
        passwords: PasswordService,
        verifications: VerificationService,
        jobs: JobRepository,
        limits: LimitService,
        mail: MailService,
        hasher: PasswordHasher,
        signer: Signer,
        checkpoint: Checkpoint,
        clock: Clock,
        base_url: str,
    ) -> None:
        self.resets = resets
        self.users = users
        self.passwords = passwords
        self.verifications = verifications
        self.jobs = jobs
        self.limits = limits
        self.mail = mail
        self.hasher = hasher
        self.signer = signer
        self.checkpoint = checkpoint
        self.clock = clock
        self.base_url = base_url

    async def ask(self, email: str) -> None:
        """Want to choose a new password. The same is done whoever's address it is, or nobody's."""
        await self.limits.spend(Quota.MAILS, await self.limits.side(email))
        user_id = await self.users.id_of(email)
        await self.jobs.announce(PasswordForgotten(user_id or new_id()))

    async def issue(self, user_id: UUID) -> None:
        """Issue a reset to an active account, unless it was just given one.

        A pending account is sent its code again instead: its address is what has to be proved.
        """
        seen = await self.users.get(user_id)
        if seen is not None and seen.is_pending:
            return await self.verifications.issue_again(user_id)
        user, now = await self.users.lock(user_id), self.clock()
        if user is None or user.status is not UserStatus.ACTIVE:
            return
        if not await self.resets.added_since(user_id, now - ISSUED_AGAIN_AFTER):
            made = password_reset(user_id, now=now)
            await self.resets.add(made, announcing=PasswordResetIssued(made.id))

    async def write_to_owner(self, reset_id: UUID) -> None:
        """Send the link, unless it is worth nothing any more."""
        holder = await self.resets.holder(reset_id, now=self.clock())
        if holder is None:
            log.info("letter came too late", reset_id=str(reset_id))
            return
        await self.mail.send(
            "reset_password",
            to=holder.email,
            locale=holder.locale,
            key=f"reset/{reset_id}",
            link=f"{self.base_url}/reset-password?token={self._token(reset_id)}",
        )

    async def reset(self, token: str, new_password: str) -> None:
        """Give an account a new password, and end all its sessions; its owner is told.

        Refused with InvalidCode, or with WeakPassword, which doesn't use up the token. The new
        password is hashed before anything is locked; of several who come at once with one token
        the first to lock the account wins.
        """
        await self.limits.spend(Quota.CODES)
        reset_id = self._read(token)
        holder = await self._holder(reset_id)
        await self.checkpoint()
        ensure_strong(new_password, email=holder.email, at=NEW)
        hashed = await self.hasher.hash(new_password)
        user = await self.users.lock(holder.user_id)
        if user is None or user.status is not UserStatus.ACTIVE:
            raise InvalidCode
        if not await self.resets.use(reset_id, now=self.clock()):
            raise InvalidCode
        await self.passwords.replace(user.id, hashed, keep=None)

    async def forget_old(self) -> int:
        """Delete some resets that open nothing any more; return how many."""
        return await self.resets.forget(since=self.clock() - LASTS, most=FORGOTTEN_AT_ONCE)

    async def _holder(self, reset_id: UUID) -> Holder:
        holder = await self.resets.holder(reset_id, now=self.clock())
        if holder is None:
            raise InvalidCode
        return holder

    def _read(self, token: str) -> UUID:
        subject = self.signer.subject(PURPOSE, token)
        if subject is None:
            raise InvalidCode
        return UUID(subject)

    def _token(self, reset_id: UUID) -> str:
        return self.signer.token(PURPOSE, str(reset_id))
