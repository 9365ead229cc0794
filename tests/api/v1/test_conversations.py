"""With whom one may talk, and about what; and how far each has read."""

import pytest

from app.core.ids import new_id
from app.domain.events import EventStatus
from app.domain.offerings import OfferingStatus
from app.domain.roles import Role
from app.domain.users import UserStatus
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import make_event
from tests.factories.races import at_once
from tests.factories.seats import book_seats
from tests.factories.talks import history, open_talk, say, unread


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


@pytest.fixture
async def offering(connection, provider):
    return await make_offering(connection, provider, owner_id=provider.user_id)


@pytest.fixture
async def customer(connection):
    return await make_user(connection, full_name="Ada Person")


@pytest.fixture
async def booking(connection, customer, offering, provider):
    return await make_booking(connection, customer.id, offering, provider, starts_at=at(60))


@pytest.fixture
async def mine(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def theirs(connection, adapters, provider):
    return await sign_in(connection, adapters, user_id=provider.user_id)


@pytest.fixture
async def support(connection, adapters):
    return await sign_in(connection, adapters, Role.MANAGEMENT)


async def opened(client, headers, **about):
    return await client.post("/conversations", headers=headers, json=about)


async def test_a_customer_opens_one_about_a_booking_once(
    client, booking, mine, theirs, customer, provider
):
    first = await opened(client, mine, booking_id=str(booking.id), message="Is there parking?")
    again = await opened(client, mine, booking_id=str(booking.id))
    by_them = await opened(client, theirs, booking_id=str(booking.id))

    talk = first.json()
    assert (first.status_code, again.status_code, by_them.status_code) == (201, 200, 200)
    assert again.json()["id"] == by_them.json()["id"] == talk["id"]
    assert first.headers["Location"] == f"/api/v1/conversations/{talk['id']}"
    assert talk["about"] == {
        "kind": "booking",
        "booking_id": str(booking.id),
        "event_id": None,
        "service_id": None,
        "title": "Haircut",
    }
    assert talk["participants"] == [
        {
            "user_id": str(customer.id),
            "role": "customer",
            "name": "Ada Person",
            "read_seq": 0,
        },
        {
            "user_id": str(provider.user_id),
            "role": "provider",
            "name": provider.name,
            "read_seq": 0,
        },
    ]
    assert talk["last_message"]["text"] == "Is there parking?"
    assert (talk["unread"], by_them.json()["unread"]) == (0, 1)


async def test_the_provider_opens_one_from_a_booking(client, booking, mine, theirs):
    first = await opened(client, theirs, booking_id=str(booking.id), message="I am late")

    assert first.status_code == 201
    assert (await opened(client, mine, booking_id=str(booking.id))).json()["unread"] == 1


async def test_of_an_event_its_organizer_is_asked(client, connection, adapters, mine, customer):
    organizer = await make_user(connection, Role.ORGANIZER, full_name="Olga Organizer")
    theirs = await sign_in(connection, adapters, user_id=organizer.id)
    event, _ = await make_event(connection, organizer.id, now=NOW)
    seats = await book_seats(connection, event.id, customer.id)

    asked = await opened(client, mine, event_id=str(event.id))
    about_seats = await opened(client, theirs, booking_id=str(seats.id))
    oneself = await opened(client, theirs, event_id=str(event.id))

    assert asked.json()["participants"][1]["name"] == "Olga Organizer"
    assert asked.json()["participants"][1]["role"] == "organizer"
    assert about_seats.status_code == 201
    assert about_seats.json()["id"] != asked.json()["id"], "another subject"
    assert (oneself.status_code, oneself.json()["code"]) == (409, "talking-to-oneself")


async def test_of_a_service_its_owner_is_asked_or_who_is_named(client, connection, mine, provider):
    colleague = await make_provider(connection, name="Colin League")
    offering = await make_offering(connection, colleague, provider, owner_id=provider.user_id)
    stranger = await make_provider(connection)

    asked = await opened(client, mine, service_id=str(offering.id))
    named = await opened(client, mine, service_id=str(offering.id), provider_id=str(colleague.id))
    unknown = await opened(client, mine, service_id=str(offering.id), provider_id=str(stranger.id))

    assert asked.json()["participants"][1]["user_id"] == str(provider.user_id)
    assert named.json()["participants"][1]["name"] == "Colin League"
    assert (unknown.status_code, unknown.json()["code"]) == (404, "provider-not-found")


async def test_nobody_talks_about_what_they_have_no_part_in(
    client, connection, adapters, booking, support, provider
):
    stranger = await sign_in(connection, adapters)
    draft, _ = await make_event(connection, provider.user_id, now=NOW, status=EventStatus.DRAFT)
    hidden = await make_offering(connection, provider, status=OfferingStatus.DRAFT)
    gone = await make_user(connection, Role.ORGANIZER, status=UserStatus.DEACTIVATED)
    left, _ = await make_event(connection, gone.id, now=NOW)

    answers = [
        await opened(client, stranger, booking_id=str(booking.id)),
        await opened(client, stranger, booking_id=str(new_id())),
        await opened(client, stranger, event_id=str(draft.id)),
        await opened(client, stranger, service_id=str(hidden.id)),
        await opened(client, support, booking_id=str(booking.id)),
        await opened(client, stranger, event_id=str(left.id)),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (404, "booking-not-found"),
        (404, "booking-not-found"),
        (404, "event-not-found"),
        (404, "service-not-found"),
        (403, "forbidden"),
        (409, "nobody-to-ask"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"support": False},
        {"support": True, "event_id": str(new_id())},
        {"booking_id": str(new_id()), "event_id": str(new_id())},
        {"event_id": str(new_id()), "provider_id": str(new_id())},
        {"support": True, "message": ""},
        {"support": True, "subject": "help"},
    ],
)
async def test_one_thing_is_named(client, mine, body):
    assert (await client.post("/conversations", headers=mine, json=body)).status_code == 422


