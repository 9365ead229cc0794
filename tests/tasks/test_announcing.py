"""What is announced in a transaction is delivered if that commits, and only then."""

from datetime import timedelta

import pytest
from sqlalchemy import true

from app.core.errors import Busy
from app.core.statements import Command
from app.models import Users
from app.repositories.jobs import JobRepository, enqueue_if, job
from app.tasks.queue import open_queue
from tests.factories.accounts import make_user
from tests.factories.jobs import announced, deliver_all
from tests.tasks.bells import Rang, ring


@pytest.fixture
def heard(when_rang):
    heard = []

    async def hear(message, services):
        heard.append(message.number)

    when_rang(hear)
    return heard


async def test_what_was_committed_is_delivered_in_the_order_of_its_announcement(real_doors, heard):
    await ring(real_doors, 2, 1, 3)

    assert await deliver_all(real_doors) == [Rang(2), Rang(1), Rang(3)]
    assert heard == [2, 1, 3]
    assert await deliver_all(real_doors) == []


async def test_what_was_rolled_back_is_not_delivered(real_doors, heard):
    with pytest.raises(Busy):
        async with real_doors.database.transaction() as connection:
            await JobRepository(connection).announce(Rang(1))
            raise Busy

    assert (await deliver_all(real_doors), heard) == ([], [])


async def test_a_job_and_the_change_it_tells_of_are_one_statement(connection):
    user = await make_user(connection)
    changed = Users.__table__.update().values(full_name="Ada")
    hit = changed.where(Users.id == user.id).returning(Users.id).cte("changed")
    miss = changed.where(~true()).returning(Users.id).cte("changed")

    assert await connection.run(Command(enqueue_if(hit)), **job(Rang(1))) == 1
    assert await connection.run(Command(enqueue_if(miss)), **job(Rang(2))) == 0
    assert await announced(connection) == [Rang(1)]


async def test_of_two_with_the_same_key_only_the_first_waits(doors, connection, heard):
    await ring(doors, 1, 2, dedupe="bell")
    await ring(doors, 3)

    assert await announced(connection) == [Rang(1), Rang(3)]
    await deliver_all(doors)
    await ring(doors, 4, dedupe="bell")
    assert await announced(connection) == [Rang(4)]


async def test_one_announced_for_later_is_not_due_before(doors, connection, heard):
    await ring(doors, 1, after=timedelta(hours=1))

    assert await announced(connection) == [Rang(1)]
    assert await deliver_all(doors, within=timedelta(minutes=59)) == []
    assert await deliver_all(doors, within=timedelta(minutes=61)) == [Rang(1)]


async def test_our_row_is_the_one_pgqueuer_would_have_written(real_doors):
    await ring(real_doors, 1)
    await ring(real_doors, 1, dedupe="bell", after=timedelta())
    async with real_doors.database.lend() as connection:
        await connection.execute("UPDATE jobs.pgqueuer SET dedupe_key = NULL")
        await open_queue(connection).queries.enqueue(**job(Rang(1)))
        rows = await connection.fetch("SELECT * FROM jobs.pgqueuer")

    # Their headers are JSON's null, which PgQueuer reads as it does ours.
    times = ("created", "updated", "heartbeat", "execute_after")
    ours, later, theirs = [
        {name: value for name, value in row.items() if name not in {"id", "headers", *times}}
        for row in rows
    ]
    assert ours == later == theirs
    assert all(len({row[name] for name in times}) == 1 for row in rows)
