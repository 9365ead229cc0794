"""Taking accounts away."""

from uuid import UUID

from app.core.clock import Clock
from app.core.errors import Contention
from app.domain.accounts import UserNotFound
from app.domain.actors import Actor
from app.domain.users import User
from app.policies import users as policy
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository
from app.services.audit import AuditService
from app.services.erasure import ErasureService


class RemovalService:
    def __init__(
        self,
        users: UserRepository,
        verifications: VerificationRepository,
        erasure: ErasureService,
        audit: AuditService,
        clock: Clock,
    ) -> None:
        self.users = users
        self.verifications = verifications
        self.erasure = erasure
        self.audit = audit
        self.clock = clock

    async def lock(self, actor: Actor, user_id: UUID) -> User:
        """Return an account that the actor may erase, locked, and its address with it."""
        policy.ensure_can_erase(actor, now=self.clock())
        user = await self._locked(user_id)
        policy.ensure_reaches(actor, user)
        policy.ensure_is_another(actor, user)
        return user

    async def erase(self, actor: Actor, user: User) -> None:
        """Erase what `lock` returned."""
        await self.erasure.erase(actor, user.id)
        await self.audit.note(actor, "user.erased", ("user", user.id), before=user)

    async def _locked(self, user_id: UUID) -> User:
        """Lock the address first: who changes whose it is takes the two in this order."""
        seen = await self.users.get(user_id)
        if seen is None:
            raise UserNotFound
        await self.verifications.lock(seen.email)
        user = await self.users.lock(user_id)
        if user is None or user.email != seen.email:
            raise Contention
        return user
