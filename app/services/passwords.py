"""One's own password: showing it, and having another."""

from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import PasswordHasher
from app.core.errors import Contention, Unauthenticated
from app.core.ids import new_id
from app.domain.actors import Actor
from app.domain.limits import Quota
from app.domain.mfa import WrongPassword
from app.domain.notices import NoticeKind, SecurityNotice
from app.domain.passwords import ensure_strong
from app.domain.users import User, UserStatus
from app.repositories.email_changes import EmailChangeRepository
from app.repositories.jobs import JobRepository
from app.repositories.password_resets import PasswordResetRepository
from app.repositories.sessions import SessionRepository
from app.repositories.users import UserRepository
from app.services.audit import AuditService
from app.services.limits import LimitService

NEW: Final = "#/new_password"
CURRENT: Final = "#/current_password"


class PasswordService:
    """Where the row of an account is locked, that comes before its sessions and its letters."""

    def __init__(
        self,
        users: UserRepository,
        sessions: SessionRepository,
        resets: PasswordResetRepository,
        changes: EmailChangeRepository,
        jobs: JobRepository,
        audit: AuditService,
        limits: LimitService,
        passwords: PasswordHasher,
        clock: Clock,
    ) -> None:
        self.users = users
        self.sessions = sessions
        self.resets = resets
        self.changes = changes
        self.jobs = jobs
        self.audit = audit
        self.limits = limits
        self.passwords = passwords
        self.clock = clock

    async def change(self, actor: Actor, *, current: str, new: str) -> None:
        """Replace one's own password; who has none asks for a letter instead.

        Every other session ends. Refused with WrongPassword, or with WeakPassword.
        """
        seen = await self.owner(actor)
        ensure_strong(new, email=seen.email, at=NEW)
        await self.ensure_own(seen, current, at=CURRENT)
        hashed = await self.passwords.hash(new)
        await self.lock_as_seen(actor, seen)
        await self.replace(seen.id, hashed, keep=actor.session_id)
        await self.audit.note(actor, "user.password_changed", ("user", seen.id))

    async def owner(self, actor: Actor) -> User:
        """Return the account of who is asking, as it is at this moment."""
        user = await self.users.get(actor.user_id)
        if user is None or user.status is not UserStatus.ACTIVE:  # erased in this very moment
            raise Unauthenticated
        return user

    async def ensure_own(
        self, user: User, password: str | None, *, at: str = WrongPassword.pointer
    ) -> None:
        """Refuse with WrongPassword, named where the request has it, what is not the password.

        Every guess made from within a session comes by here. It is checked while neither a
        transaction nor a connection is held, so the account must be locked, as seen, afterwards.
        """
        side = await self.limits.guess(Quota.PASSWORDS, user.id)
        if password is None or not await self.passwords.verify(password, user.password_hash):
            raise WrongPassword().at(at)
        await self.limits.forgive(Quota.PASSWORDS, side)

    async def lock_as_seen(self, actor: Actor, seen: User) -> None:
        """Lock the account of who is asking.

        If password, address or state were changed since it was seen, the use case is run again; if
        the session was ended meanwhile, it is refused.
        """
        user = await self.users.lock(seen.id)
        if user is None or _vital(user) != _vital(seen):
            raise Contention
        assert actor.session_id is not None
        now = self.clock()
        if await self.sessions.live(actor.session_id, user_id=user.id, now=now) is None:
            raise Unauthenticated

    async def replace(self, user_id: UUID, hashed: str, *, keep: UUID | None) -> None:
        """Give a locked account a new password, and tell its owner.

        Sessions end, save the one to `keep`, and so does what was begun by whoever knew the old
        password: letters that let choose a new one, and a change of address.
        """
        now = self.clock()
        if not await self.users.change_password(user_id, hashed, now=now):
            raise Contention
        await self.resets.end_all(user_id, now=now)
        await self.changes.end(user_id, now=now)
        if keep is None:
            await self.sessions.end_all(user_id, now=now)
        else:
            await self.sessions.end_others(user_id, but=keep, now=now)
        notice = SecurityNotice(new_id(), user_id, NoticeKind.PASSWORD_CHANGED)
        await self.jobs.announce(notice)


def _vital(user: User) -> tuple[object, ...]:
    """Return what a decision about an account that was seen must not outlive."""
    return user.password_hash, user.email, user.status
