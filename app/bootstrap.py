"""The composition root: the only module that knows which adapter is behind a protocol.

Adapters are built once per process, services once per unit of work; HTTP, the worker and the
command line come in through the same doors.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from app.core.clock import Clock, system_clock
from app.core.config import Settings
from app.core.crypto import PasswordHasher, Signer
from app.core.database import Connection, Database, open_pool
from app.core.errors import Busy, Contention
from app.core.tokens import Tokens
from app.repositories.health import HealthRepository
from app.repositories.idempotency import IdempotencyRepository
from app.repositories.sessions import SessionRepository
from app.services.health import HealthService
from app.services.idempotency import IdempotencyService
from app.services.sessions import SessionService

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Adapters:
    """The outside world and what is costly to make, built once per process."""

    settings: Settings
    clock: Clock
    tokens: Tokens
    signer: Signer
    passwords: PasswordHasher


def build_adapters(settings: Settings, clock: Clock = system_clock) -> Adapters:
    secret = settings.secret_key.get_secret_value()
    return Adapters(
        settings=settings,
        clock=clock,
        tokens=Tokens(secret, clock),
        signer=Signer(secret),
        passwords=PasswordHasher(),
    )


class Services:
    """Everything one unit of work can do: services that share one connection."""

    def __init__(self, connection: Connection, adapters: Adapters) -> None:
        self._connection = connection
        self._adapters = adapters

    @cached_property
    def health(self) -> HealthService:
        return HealthService(HealthRepository(self._connection))

    @cached_property
    def sessions(self) -> SessionService:
        return SessionService(SessionRepository(self._connection), self._adapters.clock)

    @cached_property
    def idempotency(self) -> IdempotencyService:
        return IdempotencyService(IdempotencyRepository(self._connection), self._adapters.clock)

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
