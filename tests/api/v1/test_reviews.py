"""Reviews over HTTP: written, changed, read, and how they add up."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.statements import Query
from app.domain.bookings import BookingStatus
from app.domain.reviews import ReviewPosted
from app.domain.roles import Role
from app.models import Reviews
from tests.conftest import client_of
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import make_event
from tests.factories.images import picture
from tests.factories.jobs import announced, deliver_all
from tests.factories.reviews import make_review
from tests.factories.seats import book_seats

DAY = 24 * 60
ROWS = Query(select(Reviews.id), lambda id_: id_)
COMPLETED = {"status": BookingStatus.COMPLETED}
NOWHERE = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


@pytest.fixture
async def ada(connection):
    return await make_user(connection, full_name="Ada King Lovelace")


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


@pytest.fixture
async def seller(connection):
    return await make_provider(connection)


@pytest.fixture
async def haircut(connection, seller):
    return await make_offering(connection, seller)


@pytest.fixture
async def visit(connection, ada, haircut, seller):
    return await make_booking(connection, ada.id, haircut, seller, starts_at=at(-DAY), **COMPLETED)


async def post(client, me, **body):
    return await client.post("/reviews", headers=me, json={"rating": 5, **body})


async def summary(client, path):
    return (await client.get(f"{path}/reviews")).json()["summary"]


async def test_a_visit_is_reviewed_and_everybody_reads_it(
    client, connection, me, visit, haircut, seller
):
    made = await post(client, me, booking_id=str(visit.id), rating=4, comment="Good <b>cut</b>.")

    assert made.status_code == 201
    review = made.json()
    assert (review["rating"], review["comment"]) == (4, "Good <b>cut</b>.")
    assert (review["status"], review["verified"], review["photos"]) == ("approved", True, [])
    assert review["author"] == {"name": "Ada L."}
    for path in (f"/services/{haircut.id}", f"/providers/{seller.id}"):
        listed = (await client.get(f"{path}/reviews")).json()
        assert [one["id"] for one in listed["items"]] == [review["id"]]
        histogram = {"1": 0, "2": 0, "3": 0, "4": 1, "5": 0}
        assert listed["summary"] == {"count": 1, "average": 4.0, "histogram": histogram}
        shown = (await client.get(path)).json()["rating"]
        assert shown == {"average": 4.0, "count": 1}
    for subject in (haircut.id, seller.id):
        assert len((await client.get(f"/reviews/{subject}")).json()["items"]) == 1
    assert [type(one) for one in await announced(connection)] == [ReviewPosted]


async def test_an_event_is_reviewed(client, connection, me, ada):
    organizer = await make_user(connection, Role.ORGANIZER)
    event, _ = await make_event(connection, organizer.id, now=NOW, starts_at=at(-DAY))
    await book_seats(connection, event.id, ada.id)

    made = await post(client, me, event_id=str(event.id), rating=3)

    assert (made.status_code, made.json()["event_id"]) == (201, str(event.id))
    assert (await summary(client, f"/events/{event.id}"))["count"] == 1


async def test_of_a_service_the_visit_that_has_no_review_is_reviewed(
    client, connection, me, ada, haircut, seller, visit
):
    other = await make_booking(
        connection, ada.id, haircut, seller, starts_at=at(-2 * DAY), **COMPLETED
    )
    await make_booking(connection, ada.id, haircut, seller, starts_at=at(DAY))

    told = [await post(client, me, service_id=str(haircut.id)) for _ in range(3)]

    assert [one.status_code for one in told] == [201, 201, 409]
    assert [one.json()["booking_id"] for one in told[:2]] == [str(visit.id), str(other.id)]
    assert told[2].json()["code"] == "already-reviewed"


async def test_a_booking_is_reviewed_once(client, connection, me, visit):
    told = [await post(client, me, booking_id=str(visit.id)) for _ in range(2)]

    assert [one.status_code for one in told] == [201, 409]
    assert told[1].json()["code"] == "already-reviewed"
    assert len(await connection.all(ROWS)) == 1


@pytest.mark.parametrize(
    "state",
    [
        {"starts_at": at(DAY)},
        {"starts_at": at(-30)},  # it is going on
        {"status": BookingStatus.NO_SHOW},
        {"status": BookingStatus.CANCELLED},
        {"status": BookingStatus.DECLINED},
        {"status": BookingStatus.EXPIRED},
        {"status": BookingStatus.PENDING, "hold_expires_at": at(15)},
    ],
)
async def test_what_did_not_take_place_or_is_not_over_has_no_review(
    client, connection, me, ada, haircut, seller, state
):
    booking = await make_booking(
        connection, ada.id, haircut, seller, **{"starts_at": at(-DAY), **state}
    )

    for of in ({"booking_id": str(booking.id)}, {"service_id": str(haircut.id)}):
        refused = await post(client, me, **of)
        assert (refused.status_code, refused.json()["code"]) == (403, "not-a-participant")


async def test_who_did_not_take_part_is_told_as_of_what_never_was(
    client, connection, adapters, visit, haircut
):
    other = await sign_in(connection, adapters)

    for of in (
        {"booking_id": str(visit.id)},
        {"booking_id": NOWHERE},
        {"service_id": str(haircut.id)},
        {"event_id": NOWHERE},
    ):
        refused = await post(client, other, **of)
        assert (refused.status_code, refused.json()["code"]) == (403, "not-a-participant")
    assert (await post(client, {}, booking_id=str(visit.id))).status_code == 401


async def test_nobody_reviews_themselves(client, connection, adapters, haircut, seller):
    me = await sign_in(connection, adapters, user_id=seller.user_id)
    own = await make_booking(
        connection, seller.user_id, haircut, seller, starts_at=at(-DAY), **COMPLETED
    )
    event, _ = await make_event(connection, seller.user_id, now=NOW, starts_at=at(-DAY))
    seats = await book_seats(connection, event.id, seller.user_id)

    for booking in (own, seats):
        refused = await post(client, me, booking_id=str(booking.id))
        assert (refused.status_code, refused.json()["code"]) == (403, "not-a-participant")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"rating": 0}, "#/rating"),
        ({"rating": 6}, "#/rating"),
        ({"rating": 4.5}, "#/rating"),
        ({"rating": "5"}, "#/rating"),
        ({"comment": ""}, "#/comment"),
        ({"comment": "x" * 2001}, "#/comment"),
        ({"comment": "bell \x07"}, "#/comment"),
        ({"comment": "turned \u202e round"}, "#/comment"),
        ({"photos": [NOWHERE] * 2}, "#/photos"),
        ({"photos": [NOWHERE[:-1] + str(n) for n in range(9)]}, "#/photos"),
        ({"event_id": NOWHERE}, "#"),
        ({"booking_id": None}, "#"),
        ({"verified": True}, "#/verified"),
    ],
)
async def test_what_is_no_review_is_a_422(client, me, visit, body, pointer):
    refused = await post(client, me, **{"booking_id": str(visit.id), **body})

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == pointer


async def test_ten_megabytes_are_not_read(client, me, visit):
    refused = await post(client, me, booking_id=str(visit.id), comment="x" * (10 << 20))

    assert refused.status_code == 413


async def upload(client, me, content=None, name="a.jpg"):
    sent = await client.post("/files", headers=me, files={"file": (name, content or picture())})
    assert sent.status_code == 201, sent.text
    return sent.json()["id"]


async def test_pictures_are_shown_with_it_in_their_order(client, doors, me, visit, haircut):
    ids = [await upload(client, me) for _ in range(3)]

    made = await post(client, me, booking_id=str(visit.id), photos=[ids[2], ids[0]])

    shown = (await client.get(f"/services/{haircut.id}/reviews")).json()["items"][0]["photos"]
    assert [one["id"] for one in shown] == [ids[2], ids[0]]
    assert (await client.get(shown[0]["url"])).status_code == 200
    changed = await client.patch(
        f"/reviews/{made.json()['id']}", headers=me, json={"photos": [ids[0], ids[1]]}
    )
    assert [one["id"] for one in changed.json()["photos"]] == [ids[0], ids[1]]
    assert (await client.get(shown[0]["url"])).status_code == 404


async def test_files_of_others_and_what_is_no_picture_are_refused(
    client, connection, adapters, me, visit
):
    theirs = await upload(client, await sign_in(connection, adapters))
    text = await upload(client, me, b"Just text.")
    told = [
        await post(client, me, booking_id=str(visit.id), photos=[one])
        for one in (theirs, NOWHERE, text)
    ]

    assert [one.json()["code"] for one in told] == [
        "file-not-found",
        "file-not-found",
        "picture-expected",
    ]
    assert await connection.all(ROWS) == []


async def test_it_can_be_changed_for_two_days(
    client, connection, adapters, ada, me, visit, haircut, clock
):
    review = (await post(client, me, booking_id=str(visit.id), rating=2)).json()
    path = f"/reviews/{review['id']}"

    clock.forward(hours=47)
    me = await sign_in(connection, adapters, user_id=ada.id)
    changed = await client.patch(path, headers=me, json={"rating": 5, "comment": "After all!"})
    total = await summary(client, f"/services/{haircut.id}")
    clock.forward(hours=1)
    late = await client.patch(path, headers=me, json={"rating": 1})

    assert (changed.status_code, changed.json()["comment"]) == (200, "After all!")
    assert changed.json()["edited_at"]
    assert (total["count"], total["average"]) == (1, 5.0)
    assert (late.status_code, late.json()["code"]) == (409, "review-settled")


async def test_a_change_is_looked_at_like_a_new_one(client, me, visit, haircut):
    review = (await post(client, me, booking_id=str(visit.id))).json()
    path = f"/reviews/{review['id']}"

    flagged = await client.patch(path, headers=me, json={"comment": "See https://x.example"})
    hidden = await summary(client, f"/services/{haircut.id}")
    cleared = await client.patch(path, headers=me, json={"comment": None})

    assert (flagged.json()["status"], flagged.json()["flags"]) == ("pending", ["link"])
    assert hidden["count"] == 0
    assert (cleared.json()["status"], cleared.json()["flags"]) == ("approved", [])
    assert (await summary(client, f"/services/{haircut.id}"))["count"] == 1


async def test_it_is_its_authors_alone_to_change(client, connection, adapters, me, visit):
    review = (await post(client, me, booking_id=str(visit.id))).json()
    other = await sign_in(connection, adapters)

    for method, body in (("PATCH", {"rating": 1}), ("DELETE", None)):
        told = await client.request(method, f"/reviews/{review['id']}", headers=other, json=body)
        assert told.status_code == 403
    nowhere = await client.patch(f"/reviews/{NOWHERE}", headers=me, json={"rating": 1})
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "review-not-found")


async def test_what_is_deleted_counts_no_more_and_its_pictures_go(
    client, doors, me, visit, haircut, settings
):
    photo = await upload(client, me)
    review = (await post(client, me, booking_id=str(visit.id), photos=[photo])).json()

    gone = await client.delete(f"/reviews/{review['id']}", headers=me)
    await deliver_all(doors)

    assert gone.status_code == 204
    total = await summary(client, f"/services/{haircut.id}")
    assert (total["count"], total["average"]) == (0, 0.0)
    assert not list((settings.data_dir / "files/files").iterdir())
    shown = (await client.get(f"/services/{haircut.id}")).json()["rating"]
    assert shown == {"average": 0.0, "count": 0}
    assert (await post(client, me, booking_id=str(visit.id))).status_code == 201


async def test_reviews_are_sorted_and_filtered(client, connection, haircut, seller):
    made = []
    for number, (rating, useful) in enumerate([(5, 1), (3, 9), (5, 4)]):
        booking = await make_booking(
            connection,
            (await make_user(connection)).id,
            haircut,
            seller,
            starts_at=at(-DAY * (number + 1)),
        )
        review = await make_review(
            connection, booking, rating=rating, useful=useful, created_at=at(number)
        )
        made.append(str(review.id))

    async def asked(query):
        found = await client.get(f"/services/{haircut.id}/reviews?{query}")
        return [made.index(one["id"]) for one in found.json()["items"]]

    assert await asked("") == [2, 1, 0]
    assert await asked("sort=created_at") == [0, 1, 2]
    assert await asked("sort=-useful") == [1, 2, 0]
    assert await asked("rating=5&sort=-useful") == [2, 0]
    first = (await client.get(f"/services/{haircut.id}/reviews?limit=2&sort=-useful")).json()
    assert await asked(f"limit=2&sort=-useful&cursor={first['next_cursor']}") == [0]
    for broken in ("rating=6", "sort=rating", "status=pending"):
        path = f"/services/{haircut.id}/reviews?{broken}"
        assert (await client.get(path)).status_code == 422


async def test_what_nobody_may_see_has_no_reviews(client, connection, haircut, seller):
    for path in (
        f"/services/{NOWHERE}/reviews",
        f"/services/{seller.id}/reviews",
        f"/providers/{haircut.id}/reviews",
        f"/events/{haircut.id}/reviews",
        f"/reviews/{NOWHERE}",
    ):
        told = await client.get(path)
        assert (told.status_code, told.json()["code"]) == (404, "review-subject-not-found")


async def test_with_moderation_before_everything_waits(doors, me, visit, haircut):
    settings = doors.adapters.settings.model_copy(update={"review_moderation": "before"})
    careful = replace(doors, adapters=replace(doors.adapters, settings=settings))
    async with client_of(careful) as client:
        made = await post(client, me, booking_id=str(visit.id))
        total = await summary(client, f"/services/{haircut.id}")

    assert (made.json()["status"], made.json()["flags"]) == ("pending", [])
    assert total["count"] == 0
