"""What the door for a single statement promises: all of it is done, or none."""

import pytest
from sqlalchemy import Text, bindparam, func, insert, literal, select, update

from app.core.database import Refused
from app.core.errors import TransactionNeeded
from app.core.statements import Command, Guard, Query
from app.models import Jobs
from app.repositories.jobs import QUEUED

NAME = bindparam("name", type_=Text)
ADD = Command(insert(Jobs).values(entrypoint=NAME, priority=0, status=QUEUED).inline())
RENAME_NONE = Command(update(Jobs).where(Jobs.c.entrypoint == "nobody").values(priority=1))
ADD_AND_TELL = Query(
    insert(Jobs)
    .values(entrypoint=NAME, priority=0, status=QUEUED)
    .inline()
    .returning(Jobs.c.entrypoint),
    str,
)
NAMES = Query(select(Jobs.c.entrypoint), str)
LOCKED = Query(select(Jobs.c.entrypoint).with_for_update(), str)
LOCK = Command(select(func.pg_advisory_xact_lock(1)))
NOT_LET_IN = Guard(select(literal(False)))


async def names(database) -> list[str]:
    async with database.read() as connection:
        return await connection.all(NAMES)


async def test_what_it_changes_is_there_for_others_at_once(real_database):
    async with real_database.single() as connection:
        await connection.all(NAMES)
        await connection.run(ADD, name="a")

        assert await names(real_database) == ["a"]


async def test_a_second_change_needs_a_transaction_though_the_first_changed_nothing(real_database):
    async with real_database.single() as connection:
        assert await connection.run(RENAME_NONE) == 0

        with pytest.raises(TransactionNeeded):
            await connection.run(ADD, name="a")

    assert await names(real_database) == []


@pytest.mark.parametrize("first", ["run", "first"])
async def test_after_a_change_a_second_one_is_a_mistake_and_not_begun_anew(real_database, first):
    """Begun anew in a transaction, the first would be done twice."""
    async with real_database.single() as connection:
        await getattr(connection, first)(ADD if first == "run" else ADD_AND_TELL, name="a")

        with pytest.raises(RuntimeError, match="stands alone"):
            await connection.run(ADD, name="b")

    assert await names(real_database) == ["a"]


async def test_a_lock_that_would_be_lost_at_once_needs_a_transaction(real_database):
    async with real_database.single() as connection:
        with pytest.raises(TransactionNeeded):
            await connection.all(LOCKED)
        with pytest.raises(TransactionNeeded):
            await connection.run(LOCK)


async def test_whom_the_guard_does_not_let_in_changes_nothing(real_database):
    with pytest.raises(Refused):
        async with real_database.single(NOT_LET_IN) as connection:
            await connection.all(NAMES)
            await connection.run(ADD, name="a")

    assert await names(real_database) == []


async def test_a_change_is_nothing_to_begin_with_where_there_is_a_guard(real_database):
    with pytest.raises(TypeError, match="begins with a query"):
        async with real_database.single(NOT_LET_IN) as connection:
            await connection.run(ADD, name="a")

    assert await names(real_database) == []
