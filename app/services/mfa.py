"""The second factor, and showing once more that it is really them."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import Signer
from app.core.ids import new_id
from app.domain.actors import Actor
from app.domain.limits import Quota
from app.domain.mfa import (
    RECOVERY_PURPOSE,
    SECRET_PURPOSE,
    Enrolment,
    MfaAlreadyOn,
    MfaNotOn,
    MfaRequiredForStaff,
    TotpFactor,
    WrongCode,
    clean,
    enrolment,
    ensure_active,
    ensure_waiting,
    factor,
    is_of_the_app,
    matching_step,
    recovery_codes,
)
from app.domain.notices import NoticeKind, SecurityNotice
from app.domain.users import User
from app.repositories.jobs import JobRepository
from app.repositories.mfa import MfaRepository
from app.repositories.users import UserRepository
from app.services.audit import AuditService
from app.services.limits import LimitService
from app.services.passwords import PasswordService
from app.services.sessions import SessionService


class MfaService:
    """Secrets are made from a factor's id, and recovery codes kept by a keyed digest.

    The account's row is locked first, then its factor, then its codes.
    """

    def __init__(
        self,
        factors: MfaRepository,
        users: UserRepository,
        sessions: SessionService,
        jobs: JobRepository,
        audit: AuditService,
        limits: LimitService,
        signer: Signer,
        passwords: PasswordService,
        clock: Clock,
        *,
        staff_need_mfa: bool,
    ) -> None:
        self.factors = factors
        self.users = users
        self.sessions = sessions
        self.jobs = jobs
        self.audit = audit
        self.limits = limits
        self.signer = signer
        self.passwords = passwords
        self.clock = clock
        self.staff_need_mfa = staff_need_mfa

    async def is_on(self, user_id: UUID) -> bool:
        return await self.factors.is_on(user_id)

    async def set_up(self, actor: Actor, password: str | None) -> Enrolment:
        """Return what an app makes codes of; one that was not activated is forgotten.

        Who has no password must have signed in, or stepped up, just now.
        """
        if actor.has_mfa:
            raise MfaAlreadyOn
        user = await self._owner(actor, password)
        await self.passwords.lock_as_seen(actor, user)
        made = factor(user.id, now=self.clock())
        if not await self.factors.set_up(made):
            raise MfaAlreadyOn
        return enrolment(self._secret(made), email=user.email)

    async def activate(self, actor: Actor, code: str) -> list[str]:
        """Turn the factor on by a first code of it; return the recovery codes, this once.

        Other sessions end: they were begun without it.
        """
        now = self.clock()
        made = await self.check(actor.user_id, code, of=lambda made: ensure_waiting(made, now=now))
        await self.factors.activate(made, now=now)
        await self.sessions.end_others(actor)
        await self.audit.note(actor, "mfa.turned_on", ("user", actor.user_id))
        await self._tell(actor.user_id, NoticeKind.MFA_ON)
        return await self._new_codes(actor.user_id)

    async def renew_codes(self, actor: Actor, code: str) -> list[str]:
        """Return new recovery codes, this once; those from before are worth nothing."""
        await self.ensure_code(actor.user_id, code)
        await self.audit.note(actor, "mfa.codes_renewed", ("user", actor.user_id))
        return await self._new_codes(actor.user_id)

    async def turn_off(self, actor: Actor, *, password: str | None, code: str) -> None:
        """Forget the factor and its codes; it takes both, a password and a code."""
        if self.staff_need_mfa and actor.is_staff:
            raise MfaRequiredForStaff
        if not actor.has_mfa:
            raise MfaNotOn
        seen = await self._owner(actor, password)
        await self.ensure_code(actor.user_id, code)
        await self.passwords.lock_as_seen(actor, seen)
        await self.factors.turn_off(actor.user_id)
        await self.audit.note(actor, "mfa.turned_off", ("user", actor.user_id))
        await self._tell(actor.user_id, NoticeKind.MFA_OFF)

    async def step_up_by_password(self, actor: Actor, password: str) -> datetime:
        """Note that they showed their password just now; return until when that is good."""
        await self.passwords.lock_as_seen(actor, await self._owner(actor, password))
        return await self.sessions.prove(actor)

    async def step_up_by_code(self, actor: Actor, code: str) -> datetime:
        """Note that they showed a code just now; return until when that is good."""
        await self.ensure_code(actor.user_id, code)
        return await self.sessions.prove(actor)

    async def ensure_code(self, user_id: UUID, code: str) -> None:
        """Use up a code of the second factor that is on; refuse with WrongCode or MfaNotOn.

        The account is locked then, and nothing must be before: see `check`.
        """
        await self.check(user_id, code, of=ensure_active)

    async def check(
        self, user_id: UUID, code: str, *, of: Callable[[TotpFactor | None], TotpFactor]
    ) -> TotpFactor:
        """Use up a code, of the app or for its loss, and return whose it is, the account locked.

        Every guess at a code comes by here. `of` refuses the factor that can't be meant. Locks
        taken before may be lost: what counts the guesses commits them.
        """
        await self.limits.guess(Quota.CODES, user_id)
        await self.users.lock(user_id)
        made, typed = of(await self.factors.get(user_id)), clean(code)
        if is_of_the_app(typed):
            taken = await self._take_step(made, typed)
        else:
            taken = made.is_active and await self._take_recovery_code(user_id, typed)
        if not taken:
            raise WrongCode
        return made

    async def _take_step(self, made: TotpFactor, typed: str) -> bool:
        step = matching_step(self._secret(made), typed, now=self.clock())
        return step is not None and await self.factors.spend_step(made, step)

    async def _take_recovery_code(self, user_id: UUID, typed: str) -> bool:
        kept = self._digest(user_id, typed)
        if not await self.factors.spend_code(user_id, kept, now=self.clock()):
            return False
        await self._tell(user_id, NoticeKind.RECOVERY_CODE_USED)
        return True

    async def _new_codes(self, user_id: UUID) -> list[str]:
        codes = recovery_codes()
        kept = [self._digest(user_id, clean(code)) for code in codes]
        await self.factors.replace_codes(user_id, kept, now=self.clock())
        return codes

    async def _owner(self, actor: Actor, password: str | None) -> User:
        """Return the account, to be locked as seen, of somebody who knows its password.

        Who has none must have shown just now who they are.
        """
        seen = await self.passwords.owner(actor)
        if seen.password_hash is None and password is None:
            actor.ensure_proved(now=self.clock())
        else:
            await self.passwords.ensure_own(seen, password)
        return seen

    async def _tell(self, user_id: UUID, kind: NoticeKind) -> None:
        await self.jobs.announce(SecurityNotice(new_id(), user_id, kind))

    def _secret(self, made: TotpFactor) -> str:
        return self.signer.secret(SECRET_PURPOSE, str(made.id))

    def _digest(self, user_id: UUID, typed: str) -> bytes:
        return self.signer.digest(RECOVERY_PURPOSE, f"{user_id}/{typed}")
