"""Events over HTTP: making, finding, changing and deleting them, and who may."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.bookings import BookingStatus
from app.domain.events import EventStatus
from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.auth import bearer, registered
from tests.factories.catalog import make_category
from tests.factories.clock import NOW
from tests.factories.events import ensure_counted, make_event, ticket_type
from tests.factories.seats import book_seats

NOBODY = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
FREE = {"amount": 0, "currency": "EUR"}
EUROS = {"amount": 4500, "currency": "EUR"}
SONGS = {
    "title": "An evening of songs",
    "starts_at": "2030-04-05T17:00:00Z",
    "timezone": "Europe/Berlin",
    "location": "1 Church Square, Berlin",
    "max_participants": 50,
}
SOON = {"starts_at": "2030-03-01T13:00:00Z", "ends_at": "2030-03-01T16:00:00Z"}
LINK = "https://meet.example.com/songs"


@pytest.fixture
async def organizer(connection):
    return await make_user(connection, Role.ORGANIZER)


@pytest.fixture
async def me(connection, adapters, organizer):
    """The headers of the organizer."""
    return await sign_in(connection, adapters, user_id=organizer.id)


@pytest.fixture
async def admin(connection, adapters):
    return await sign_in(connection, adapters, Role.ADMIN)


async def made(client, me, **given):
    answer = await client.post("/events", json=SONGS | given, headers=me)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def titles(client, headers=None, **query):
    answer = await client.get("/events", params=query, headers=headers or {})
    assert answer.status_code == 200, answer.text
    return [event["title"] for event in answer.json()["items"]]


async def test_an_event_is_made_with_sensible_terms_and_one_free_ticket_type(client, me, organizer):
    answer = await client.post("/events", json=SONGS, headers=me)

    event = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/api/v1/events/{event['id']}"
    (only,) = event["ticket_types"]
    assert event == {
        "id": event["id"],
        "organizer_id": str(organizer.id),
        "title": "An evening of songs",
        "description": None,
        "category": None,
        "category_id": None,
        "tags": [],
        "starts_at": "2030-04-05T17:00:00Z",
        "ends_at": "2030-04-05T19:00:00Z",
        "timezone": "Europe/Berlin",
        "location": "1 Church Square, Berlin",
        "latitude": None,
        "longitude": None,
        "online_url": None,
        "cover_url": None,
        "max_participants": 50,
        "seats_taken": 0,
        "seats_available": 50,
        "price_from": FREE,
        "cancellation_policy": {
            "free_until_minutes": 0,
            "late_fee_percent": 0,
            "no_show_fee": None,
        },
        "reminder_minutes": [1440, 120],
        "deposit": None,
        "capture": "automatic",
        "status": "published",
        "waitlist": {"waiting": 0},
        "created_at": "2030-03-01T12:00:00Z",
        "updated_at": "2030-03-01T12:00:00Z",
        "cancelled_at": None,
        "cancel_reason": None,
        "ticket_types": [
            {
                "id": only["id"],
                "name": "Ticket",
                "price": FREE,
                "capacity": 50,
                "taken": 0,
                "max_per_booking": 10,
                "sales_start": None,
                "sales_end": None,
            }
        ],
    }
    assert (await client.get(f"/events/{event['id']}")).json() == event
    (listed,) = (await client.get("/events")).json()["items"]
    assert listed == {name: event[name] for name in listed}
    assert event.keys() - listed.keys() == {"cancelled_at", "cancel_reason", "ticket_types"}


async def test_every_term_of_an_event_can_be_given(client, connection, me):
    category = await make_category(connection, name="Music", slug="music")
    body = SONGS | {
        "description": "Bring\nyour voice.",
        "category_id": str(category.id),
        "tags": ["Choir", "choir", " LIVE "],
        "ends_at": "2030-04-06T01:30:00+02:00",
        "latitude": 52.52,
        "longitude": 13,
        "online_url": LINK,
        "cancellation_policy": {
            "free_until_minutes": 1440,
            "late_fee_percent": 50,
            "no_show_fee": None,
        },
        "status": "draft",
        "ticket_types": [
            {"name": "Early", "price": EUROS, "capacity": 10, "sales_end": "2030-03-20T00:00:00Z"},
            {"name": "VIP", "price": {"amount": 9900, "currency": "EUR"}, "max_per_booking": 2},
            {"name": "Child", "price": FREE, "sales_start": "2030-03-20T00:00:00Z"},
        ],
    }

    event = await made(client, me, **body)

    expected = body | {
        "tags": ["choir", "live"],
        "ends_at": "2030-04-05T23:30:00Z",
        "category": {"id": str(category.id), "name": "Music", "slug": "music"},
        "price_from": FREE,
    }
    types = expected.pop("ticket_types")
    assert {name: event[name] for name in expected} == expected
    for one, given in zip(event["ticket_types"], types, strict=True):
        assert {name: one[name] for name in given} == given
    assert [one["capacity"] for one in event["ticket_types"]] == [10, 50, 50]


async def test_a_price_is_that_of_the_only_ticket_type(client, me):
    event = await made(client, me, price={"amount": 900, "currency": "JPY"})

    assert event["price_from"] == {"amount": 900, "currency": "JPY"}
    assert [one["price"] for one in event["ticket_types"]] == [event["price_from"]]


async def test_what_all_types_add_up_to_is_all_that_is_sold(client, me):
    types = [{"name": name, "price": FREE, "capacity": 5} for name in "ab"]

    event = await made(client, me, ticket_types=types)

    assert (event["max_participants"], event["seats_available"]) == (50, 10)


async def test_the_same_key_makes_an_event_once(client, me):
    headers = {**me, "Idempotency-Key": "one"}

    first = await client.post("/events", json=SONGS, headers=headers)
    again = await client.post("/events", json=SONGS, headers=headers)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert len(await titles(client)) == 1


TYPE = {"name": "Seat", "price": EUROS}
BAD = [
    ({"title": ""}, "#/title"),
    ({"title": None}, "#/title"),
    ({"title": "x" * 151}, "#/title"),
    ({"title": "a\u0000b"}, "#/title"),
    ({"description": "x" * 10_001}, "#/description"),
    ({"description": "a\u0000b"}, "#/description"),
    ({"category_id": "music"}, "#/category_id"),
    ({"category_id": NOBODY}, "#/category_id"),
    ({"tags": "choir"}, "#/tags"),
    ({"tags": ["x" * 41]}, "#/tags/0"),
    ({"tags": [""]}, "#/tags/0"),
    ({"tags": [f"t{number}" for number in range(21)]}, "#/tags"),
    ({"starts_at": "2030-04-05T17:00:00"}, "#/starts_at"),
    ({"starts_at": 1901638800}, "#/starts_at"),
    ({"starts_at": "2030-03-01T12:00:00Z"}, "#/starts_at"),
    ({"starts_at": "2020-04-05T17:00:00Z"}, "#/starts_at"),
    ({"starts_at": "9999-04-05T17:00:00Z"}, "#/starts_at"),
    ({"ends_at": "2030-04-05T17:00:00Z"}, "#/ends_at"),
    ({"ends_at": "2030-04-05T16:00:00Z"}, "#/ends_at"),
    ({"ends_at": "2030-05-06T17:00:01Z"}, "#/ends_at"),
    ({"timezone": "Mars/Olympus"}, "#/timezone"),
    ({"timezone": "x" * 300}, "#/timezone"),
    ({"location": None}, "#/location"),
    ({"location": ""}, "#/location"),
    ({"location": "x" * 301}, "#/location"),
    ({"latitude": 52.5}, "#/latitude"),
    ({"longitude": 13.4}, "#/latitude"),
    ({"latitude": 90.1, "longitude": 0}, "#/latitude"),
    ({"latitude": 0, "longitude": -180.1}, "#/longitude"),
    ({"latitude": "52.5", "longitude": 0}, "#/latitude"),
    ({"online_url": "javascript:alert(1)"}, "#/online_url"),
    ({"online_url": "https://"}, "#/online_url"),
    ({"online_url": "http://[::1"}, "#/online_url"),
    ({"online_url": "meet.example.com/x"}, "#/online_url"),
    ({"online_url": f"https://example.com/{'x' * 2000}"}, "#/online_url"),
    ({"max_participants": 0}, "#/max_participants"),
    ({"max_participants": -1}, "#/max_participants"),
    ({"max_participants": 1.5}, "#/max_participants"),
    ({"max_participants": "50"}, "#/max_participants"),
    ({"max_participants": True}, "#/max_participants"),
    ({"max_participants": None}, "#/max_participants"),
    ({"max_participants": 1_000_001}, "#/max_participants"),
    ({"max_participants": 10**15}, "#/max_participants"),
    ({"price": {"amount": -1, "currency": "EUR"}}, "#/price/amount"),
    ({"price": {"amount": 1.5, "currency": "EUR"}}, "#/price/amount"),
    ({"price": {"amount": 10**13, "currency": "EUR"}}, "#/price/amount"),
    ({"price": {"amount": 1, "currency": "XXX"}}, "#/price/currency"),
    ({"price": EUROS, "ticket_types": [TYPE]}, "#/price"),
    ({"ticket_types": []}, "#/ticket_types"),
    ({"ticket_types": [TYPE] * 51}, "#/ticket_types"),
    ({"ticket_types": [{"name": "Seat"}]}, "#/ticket_types/0/price"),
    ({"ticket_types": [TYPE | {"capacity": 0}]}, "#/ticket_types/0/capacity"),
    ({"ticket_types": [TYPE | {"capacity": 51}]}, "#/capacity"),
    ({"ticket_types": [TYPE, TYPE | {"id": NOBODY}]}, "#/ticket_types/1/id"),
    ({"ticket_types": [TYPE | {"max_per_booking": 0}]}, "#/ticket_types/0/max_per_booking"),
    ({"ticket_types": [TYPE | {"max_per_booking": 101}]}, "#/ticket_types/0/max_per_booking"),
    (
        {"ticket_types": [TYPE, TYPE | {"price": {"amount": 1, "currency": "USD"}}]},
        "#/ticket_types",
    ),
    (
        {
            "ticket_types": [
                TYPE | {"sales_start": "2030-03-10T00:00:00Z", "sales_end": "2030-03-10T00:00:00Z"}
            ]
        },
        "#/sales_end",
    ),
    (
        {
            "cancellation_policy": {
                "free_until_minutes": 0,
                "late_fee_percent": 101,
                "no_show_fee": None,
            }
        },
        None,
    ),
    ({"status": "completed"}, "#/status"),
    ({"organizer_id": NOBODY}, "#/organizer_id"),
    ({"seats_taken": 1}, "#/seats_taken"),
]


@pytest.mark.parametrize(("given", "pointer"), BAD)
async def test_what_makes_no_sense_is_refused_by_name(client, me, given, pointer):
    answer = await client.post("/events", json=SONGS | given, headers=me)

    assert answer.status_code == 422, answer.text
    if pointer is not None:
        assert answer.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("missing", ["title", "starts_at", "timezone", "max_participants"])
async def test_what_an_event_needs_must_be_given(client, me, missing):
    body = {name: value for name, value in SONGS.items() if name != missing}

    answer = await client.post("/events", json=body, headers=me)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, f"#/{missing}")


async def test_a_cancelled_event_cannot_be_made(client, me):
    answer = await client.post("/events", json=SONGS | {"status": "cancelled"}, headers=me)

    assert (answer.status_code, answer.json()["code"]) == (409, "invalid-transition")


async def test_an_event_may_take_place_online_alone(client, me):
    event = await made(client, me, location=None, online_url=LINK)

    assert (event["location"], event["online_url"]) == (None, LINK)


async def test_who_registers_as_an_organizer_may_make_events_at_once(client, doors):
    pair = await registered(
        client,
        doors,
        email="olga@example.com",
        password="neither horse nor battery",
        account_type="organizer",
    )

    assert (await made(client, bearer(pair)))["status"] == "published"


async def test_customers_and_providers_make_no_events(client, connection, adapters):
    for role in (Role.CUSTOMER, Role.PROVIDER, Role.MANAGEMENT, Role.ACCOUNTANT):
        headers = await sign_in(connection, adapters, role)
        answer = await client.post("/events", json=SONGS, headers=headers)
        assert answer.status_code == 403


async def test_the_link_is_for_those_who_booked_and_those_who_run_it(
    client, connection, adapters, doors, me, organizer, admin
):
    event = await made(client, me, online_url=LINK)
    booked, pending, gone = [await make_user(connection) for _ in range(3)]
    for user, status in (
        (booked, BookingStatus.CONFIRMED),
        (pending, BookingStatus.PENDING),
        (gone, BookingStatus.CANCELLED),
    ):
        await book_seats(connection, UUID(event["id"]), user.id, status=status)
    support = await sign_in(connection, adapters, Role.MANAGEMENT)
    path = f"/events/{event['id']}"

    async def link(headers):
        return (await client.get(path, headers=headers)).json()["online_url"]

    for headers in (me, admin, support):
        assert await link(headers) == LINK
    assert await link(await sign_in(connection, adapters, user_id=booked.id)) == LINK
    for user in (pending, gone):
        assert await link(await sign_in(connection, adapters, user_id=user.id)) is None
    assert await link({}) is None
    for headers, told in (({}, None), (me, LINK)):
        (listed,) = (await client.get("/events", headers=headers)).json()["items"]
        assert listed["online_url"] == told
    as_booked = await sign_in(connection, adapters, user_id=booked.id)
    (listed,) = (await client.get("/events", headers=as_booked)).json()["items"]
    assert listed["online_url"] is None


async def test_a_lapsed_hold_takes_no_seat(client, connection, me):
    event = await made(client, me, max_participants=5, price=EUROS)
    event_id = UUID(event["id"])
    for minutes in (-1, 0, 10):
        await book_seats(
            connection,
            event_id,
            (await make_user(connection)).id,
            seats=1,
            status=BookingStatus.PENDING,
            hold_expires_at=NOW + timedelta(minutes=minutes),
        )

    found = (await client.get(f"/events/{event_id}")).json()
    (listed,) = (await client.get("/events")).json()["items"]

    for shown in (found, listed):
        assert (shown["seats_taken"], shown["seats_available"]) == (1, 4)
    assert found["ticket_types"][0]["taken"] == 1


async def test_drafts_are_seen_by_their_organizer_and_administrators_alone(
    client, connection, adapters, me, admin
):
    draft = await made(client, me, status="draft")
    stranger = await sign_in(connection, adapters, Role.ORGANIZER)
    path = f"/events/{draft['id']}"

    for headers in ({}, stranger):
        assert (await client.get(path, headers=headers)).status_code == 404
        assert await titles(client, headers) == []
    for headers in (me, admin):
        assert (await client.get(path, headers=headers)).status_code == 200
        assert await titles(client, headers) == []
        assert len(await titles(client, headers, status="draft")) == 1
    assert await titles(client, stranger, status="draft") == []
    assert len(await titles(client, me, mine=True)) == 1
    assert await titles(client, stranger, mine=True) == []
    assert (await client.get("/events?status=draft")).status_code == 401
    assert (await client.get("/events?mine=true")).status_code == 401


async def test_events_are_found_by_what_is_asked_for(client, connection, me, organizer):
    music = await make_category(connection, name="Music", slug="music")
    jazz = await make_category(connection, name="Jazz", slug="jazz", parent_id=music.id)
    await made(client, me, title="Jazz night", category_id=str(jazz.id), tags=["live"])
    await made(client, me, title="Chess club", starts_at="2030-05-01T10:00:00Z")
    other = await make_user(connection, Role.ORGANIZER)
    await make_event(connection, other.id, now=NOW, title="Sold out", seats=2)
    (sold_out,) = (await client.get("/events?q=sold%20out")).json()["items"]
    customer = await make_user(connection)
    await book_seats(connection, UUID(sold_out["id"]), customer.id, seats=2)

    assert await titles(client) == ["Sold out", "Jazz night", "Chess club"]
    assert await titles(client, category="music") == ["Jazz night"]
    assert await titles(client, category=str(jazz.id)) == ["Jazz night"]
    assert await titles(client, tag="LIVE") == ["Jazz night"]
    assert await titles(client, q="jaz nigth") == ["Jazz night"]
    assert await titles(client, organizer_id=str(other.id)) == ["Sold out"]
    assert await titles(client, starts_after="2030-05-01T10:00:00Z") == ["Chess club"]
    assert await titles(client, starts_before="2030-05-01T10:00:00Z", sort="title") == [
        "Jazz night",
        "Sold out",
    ]
    assert await titles(client, has_seats=False) == ["Sold out"]
    assert await titles(client, has_seats=True) == ["Jazz night", "Chess club"]
    assert await titles(client, sort="-title") == ["Sold out", "Jazz night", "Chess club"]


async def test_what_is_near_comes_first_and_tells_how_far_it_is(client, me):
    berlin = {"latitude": 52.52, "longitude": 13.405}
    await made(client, me, title="Potsdam", latitude=52.39, longitude=13.06)
    await made(client, me, title="Berlin", **berlin)
    await made(client, me, title="Bishkek", latitude=42.87, longitude=74.59)
    await made(client, me, title="Nowhere")
    near = f"{berlin['latitude']},{berlin['longitude']}"

    assert await titles(client, near=near) == ["Berlin"]
    assert await titles(client, near=near, radius_km=50) == ["Berlin", "Potsdam"]
    found = (await client.get("/events", params={"near": near, "radius_km": 50})).json()["items"]
    assert found[0]["distance_km"] == 0.0
    assert 27 < found[1]["distance_km"] < 29
    for broken in ({"near": "x"}, {"near": "91,0"}, {"sort": "distance"}, {"radius_km": 5}):
        assert (await client.get("/events", params=broken)).status_code == 422


async def test_pages_of_events_follow_one_another(client, connection, organizer):
    for number in range(5):
        await make_event(
            connection,
            organizer.id,
            now=NOW,
            title=f"{number}",
            starts_at=NOW + timedelta(days=number + 1),
        )
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await client.get("/events", params=query)).json()
        seen += [event["title"] for event in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert seen == ["0", "1", "2", "3", "4"]


async def test_a_change_needs_the_version_that_was_seen(client, me):
    event = await made(client, me)
    path = f"/events/{event['id']}"
    seen = (await client.get(path, headers=me)).headers["ETag"]

    changed = await client.patch(path, json={"title": "Songs"}, headers=me | {"If-Match": seen})
    stale = await client.patch(path, json={"title": "Song"}, headers=me | {"If-Match": seen})

    assert (changed.status_code, changed.json()["title"]) == (200, "Songs")
    assert (stale.status_code, stale.json()["code"]) == (412, "precondition-failed")
    fresh = await client.get(path, headers=me | {"If-None-Match": changed.headers["ETag"]})
    assert fresh.status_code == 304


async def test_a_change_of_nothing_changes_nothing(client, me, clock):
    event = await made(client, me)
    clock.forward(hours=1)

    same = await client.patch(f"/events/{event['id']}", json={"max_participants": 50}, headers=me)

    assert same.json() == event


async def test_to_put_an_event_is_to_leave_out_what_it_had(client, me):
    event = await made(
        client, me, description="Long", tags=["x"], status="draft", price=EUROS, online_url=LINK
    )

    put = await client.put(
        f"/events/{event['id']}", json=SONGS | {"max_participants": 60}, headers=me
    )

    assert put.status_code == 200, put.text
    expected = {
        "description": None,
        "tags": [],
        "online_url": None,
        "max_participants": 60,
        "seats_available": 60,
        "status": "draft",
        "price_from": EUROS,
    }
    assert {name: put.json()[name] for name in expected} == expected
    bare = await client.put(f"/events/{event['id']}", json={"title": "x"}, headers=me)
    assert bare.status_code == 422


async def test_an_event_that_starts_later_takes_as_long(client, me):
    event = await made(client, me, ends_at="2030-04-05T20:00:00Z")

    later = await client.patch(
        f"/events/{event['id']}", json={"starts_at": "2030-04-06T17:00:00Z"}, headers=me
    )

    assert later.json()["ends_at"] == "2030-04-06T20:00:00Z"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"title": None}, "#/title"),
        ({"starts_at": "2030-02-05T17:00:00Z"}, "#/starts_at"),
        ({"ends_at": "2030-04-05T16:00:00Z"}, "#/ends_at"),
        ({"location": None}, "#/location"),
        ({"latitude": 5}, "#/latitude"),
        ({"status": "completed"}, "#/status"),
        ({"max_participants": 0}, "#/max_participants"),
        ({"category_id": NOBODY}, "#/category_id"),
        ({"ticket_types": []}, "#/ticket_types"),
        ({"ticket_types": [TYPE | {"id": NOBODY}]}, "#/ticket_types/0/id"),
        ({"price": EUROS, "ticket_types": [TYPE]}, "#/price"),
    ],
)
async def test_a_change_that_makes_no_sense_is_refused_by_name(client, me, given, pointer):
    event = await made(client, me)

    answer = await client.patch(f"/events/{event['id']}", json=given, headers=me)

    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await client.get(f"/events/{event['id']}")).json() == event


async def test_ticket_types_are_replaced_by_id_and_by_name(client, me):
    types = [{"name": name, "price": EUROS, "capacity": 5} for name in ("A", "B", "C")]
    event = await made(client, me, ticket_types=types)
    a, b, _ = (one["id"] for one in event["ticket_types"])
    given = [
        {"id": a, "name": "Alpha", "price": EUROS},
        {"name": "B", "price": EUROS, "capacity": 7},
        {"name": "D", "price": EUROS, "capacity": 3},
    ]

    put = await client.patch(f"/events/{event['id']}", json={"ticket_types": given}, headers=me)

    assert put.status_code == 200, put.text
    found = {one["name"]: (one["id"], one["capacity"]) for one in put.json()["ticket_types"]}
    assert found.keys() == {"Alpha", "B", "D"}
    assert (found["Alpha"], found["B"]) == ((a, 50), (b, 7))
    assert put.json()["seats_available"] == 50


async def test_a_price_changes_the_only_type_and_none_of_several(client, me):
    one = await made(client, me)
    several = await made(client, me, ticket_types=[TYPE, TYPE | {"name": "Other"}])

    cheap = await client.patch(f"/events/{one['id']}", json={"price": EUROS}, headers=me)
    refused = await client.patch(f"/events/{several['id']}", json={"price": EUROS}, headers=me)

    assert cheap.json()["price_from"] == EUROS
    assert (refused.status_code, refused.json()["code"]) == (422, "price-and-types")


async def test_capacity_never_falls_under_what_is_taken(client, connection, me):
    event = await made(client, me, max_participants=10)
    path, event_id = f"/events/{event['id']}", UUID(event["id"])
    await book_seats(connection, event_id, (await make_user(connection)).id, seats=4)

    fewer = await client.patch(path, json={"max_participants": 3}, headers=me)
    just = await client.patch(path, json={"max_participants": 4}, headers=me)

    assert (fewer.status_code, fewer.json()["code"]) == (409, "capacity-taken")
    assert fewer.json()["taken"] == 4
    assert (just.status_code, just.json()["seats_available"]) == (200, 0)
    await ensure_counted(connection)


async def test_what_lapsed_is_not_in_the_way_of_fewer_seats(client, connection, me):
    event = await made(client, me, max_participants=10, price=EUROS)
    await book_seats(
        connection,
        UUID(event["id"]),
        (await make_user(connection)).id,
        seats=4,
        status=BookingStatus.PENDING,
        hold_expires_at=NOW,
    )

    fewer = await client.patch(f"/events/{event['id']}", json={"max_participants": 3}, headers=me)

    assert (fewer.status_code, fewer.json()["seats_available"]) == (200, 3)
    await ensure_counted(connection)


async def test_only_its_organizer_and_administrators_change_an_event(
    client, connection, adapters, me, admin
):
    event = await made(client, me)
    path = f"/events/{event['id']}"

    for role in (Role.CUSTOMER, Role.ORGANIZER, Role.MANAGEMENT):
        stranger = await sign_in(connection, adapters, role)
        for method in ("patch", "delete"):
            body = {"json": {"title": "Mine"}} if method == "patch" else {}
            answer = await getattr(client, method)(path, headers=stranger, **body)
            assert answer.status_code == 403, (role, method)
    changed = await client.patch(path, json={"title": "Better"}, headers=admin)
    assert (changed.status_code, changed.json()["organizer_id"]) == (200, event["organizer_id"])
    (entry,) = [
        one
        for one in (await client.get("/admin/audit-log", headers=admin)).json()["items"]
        if one["action"] == "event.changed"
    ]
    assert (entry["before"], entry["after"]) == ({"title": "[personal]"}, {"title": "[personal]"})


async def test_a_draft_is_published_and_goes_back_unless_it_was_booked(client, connection, me):
    event = await made(client, me, status="draft")
    path = f"/events/{event['id']}"

    async def becomes(status):
        return await client.patch(path, json={"status": status}, headers=me)

    assert (await becomes("cancelled")).json()["code"] == "invalid-transition"
    assert (await becomes("published")).json()["status"] == "published"
    assert (await becomes("draft")).json()["status"] == "draft"
    assert (await becomes("published")).status_code == 200
    customer = await make_user(connection)
    await book_seats(connection, UUID(event["id"]), customer.id, status=BookingStatus.CANCELLED)
    refused = await becomes("draft")
    assert (refused.status_code, refused.json()["code"]) == (409, "has-bookings")


async def test_a_draft_whose_time_has_passed_is_not_published(client, me, clock):
    event = await made(client, me, status="draft", **SOON)
    clock.forward(hours=4)

    late = await client.patch(f"/events/{event['id']}", json={"status": "published"}, headers=me)

    assert (late.status_code, late.json()["code"]) == (422, "starts-in-past")


async def test_what_has_ended_is_completed_and_stays_as_it_is(client, doors, me, clock):
    event = await made(client, me, **SOON)
    path = f"/events/{event['id']}"
    clock.forward(hours=4)

    assert (await client.get(path)).json()["status"] == "completed"
    assert await titles(client) == []
    refused = await client.patch(path, json={"title": "x"}, headers=me)
    assert (refused.status_code, refused.json()["code"]) == (409, "event-over")
    async with doors.writing() as services:
        assert await services.event_changes.complete_over() == 1
    async with doors.writing() as services:
        assert await services.event_changes.complete_over() == 0
    assert len(await titles(client, status="completed")) == 1


async def test_an_event_is_deleted_unless_it_was_ever_booked(client, connection, me):
    never, once = await made(client, me), await made(client, me)
    customer = await make_user(connection)
    await book_seats(connection, UUID(once["id"]), customer.id, status=BookingStatus.CANCELLED)

    gone = await client.delete(f"/events/{never['id']}", headers=me)
    kept = await client.delete(f"/events/{once['id']}", headers=me)

    assert gone.status_code == 204
    assert (await client.get(f"/events/{never['id']}")).status_code == 404
    assert (kept.status_code, kept.json()["code"]) == (409, "has-bookings")
    assert (await client.get(f"/events/{once['id']}")).status_code == 200


async def test_a_category_of_events_is_in_use(client, connection, me, admin):
    category = await make_category(connection)
    await made(client, me, category_id=str(category.id))

    refused = await client.delete(f"/categories/{category.id}", headers=admin)

    assert (refused.status_code, refused.json()["code"]) == (409, "category-in-use")


async def test_tags_of_published_events_are_counted(client, connection, me):
    await made(client, me, tags=["choir"])
    await made(client, me, tags=["choir", "live"])
    await made(client, me, tags=["choir"], status="draft")

    tags = (await client.get("/tags")).json()["items"]

    assert tags == [{"name": "choir", "count": 2}, {"name": "live", "count": 1}]


async def test_a_type_that_is_larger_than_the_event_may_stay_so(client, connection, organizer, me):
    event, _ = await make_event(
        connection, organizer.id, now=NOW, seats=10, types=[ticket_type(capacity=10)]
    )
    path = f"/events/{event.id}"

    fewer = await client.patch(path, json={"max_participants": 5}, headers=me)

    assert (fewer.status_code, fewer.json()["seats_available"]) == (200, 5)
    assert fewer.json()["status"] == EventStatus.PUBLISHED
