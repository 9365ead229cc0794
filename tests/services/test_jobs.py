"""The queue can be looked at in pages, and the dead can be tried again or given up."""

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, func, insert, literal_column, select, update

from app.core.listing import InvalidCursor, PageRequest
from app.core.statements import Command, Query
from app.domain.jobs import JobNotDead, JobNotFound, JobRunning, JobSort, JobStatus
from app.models import JobLog, Jobs
from app.repositories.jobs import JobRepository
from tests.tasks.bells import Rang

NEWEST_ID = Query(select(func.max(Jobs.c.id)), int)
LINES = Query(select(func.count(JobLog.c.id)), int)


async def make_job(connection, status=JobStatus.WAITING, *, number=1):
    await JobRepository(connection).announce(Rang(number), dedupe=f"bell {number}")
    job_id = await connection.first(NEWEST_ID)
    status_now = literal_column(f"'{status}'::jobs.pgqueuer_status")
    change = update(Jobs).where(Jobs.c.id == bindparam("job")).values(status=status_now, attempts=7)
    await connection.run(Command(change), job=job_id)
    return job_id


LINE = Command(
    insert(JobLog)
    .values(
        job_id=bindparam("job"),
        status=literal_column("'successful'::jobs.pgqueuer_status"),
        priority=0,
        entrypoint="Rang",
        created=bindparam("created"),
    )
    .inline()
)


async def test_pages_follow_each_other_without_a_gap(services, connection):
    made = [await make_job(connection, number=number) for number in range(5)]
    seen, cursor = [], None
    while len(seen) < 5:
        request = PageRequest(JobSort.NEWEST, limit=2, cursor=cursor)
        page = await services.jobs.page(request)
        seen += [job.id for job in page.items]
        cursor = page.next_cursor

    assert (seen, cursor) == (made[::-1], None)


async def test_the_dead_are_a_list_of_their_own(services, connection):
    await make_job(connection)
    dead = await make_job(connection, JobStatus.DEAD, number=2)
    page = await services.jobs.page(PageRequest(JobSort.OLDEST), dead=True)

    assert [job.id for job in page.items] == [dead]


async def test_the_cursor_of_another_list_is_refused(services, connection):
    for number in range(2):
        await make_job(connection, number=number)
    page = await services.jobs.page(PageRequest(JobSort.OLDEST, limit=1))

    with pytest.raises(InvalidCursor):
        request = PageRequest(JobSort.OLDEST, limit=1, cursor=page.next_cursor)
        await services.jobs.page(request, dead=True)


async def test_a_dead_job_tried_again_begins_from_the_start(services, connection):
    job_id = await make_job(connection, JobStatus.DEAD)
    await make_job(connection)  # has taken its key meanwhile
    await services.jobs.retry(job_id)
    job = await services.jobs.get(job_id)

    assert (job.status, job.attempts) == (JobStatus.WAITING, 0)


async def test_all_the_dead_can_be_tried_again_at_once(services, connection):
    for number, status in enumerate([JobStatus.DEAD, JobStatus.DEAD, JobStatus.RUNNING]):
        await make_job(connection, status, number=number)

    assert await services.jobs.retry_all() == 2


async def test_a_job_that_is_still_tried_is_not_tried_again(services, connection):
    with pytest.raises(JobNotDead):
        await services.jobs.retry(await make_job(connection))
    with pytest.raises(JobNotFound):
        await services.jobs.retry(0)


async def test_a_job_that_runs_is_not_dropped(services, connection):
    running = await make_job(connection, JobStatus.RUNNING)
    dead = await make_job(connection, JobStatus.DEAD, number=2)

    with pytest.raises(JobRunning):
        await services.jobs.drop(running)
    await services.jobs.drop(dead)
    with pytest.raises(JobNotFound):
        await services.jobs.drop(dead)


async def test_what_is_known_of_a_job_outlasts_it_by_two_weeks(services, connection, clock):
    dead = await make_job(connection, JobStatus.DEAD)
    for job_id, days_ago in ((dead, 15), (0, 15), (0, 13)):
        await connection.run(LINE, job=job_id, created=clock() - timedelta(days=days_ago))

    assert await services.jobs.forget_history() == 1
    assert await connection.first(LINES) == 2
