"""The composition root: the only module that knows which adapter is behind a protocol.

Adapters are built once per process, services once per unit of work; HTTP, the worker and the
command line come in through the same doors.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TypeVar

from app.core.clock import Clock, system_clock
from app.core.config import Settings
from app.core.crypto import PasswordHasher, Signer
from app.core.database import Checkpoint, Connection, Database, Transaction, open_pool
from app.core.errors import Busy, Contention
from app.core.tokens import Tokens
from app.domain.providers import ProviderStatus
from app.integrations.mail.mailbox import FileMailbox
from app.integrations.mail.protocol import Mailbox, Mailer
from app.integrations.mail.smtp import SmtpMailer, SmtpServer
from app.integrations.writing.jinja import JinjaWriter
from app.integrations.writing.protocol import Writer
from app.repositories.availability import AvailabilityRepository
from app.repositories.bookings import BookingRepository
from app.repositories.categories import CategoryRepository
from app.repositories.demo import DemoRepository
from app.repositories.health import HealthRepository
from app.repositories.idempotency import IdempotencyRepository
from app.repositories.jobs import JobRepository
from app.repositories.offerings import OfferingRepository
from app.repositories.providers import ProviderRepository
from app.repositories.queue import QueueRepository
from app.repositories.schedules import ScheduleRepository
from app.repositories.sessions import SessionRepository
from app.repositories.tags import TagRepository
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository
from app.services.auth import AuthService
from app.services.availability import AvailabilityService
from app.services.bookings import BookingService
from app.services.categories import CategoryService
from app.services.demo import DemoService
from app.services.health import HealthService
from app.services.idempotency import IdempotencyService
from app.services.jobs import JobService
from app.services.mail import MailService
from app.services.mailbox import MailboxService
from app.services.offerings import OfferingService
from app.services.providers import ProviderService
from app.services.schedules import ScheduleService
from app.services.sessions import SessionService
from app.services.tags import TagService
from app.services.users import UserService
from app.services.verifications import VerificationService

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Adapters:
    """The outside world and what is costly to make, built once per process."""

    settings: Settings
    clock: Clock
    tokens: Tokens
    signer: Signer
    passwords: PasswordHasher
    mailbox: Mailbox
    mailer: Mailer
    writer: Writer


def build_adapters(settings: Settings, clock: Clock = system_clock) -> Adapters:
    secret = settings.secret_key.get_secret_value()
    mailbox = FileMailbox(settings.data_dir / "mail", clock)
    return Adapters(
        settings=settings,
        clock=clock,
        tokens=Tokens(secret, clock),
        signer=Signer(secret),
        passwords=PasswordHasher(),
        mailbox=mailbox,
        mailer=_smtp(settings, clock) if settings.smtp_host else mailbox,
        writer=JinjaWriter(),
    )


def _smtp(settings: Settings, clock: Clock) -> SmtpMailer:
    server = SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=settings.smtp_password.get_secret_value(),
        tls=settings.smtp_tls,
    )
    return SmtpMailer(server, sender=settings.mail_from, clock=clock)


class Services:
    """Everything one unit of work can do: services that share one connection."""

    def __init__(self, connection: Connection, adapters: Adapters) -> None:
        self._connection = connection
        self._adapters = adapters

    @cached_property
    def auth(self) -> AuthService:
        by_hand = self._adapters.settings.account_approval == "manual"
        return AuthService(
            UserRepository(self._connection),
            self.verifications,
            self.sessions,
            self._adapters.passwords,
            self._checkpoint,
            self._adapters.clock,
            new_providers=ProviderStatus.PENDING if by_hand else ProviderStatus.ACTIVE,
        )

    @cached_property
    def availability(self) -> AvailabilityService:
        return AvailabilityService(AvailabilityRepository(self._connection), self._adapters.clock)

    @cached_property
    def bookings(self) -> BookingService:
        return BookingService(
            BookingRepository(self._connection),
            self.availability,
            JobRepository(self._connection),
            self._adapters.clock,
            hold=timedelta(seconds=self._adapters.settings.booking_hold_seconds),
        )

    @cached_property
    def categories(self) -> CategoryService:
        return CategoryService(CategoryRepository(self._connection), self._adapters.clock)

    @cached_property
    def demo(self) -> DemoService:
        return DemoService(
            DemoRepository(self._connection),
            self._adapters.passwords,
            self._adapters.clock,
            is_allowed=self._adapters.settings.is_development,
        )

    @cached_property
    def health(self) -> HealthService:
        return HealthService(HealthRepository(self._connection))

    @cached_property
    def offerings(self) -> OfferingService:
        return OfferingService(
            OfferingRepository(self._connection),
            ProviderRepository(self._connection),
            self._adapters.clock,
        )

    @cached_property
    def providers(self) -> ProviderService:
        return ProviderService(ProviderRepository(self._connection))

    @cached_property
    def schedules(self) -> ScheduleService:
        return ScheduleService(
            ScheduleRepository(self._connection),
            ProviderRepository(self._connection),
            self._adapters.clock,
        )

    @cached_property
    def sessions(self) -> SessionService:
        return SessionService(
            SessionRepository(self._connection), self._adapters.tokens, self._adapters.clock
        )

    @cached_property
    def idempotency(self) -> IdempotencyService:
        return IdempotencyService(IdempotencyRepository(self._connection), self._adapters.clock)

    @cached_property
    def jobs(self) -> JobService:
        return JobService(QueueRepository(self._connection), self._adapters.clock)

    @cached_property
    def mail(self) -> MailService:
        return MailService(self._adapters.writer, self._adapters.mailer, self._checkpoint)

    @cached_property
    def mailbox(self) -> MailboxService:
        return MailboxService(self._adapters.mailbox)

    @cached_property
    def tags(self) -> TagService:
        return TagService(TagRepository(self._connection))

    @cached_property
    def users(self) -> UserService:
        return UserService(
            UserRepository(self._connection),
            VerificationRepository(self._connection),
            self._adapters.passwords,
            self._adapters.clock,
        )

    @cached_property
    def verifications(self) -> VerificationService:
        return VerificationService(
            VerificationRepository(self._connection),
            UserRepository(self._connection),
            JobRepository(self._connection),
            self.mail,
            self._adapters.signer,
            self._adapters.clock,
            base_url=self._adapters.settings.base_url,
        )

    @property
    def _checkpoint(self) -> Checkpoint:
        assert isinstance(self._connection, Transaction)  # the reading door has nothing to commit
        return self._connection.checkpoint

    # One property per stem, in the order of the alphabet.


@dataclass(frozen=True, slots=True)
class Doors:
    """The ways in, for HTTP, the worker and the command line alike."""

    database: Database
    adapters: Adapters
    replica: Database | None = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Services]:
        """Yield services on a connection in autocommit, of the replica where there is one."""
        async with (self.replica or self.database).read() as connection:
            yield Services(connection, self.adapters)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Services]:
        """Yield services that share one transaction, committed when the block succeeds."""
        async with self.database.transaction() as transaction:
            yield Services(transaction, self.adapters)

    async def perform(self, use_case: Callable[[Services], Awaitable[Result]]) -> Result:
        """Run a use case in a transaction of its own, again if the database undid it."""
        return await persist(lambda: self._once(use_case))

    async def _once(self, use_case: Callable[[Services], Awaitable[Result]]) -> Result:
        async with self.writing() as services:
            return await use_case(services)


@asynccontextmanager
async def open_doors(settings: Settings) -> AsyncIterator[Doors]:
    """Build everything one process needs; no connection is made until one is asked for."""
    size, adapters = settings.database_pool_size, build_adapters(settings)
    pool = await open_pool(settings.database_url.get_secret_value(), size=size)
    replica_url = settings.database_replica_url.get_secret_value()
    replica = await open_pool(replica_url, size=size) if replica_url else None
    try:
        yield Doors(Database(pool), adapters, Database(replica) if replica else None)
    finally:
        adapters.passwords.close()
        await pool.close()
        if replica:
            await replica.close()


async def persist(attempt: Callable[[], Awaitable[Result]], *, times: int = 3) -> Result:
    """Repeat what lost to a concurrent transaction, `times` in all, then refuse with Busy."""
    for left in reversed(range(times)):
        try:
            return await attempt()
        except Contention as error:
            if not left:
                raise Busy from error
            await asyncio.sleep(random.uniform(0.005, 0.05))
    raise AssertionError("unreachable")
