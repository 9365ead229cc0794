"""Who is told of reviews: whom they are of, who wrote them, and who has been there."""

import orjson
import pytest
from sqlalchemy import select

from app.core.statements import Query
from app.domain.bookings import BookingStatus
from app.domain.realtime import FrameType
from app.domain.reviews import ReviewInvited, ReviewPosted, ReviewReplied
from app.models import RealtimeFrames
from app.tasks.delivery import deliver
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.jobs import deliver_all
from tests.factories.mail import letters

ONE_DAY = 24 * 60
FRAMES = Query(
    select(RealtimeFrames.data, RealtimeFrames.user_ids).where(
        RealtimeFrames.type == FrameType.NOTIFICATION
    ),
    lambda *row: row,
)


@pytest.fixture
async def ada(connection):
    return await make_user(connection, full_name="Ada King Lovelace")


@pytest.fixture
async def vera(connection):
    return await make_user(connection)


@pytest.fixture
async def visit(connection, ada, vera):
    provider = await make_provider(connection, user_id=vera.id)
    offering = await make_offering(connection, provider)
    over = {"starts_at": at(-ONE_DAY), "status": BookingStatus.COMPLETED}
    return await make_booking(connection, ada.id, offering, provider, **over)


@pytest.fixture
async def review(client, connection, adapters, ada, visit):
    me = await sign_in(connection, adapters, user_id=ada.id)
    body = {"booking_id": str(visit.id), "rating": 4, "comment": "Good <b>cut</b> {{ 7 * 7 }}"}
    made = await client.post("/reviews", headers=me, json=body)
    assert made.status_code == 201, made.text
    return made.json()["id"]


async def subjects(doors, user):
    return [letter.subject for letter in await letters(doors, user.email)]


async def test_whom_a_review_is_of_is_told_once(doors, ada, vera, review):
    for _ in range(2):
        await deliver(doors, ReviewPosted(review))

    (letter,) = await letters(doors, vera.email)
    assert letter.subject == "You have a new review"
    assert f"http://test/reviews/{review}" in letter.text
    assert await letters(doors, ada.email) == []


async def test_nobody_is_told_of_one_that_is_gone_or_rejected(
    client, connection, adapters, doors, ada, vera, review
):
    me = await sign_in(connection, adapters, user_id=ada.id)
    assert (await client.delete(f"/reviews/{review}", headers=me)).status_code == 204

    assert await letters(doors, vera.email) == []


async def test_who_wrote_it_is_told_of_a_reply_once(
    client, connection, adapters, doors, ada, vera, review
):
    theirs = await sign_in(connection, adapters, user_id=vera.id)
    path = f"/reviews/{review}/reply"
    replied = await client.post(path, headers=theirs, json={"text": "Come again."})
    assert replied.status_code in (200, 201), replied.text

    await deliver(doors, ReviewReplied(review))

    assert await subjects(doors, ada) == ["Your review was answered"]


async def test_who_was_there_is_asked_how_it_was_once_and_not_when_they_told(
    client, connection, adapters, doors, ada, visit
):
    for _ in range(2):
        await deliver(doors, ReviewInvited(visit.id))
    assert await subjects(doors, ada) == ["How was it?"]


async def test_who_has_told_is_not_asked(doors, ada, visit, review):
    await deliver(doors, ReviewInvited(visit.id))

    assert await subjects(doors, ada) == []


async def test_what_one_is_told_is_there_at_once_for_who_is_connected(
    client, connection, adapters, doors, vera, review
):
    await deliver_all(doors)
    theirs = await sign_in(connection, adapters, user_id=vera.id)

    (shown,) = (await client.get("/notifications", headers=theirs)).json()["items"]
    ((frame, readers),) = await connection.all(FRAMES)

    assert readers == [vera.id]
    told = orjson.loads(frame) if isinstance(frame, bytes | str) else frame
    assert told["id"] == shown["id"]
    assert told["data"]["review_id"] == review
