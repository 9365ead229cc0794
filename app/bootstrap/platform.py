"""Services that every other one may need."""

from functools import cached_property

from app.bootstrap.adapters import Adapters
from app.core.database import (
    Connection,
    Transaction,
)
from app.domain.origins import NOWHERE, Origin
from app.repositories.audit import AuditRepository
from app.repositories.health import HealthRepository
from app.repositories.idempotency import IdempotencyRepository
from app.repositories.limits import LimitRepository
from app.repositories.queue import QueueRepository
from app.services.audit import AuditService
from app.services.health import HealthService
from app.services.idempotency import IdempotencyService
from app.services.jobs import JobService
from app.services.kept_messages import KeptMessageService
from app.services.limits import LimitService
from app.services.mail import MailService
from app.services.mailbox import MailboxService


class PlatformServices:
    """Services that share one connection; one property per stem, in the order of the alphabet."""

    def __init__(
        self, connection: Connection, adapters: Adapters, origin: Origin = NOWHERE
    ) -> None:
        self._connection = connection
        self._adapters = adapters
        self._origin = origin

    @cached_property
    def audit(self) -> AuditService:
        return AuditService(AuditRepository(self._connection), self._adapters.clock, self._origin)

    @cached_property
    def health(self) -> HealthService:
        return HealthService(HealthRepository(self._connection))

    @cached_property
    def idempotency(self) -> IdempotencyService:
        return IdempotencyService(
            IdempotencyRepository(self._connection),
            self._adapters.clock,
            staff_need_mfa=self._adapters.settings.staff_need_mfa,
        )

    @cached_property
    def jobs(self) -> JobService:
        return JobService(QueueRepository(self._connection), self._adapters.clock)

    @cached_property
    def kept_messages(self) -> KeptMessageService:
        return KeptMessageService(self._adapters.kept_messages)

    @cached_property
    def limits(self) -> LimitService:
        return LimitService(
            LimitRepository(self._connection, self._adapters.clock),
            self._adapters.limiter,
            self._checkpoint,
            self._origin,
        )

    @cached_property
    def mail(self) -> MailService:
        return MailService(self._adapters.writer, self._adapters.mailer, self._checkpoint)

    @cached_property
    def mailbox(self) -> MailboxService:
        return MailboxService(self._adapters.mailbox)

    async def _checkpoint(self) -> None:
        assert isinstance(self._connection, Transaction)  # the reading door has nothing to commit
        await self._connection.checkpoint()
