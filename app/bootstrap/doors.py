"""The ways in, for HTTP, the worker and the command line alike."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar

from app.bootstrap.adapters import Adapters, build_adapters
from app.bootstrap.services import Services
from app.core.config import Settings
from app.core.database import (
    Connection,
    Database,
    Refused,
    open_pool,
)
from app.core.errors import Busy, Contention
from app.core.tokens import Claims
from app.domain.actors import Actor
from app.domain.origins import NOWHERE, Origin
from app.repositories.sessions import AS_KNOWN

Result = TypeVar("Result")
LISTENING = 1
"""Connections beside those of the settings: one hears what other processes tell."""


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
    async def reading_now(self) -> AsyncIterator[Services]:
        """As `reading`, never of a replica, which may not know what was committed a moment ago."""
        async with self.database.read() as connection:
            yield Services(connection, self.adapters)

    @asynccontextmanager
    async def reading_for(self, credential: Claims | str) -> AsyncIterator[tuple[Actor, Services]]:
        """Yield who is asking, and services to read with.

        Somebody who was seen before is not asked about first: that everything known of them is
        still so is asked with the first query, in one round trip. If it is not, the query is
        Refused, which is a Contention: the request is run again, and they are read anew. A
        replica may not know yet, so where there is one, the primary is asked.
        """
        if self.replica is None:
            async with self._entered(credential, self.database.read) as entered:
                yield entered
            return
        async with self.database.read() as connection:
            actor = await Services(connection, self.adapters).actor(credential)
        async with self.reading() as services:
            yield actor, services

    @asynccontextmanager
    async def single_for(self, claims: Claims) -> AsyncIterator[tuple[Actor, Services]]:
        """As `reading_for`, of the primary, and one statement may change something.

        What needs more is refused with TransactionNeeded, see `core.database.Single`.
        """
        async with self._entered(claims, self.database.single) as entered:
            yield entered

    @asynccontextmanager
    async def _entered(
        self, credential: Claims | str, door: Callable[..., Connection]
    ) -> AsyncIterator[tuple[Actor, Services]]:
        seen = None
        if isinstance(credential, Claims):
            seen = self.adapters.seen.get(credential.session_id)
        if seen is None or isinstance(credential, str):
            async with door() as connection:
                services = Services(connection, self.adapters)
                yield await services.actor(credential), services
            return
        known, actor = seen
        facts = {
            "known": known,
            "session_id": credential.session_id,
            "user_id": credential.user_id,
            "now": self.adapters.clock(),
        }
        try:
            async with door(AS_KNOWN, **facts) as connection:
                yield actor, Services(connection, self.adapters)
        except Refused:
            self.adapters.seen.forget(credential.session_id)
            raise

    @asynccontextmanager
    async def writing(self, origin: Origin = NOWHERE) -> AsyncIterator[Services]:
        """Yield services that share one transaction, committed when the block succeeds."""
        async with self.database.transaction() as transaction:
            services = Services(transaction, self.adapters, origin)
            yield services
        services.hand_on()

    async def perform(self, use_case: Callable[[Services], Awaitable[Result]]) -> Result:
        """Run a use case in a transaction of its own, again if the database undid it."""
        return await persist(lambda: self._once(use_case))

    async def _once(self, use_case: Callable[[Services], Awaitable[Result]]) -> Result:
        async with self.writing() as services:
            return await use_case(services)


@asynccontextmanager
async def open_doors(settings: Settings) -> AsyncIterator[Doors]:
    """Build everything one process needs; no connection is made until one is asked for."""
    size = settings.database_pool_size
    pool = await open_pool(settings.database_url.get_secret_value(), size=size + LISTENING)
    database = Database(pool)
    adapters = build_adapters(settings, database=database)
    replica_url = settings.database_replica_url.get_secret_value()
    replica = await open_pool(replica_url, size=size) if replica_url else None
    try:
        yield Doors(database, adapters, Database(replica) if replica else None)
    finally:
        adapters.passwords.close()
        adapters.imaging.close()
        adapters.documents.close()
        adapters.printing.close()
        await adapters.limiter.close()
        await adapters.bus.close()
        for gateway in adapters.gateways.values():
            await gateway.close()
        for sender in (adapters.sms, adapters.push, adapters.telegram):
            if sender is not None:
                await sender.close()
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
