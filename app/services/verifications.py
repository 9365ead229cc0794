"""Proving that an e-mail address is one's own: by a code or by a link in a letter."""

from typing import Final
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.crypto import Signer, same
from app.core.ids import new_id
from app.domain.limits import Quota
from app.domain.users import User, UserStatus
from app.domain.verifications import (
    PURPOSE,
    RESENT_AFTER,
    TOLD_AGAIN_AFTER,
    Addressee,
    EmailVerificationAskedAgain,
    EmailVerificationRequested,
    InvalidCode,
    verification,
)
from app.repositories.jobs import JobRepository
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository
from app.services.limits import LimitService
from app.services.mail import MailService

FORGOTTEN_AT_ONCE: Final = 1000
log = structlog.get_logger("banister.verifications")


class VerificationService:
    """Codes and links are made from a verification's id: no table and no job holds one."""

    def __init__(
        self,
        verifications: VerificationRepository,
        users: UserRepository,
        jobs: JobRepository,
        limits: LimitService,
        mail: MailService,
        signer: Signer,
        clock: Clock,
        base_url: str,
    ) -> None:
        self.verifications = verifications
        self.users = users
        self.jobs = jobs
        self.limits = limits
        self.mail = mail
        self.signer = signer
        self.clock = clock
        self.base_url = base_url

    async def withdraw(self, email: str) -> bool:
        """Make the codes of an address worth nothing, and let nobody else issue one meanwhile.

        Return whether there were any that still opened something.
        """
        return await self.verifications.withdraw(email, now=self.clock())

    async def issue(self, email: str, user_id: UUID) -> None:
        """Let the owner of an address get a letter; codes from before must be withdrawn."""
        made = verification(email, user_id, now=self.clock())
        await self.verifications.add(made, announcing=EmailVerificationRequested(made.id))

    async def ask_again(self, email: str) -> None:
        """Want another code. The same is done whoever's address it is, or nobody's."""
        await self.limits.spend(Quota.MAILS, await self.limits.side(email))
        user_id = await self.users.id_of(email)
        await self.jobs.announce(EmailVerificationAskedAgain(user_id or new_id()))

    async def issue_again(self, user_id: UUID) -> None:
        """Issue another code to a pending account, unless it was just given one."""
        user = await self.users.get(user_id)
        if user is None or not user.is_pending:
            return
        await self.verifications.lock(user.email)
        since = self.clock() - RESENT_AFTER
        if not await self.verifications.added_since(user.email, since):
            await self.withdraw(user.email)
            await self.issue(user.email, user.id)

    async def confirm_code(self, email: str, code: str) -> User:
        """Return the account that is now confirmed; refuse with InvalidCode, which counts.

        Guesses at one address are counted with its codes, for longer than a limit would.
        """
        await self.limits.spend(Quota.CODES)
        verification_id = await self.verifications.take_try(email, now=self.clock())
        if verification_id is None or not same(self._code(verification_id), code):
            raise InvalidCode
        return await self._confirm(verification_id)

    async def confirm_link(self, token: str) -> User:
        """Return the account that is now confirmed; refuse with InvalidCode."""
        subject = self.signer.subject(PURPOSE, token)
        if subject is None:
            raise InvalidCode
        return await self._confirm(UUID(subject))

    async def write_to_owner(self, verification_id: UUID) -> None:
        """Send a pending account its code, and tell an active one that somebody tried.

        Of those who try again and again, the owner is told once an hour.
        """
        now = self.clock()
        addressee = await self.verifications.addressee(
            verification_id, now=now, told_since=now - TOLD_AGAIN_AFTER
        )
        if addressee is None:
            log.info("letter came too late", verification_id=str(verification_id))
        elif addressee.status is UserStatus.PENDING:
            await self._send_code(addressee, verification_id)
        elif addressee.status is UserStatus.ACTIVE and not addressee.told_before:
            await self._send_warning(addressee, verification_id)

    async def forget_old(self) -> int:
        """Delete some verifications that neither open nor count any more; return how many."""
        return await self.verifications.forget(now=self.clock(), most=FORGOTTEN_AT_ONCE)

    async def _confirm(self, verification_id: UUID) -> User:
        user = await self.verifications.confirm(verification_id, now=self.clock())
        if user is None:
            raise InvalidCode
        return user

    async def _send_code(self, addressee: Addressee, verification_id: UUID) -> None:
        token = self.signer.token(PURPOSE, str(verification_id))
        await self.mail.send(
            "verify_email",
            to=addressee.email,
            locale=addressee.locale,
            key=f"verification/{verification_id}",
            code=self._code(verification_id),
            link=f"{self.base_url}/verify-email?token={token}",
        )

    async def _send_warning(self, addressee: Addressee, verification_id: UUID) -> None:
        await self.mail.send(
            "already_registered",
            to=addressee.email,
            locale=addressee.locale,
            key=f"verification/{verification_id}",
            link=self.base_url,
        )

    def _code(self, verification_id: UUID) -> str:
        return self.signer.code(PURPOSE, str(verification_id))
