"""Two doors to PostgreSQL: `Database.read()` to look, `Database.transaction()` to change.

Behind either, a connection is taken from the pool with the first statement, so that a request
refused before that costs the database nothing.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol, TypeVar

import asyncpg

from app.core.errors import AppError, Contention, DatabaseUnavailable, TransactionNeeded
from app.core.statements import Command, Guard, Query, Violations

Row = TypeVar("Row")
Door = TypeVar("Door", bound="Connection")
Checkpoint = Callable[[], Awaitable[None]]
"""`Transaction.checkpoint`, as a service is given it."""

ACQUIRE_SECONDS: Final = 5.0
SESSION: Final = {
    "application_name": "banister",
    "timezone": "UTC",
    "jit": "off",
    "statement_timeout": "10s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "15s",
    "client_connection_check_interval": "1s",
    # The default, 4, is of turning disks: a search would rather compare each of 2,000 services, for
    # 7 us apiece, than read the trigrams.
    "random_page_cost": "1.1",
    "pg_trgm.word_similarity_threshold": "0.35",  # two letters swapped in a word of seven: 0.375
}
CONTENTION: Final = (
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
)
UNAVAILABLE: Final = (
    OSError,  # nobody listens; or, as TimeoutError, no connection came free in time
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # starting, stopping, statement_timeout
    asyncpg.InsufficientResourcesError,  # too many connections, or the disk is full
    asyncpg.InvalidCatalogNameError,  # not made yet
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.CannotConnectNowError,
)


class Pool(Protocol):
    def acquire(self) -> Any: ...
    def release(self, connection: Any) -> Any: ...


def translated(error: Exception, violations: Violations, *, gone: bool) -> Exception:
    """Say in our words what the database refused, or that it does not answer."""
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        refusal = violations.get(error.constraint_name or "")
        return error if refusal is None else refusal()
    if isinstance(error, CONTENTION):
        return Contention()
    return DatabaseUnavailable() if gone or isinstance(error, UNAVAILABLE) else error


class Refused(Contention):
    """The guard of a connection did not let its first query pass."""


class Connection:
    """The reading door: autocommit, no transaction.

    With a guard, the first query asks it in the same round trip, and is Refused unless it agrees.
    A block that ends without a query, by a refusal too, asks it then: nothing is told to somebody
    whom the guard would not have let in.
    """

    def __init__(
        self,
        pool: Pool,
        guard: Guard | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self._pool = pool
        self._raw: Any = None
        self._failed = False
        self._guard = guard
        self._facts = facts or {}

    async def first(self, query: Query[Row], /, **given: Any) -> Row | None:
        if self._guard is not None:
            return next(iter(await self._guarded(query, given)), None)
        record = await self._ask("fetchrow", query, given)
        return None if record is None else query.row(record)

    async def all(self, query: Query[Row], /, **given: Any) -> list[Row]:
        if self._guard is not None:
            return await self._guarded(query, given)
        return [query.row(record) for record in await self._ask("fetch", query, given)]

    async def _guarded(self, query: Query[Row], given: Mapping[str, Any]) -> list[Row]:
        guard = self._guard
        assert guard is not None
        sql = query.guarded(guard)
        if sql is None:
            raise TypeError(f"what a guarded connection begins with changes nothing: {query.sql}")
        arguments = [*query.arguments(given), *guard.arguments(self._facts)]
        records = await self._send("fetch", query, sql, arguments)
        if not records[0][0]:
            raise Refused
        self._guard = None
        return [query.row(record[2:]) for record in records if record[1]]

    async def run(self, command: Command, /, **given: Any) -> int:
        status: str = await self._ask("execute", command, given)  # such as "INSERT 0 1"
        return int(status.rpartition(" ")[2])

    async def _ask(self, method: str, command: Command, given: Mapping[str, Any]) -> Any:
        if self._guard is not None:
            raise TypeError(f"a guarded connection begins with a query: {command.sql}")
        return await self._send(method, command, command.sql, command.arguments(given))

    async def _send(self, method: str, command: Command, sql: str, arguments: list[Any]) -> Any:
        self._failed = True  # unless we come back: a cancelled statement counts too
        try:
            if self._raw is None:
                await self._open()
            answer = await getattr(self._raw, method)(sql, *arguments)
        except Exception as error:
            raise translated(error, command.violations, gone=_is_gone(self._raw)) from error
        self._failed = False
        return answer

    async def _open(self) -> None:
        # not acquire(timeout=...): on Python 3.11 asyncpg makes a task for that
        async with asyncio.timeout(ACQUIRE_SECONDS):
            self._raw = await self._pool.acquire()

    async def _close(self, *, commit: bool) -> None:  # noqa: ARG002
        raw, self._raw = self._raw, None
        if raw is not None:
            await self._pool.release(raw)

    async def __aenter__(self: Door) -> Door:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if self._guard is not None and (kind is None or issubclass(kind, AppError)):
                await self._ensure_let_in(self._guard)
        finally:
            await self._close(commit=kind is None or _keeps_changes(kind))

    async def _ensure_let_in(self, guard: Guard) -> None:
        """Ask the guard by itself; if the database doesn't answer, that has been told."""
        if self._failed:
            return
        if not await self._send("fetchval", guard, guard.sql, guard.arguments(self._facts)):
            raise Refused


