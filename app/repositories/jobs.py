"""Messages for the worker, written by the transaction that made them true.

The table is PgQueuer's. It is written to in its own form (see `pgqueuer`'s enqueue query), so
that a row and its announcement can be one statement.
"""

from typing import Any, Final

from sqlalchemy import CTE, Insert, bindparam, insert, literal_column, select

from app.core.database import Connection
from app.core.messages import Message
from app.core.statements import Command
from app.models import Jobs

QUEUED: Final = literal_column("'queued'::jobs.pgqueuer_status")
JOB: Final = {
    "entrypoint": bindparam("entrypoint", type_=Jobs.c.entrypoint.type),
    "payload": bindparam("payload", type_=Jobs.c.payload.type),
    "priority": literal_column("0"),
    "status": QUEUED,
}
ENQUEUE: Final = Command(insert(Jobs).values(JOB).inline())  # inline: no RETURNING nobody reads


def enqueue_if(changed: CTE) -> Insert:
    """Enqueue `job(message)` for each row that an insert or update in a CTE returns."""
    return insert(Jobs).from_select(list(JOB), select(*JOB.values()).select_from(changed)).inline()


def job(message: Message) -> dict[str, Any]:
    return {"entrypoint": type(message).__name__, "payload": message.write()}


class JobRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def announce(self, message: Message) -> None:
        """Enqueue the message: delivered, at least once, only if this transaction commits."""
        await self.connection.run(ENQUEUE, **job(message))
