"""Messages for the worker, written by the transaction that made them true.

The table is PgQueuer's. It is written to in its own form (see `pgqueuer`'s enqueue query), so
that a row and its announcement can be one statement. That query also logs the job as queued,
which nothing reads; what the worker's own rows in the log are for is in `repositories.queue`.
"""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import (
    CTE,
    ColumnElement,
    Float,
    Insert,
    Text,
    bindparam,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.messages import Message
from app.core.statements import Command
from app.models import Jobs

SECOND: Final[ColumnElement[timedelta]] = literal_column("interval '1 second'")
QUEUED: Final[ColumnElement[str]] = literal_column("'queued'::jobs.pgqueuer_status")
JOB: Final = {
    "entrypoint": bindparam("entrypoint", type_=Jobs.c.entrypoint.type),
    "payload": bindparam("payload", type_=Jobs.c.payload.type),
    "priority": literal_column("0"),
    "status": QUEUED,
}
LATER: Final = {
    "dedupe_key": bindparam("dedupe_key", type_=Jobs.c.dedupe_key.type),
    "execute_after": func.now() + bindparam("after", type_=Float) * SECOND,
}
ENQUEUE: Final = Command(insert(Jobs).values(JOB).inline())  # inline: no RETURNING nobody reads
ENQUEUE_LATER: Final = Command(insert(Jobs).values(JOB | LATER).on_conflict_do_nothing().inline())


def enqueue_if(changed: CTE) -> Insert:
    """Enqueue `job(message)` for each row that an insert or update in a CTE returns."""
    return insert(Jobs).from_select(list(JOB), select(*JOB.values()).select_from(changed)).inline()


def enqueued(changed: CTE, message: type[Message]) -> CTE:
    """Enqueue such a message about each booking that a change in a CTE returns, by its `id`."""
    written = func.json_build_object("booking_id", changed.c.id).cast(Text)
    about = {
        **JOB,
        "entrypoint": literal(message.__name__),
        "payload": func.convert_to(written, "UTF8"),
    }
    jobs = select(*about.values()).select_from(changed)
    return insert(Jobs).from_select(list(about), jobs).cte("enqueued")


def job(message: Message) -> dict[str, Any]:
    return {"entrypoint": type(message).__name__, "payload": message.write()}


class JobRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def announce(
        self, message: Message, *, after: timedelta | None = None, dedupe: str | None = None
    ) -> None:
        """Enqueue the message: delivered, at least once, only if this transaction commits.

        `after` is how long to wait. With `dedupe`, nothing is added while a job of the same key
        is waiting or running, be it one that another transaction is about to commit.
        """
        if after is None and dedupe is None:
            await self.connection.run(ENQUEUE, **job(message))
        else:
            seconds = (after or timedelta()).total_seconds()
            await self.connection.run(
                ENQUEUE_LATER, **job(message), after=seconds, dedupe_key=dedupe
            )