class Single(Connection):
    """The door for what one statement does: autocommit, and a single change.

    A lock would end with its statement, and a second statement that changes something might
    stand alone: both are refused with TransactionNeeded before they are done. Whoever opened
    this door begins anew in a transaction.
    """

    _is_spent = _has_changed = False

    async def run(self, command: Command, /, **given: Any) -> int:
        changed = await super().run(command, **given)
        self._has_changed = changed > 0
        return changed

    async def _send(self, method: str, command: Command, sql: str, arguments: list[Any]) -> Any:
        if self._has_changed and command.changes:  # to begin anew would do the first one twice
            raise RuntimeError(f"what was changed stands alone, without: {command.sql}")
        if command.locks or (self._is_spent and command.changes):
            raise TransactionNeeded
        self._is_spent = self._has_changed = command.changes
        return await super()._send(method, command, sql, arguments)


class Transaction(Connection):
    """The writing door: begins with the first statement, commits when the block succeeds.

    A refusal that keeps its changes (a wrong code, counted) commits too. A statement that fails
    takes the transaction with it. PostgreSQL would answer a COMMIT with a quiet ROLLBACK, so a
    block that swallowed the error is refused here.
    """

    async def checkpoint(self) -> None:
        """Commit what was done and let the connection go; the next statement begins anew.

        Only for a service about to wait for something that is no statement: a gateway (the intent
        must be on disk before money moves), a mail server, a password's hash. Neither a lock nor
        a connection may be held meanwhile.
        """
        await self._close(commit=True)

    async def _open(self) -> None:
        await super()._open()
        self._transaction = self._raw.transaction()
        try:
            await self._transaction.start()
        except BaseException:  # not begun: there is nothing to roll back
            await super()._close(commit=False)
            raise

    async def _close(self, *, commit: bool) -> None:
        try:
            if self._raw is not None:
                await self._finish(commit=commit)
        finally:
            await super()._close(commit=commit)

    async def _finish(self, *, commit: bool) -> None:
        if commit and self._failed:
            await self._finish(commit=False)
            raise RuntimeError("a statement failed and its error was swallowed: nothing was kept")
        if not commit and _is_gone(self._raw):
            return
        try:
            await (self._transaction.commit() if commit else self._transaction.rollback())
        except Exception as error:
            raise translated(error, {}, gone=_is_gone(self._raw)) from error


def _keeps_changes(kind: type[BaseException]) -> bool:
    return issubclass(kind, AppError) and kind.keeps_changes


def _is_gone(raw: Any) -> bool:
    try:
        gone: bool = raw is not None and raw.is_closed()
    except asyncpg.InterfaceError:  # the pool took a dead connection away from its proxy
        return True
    return gone


class _PooledConnection(asyncpg.Connection):
    """Returned to the pool as it is: nothing here leaves a trace in the server's session."""

    def get_reset_query(self) -> str:
        return ""


class Database:
    """A pool that connects when it is first asked, so that the program starts without it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def read(self, guard: Guard | None = None, **facts: Any) -> Connection:
        """Return the reading door; `facts` are what its guard is asked about."""
        return Connection(self._pool, guard, facts)

    def single(self, guard: Guard | None = None, **facts: Any) -> Single:
        """Return the door for one statement that changes something."""
        return Single(self._pool, guard, facts)

    def transaction(self) -> Transaction:
        return Transaction(self._pool)

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Any]:
        """Lend a connection of asyncpg for long, to a library that brings SQL of its own.

        jsonb is text on it. It is closed afterwards, so whatever was done to it ends with it.
        """
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                raw = await self._pool.acquire()
        except Exception as error:
            raise translated(error, {}, gone=False) from error
        try:
            await raw.reset_type_codec("jsonb", schema="pg_catalog")
            yield raw
        finally:
            if not _is_gone(raw):
                raw.terminate()
            await self._pool.release(raw)


async def open_pool(url: str, *, size: int) -> "asyncpg.Pool[asyncpg.Record]":
    """Return a pool with no connection in it yet."""
    return await asyncpg.create_pool(
        url,
        min_size=0,
        max_size=size,
        max_inactive_connection_lifetime=0,
        timeout=ACQUIRE_SECONDS,
        server_settings=SESSION,
        connection_class=_PooledConnection,
        init=speak_json,
    )


async def speak_json(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads
    )