async def test_what_is_said_on_opening_is_said_once_however_often_it_is_sent(client, mine):
    for _ in range(3):
        talk = await open_talk(client, mine, support=True, message="My card was charged twice")
    talk = await open_talk(client, mine, support=True, message="Hello?")

    said = await history(client, mine, talk)
    assert [one["text"] for one in said] == ["My card was charged twice", "Hello?"]


async def test_with_support_whoever_answers_first_takes_it_on(
    client, connection, adapters, mine, support
):
    other = await sign_in(connection, adapters, Role.ADMIN)
    talk = await open_talk(client, mine, support=True, message="Help")
    waiting = await client.get("/conversations?scope=support&assigned=false", headers=other)

    await say(client, support, talk, "What is it?")

    assert [one["id"] for one in waiting.json()["items"]] == [talk["id"]]
    for who, ids in ((support, [talk["id"]]), (other, [])):
        found = await client.get("/conversations", headers=who)
        assert [one["id"] for one in found.json()["items"]] == ids
    seen = (await client.get(f"/conversations/{talk['id']}", headers=other)).json()
    assert seen["participants"][1]["user_id"] is not None
    assert seen["participants"][1]["name"] is None
    assert await unread(client, mine, talk) == 1
    await say(client, other, talk, "I can help, too")
    assert [one["sender_role"] for one in await history(client, mine, talk)] == [
        "customer",
        "support",
        "support",
    ]


async def test_who_answers_for_support_no_more_sees_none_of_it(client, connection, adapters, mine):
    clerk = await make_user(connection, Role.CUSTOMER, permissions=["chat:support"])
    theirs = await sign_in(connection, adapters, user_id=clerk.id)
    talk = await open_talk(client, mine, support=True, message="Help")
    await say(client, theirs, talk, "What is it?")
    admin = await sign_in(connection, adapters, Role.SUPER_ADMIN)

    taken = await client.patch(f"/admin/users/{clerk.id}", headers=admin, json={"permissions": []})

    assert taken.status_code == 200, taken.text
    assert (await client.get("/conversations", headers=theirs)).json()["items"] == []
    for path in (f"/conversations/{talk['id']}", f"/conversations/{talk['id']}/messages"):
        assert (await client.get(path, headers=theirs)).status_code == 404


