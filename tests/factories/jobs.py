"""The queue, to look into and to empty.

`announced(connection)` tells which messages wait. `deliver_all(doors)` runs everything that is
due, here and now, without a worker; it works with `doors` and with `real_doors`. To run the
tasks of one message: `app.tasks.delivery.deliver(doors, message)`.
"""

from datetime import timedelta

from sqlalchemy import Float, bindparam, delete, func, literal_column, select

from app.bootstrap import Doors
from app.core.database import Connection
from app.core.messages import Message
from app.core.statements import Query
from app.models import Jobs
from app.tasks.delivery import deliver


def read(entrypoint: str, payload: bytes) -> Message:
    return Message.read(entrypoint.partition(":")[0], payload)  # the worker's may end in `:task`


MESSAGE = (Jobs.c.entrypoint, Jobs.c.payload)
IS_WAITING = Jobs.c.status == literal_column("'queued'::jobs.pgqueuer_status")
IS_DUE = Jobs.c.execute_after <= func.now() + bindparam("within", type_=Float) * literal_column(
    "interval '1 second'"
)
WAITING = Query(select(*MESSAGE).where(IS_WAITING).order_by(Jobs.c.id), read)
FIRST_DUE = (
    select(Jobs.c.id).where(IS_WAITING, IS_DUE).order_by(Jobs.c.id).limit(1).scalar_subquery()
)
TAKE = Query(delete(Jobs).where(Jobs.c.id == FIRST_DUE).returning(*MESSAGE), read)


async def announced(connection: Connection) -> list[Message]:
    """Return the messages waiting in the queue, due or not, in the order they were announced."""
    return await connection.all(WAITING)


async def deliver_all(doors: Doors, *, within: timedelta = timedelta()) -> list[Message]:
    """Deliver what is due, and what that announces, until nothing is; return what it was.

    With `within`, also what becomes due in that time. An error is raised at once.
    """
    delivered = []
    while (message := await _take(doors, within)) is not None:
        await deliver(doors, message)
        delivered.append(message)
    return delivered


async def _take(doors: Doors, within: timedelta) -> Message | None:
    async with doors.database.transaction() as connection:
        return await connection.first(TAKE, within=within.total_seconds())
