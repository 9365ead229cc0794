"""What was answered is committed: the answer begins after the transaction has ended."""

from fastapi import Depends, FastAPI

from app.api.deps import Visitor
from app.core.ids import new_id
from app.domain.bookings import BookingMade
from app.repositories.jobs import JobRepository
from tests.api.conftest import COUNT, client_of_app
from tests.factories.accounts import sign_in


def counting(doors, seen: list[int]):
    """Return what notes, when an answer begins, how much of it others can see."""

    async def watch(event):
        if event["type"] == "http.response.start":
            async with doors.database.read() as other:
                seen.append(await other.first(COUNT))

    return watch


async def signed_in(doors):
    async with doors.database.transaction() as transaction:
        return await sign_in(transaction, doors.adapters)


async def test_the_write_is_committed_before_the_response_starts(app, real_doors):
    me, seen = await signed_in(real_doors), []

    async with client_of_app(app, real_doors, watch=counting(real_doors, seen)) as http:
        for key in ({}, {"Idempotency-Key": "k1"}):
            await http.post("/api/v1/echoes", json={"text": "a"}, headers={**me, **key})

    assert seen == [1, 2]


async def test_control_behind_a_dependency_of_fastapi_the_response_comes_first(real_doors):
    me, seen, app = await signed_in(real_doors), [], FastAPI()

    async def caller(visitor: Visitor):
        async with visitor.writing() as caller:
            yield caller

    @app.post("/")
    async def create(caller=Depends(caller)):  # noqa: B008
        await JobRepository(caller.services._connection).announce(BookingMade(new_id()))

    async with client_of_app(app, real_doors, watch=counting(real_doors, seen)) as http:
        await http.post("/", headers=me)

    async with real_doors.database.read() as other:
        assert (seen, await other.first(COUNT)) == ([0], 1)
