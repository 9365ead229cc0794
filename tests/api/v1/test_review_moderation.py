"""What others than their authors do with reviews, over HTTP; and that it adds up."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.bookings import BookingStatus
from app.domain.reviews import ReviewInvited, ReviewPosted, ReviewReplied, ReviewStatus
from app.domain.roles import Role
from app.repositories.review_totals import ReviewTotalRepository
from app.repositories.reviews import GET, ReviewRepository
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import make_event
from tests.factories.images import picture
from tests.factories.jobs import announced
from tests.factories.races import at_once, meeting
from tests.factories.reviews import make_review
from tests.factories.seats import book_seats

DAY = 24 * 60
COMPLETED = {"status": BookingStatus.COMPLETED}
NOWHERE = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


@pytest.fixture
async def seller(connection):
    return await make_provider(connection)


@pytest.fixture
async def haircut(connection, seller):
    return await make_offering(connection, seller)


@pytest.fixture
async def ada(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


@pytest.fixture
async def staff(connection, adapters):
    return await sign_in(connection, adapters, Role.MANAGEMENT)


@pytest.fixture
async def visit(connection, ada, haircut, seller):
    return await make_booking(connection, ada.id, haircut, seller, starts_at=at(-DAY), **COMPLETED)


async def post(client, me, booking, **body):
    sent = {"booking_id": str(booking.id), "rating": 5, **body}
    made = await client.post("/reviews", headers=me, json=sent)
    assert made.status_code == 201, made.text
    return made.json()


async def count(client, haircut):
    return (await client.get(f"/services/{haircut.id}/reviews")).json()["summary"]["count"]


async def test_what_was_found_waits_until_it_is_approved(
    client, connection, me, staff, visit, haircut
):
    review = await post(client, me, visit, comment="Call +996 555 123456")

    waiting = (await client.get("/reviews?status=pending", headers=staff)).json()["items"]
    before = (await count(client, haircut), len(await announced(connection)))
    approved = await client.post(f"/reviews/{review['id']}/approve", headers=staff)
    again = await client.post(f"/reviews/{review['id']}/approve", headers=staff)

    assert (review["status"], review["flags"]) == ("pending", ["phone"])
    assert [one["id"] for one in waiting] == [review["id"]]
    assert before == (0, 0)
    assert (approved.json()["status"], approved.json()["flags"]) == ("approved", [])
    assert again.status_code == 200
    assert await count(client, haircut) == 1
    assert [type(one) for one in await announced(connection)] == [ReviewPosted]


async def test_what_is_rejected_is_seen_by_nobody_and_its_pictures_neither(
    client, connection, adapters, me, staff, visit, haircut
):
    sent = {"file": ("a.jpg", picture())}
    photo = (await client.post("/files", headers=me, files=sent)).json()["id"]
    review = await post(client, me, visit, photos=[photo])
    url = review["photos"][0]["url"]
    reader = await sign_in(connection, adapters)
    seen = (await client.get(f"/files/{photo}", headers=reader)).status_code

    rejected = await client.post(f"/reviews/{review['id']}/reject", headers=staff)

    assert (seen, rejected.json()["status"]) == (200, "rejected")
    assert await count(client, haircut) == 0
    assert (await client.get(url)).status_code == 404
    assert (await client.get(f"/files/{photo}", headers=reader)).status_code == 404
    for call in (
        client.put(f"/reviews/{review['id']}/vote", headers=reader),
        client.post(f"/reviews/{review['id']}/report", headers=reader, json={}),
    ):
        assert (await call).status_code == 404
    mine = (await client.get("/reviews", headers=me)).json()["items"]
    assert [(one["id"], one["status"]) for one in mine] == [(review["id"], "rejected")]
    changed = await client.patch(f"/reviews/{review['id']}", headers=me, json={"rating": 4})
    assert changed.json()["status"] == "pending"


async def test_others_list_their_own_alone(client, connection, adapters, me, visit, staff):
    review = await post(client, me, visit)
    other = await sign_in(connection, adapters)

    assert (await client.get("/reviews?status=approved", headers=other)).json()["items"] == []
    assert len((await client.get("/reviews", headers=staff)).json()["items"]) == 1
    assert (await client.get("/reviews?mine=true", headers=staff)).json()["items"] == []
    for how in ("approve", "reject"):
        told = await client.post(f"/reviews/{review['id']}/{how}", headers=me)
        assert told.status_code == 403
    nowhere = await client.post(f"/reviews/{NOWHERE}/approve", headers=staff)
    assert nowhere.status_code == 404


async def test_the_provider_replies_once_and_may_change_it(
    client, connection, adapters, me, visit, seller, haircut
):
    review = await post(client, me, visit)
    theirs = await sign_in(connection, adapters, user_id=seller.user_id)
    path = f"/reviews/{review['id']}/reply"

    early = await client.patch(path, headers=theirs, json={"text": "x"})
    told = [await client.post(path, headers=theirs, json={"text": "Thanks."}) for _ in range(2)]
    changed = await client.patch(path, headers=theirs, json={"text": "Thank you."})

    assert (early.status_code, early.json()["code"]) == (404, "reply-not-found")
    assert [one.status_code for one in told] == [201, 409]
    assert told[1].json()["code"] == "already-replied"
    assert changed.json()["reply"]["text"] == "Thank you."
    listed = (await client.get(f"/services/{haircut.id}/reviews")).json()["items"]
    assert listed[0]["reply"]["text"] == "Thank you."
    assert (await client.post(path, headers=me, json={"text": "x"})).status_code == 403
    messages = [type(one) for one in await announced(connection)]
    assert messages == [ReviewPosted, ReviewReplied]
    for broken in ({"text": ""}, {"text": "x" * 2001}, {"text": "a\x00"}, {}):
        assert (await client.post(path, headers=theirs, json=broken)).status_code == 422


async def test_the_organizer_replies(client, connection, adapters, me, ada):
    organizer = await make_user(connection, Role.ORGANIZER)
    event, _ = await make_event(connection, organizer.id, now=NOW, starts_at=at(-DAY))
    review = await post(client, me, await book_seats(connection, event.id, ada.id))
    theirs = await sign_in(connection, adapters, user_id=organizer.id)

    told = await client.post(
        f"/reviews/{review['id']}/reply", headers=theirs, json={"text": "Come again."}
    )

    assert told.status_code == 201


async def test_a_vote_counts_once_and_can_be_taken_back(
    client, connection, adapters, me, visit, haircut
):
    review = await post(client, me, visit)
    path = f"/reviews/{review['id']}/vote"
    one, other = [await sign_in(connection, adapters) for _ in range(2)]

    async def useful():
        found = (await client.get(f"/services/{haircut.id}/reviews")).json()["items"]
        return found[0]["useful"]

    for headers in (one, one, other):
        assert (await client.put(path, headers=headers)).status_code == 204
    voted = await useful()
    for _ in range(2):
        assert (await client.delete(path, headers=one)).status_code == 204

    assert (voted, await useful()) == (2, 1)
    assert (await client.put(path, headers=me)).status_code == 403


async def test_what_readers_report_is_marked_and_stays(
    client, connection, adapters, me, visit, staff, haircut
):
    review = await post(client, me, visit)
    path = f"/reviews/{review['id']}/report"
    for headers in [await sign_in(connection, adapters) for _ in range(2)] * 2:
        told = await client.post(path, headers=headers, json={"reason": "An advert."})
        assert told.status_code == 204

    (case,) = (await client.get("/reviews?flagged=true", headers=staff)).json()["items"]

    assert (case["flags"], case["reports"], case["status"]) == (["reported"], 2, "approved")
    assert (await client.get("/reviews?flagged=false", headers=staff)).json()["items"] == []
    assert await count(client, haircut) == 1
    assert (await client.post(path, headers=me, json={})).status_code == 403


async def invited(doors):
    return await doors.perform(lambda services: services.review_moderation.invite_some())


async def test_a_customer_is_invited_once_some_hours_after_the_visit(
    doors, connection, ada, haircut, seller, clock
):
    visit = await make_booking(connection, ada.id, haircut, seller, starts_at=at(-60), **COMPLETED)

    early = await invited(doors)
    clock.forward(hours=3)
    told = [await invited(doors) for _ in range(2)]

    assert (early, told) == (0, [1, 0])
    assert await announced(connection) == [ReviewInvited(visit.id)]


async def test_nobody_is_invited_to_what_was_not_or_was_reviewed_or_long_ago(
    doors, connection, ada, haircut, seller
):
    states = [
        BookingStatus.NO_SHOW,
        BookingStatus.CANCELLED,
        BookingStatus.CONFIRMED,
        BookingStatus.EXPIRED,
    ]
    for number, status in enumerate(states, 1):
        await make_booking(
            connection, ada.id, haircut, seller, starts_at=at(-DAY - 120 * number), status=status
        )
    then = {"starts_at": at(-DAY * 5)}
    await make_booking(connection, ada.id, haircut, seller, **then, **COMPLETED)
    said = await make_booking(connection, ada.id, haircut, seller, starts_at=at(-DAY), **COMPLETED)
    await make_review(connection, said)
    own = {"starts_at": at(-2 * DAY)}
    await make_booking(connection, seller.user_id, haircut, seller, **own, **COMPLETED)

    assert await invited(doors) == 0


async def miscounts(doors):
    async with doors.reading() as services:
        return await services.review_totals.miscounts()


async def visits(doors, people):
    """Return a moderator, and people with a visit each to the same service and provider."""
    async with doors.database.transaction() as connection:
        seller = await make_provider(connection)
        haircut = await make_offering(connection, seller)
        staff = await sign_in(connection, doors.adapters, Role.MANAGEMENT)
        found = []
        for number in range(people):
            user = await make_user(connection)
            booking = await make_booking(
                connection, user.id, haircut, seller, starts_at=at(-DAY * (number + 1)), **COMPLETED
            )
            found.append((await sign_in(connection, doors.adapters, user_id=user.id), booking))
    return haircut, staff, found


async def test_what_many_do_at_once_adds_up(real_client, real_doors):
    haircut, staff, people = await visits(real_doors, 8)

    async def live(number, me, booking):
        """Post, change, and have it rejected, approved or deleted, while others do the same."""
        review = await post(real_client, me, booking, rating=number % 5 + 1)
        path = f"/reviews/{review['id']}"
        await real_client.patch(path, headers=me, json={"rating": (number + 2) % 5 + 1})
        await asyncio.gather(
            real_client.post(f"{path}/reject", headers=staff),
            real_client.patch(path, headers=me, json={"rating": 4}),
        )
        if number % 2:
            await real_client.post(f"{path}/approve", headers=staff)
        if number % 3 == 0:
            await real_client.delete(path, headers=me)

    await at_once(real_doors, *(live(n, *one) for n, one in enumerate(people)))

    listed = (await real_client.get(f"/services/{haircut.id}/reviews?limit=100")).json()
    ratings = [one["rating"] for one in listed["items"]]
    assert listed["summary"]["count"] == len(ratings) > 0
    assert listed["summary"]["average"] == pytest.approx(sum(ratings) / len(ratings), abs=0.01)
    shown = (await real_client.get(f"/services/{haircut.id}")).json()["rating"]
    assert shown["count"] == len(ratings)
    assert await miscounts(real_doors) == []


async def test_without_the_lock_it_does_not_add_up(real_client, real_doors, monkeypatch):
    """The control of the test above: both have seen the review before either changes it."""
    _, staff, people = await visits(real_doors, 2)  # a count never falls under nothing
    (review, _) = [await post(real_client, me, booking) for me, booking in people]

    async def looked(self, review_id):
        return await self.connection.first(GET, review_id=review_id)

    monkeypatch.setattr(ReviewRepository, "lock", looked)
    monkeypatch.setattr(ReviewRepository, "save", meeting(ReviewRepository.save))
    path = f"/reviews/{review['id']}/reject"
    await at_once(real_doors, *(real_client.post(path, headers=staff) for _ in range(2)))

    assert await miscounts(real_doors) != []


async def test_of_two_reviews_of_one_booking_at_once_one_is_kept(real_client, real_doors):
    haircut, _, ((me, booking),) = await visits(real_doors, 1)
    body = {"booking_id": str(booking.id), "rating": 5}

    calls = [real_client.post("/reviews", headers=me, json=body) for _ in range(4)]
    told = [answer.status_code for answer in await at_once(real_doors, *calls)]

    assert sorted(told) == [201, 409, 409, 409]
    assert await count(real_client, haircut) == 1
    assert await miscounts(real_doors) == []


async def test_votes_at_once_are_all_counted_once(real_client, real_doors):
    haircut, _, ((me, booking),) = await visits(real_doors, 1)
    review = await post(real_client, me, booking)
    async with real_doors.database.read() as connection:
        readers = [await sign_in(connection, real_doors.adapters) for _ in range(4)]

    path = f"/reviews/{review['id']}/vote"
    await at_once(real_doors, *(real_client.put(path, headers=one) for one in readers * 3))

    listed = (await real_client.get(f"/services/{haircut.id}/reviews")).json()
    assert listed["items"][0]["useful"] == 4


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["post", "change", "approve", "reject", "remove", "flag"]),
        st.integers(1, 5),
    ),
    max_size=12,
)


async def test_whatever_is_done_in_whatever_order_it_adds_up(
    client, doors, connection, adapters, haircut, seller, staff
):
    people = []
    for number in range(3):
        user = await make_user(connection)
        booking = await make_booking(
            connection, user.id, haircut, seller, starts_at=at(-DAY * (number + 1)), **COMPLETED
        )
        people.append((await sign_in(connection, adapters, user_id=user.id), str(booking.id)))
    for steps in _samples():
        made: dict[int, str] = {}
        for who, what, rating in steps:
            me, booking_id = people[who]
            await _step(client, staff, me, booking_id, made, who, what, rating)
        assert await miscounts(doors) == [], steps
        for who, review_id in made.items():
            await client.delete(f"/reviews/{review_id}", headers=people[who][0])
    assert await miscounts(doors) == []


def _samples():
    """Return ways to go about it; drawn at once, since an example can't wait for anything."""
    drawn: list[list[tuple[int, str, int]]] = []

    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def draw(steps):
        drawn.append(steps)

    draw()
    return drawn