async def test_support_is_handed_to_who_answers_for_it(
    client, connection, adapters, mine, support, booking
):
    clerk = await make_user(connection, Role.MANAGEMENT)
    accountant = await make_user(connection, Role.ACCOUNTANT)
    theirs = await sign_in(connection, adapters, user_id=clerk.id)
    talk = await open_talk(client, mine, support=True, message="Help")
    other = await open_talk(client, mine, booking_id=str(booking.id))

    async def assign(talk, user_id, headers=support):
        path = f"/conversations/{talk['id']}/assign"
        return await client.post(path, headers=headers, json={"user_id": user_id})

    handed = await assign(talk, str(clerk.id))
    refused = [await assign(talk, str(who)) for who in (accountant.id, new_id())]
    elsewhere = await assign(other, str(clerk.id))

    assert handed.json()["participants"][1]["user_id"] == str(clerk.id)
    assert {(one.status_code, one.json()["code"]) for one in refused} == {(409, "not-support")}
    assert elsewhere.status_code == 404
    assert (await assign(talk, str(clerk.id), mine)).status_code == 403
    found = await client.get("/conversations", headers=theirs)
    assert [one["id"] for one in found.json()["items"]] == [talk["id"]]
    given_back = await assign(talk, None)
    assert given_back.json()["participants"][1]["user_id"] is None
    assert (await client.get("/conversations", headers=theirs)).json()["items"] == []


async def test_lists_are_in_the_order_of_the_last_word(client, connection, mine, provider, clock):
    talks = []
    for _ in range(5):
        clock.forward(minutes=1)
        offering = await make_offering(connection, provider, owner_id=provider.user_id)
        talks.append(await open_talk(client, mine, service_id=str(offering.id)))
    clock.forward(minutes=1)
    await say(client, mine, talks[1], "Still there?")

    found, cursor = [], ""
    while cursor is not None:
        page = await client.get(f"/conversations?limit=2{cursor}", headers=mine)
        found += [one["id"] for one in page.json()["items"]]
        following = page.json()["next_cursor"]
        cursor = following and f"&cursor={following}"

    ids = [talk["id"] for talk in talks]
    assert found == [ids[1], ids[4], ids[3], ids[2], ids[0]]


async def test_what_was_read_stays_read(client, booking, mine, theirs):
    talk = await open_talk(client, mine, booking_id=str(booking.id))
    said = [await say(client, mine, talk, f"{number}") for number in range(5)]
    await say(client, theirs, talk, "Yes?")
    assert await unread(client, theirs, talk) == 5, "who writes has not read for that"

    path = f"/conversations/{talk['id']}/read"
    third = await client.post(path, headers=theirs, json={"message_id": said[2]["id"]})
    back = await client.post(path, headers=theirs, json={"message_id": said[0]["id"]})
    assert (third.json()["unread"], back.json()["unread"]) == (2, 2)
    assert back.json()["participants"][1]["read_seq"] == 3
    await client.delete(f"/conversations/{talk['id']}/messages/{said[4]['id']}", headers=mine)
    assert await unread(client, theirs, talk) == 1

    everything = await client.post(path, headers=theirs)
    assert (everything.status_code, everything.json()["unread"]) == (200, 0)
    await client.delete(f"/conversations/{talk['id']}/messages/{said[3]['id']}", headers=mine)
    assert await unread(client, theirs, talk) == 0
    assert await unread(client, mine, talk) == 1
    nowhere = await client.post(path, headers=theirs, json={"message_id": str(new_id())})
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "chat-message-not-found")


async def test_of_many_who_open_at_once_all_get_the_same(real_client, real_doors, adapters):
    async with real_doors.database.read() as connection:
        customer = await make_user(connection)
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider, owner_id=provider.user_id)
        booking = await make_booking(connection, customer.id, offering, provider, starts_at=at(60))
        sides = [
            await sign_in(connection, adapters, user_id=user_id)
            for user_id in (customer.id, provider.user_id)
        ]
    about = {"booking_id": str(booking.id), "message": "Hello"}

    answers = await at_once(
        real_doors,
        *(opened(real_client, side, **about) for _ in range(8) for side in sides),
    )

    assert sorted(one.status_code for one in answers) == [200] * 15 + [201]
    assert len({one.json()["id"] for one in answers}) == 1
    said = await history(real_client, sides[0], answers[0].json())
    assert [one["seq"] for one in said] == [1, 2], "of each side one"
