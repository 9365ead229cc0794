"""Every statement about jobs that were announced: to look at them, and to take them in hand.

PgQueuer's log has a row for each time a job was picked, and one, `queued`, for each time it was
put back; the picks since then are runs whose worker never said how they ended.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Insert,
    Integer,
    Text,
    any_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    literal_column,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.core.database import Connection
from app.core.listing import Bookmark, Page, PageRequest
from app.core.statements import Command, Query
from app.domain.jobs import Job, JobSort, JobStatus
from app.models import JobLog, Jobs
from app.repositories.jobs import QUEUED

ID: Final = bindparam("id", type_=BigInteger)
PICKED: Final[ColumnElement[str]] = literal_column("'picked'::jobs.pgqueuer_status")
FAILED: Final[ColumnElement[str]] = literal_column("'failed'::jobs.pgqueuer_status")
DELETED: Final[ColumnElement[str]] = literal_column("'deleted'::jobs.pgqueuer_status")
IS_DEAD: Final = Jobs.c.status == FAILED

LAST_ERROR: Final = (
    select(func.jsonb_extract_path_text(JobLog.c.traceback, "exception_message", type_=Text))
    .where(JobLog.c.job_id == Jobs.c.id, JobLog.c.traceback.is_not(None))
    .order_by(JobLog.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
SHOWN: Final = select(
    Jobs.c.id,
    cast(Jobs.c.status, Text),
    Jobs.c.entrypoint,
    func.convert_from(Jobs.c.payload, "UTF8", type_=Text),
    Jobs.c.attempts,
    Jobs.c.created,
    Jobs.c.execute_after,
    LAST_ERROR,
)


def shown(id_: int, status: str, *rest: Any) -> Job:
    return Job(id_, JobStatus(status), *rest)


BY_ID: Final = Query(SHOWN.where(Jobs.c.id == ID), shown)
POSITION: Final = TypeAdapter[Any](tuple[int])


@cache
def listed(sort: JobSort, *, dead: bool, resumed: bool) -> Query[Job]:
    rows, last = SHOWN.where(IS_DEAD) if dead else SHOWN, bindparam("last", type_=BigInteger)
    oldest = sort is JobSort.OLDEST
    if resumed:
        rows = rows.where(Jobs.c.id > last if oldest else Jobs.c.id < last)
    order = Jobs.c.id if oldest else Jobs.c.id.desc()
    return Query(rows.order_by(order).limit(bindparam("limit", type_=Integer)), shown)


def noted(changed: CTE, status: Any) -> Insert:
    """Write into the log what became of the jobs that an update or delete in a CTE returns."""
    names = ["job_id", "status", "entrypoint", "priority"]
    facts = select(changed.c.id, status, changed.c.entrypoint, changed.c.priority)
    return insert(JobLog).from_select(names, facts).inline()


FACTS: Final = (Jobs.c.id, Jobs.c.entrypoint, Jobs.c.priority)
AFRESH: Final = (
    update(Jobs)
    .where(IS_DEAD)
    .values(
        status=QUEUED,
        execute_after=func.now(),
        updated=func.now(),
        attempts=0,
        headers=null(),
        dedupe_key=null(),  # its place may be taken
    )
    .returning(*FACTS)
)
RETRY: Final = Command(noted(AFRESH.where(Jobs.c.id == ID).cte("retried"), QUEUED))
RETRY_ALL: Final = Command(noted(AFRESH.cte("retried"), QUEUED))
DROPPED: Final = delete(Jobs).where(Jobs.c.id == ID, Jobs.c.status != PICKED).returning(*FACTS)
DROP: Final = Command(noted(DROPPED.cte("dropped"), DELETED))

LAST_PUT_BACK: Final = (
    select(func.coalesce(func.max(JobLog.c.id), 0))
    .where(JobLog.c.job_id == ID, JobLog.c.status == QUEUED)
    .scalar_subquery()
)
PICKS: Final = Query(
    select(func.count(type_=BigInteger)).where(
        JobLog.c.job_id == ID, JobLog.c.status == PICKED, JobLog.c.id > LAST_PUT_BACK
    ),
    int,
)
STARTED: Final = cast(func.jsonb_extract_path_text(Jobs.c.headers, "started", type_=Text), Integer)
START_ALONE: Final = Query(
    update(Jobs)
    .where(Jobs.c.id == ID)
    .values(headers=func.jsonb_build_object("started", func.coalesce(STARTED, 0) + 1))
    .returning(STARTED),
    int,
)

TAKEN: Final = delete(Jobs).where(Jobs.c.id == ID).returning(Jobs.c.payload).cte("taken")
SPLIT: Final = Command(
    insert(Jobs)
    .from_select(
        ["entrypoint", "payload", "priority", "status"],
        select(
            func.unnest(bindparam("entrypoints", type_=ARRAY(Text))),
            TAKEN.c.payload,
            literal_column("0"),
            QUEUED,
        ),
    )
    .inline()
)

OLD: Final = (
    select(JobLog.c.id)
    .where(
        JobLog.c.created < bindparam("before", type_=JobLog.c.created.type),
        ~exists().where(Jobs.c.id == JobLog.c.job_id),
    )
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
)
FORGET: Final = Command(
    delete(JobLog).where(JobLog.c.id == any_(func.array(OLD.scalar_subquery())))
)


class QueueRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def get(self, job_id: int) -> Job | None:
        return await self.connection.first(BY_ID, id=job_id)

    async def page(self, request: PageRequest[JobSort], *, dead: bool) -> Page[Job]:
        bookmark = Bookmark(f"jobs {request.sort} {dead}", POSITION)
        given = {} if request.cursor is None else {"last": bookmark.read(request.cursor)[0]}
        query = listed(request.sort, dead=dead, resumed=bool(given))
        found = await self.connection.all(query, limit=request.limit + 1, **given)
        items, more = found[: request.limit], found[request.limit :]
        return Page(items, bookmark.write((items[-1].id,)) if more else None)

    async def retry(self, job_id: int) -> bool:
        return await self.connection.run(RETRY, id=job_id) == 1

    async def retry_all(self) -> int:
        return await self.connection.run(RETRY_ALL)

    async def drop(self, job_id: int) -> bool:
        return await self.connection.run(DROP, id=job_id) == 1

    async def picks(self, job_id: int) -> int:
        """Return how often it was picked since it was last put back."""
        return await self.connection.first(PICKS, id=job_id) or 0

    async def start_alone(self, job_id: int) -> int | None:
        """Count that it is started by itself; return how often it was, None if it is gone."""
        return await self.connection.first(START_ALONE, id=job_id)

    async def split(self, job_id: int, entrypoints: Sequence[str]) -> None:
        """Replace the job by one for each entrypoint; one that is gone is left alone."""
        await self.connection.run(SPLIT, id=job_id, entrypoints=list(entrypoints))

    async def forget(self, *, before: datetime, most: int) -> int:
        """Delete up to `most` lines of the log about jobs that are gone; return how many."""
        return await self.connection.run(FORGET, before=before, most=most)
