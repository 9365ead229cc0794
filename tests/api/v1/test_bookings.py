"""Bookings over HTTP: shapes, statuses, races, and what stays true whatever happens."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from json import dumps
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.schema import AddConstraint

from app.bootstrap import Doors
from app.core.database import Database
from app.core.errors import Contention
from app.core.statements import Query
from app.domain.offerings import PaymentTerms
from app.domain.roles import Role
from app.models import Bookings, Jobs
from app.repositories import bookings as repository
from tests.conftest import client_of
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.races import meeting
from tests.factories.statements import Watched

NOBODYS = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
COUNT = Query(select(func.count()).select_from(Bookings), int)
ANNOUNCED = Query(select(Jobs.c.entrypoint).order_by(Jobs.c.id), str)


@pytest.fixture
async def offering(connection):
    return await make_offering(connection)


@pytest.fixture
async def me(connection, adapters):
    return await sign_in(connection, adapters)


def body(offering, minutes: int = 60, **more: str) -> dict[str, str]:
    return {"service_id": str(offering.id), "starts_at": at(minutes).isoformat(), **more}


async def test_a_booking_is_made_found_and_listed(client, connection, offering, me):
    made = await client.post("/bookings", json=body(offering, notes=" ring "), headers=me)

    booking = made.json()
    assert made.status_code == 201, booking
    assert made.headers["Location"] == f"/api/v1/bookings/{booking['id']}"
    assert (booking["kind"], booking["status"]) == ("appointment", "confirmed")
    assert (booking["starts_at"], booking["ends_at"]) == (
        "2030-03-01T13:00:00Z",
        "2030-03-01T14:00:00Z",
    )
    assert booking["price"] == {"amount": 4500, "currency": "EUR"}
    assert booking["items"] == [
        {
            "ticket_type_id": None,
            "name": "Haircut",
            "quantity": 1,
            "unit_price": booking["price"],
            "total": booking["price"],
        }
    ]
    assert (booking["notes"], booking["payment_status"]) == ("ring", "unpaid")
    assert booking["hold_expires_at"] is None
    found = await client.get(f"/bookings/{booking['id']}", headers=me)
    listed = await client.get("/bookings?include_total=true", headers=me)
    assert found.json() == booking
    assert listed.json() == {"items": [booking], "next_cursor": None, "total": 1}
    assert await connection.all(ANNOUNCED) == ["BookingMade"]


async def test_a_taken_slot_is_a_409_that_names_the_nearest_free_ones(client, offering, me):
    await client.post("/bookings", json=body(offering, 60), headers=me)

    refused = await client.post("/bookings", json=body(offering, 60), headers=me)

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "slot-unavailable")
    provider = [str(p) for p in problem["alternatives"][0]["provider_ids"]]
    assert [slot["starts_at"] for slot in problem["alternatives"]] == [
        "2030-03-01T12:00:00Z",
        "2030-03-01T14:00:00Z",
        "2030-03-01T14:30:00Z",
        "2030-03-01T15:00:00Z",
        "2030-03-01T15:30:00Z",
    ]
    for slot in problem["alternatives"]:
        again = {"service_id": str(offering.id), "starts_at": slot["starts_at"]}
        answer = await client.post("/bookings", json=again, headers=me)
        assert answer.status_code in (201, 409)
    assert len(provider) == 1


@pytest.mark.parametrize("minutes", [61, 75, 59])
async def test_a_time_that_is_no_slot_is_refused(client, offering, me, minutes):
    refused = await client.post("/bookings", json=body(offering, minutes), headers=me)

    assert (refused.status_code, refused.json()["code"]) == (409, "slot-unavailable")


async def test_a_fraction_of_a_second_is_no_slot(client, offering, me):
    asked = {**body(offering), "starts_at": "2030-03-01T13:00:00.000001Z"}

    assert (await client.post("/bookings", json=asked, headers=me)).status_code == 409


async def test_too_soon_and_too_far_is_a_422_with_its_field(client, connection, me):
    offering = await make_offering(connection, min_notice_minutes=120, max_horizon_days=10)

    for minutes in (-60, 60, 60 * 24 * 11):
        refused = await client.post("/bookings", json=body(offering, minutes), headers=me)
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (422, "outside-booking-window")
        assert problem["errors"][0]["pointer"] == "#/starts_at"


async def test_the_buffers_of_both_neighbours_are_kept(client, connection, me):
    provider = await make_provider(connection)
    terms = {"buffer_before_minutes": 10, "buffer_after_minutes": 20, "slot_step_minutes": 5}
    offering = await make_offering(connection, provider, **terms)

    made = [
        (await client.post("/bookings", json=body(offering, minutes), headers=me)).status_code
        for minutes in (60, 145, 150)  # the first one ends at 120
    ]

    assert made == [201, 409, 201]


async def test_a_provider_who_does_not_perform_it_is_not_found(client, connection, offering, me):
    other = await make_provider(connection)
    asked = body(offering, provider_id=str(other.id))

    assert (await client.post("/bookings", json=asked, headers=me)).status_code == 404


async def test_without_a_provider_the_least_loaded_one_is_taken(client, connection, me):
    first, second = await make_provider(connection), await make_provider(connection)
    offering = await make_offering(connection, first, second)
    named = body(offering, 60, provider_id=str(first.id))
    await client.post("/bookings", json=named, headers=me)

    later = await client.post("/bookings", json=body(offering, 240), headers=me)
    same = await client.post("/bookings", json=body(offering, 60), headers=me)
    full = await client.post("/bookings", json=body(offering, 60), headers=me)

    assert later.json()["provider_id"] == str(second.id)
    assert same.json()["provider_id"] == str(second.id)
    assert full.status_code == 409


async def test_a_prepaid_booking_holds_its_time_until_it_is_paid(client, connection, me):
    offering = await make_offering(connection, payment=PaymentTerms.PREPAID)

    made = (await client.post("/bookings", json=body(offering), headers=me)).json()

    assert (made["status"], made["payment_status"]) == ("pending", "unpaid")
    assert made["hold_expires_at"] == "2030-03-01T12:15:00Z"


async def test_a_request_for_approval_holds_its_time(client, connection, me):
    offering = await make_offering(connection, approval_required=True)

    first = await client.post("/bookings", json=body(offering), headers=me)
    second = await client.post("/bookings", json=body(offering), headers=me)

    assert (first.json()["status"], second.status_code) == ("pending", 409)


async def test_a_lapsed_hold_gives_way_without_any_sweeper(client, connection, me, clock):
    offering = await make_offering(connection, payment=PaymentTerms.PREPAID)
    held = (await client.post("/bookings", json=body(offering), headers=me)).json()

    clock.forward(minutes=15)
    shown = await client.get(f"/bookings/{held['id']}", headers=me)
    listed = await client.get("/bookings?status=expired", headers=me)
    pending = await client.get("/bookings?status=pending", headers=me)
    cancelled = await client.post(f"/bookings/{held['id']}/cancel", headers=me)
    again = await client.post("/bookings", json=body(offering), headers=me)

    assert shown.json()["status"] == "expired"
    assert [item["status"] for item in listed.json()["items"]] == ["expired"]
    assert pending.json()["items"] == []
    assert (cancelled.status_code, cancelled.json()["code"]) == (409, "invalid-transition")
    assert again.status_code == 201


async def test_one_customer_holds_at_most_twenty_unpaid_bookings(client, connection, me, clock):
    offering = await make_offering(connection, payment=PaymentTerms.PREPAID)

    made = [
        await client.post("/bookings", json=body(offering, 60 * hour), headers=me)
        for hour in range(1, 22)
    ]

    assert [answer.status_code for answer in made] == [201] * 20 + [409]
    assert made[-1].json()["code"] == "too-many-holds"


async def test_a_cancelled_time_is_free_again_and_cannot_be_cancelled_twice(client, offering, me):
    booking = (await client.post("/bookings", json=body(offering), headers=me)).json()
    path = f"/bookings/{booking['id']}/cancel"

    cancelled = await client.post(path, json={"reason": "ill"}, headers=me)
    twice = await client.post(path, headers=me)
    again = await client.post("/bookings", json=body(offering), headers=me)

    answer = cancelled.json()
    assert (cancelled.status_code, answer["status"]) == (200, "cancelled")
    assert (answer["cancel_reason"], answer["cancelled_at"]) == ("ill", "2030-03-01T12:00:00Z")
    nothing = {"amount": 0, "currency": "EUR"}
    assert answer["refund"] == {"late": False, "fee": nothing, "amount": nothing}
    assert (twice.status_code, twice.json()["code"]) == (409, "invalid-transition")
    assert again.status_code == 201


async def test_a_late_cancellation_names_its_fee_by_the_policy_of_then(client, connection, me):
    offering = await make_offering(connection, free_until_minutes=120, late_fee_percent=50)
    booking = (await client.post("/bookings", json=body(offering, 90), headers=me)).json()

    cancelled = (await client.delete(f"/bookings/{booking['id']}", headers=me)).json()

    assert booking["cancellation_policy"] == {
        "free_until_minutes": 120,
        "late_fee_percent": 50,
        "no_show_fee": None,
    }
    assert cancelled["refund"]["late"] is True
    assert cancelled["refund"]["fee"] == {"amount": 2250, "currency": "EUR"}


async def test_what_has_begun_the_customer_cannot_cancel_but_the_provider_can(
    client, connection, adapters, clock
):
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider)
    me = await sign_in(connection, adapters)
    them = await sign_in(connection, adapters, user_id=provider.user_id)
    booking = (await client.post("/bookings", json=body(offering), headers=me)).json()

    clock.forward(minutes=61)
    mine = await client.delete(f"/bookings/{booking['id']}", headers=me)
    theirs = await client.delete(f"/bookings/{booking['id']}", headers=them)

    assert (mine.status_code, theirs.status_code) == (409, 200)
    assert theirs.json()["refund"]["late"] is False


async def test_a_stale_if_match_is_a_412_and_changes_nothing(client, offering, me):
    booking = (await client.post("/bookings", json=body(offering), headers=me)).json()
    path = f"/bookings/{booking['id']}"
    tag = (await client.get(path, headers=me)).headers["ETag"]

    stale = await client.delete(path, headers={**me, "If-Match": '"old"'})
    unchanged = await client.get(path, headers={**me, "If-None-Match": tag})
    good = await client.delete(path, headers={**me, "If-Match": tag})

    assert (stale.status_code, stale.json()["code"]) == (412, "precondition-failed")
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (good.status_code, good.json()["status"]) == (200, "cancelled")


async def test_a_strangers_booking_cannot_be_told_from_none(client, connection, adapters, offering):
    me, stranger = await sign_in(connection, adapters), await sign_in(connection, adapters)
    booking = (await client.post("/bookings", json=body(offering), headers=me)).json()

    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/cancel")):
        theirs = await client.request(method, f"/bookings/{booking['id']}{path}", headers=stranger)
        nobodys = await client.request(method, f"/bookings/{uuid4()}{path}", headers=stranger)
        assert theirs.status_code == nobodys.status_code == 404
        for answer in (theirs.json(), nobodys.json()):
            assert {**answer, "instance": "", "request_id": ""} == {
                "type": "/problems/booking-not-found",
                "title": "There is no such booking.",
                "detail": "There is no such booking.",
                "status": 404,
                "code": "booking-not-found",
                "instance": "",
                "request_id": "",
            }


async def test_each_scope_shows_its_own(client, connection, adapters):
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider)
    customer = await sign_in(connection, adapters)
    performer = await sign_in(connection, adapters, user_id=provider.user_id)
    staff = await sign_in(connection, adapters, Role.MANAGEMENT)
    organizer = await sign_in(connection, adapters, Role.ORGANIZER)
    await client.post("/bookings", json=body(offering), headers=customer)

    async def seen(headers, scope):
        answer = await client.get(f"/bookings?scope={scope}", headers=headers)
        return len(answer.json()["items"]) if answer.status_code == 200 else answer.status_code

    assert [await seen(customer, s) for s in ("mine", "provider", "all")] == [1, 403, 403]
    assert [await seen(performer, s) for s in ("mine", "provider", "all")] == [0, 1, 403]
    assert [await seen(staff, s) for s in ("mine", "provider", "all")] == [0, 403, 1]
    assert [await seen(organizer, s) for s in ("organizer", "all")] == [0, 403]


async def test_pages_are_walked_by_cursor_in_both_directions(client, offering, me):
    for number in range(5):
        await client.post("/bookings", json=body(offering, 60 + 60 * number), headers=me)

    for sort, expected in (
        ("starts_at", [13, 14, 15, 16, 17]),
        ("-starts_at", [17, 16, 15, 14, 13]),
        ("-created_at", [17, 16, 15, 14, 13]),
    ):
        hours, cursor, pages = [], None, 0
        while pages == 0 or cursor:
            query = {"limit": "2", "sort": sort, **({"cursor": cursor} if cursor else {})}
            page = (await client.get("/bookings", params=query, headers=me)).json()
            hours += [int(item["starts_at"][11:13]) for item in page["items"]]
            cursor, pages = page["next_cursor"], pages + 1
        assert (hours, pages) == (expected, 3)


async def test_a_cursor_of_another_list_is_a_400(client, connection, adapters, offering, me):
    for number in range(2):
        await client.post("/bookings", json=body(offering, 60 + 60 * number), headers=me)
    cursor = (await client.get("/bookings?limit=1", headers=me)).json()["next_cursor"]
    stranger = await sign_in(connection, adapters)

    good = await client.get(f"/bookings?limit=1&cursor={cursor}", headers=me)
    bad = [
        await client.get(f"/bookings?sort=-starts_at&cursor={cursor}", headers=me),
        await client.get(f"/bookings?status=confirmed&cursor={cursor}", headers=me),
        await client.get(f"/bookings?cursor={cursor}", headers=stranger),
        await client.get("/bookings?cursor=nonsense", headers=me),
    ]

    assert good.status_code == 200
    assert [(r.status_code, r.json()["code"]) for r in bad] == [(400, "invalid-cursor")] * 4


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("status=confirmed", 2),
        ("status=cancelled", 1),
        ("kind=event", 0),
        ("from=2030-03-01T14:00:00Z", 2),
        ("to=2030-03-01T14:00:00Z", 1),
        ("from=2030-03-01T14:00:00%2B00:00&to=2030-03-01T15:00:00Z&status=confirmed", 1),
        (f"service_id={NOBODYS}", 0),
        (f"event_id={NOBODYS}", 0),
    ],
)
async def test_a_list_is_filtered(client, offering, me, query, count):
    for number in range(3):
        made = await client.post("/bookings", json=body(offering, 60 + 60 * number), headers=me)
    await client.post(f"/bookings/{made.json()['id']}/cancel", headers=me)

    answer = await client.get(f"/bookings?{query}", headers=me)

    assert len(answer.json()["items"]) == count, answer.json()


@pytest.mark.parametrize(
    "query",
    ["sort=price", "limit=0", "limit=101", "colour=red", "from=2030-03-01T14:00", "status=lost"],
)
async def test_a_list_refuses_what_it_does_not_understand(client, me, query):
    response = await client.get(f"/bookings?{query}", headers=me)

    assert (response.status_code, response.json()["code"]) == (422, "validation-failed")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("starts_at", "2030-03-01T13:00:00"),
        ("starts_at", "2030-03-01"),
        ("starts_at", 1898600400),
        ("starts_at", "0001-01-01T00:00:00+14:00"),
        ("starts_at", "9999-12-31T23:59:59-14:00"),
        ("starts_at", None),
        ("service_id", "1"),
        ("service_id", 1),
        ("service_id", "' OR 1=1--"),
        ("provider_id", "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz"),
        ("notes", "a\x00b"),
        ("notes", "\ud800"),
        ("notes", "x" * 1001),
        ("notes", ["x"]),
        ("status", "confirmed"),
        ("customer_id", NOBODYS),
        ("price", {"amount": 0, "currency": "EUR"}),
    ],
)
async def test_bad_input_is_a_422_that_points_at_the_field(client, offering, me, field, value):
    asked, of_json = {**body(offering), field: value}, {"Content-Type": "application/json"}
    response = await client.post("/bookings", content=dumps(asked), headers=me | of_json)

    assert (response.status_code, response.json()["code"]) == (422, "validation-failed")
    assert [error["pointer"] for error in response.json()["errors"]] == [f"#/{field}"]


async def test_the_same_request_twice_has_one_effect_and_one_answer(
    client, connection, offering, me
):
    headers = {**me, "Idempotency-Key": "k1"}
    first = await client.post("/bookings", json=body(offering), headers=headers)
    await client.post(f"/bookings/{first.json()['id']}/cancel", headers=me)

    again = await client.post("/bookings", json=body(offering), headers=headers)

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await connection.first(COUNT) == 1


@pytest.fixture
async def world(real_database, real_client, adapters):
    """A client whose requests really commit."""
    async with real_database.transaction() as transaction:
        offering = await make_offering(transaction, slot_step_minutes=1)
        headers = await sign_in(transaction, adapters)
    return real_client, real_database, offering, headers


async def count_booked(database) -> int:
    async with database.read() as connection:
        return await connection.first(COUNT)


async def race(world) -> list[int]:
    client, _, offering, me = world
    answers = await asyncio.gather(
        *(client.post("/bookings", json=body(offering, 60 + n), headers=me) for n in range(20))
    )
    return sorted(answer.status_code for answer in answers)


async def test_of_twenty_at_once_exactly_one_wins(world):
    assert await race(world) == [201] + [409] * 19
    assert await count_booked(world[1]) == 1


@pytest.fixture
async def unguarded(world, url):
    """The world, whose bookings may overlap."""
    guard = next(
        c for c in Bookings.__table__.constraints if c.name == "no_overlapping_appointments"
    )
    connection = await asyncpg.connect(url)
    await connection.execute(f"ALTER TABLE bookings DROP CONSTRAINT {guard.name}")
    yield world
    await connection.execute("SET session_replication_role = replica")  # what is append-only too
    await connection.execute("TRUNCATE bookings CASCADE")
    await connection.execute(str(AddConstraint(guard).compile(dialect=dialect())))
    await connection.close()


async def test_control_without_the_guard_that_race_sells_one_time_twice(unguarded, monkeypatch):
    """Two at least have seen the time free before either takes it."""
    together = meeting(repository.BookingRepository.add)
    monkeypatch.setattr(repository, "ADD", repository.adding(repository.INSERT))
    monkeypatch.setattr(repository.BookingRepository, "add", together)

    assert (await race(unguarded)).count(201) > 1


async def test_of_thirty_who_want_any_of_three_exactly_three_win(world, adapters):
    client, database, _, me = world
    async with database.transaction() as transaction:
        three = [await make_provider(transaction) for _ in range(3)]
        offering = await make_offering(transaction, *three)

    answers = await asyncio.gather(
        *(client.post("/bookings", json=body(offering, 120), headers=me) for _ in range(30))
    )

    assert sorted(a.status_code for a in answers) == [201] * 3 + [409] * 27
    assert len({a.json()["provider_id"] for a in answers if a.status_code == 201}) == 3


async def test_of_a_running_requests_twins_one_takes_effect_and_the_rest_is_told(world):
    client, database, offering, me = world
    headers = {**me, "Idempotency-Key": "k1"}

    answers = await asyncio.gather(
        *(client.post("/bookings", json=body(offering), headers=headers) for _ in range(10))
    )

    refused = {a.json()["code"] for a in answers if a.status_code == 409}
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert refused <= {"idempotency-key-in-use"}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert await count_booked(database) == 1


async def test_a_key_that_a_running_request_has_books_nothing_meanwhile(world, real_doors):
    client, database, offering, me = world
    claims = real_doors.adapters.tokens.verify(me["Authorization"].removeprefix("Bearer "))
    headers = {**me, "Idempotency-Key": "k1"}

    with suppress(ZeroDivisionError):
        async with real_doors.writing() as running:
            await running.idempotency.enter(
                claims.session_id, user_id=claims.user_id, key="k1", fingerprint=b""
            )
            twin = await client.post("/bookings", json=body(offering), headers=headers)
            raise ZeroDivisionError

    assert (twin.status_code, twin.json()["code"]) == (409, "idempotency-key-in-use")
    assert await count_booked(database) == 0
    assert (await client.post("/bookings", json=body(offering), headers=headers)).is_success


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "k2"}])
async def test_whoever_was_seen_before_books_in_two_round_trips(
    database, adapters, offering, me, key
):
    watched = Watched(await database._pool.acquire())
    async with client_of(Doors(Database(watched), adapters)) as client:
        await client.get("/bookings", headers=me)
        watched.sent.clear()

        made = await client.post("/bookings", json=body(offering), headers=me | key)

    assert made.status_code == 201
    assert len(watched.sent) == 2


async def test_twenty_holds_are_the_most_also_for_forty_requests_at_once(world, adapters):
    client, database, _, me = world
    async with database.transaction() as transaction:
        offering = await make_offering(transaction, payment=PaymentTerms.PREPAID)

    answers = await asyncio.gather(
        *(client.post("/bookings", json=body(offering, 60 * n), headers=me) for n in range(1, 41))
    )

    assert sorted(a.status_code for a in answers) == [201] * 20 + [409] * 20


async def test_control_without_the_lock_more_than_twenty_are_held(world, monkeypatch):
    client, database, _, me = world
    async with database.transaction() as transaction:
        offering = await make_offering(transaction, payment=PaymentTerms.PREPAID)

    async def unlocked(self, customer_id):
        pass

    together = meeting(repository.BookingRepository.add, 21)  # all of them have counted by then
    monkeypatch.setattr(repository.BookingRepository, "lock_holds", unlocked)
    monkeypatch.setattr(repository.BookingRepository, "add", together)
    answers = await asyncio.gather(
        *(client.post("/bookings", json=body(offering, 60 * n), headers=me) for n in range(1, 22))
    )

    assert [answer.status_code for answer in answers] == [201] * 21


async def test_the_write_is_committed_before_the_response_starts(real_doors, world):
    _, database, offering, me = world
    seen: list[int] = []

    async def watch(event):
        if event["type"] == "http.response.start":
            seen.append(await count_booked(database))

    async with client_of(real_doors, watch=watch) as client:
        await client.post("/bookings", json=body(offering), headers=me)

    assert seen == [1]


async def test_a_request_the_database_undid_is_run_again(
    client, connection, offering, me, monkeypatch
):
    add, failures = repository.BookingRepository.add, [Contention(), Contention()]

    async def unlucky(self, booking, **given):
        if failures:
            raise failures.pop()
        return await add(self, booking, **given)

    monkeypatch.setattr(repository.BookingRepository, "add", unlucky)
    headers = {**me, "Idempotency-Key": str(uuid4())}

    response = await client.post("/bookings", json=body(offering), headers=headers)

    assert (response.status_code, await connection.first(COUNT)) == (201, 1)


async def test_a_deactivated_or_revoked_caller_is_a_401(client, connection, adapters, offering):
    user = await make_user(connection)
    headers = await sign_in(connection, adapters, user_id=user.id)
    later = {**headers}
    good = await client.post("/bookings", json=body(offering), headers=later)

    await connection._raw.execute("UPDATE sessions SET revoked_at = $1", NOW + timedelta(0))
    bad = await client.post("/bookings", json=body(offering, 240), headers=later)

    assert (good.status_code, bad.status_code) == (201, 401)
    assert bad.headers["WWW-Authenticate"] == "Bearer"