async def _step(client, staff, me, booking_id, made, who, what, rating):
    path = f"/reviews/{made.get(who)}"
    if what == "post" and who not in made:
        body = {"booking_id": booking_id, "rating": rating}
        made[who] = (await client.post("/reviews", headers=me, json=body)).json()["id"]
    elif who not in made:
        return
    elif what in ("approve", "reject"):
        await client.post(f"{path}/{what}", headers=staff)
    elif what == "remove":
        await client.delete(path, headers=me)
        del made[who]
    else:
        comment = "See https://x.example" if what == "flag" else None
        await client.patch(path, headers=me, json={"rating": rating, "comment": comment})


async def test_a_total_that_was_tampered_with_is_found(
    client, doors, connection, me, visit, haircut
):
    review = await post(client, me, visit)
    assert review["status"] == ReviewStatus.APPROVED
    (subject, *_) = [
        one for one in (await _subjects(connection, review["id"])) if one.id == haircut.id
    ]

    await ReviewTotalRepository(connection).add(subject, [1, 0, 0, 0, 0])

    (found,) = await miscounts(doors)
    assert (found.subject, found.found.ones, found.expected.ones) == (subject, 1, 0)


async def _subjects(connection, review_id):
    review = await ReviewRepository(connection).get(review_id)
    assert review is not None
    return review.subjects
