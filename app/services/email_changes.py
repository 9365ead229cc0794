"""Moving an account to another address, which both addresses have to confirm."""

from dataclasses import replace
from typing import Final
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.crypto import Signer
from app.core.ids import new_id
from app.domain.actors import Actor
from app.domain.email_changes import (
    DAY,
    MOST_A_DAY,
    ChangeLetter,
    EmailChange,
    EmailChangeAsked,
    EmailChanged,
    SameEmail,
    Side,
    TooManyEmailChanges,
    email_change,
)
from app.domain.limits import Quota
from app.domain.notices import NoticeKind, SecurityNotice
from app.domain.users import User, UserStatus
from app.domain.verifications import InvalidCode
from app.repositories.email_changes import EmailChangeRepository
from app.repositories.jobs import JobRepository
from app.repositories.password_resets import PasswordResetRepository
from app.repositories.sessions import SessionRepository
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository
from app.services.audit import AuditService
from app.services.limits import LimitService
from app.services.mail import MailService
from app.services.passwords import PasswordService

FORGOTTEN_AT_ONCE: Final = 1000
log = structlog.get_logger("banister.email_changes")


class EmailChangeService:
    """Nobody learns here whether the new address has an account: its owner is told by letter.

    Tokens are made from the id of a change, one kind for each side: no table and no job holds one.
    Addresses are locked before accounts, as by those who register.
    """

    def __init__(
        self,
        changes: EmailChangeRepository,
        users: UserRepository,
        sessions: SessionRepository,
        resets: PasswordResetRepository,
        verifications: VerificationRepository,
        passwords: PasswordService,
        jobs: JobRepository,
        audit: AuditService,
        limits: LimitService,
        mail: MailService,
        signer: Signer,
        clock: Clock,
        base_url: str,
    ) -> None:
        self.changes = changes
        self.users = users
        self.sessions = sessions
        self.resets = resets
        self.verifications = verifications
        self.passwords = passwords
        self.jobs = jobs
        self.audit = audit
        self.limits = limits
        self.mail = mail
        self.signer = signer
        self.clock = clock
        self.base_url = base_url

    async def ask(self, actor: Actor, *, email: str, password: str | None) -> EmailChange:
        """Begin to move one's own account, in place of what was begun before.

        It takes the password; who has none must have shown just now who they are.
        """
        await self.limits.spend(Quota.MAILS, actor.user_id)
        seen = await self.passwords.owner(actor)
        if email == seen.email:
            raise SameEmail
        await self._ensure_proved(actor, seen, password)
        await self.passwords.lock_as_seen(actor, seen)
        change = await self._begin(actor, old=seen.email, new=email)
        await self.audit.note(actor, "user.email_change_asked", ("user", seen.id))
        return change

    async def withdraw(self, actor: Actor) -> None:
        """End what is under way, if anything is."""
        if await self.changes.end(actor.user_id, now=self.clock()):
            await self.audit.note(actor, "user.email_change_withdrawn", ("user", actor.user_id))

    async def confirm(self, token: str) -> EmailChange:
        """Note that one side agrees; once both do, the account moves. Or refuse with InvalidCode.

        An address that somebody has got meanwhile does not agree: it is waited for still, as it
        would be had nobody opened the letter.
        """
        await self.limits.spend(Quota.CODES)
        side, change_id = self._read(token)
        change = await self.changes.live(change_id, now=self.clock())
        if change is None:
            raise InvalidCode
        for address in sorted((change.old_email, change.email)):
            await self.verifications.lock(address)
        user = await self.users.lock(change.user_id)
        if user is None or user.status is not UserStatus.ACTIVE or user.email != change.old_email:
            raise InvalidCode
        confirmed = await self.changes.confirm(change_id, side, now=self.clock())
        if confirmed is None:
            raise InvalidCode
        return confirmed if confirmed.waiting_for else await self._move(confirmed)

    async def write_to_old_address(self, change_id: UUID) -> None:
        """Ask the address an account has whether it may move."""
        asked = await self._asked(change_id)
        if asked is not None:
            await self._send_link(Side.OLD, change_id, to=asked.old_email, asked=asked)

    async def write_to_new_address(self, change_id: UUID) -> None:
        """Ask the address an account is to have; one that has an account is told, and no more."""
        asked = await self._asked(change_id)
        if asked is None:
            return
        owner = await self.users.with_email(asked.email)
        if owner is None or owner.is_pending:
            await self._send_link(Side.NEW, change_id, to=asked.email, asked=asked)
        elif owner.status is UserStatus.ACTIVE:
            await self._send_warning(owner, change_id)

    async def tell_old_address(self, change_id: UUID) -> None:
        """Tell the address an account had that it has another now."""
        made = await self.changes.made(change_id)
        if made is not None:
            await self.mail.send(
                "email_changed",
                to=made.old_email,
                locale=made.locale,
                key=f"email-changed/{change_id}",
                new_email=made.email,
                link=self.base_url,
            )

    async def forget_old(self) -> int:
        """Delete some changes that are over and count no more; return how many."""
        return await self.changes.forget(since=self.clock() - DAY, most=FORGOTTEN_AT_ONCE)

    async def _ensure_proved(self, actor: Actor, user: User, password: str | None) -> None:
        if user.password_hash is None and password is None:
            actor.ensure_proved(now=self.clock())
        else:
            await self.passwords.ensure_own(user, password)

    async def _begin(self, actor: Actor, *, old: str, new: str) -> EmailChange:
        now = self.clock()
        if await self.changes.added_since(actor.user_id, now - DAY) >= MOST_A_DAY:
            raise TooManyEmailChanges
        assert actor.session_id is not None
        change = email_change(actor.user_id, session_id=actor.session_id, old=old, new=new, now=now)
        await self.changes.end(actor.user_id, now=now)
        await self.changes.add(change, announcing=EmailChangeAsked(change.id))
        return change

    async def _move(self, change: EmailChange) -> EmailChange:
        """Give the account its new address, which with its account and both addresses is locked.

        What was sent to either opens nothing any more, and all sessions end but the one that asked.
        """
        now, user_id = self.clock(), change.user_id
        for address in (change.old_email, change.email):
            await self.verifications.withdraw(address, now=now)
        await self.users.forget_pending(change.email)
        if not await self.users.move(user_id, change.email, now=now):
            await self.changes.reopen(change.id)
            return replace(change, new_confirmed_at=None)
        await self.changes.end(user_id, now=now)
        await self.resets.end_all(user_id, now=now)
        await self.sessions.end_others(user_id, but=change.session_id, now=now)
        await self.jobs.announce(SecurityNotice(new_id(), user_id, NoticeKind.EMAIL_CHANGED))
        await self.jobs.announce(EmailChanged(change.id))
        return change

    async def _asked(self, change_id: UUID) -> ChangeLetter | None:
        asked = await self.changes.asked(change_id, now=self.clock())
        if asked is None:
            log.info("letter came too late", change_id=str(change_id))
        return asked

    async def _send_link(
        self, side: Side, change_id: UUID, *, to: str, asked: ChangeLetter
    ) -> None:
        token = self.signer.token(side.purpose, str(change_id))
        await self.mail.send(
            f"change_email_{side}",
            to=to,
            locale=asked.locale,
            key=f"change-email/{side}/{change_id}",
            new_email=asked.email,
            link=f"{self.base_url}/confirm-email?token={token}",
        )

    async def _send_warning(self, owner: User, change_id: UUID) -> None:
        await self.mail.send(
            "change_email_known",
            to=owner.email,
            locale=owner.locale,
            key=f"change-email/{Side.NEW}/{change_id}",
            link=self.base_url,
        )

    def _read(self, token: str) -> tuple[Side, UUID]:
        for side in Side:
            subject = self.signer.subject(side.purpose, token)
            if subject is not None:
                return side, UUID(subject)
        raise InvalidCode
