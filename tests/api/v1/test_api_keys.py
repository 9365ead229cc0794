"""Keys of programs, over HTTP: making and deleting them, and what they open."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import bindparam, func, select, update

from app.bootstrap import Doors
from app.core.crypto import fingerprint
from app.core.database import Database
from app.core.statements import Command, Query
from app.domain.api_keys import KEPT_EXPIRED, MOST_KEYS
from app.domain.notices import NoticeKind, SecurityNotice
from app.domain.permissions import OF_EVERYBODY, Permission
from app.domain.roles import Role
from app.domain.users import UserStatus
from app.models import ApiKeys, IdempotencyRecords, Users
from app.repositories import api_keys as statements
from app.tasks.cleanup import clean_up
from tests.api.conftest import Nowhere
from tests.conftest import client_of
from tests.factories.accounts import actor_of, make_user, sign_in
from tests.factories.api_keys import make_api_key
from tests.factories.auth import outcome
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.jobs import announced
from tests.factories.races import at_once
from tests.factories.walks import walk

P = Permission
NOBODY = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
WANTED = {"name": "Nightly export", "scopes": ["bookings:read", "profile:read"]}
LAST_USE = Query(select(ApiKeys.last_used_at), lambda when: when)
CHANGE_USER = Command(
    update(Users)
    .where(Users.id == bindparam("of"))
    .values(roles=bindparam("roles"), status=bindparam("status"))
)


@pytest.fixture
async def ada(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


@pytest.fixture
def key_of(connection, ada):
    """Make a key of mine with these scopes."""
    return lambda *scopes, **changes: make_api_key(connection, ada, *scopes, **changes)


# Making, listing, deleting


async def test_a_key_is_told_once_and_kept_by_its_hash(client, connection, me):
    made = await client.post("/api-keys", json=WANTED, headers=me)

    assert made.status_code == 201
    assert made.headers["Cache-Control"] == "no-store"
    body = made.json()
    key = body.pop("key")
    assert body == {
        "id": body["id"],
        "name": "Nightly export",
        "prefix": key[:11],
        "scopes": ["bookings:read", "profile:read"],
        "last_used_at": None,
        "expires_at": None,
        "created_at": "2030-03-01T12:00:00Z",
    }
    assert key.startswith("bk_")
    assert len(key) >= 11 + 43  # of 64 letters: 258 bits
    listed = await client.get("/api-keys", headers=me)
    assert listed.json()["items"] == [body]
    (row,) = await connection.all(Query(select(ApiKeys.__table__), lambda *row: str(row)))
    assert key[11:] not in row
    assert str(fingerprint(key)) in row


async def test_its_owner_is_told_by_letter(client, connection, me, ada):
    await client.post("/api-keys", json=WANTED, headers=me)

    (notice,) = await announced(connection)
    assert isinstance(notice, SecurityNotice)
    assert (notice.user_id, notice.kind) == (ada.id, NoticeKind.API_KEY_MADE)


async def test_no_two_keys_are_alike(client, me):
    made = [(await client.post("/api-keys", json=WANTED, headers=me)).json() for _ in range(5)]

    for field in ("id", "key", "prefix"):
        assert len({key[field] for key in made}) == 5


async def test_an_idempotency_key_makes_no_copy_of_the_secret(client, connection, me):
    again = {**me, "Idempotency-Key": "once"}

    first, second = [await client.post("/api-keys", json=WANTED, headers=again) for _ in range(2)]

    assert first.json()["key"] != second.json()["key"]
    kept = Query(select(func.count()).select_from(IdempotencyRecords), int)
    assert await connection.first(kept) == 0


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"name": ""}, "#/name", "string-too-short"),
        ({"name": "x" * 101}, "#/name", "string-too-long"),
        ({"name": "a\x07b"}, "#/name", "value-error"),
        ({"name": None}, "#/name", "string-type"),
        ({"scopes": []}, "#/scopes", "too-short"),
        ({"scopes": ["bookings:read", "bookings:read"]}, "#/scopes", "value-error"),
        ({"scopes": ["profile:read", "everything"]}, "#/scopes/1", "enum"),
        ({"scopes": ["profile:read", "users:manage"]}, "#/scopes/1", "scope-not-held"),
        ({"scopes": ["services:write"]}, "#/scopes/0", "scope-not-held"),
        ({"scopes": "profile:read"}, "#/scopes", "list-type"),
        ({"expires_at": "2030-03-01T12:00:00Z"}, "#/expires_at", "expiry-passed"),
        ({"expires_at": "2030-03-01"}, "#/expires_at", "value-error"),
        ({"expires_at": "2030-04-01T12:00:00"}, "#/expires_at", "timezone-aware"),
        ({"user_id": NOBODY}, "#/user_id", "extra-forbidden"),
        ({"key": "bk_mine"}, "#/key", "extra-forbidden"),
    ],
    ids=str,
)
async def test_what_no_key_can_be(client, connection, me, change, pointer, code):
    refused = await client.post("/api-keys", json=WANTED | change, headers=me)

    assert refused.status_code == 422
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [(pointer, code)]
    assert await connection.all(LAST_USE) == []


async def test_what_waits_for_a_second_factor_can_t_be_given_away(
    client, connection, adapters, settings, monkeypatch
):
    admin = await sign_in(connection, adapters, Role.ADMIN)
    monkeypatch.setattr(settings, "staff_mfa", "required")

    refused = await client.post(
        "/api-keys", json=WANTED | {"scopes": ["users:manage"]}, headers=admin
    )

    assert outcome(refused) == (422, "scope-not-held")


async def test_one_has_at_most_25_live_keys(client, me, key_of):
    for _ in range(MOST_KEYS - 1):
        await key_of(P.PROFILE_READ)
    await key_of(P.PROFILE_READ, expires_at=NOW)  # has expired

    last = await client.post("/api-keys", json=WANTED, headers=me)
    over = await client.post("/api-keys", json=WANTED, headers=me)

    assert (last.status_code, outcome(over)) == (201, (409, "too-many-api-keys"))
    await client.delete(f"/api-keys/{last.json()['id']}", headers=me)
    assert (await client.post("/api-keys", json=WANTED, headers=me)).status_code == 201


@pytest.fixture
async def almost_all(real_doors):
    """Somebody who may make one key more, and their headers."""
    async with real_doors.database.transaction() as connection:
        ada = await make_user(connection)
        for _ in range(MOST_KEYS - 1):
            await make_api_key(connection, ada, P.PROFILE_READ)
        return ada, await sign_in(connection, real_doors.adapters, user_id=ada.id)


async def test_of_six_who_want_the_last_key_at_once_one_gets_it(
    real_client, real_doors, almost_all
):
    _, me = almost_all

    made = await at_once(
        real_doors, *(real_client.post("/api-keys", json=WANTED, headers=me) for _ in range(6))
    )

    assert sorted(answer.status_code for answer in made) == [201] + [409] * 5


async def test_control_without_the_lock_both_of_two_get_it(real_doors, almost_all, monkeypatch):
    nothing = Command(select(Users.id).where(Users.id == bindparam("user_id")))
    monkeypatch.setattr(statements, "LOCK_OWNER", nothing)
    ada = actor_of(almost_all[0])

    async with real_doors.writing() as one, real_doors.writing() as other:
        for services in (one, other):
            await services.api_keys.make(ada, name="last", scopes=[P.PROFILE_READ])

    async with real_doors.database.read() as connection:
        assert len(await connection.all(LAST_USE)) == MOST_KEYS + 1


async def test_keys_are_listed_in_pages_and_nobody_elses(client, connection, adapters, me, key_of):
    for minute in range(5):
        await key_of(P.PROFILE_READ, name=f"key {minute}", created_at=at(minute))
    stranger = await make_user(connection)
    await make_api_key(connection, stranger, P.PROFILE_READ)

    newest = await walk(client, "/api-keys", headers=me, limit=2)
    by_name = await walk(client, "/api-keys", headers=me, limit=2, sort="name")

    assert [key["name"] for key in newest] == [f"key {minute}" for minute in (4, 3, 2, 1, 0)]
    assert by_name == newest[::-1]
    counted = await client.get("/api-keys?include_total=true", headers=me)
    assert counted.json()["total"] == 5


async def test_a_scope_that_was_given_up_since_is_not_shown(client, key_of, me):
    await key_of(P.PROFILE_READ, scopes=["profile:read", "moon:walk"])

    listed = await client.get("/api-keys", headers=me)

    assert listed.json()["items"][0]["scopes"] == ["profile:read"]


async def test_a_key_that_was_deleted_opens_nothing(client, me):
    made = (await client.post("/api-keys", json=WANTED, headers=me)).json()
    key = {"X-API-Key": made["key"]}
    assert (await client.get("/profile", headers=key)).status_code == 200

    gone = await client.delete(f"/api-keys/{made['id']}", headers=me)

    assert (gone.status_code, gone.content) == (204, b"")
    assert outcome(await client.get("/profile", headers=key)) == (401, "invalid-api-key")
    again = await client.delete(f"/api-keys/{made['id']}", headers=me)
    assert outcome(again) == (404, "api-key-not-found")


async def test_anothers_key_is_as_one_that_never_was(client, connection, adapters, me):
    made = (await client.post("/api-keys", json=WANTED, headers=me)).json()
    stranger = await sign_in(connection, adapters, Role.SUPER_ADMIN)

    theirs = await client.delete(f"/api-keys/{made['id']}", headers=stranger)

    assert outcome(theirs) == (404, "api-key-not-found")
    assert (await client.get("/profile", headers={"X-API-Key": made["key"]})).status_code == 200


@pytest.mark.parametrize("call", [("GET", ""), ("POST", ""), ("DELETE", f"/{NOBODY}")], ids=str)
async def test_keys_are_made_and_seen_with_a_session_alone(client, key_of, call):
    method, path = call
    key = await key_of(*OF_EVERYBODY)

    answer = await client.request(
        method, f"/api-keys{path}", json=WANTED if method == "POST" else None, headers=key
    )

    assert outcome(answer) == (403, "session-required")
    nobody = await client.request(
        method, f"/api-keys{path}", json=WANTED if method == "POST" else None
    )
    assert outcome(nobody) == (401, "unauthenticated")


async def test_long_after_they_expired_keys_are_forgotten(doors, connection, key_of):
    await key_of(P.PROFILE_READ, expires_at=NOW - KEPT_EXPIRED - timedelta(seconds=1))
    await key_of(P.PROFILE_READ, expires_at=NOW - KEPT_EXPIRED + timedelta(seconds=1))
    await key_of(P.PROFILE_READ)

    assert (await clean_up(doors))["forget_api_keys"] == 1
    assert len(await connection.all(LAST_USE)) == 2


# What a key opens


async def test_a_key_acts_for_its_owner(client, connection, me, key_of):
    key = await key_of(P.BOOKINGS_READ, P.BOOKINGS_WRITE, P.PROFILE_READ, P.PROFILE_WRITE)
    offering = await make_offering(connection)
    wanted = {"service_id": str(offering.id), "starts_at": at(60).isoformat()}

    booked = await client.post("/bookings", json=wanted, headers=key)
    renamed = await client.patch("/profile", json={"full_name": "Ada King"}, headers=key)

    assert (booked.status_code, renamed.status_code) == (201, 200)
    path = f"/bookings/{booked.json()['id']}"
    assert (await client.get(path, headers=me)).json() == booked.json()
    assert (await client.get(path, headers=key)).json() == booked.json()
    assert (await client.get("/profile", headers=key)).json() == renamed.json()
    assert (await client.delete(path, headers=key)).json()["status"] == "cancelled"


HOURS = {"timezone": "UTC", "weekly": [{"weekday": 0, "start": "09:00", "end": "17:00"}]}
SERVICE = {
    "name": "Haircut",
    "duration_minutes": 60,
    "price": {"amount": 4500, "currency": "EUR"},
    "payment": "on_site",
}
CALLS = {
    P.BOOKINGS_READ: ("GET", "/bookings", None),
    P.BOOKINGS_WRITE: ("POST", "/bookings", {"service_id": "{service}", "starts_at": "{start}"}),
    P.CATEGORIES_MANAGE: ("POST", "/categories", {"name": "Nails"}),
    P.PROFILE_READ: ("GET", "/profile", None),
    P.PROFILE_WRITE: ("PATCH", "/profile", {"full_name": "Ada King"}),
    P.SCHEDULES_WRITE: ("PUT", "/providers/{provider}/schedule", HOURS),
    P.SERVICES_WRITE: ("POST", "/services", SERVICE),
}


@pytest.fixture
async def world(connection):
    """Somebody who may do everything, and what they do it to."""
    boss = await make_user(connection, Role.PROVIDER, Role.SUPER_ADMIN)
    provider = await make_provider(connection, user_id=boss.id)
    offering = await make_offering(connection, provider)
    things = {
        "{provider}": str(provider.id),
        "{service}": str(offering.id),
        "{start}": at(60).isoformat(),
    }
    return boss, things


def filled(text, things):
    return things.get(text, text) if isinstance(text, str) else text


async def asked(client, call, things, headers):
    method, path, body = call
    for name, value in things.items():
        path = path.replace(name, value)
    sent = body and {field: filled(value, things) for field, value in body.items()}
    return await client.request(method, path, json=sent, headers=headers)


@pytest.mark.parametrize("scope", CALLS)
async def test_a_scope_opens_what_it_says_and_no_other_does(client, connection, world, scope):
    boss, things = world
    fitting = await make_api_key(connection, boss, scope)
    others = await make_api_key(connection, boss, *(set(Permission) - {scope}))

    refused = await asked(client, CALLS[scope], things, others)
    done = await asked(client, CALLS[scope], things, fitting)

    assert outcome(refused) == (403, "forbidden")
    assert done.status_code in (200, 201), done.text


async def test_beyond_its_scope_it_is_not_its_owners_role_that_counts(client, connection, world):
    boss, _ = world
    key = await make_api_key(connection, boss, P.BOOKINGS_READ)
    wider = await make_api_key(connection, boss, P.BOOKINGS_READ, P.BOOKINGS_READ_ANY)

    assert (await client.get("/bookings?scope=mine", headers=key)).status_code == 200
    assert outcome(await client.get("/bookings?scope=all", headers=key)) == (403, "forbidden")
    assert (await client.get("/bookings?scope=all", headers=wider)).status_code == 200


async def test_who_loses_a_role_takes_it_from_their_keys_at_once(client, connection):
    boss = await make_user(connection, Role.ADMIN)
    key = await make_api_key(connection, boss, P.BOOKINGS_READ, P.BOOKINGS_READ_ANY)
    assert (await client.get("/bookings?scope=all", headers=key)).status_code == 200

    await connection.run(
        CHANGE_USER, of=boss.id, roles=[Role.CUSTOMER.value], status=UserStatus.ACTIVE
    )

    assert outcome(await client.get("/bookings?scope=all", headers=key)) == (403, "forbidden")
    assert (await client.get("/bookings", headers=key)).status_code == 200


async def test_a_key_of_staff_waits_for_their_second_factor_too(
    client, connection, settings, monkeypatch
):
    boss = await make_user(connection, Role.ADMIN)
    key = await make_api_key(connection, boss, P.BOOKINGS_READ, P.BOOKINGS_READ_ANY)
    monkeypatch.setattr(settings, "staff_mfa", "required")

    answer = await client.get("/bookings?scope=all", headers=key)

    assert outcome(answer) == (403, "mfa-setup-required")


async def test_who_is_deactivated_has_keys_that_open_nothing(client, connection, ada, key_of):
    key = await key_of(P.PROFILE_READ)
    await connection.run(CHANGE_USER, of=ada.id, roles=ada.roles, status=UserStatus.DEACTIVATED)

    assert outcome(await client.get("/profile", headers=key)) == (401, "invalid-api-key")
    assert await connection.all(LAST_USE) == [None]


async def test_a_key_ends_when_it_says(client, connection, clock, key_of):
    key = await key_of(P.PROFILE_READ, expires_at=at(10))
    clock.forward(minutes=9, seconds=59)
    assert (await client.get("/profile", headers=key)).status_code == 200

    clock.forward(seconds=1)

    assert outcome(await client.get("/profile", headers=key)) == (401, "invalid-api-key")
    clock.forward(hours=1)
    await client.get("/profile", headers=key)
    assert await connection.all(LAST_USE) == [at(10) - timedelta(seconds=1)]


@pytest.mark.parametrize(
    "key",
    ["", "bk_", "bk_" + "x" * 5_000, "nonsense", b"bk_\xff", "Bearer x", "bk_\u00e9".encode()],
)
async def test_what_is_no_key_is_a_401(client, key_of, key):
    await key_of(P.PROFILE_READ)

    answer = await client.get("/profile", headers={"X-API-Key": key})

    assert outcome(answer) == (401, "invalid-api-key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "change", [str.upper, lambda key: key[:-1], lambda key: key + "x", lambda key: key[:11]]
)
async def test_a_key_is_all_of_it(client, key_of, change):
    key = await key_of(P.PROFILE_READ)

    answer = await client.get("/profile", headers={"X-API-Key": change(key["X-API-Key"])})

    assert outcome(answer) == (401, "invalid-api-key")


async def test_what_has_not_its_mark_costs_the_database_nothing(adapters):
    async with client_of(Doors(Database(Nowhere()), adapters)) as client:
        answer = await client.get("/profile", headers={"X-API-Key": "nonsense"})

    assert outcome(answer) == (401, "invalid-api-key")


async def test_two_ways_to_say_who_one_is_are_none(client, me, key_of):
    key = await key_of(P.PROFILE_READ)

    for both in ({**me, **key}, [*key.items(), *key.items()]):
        assert outcome(await client.get("/profile", headers=both)) == (401, "unauthenticated")
        assert outcome(await client.get("/services", headers=both)) == (401, "unauthenticated")


async def test_a_key_is_no_bearer_token(client, key_of):
    key = await key_of(P.PROFILE_READ)

    answer = await client.get("/profile", headers={"Authorization": f"Bearer {key['X-API-Key']}"})

    assert outcome(answer) == (401, "unauthenticated")


async def test_who_may_be_signed_in_may_be_so_by_a_key(client, connection, world):
    boss, _ = world
    key = await make_api_key(connection, boss, P.SERVICES_WRITE)

    mine = await client.get("/services?mine=true", headers=key)

    assert [offering["name"] for offering in mine.json()["items"]] == ["Haircut"]
    broken = await client.get("/services", headers={"X-API-Key": "bk_broken"})
    assert outcome(broken) == (401, "invalid-api-key")


# When it was last used


async def test_the_last_use_is_known_to_a_minute(client, connection, clock, key_of):
    key = await key_of(P.PROFILE_READ)
    seen = []

    for seconds in (0, 59, 1, 1):
        clock.forward(seconds=seconds)
        assert (await client.get("/profile", headers=key)).status_code == 200
        seen += await connection.all(LAST_USE)

    assert seen == [NOW, NOW, NOW, at(1) + timedelta(seconds=1)]


async def test_reading_and_writing_are_uses_and_so_is_looking(client, connection, clock, key_of):
    key = await key_of(P.PROFILE_READ, P.PROFILE_WRITE)
    calls = [("GET", "/profile"), ("PATCH", "/profile"), ("GET", "/services"), ("HEAD", "/profile")]

    for method, path in calls:
        clock.forward(minutes=2)
        body = {"full_name": "Ada"} if method == "PATCH" else None
        assert (await client.request(method, path, json=body, headers=key)).status_code == 200
        assert await connection.all(LAST_USE) == [clock.now]


async def test_of_ten_uses_at_once_one_is_noted_and_nobody_waits(real_client, real_doors):
    async with real_doors.database.transaction() as connection:
        key = await make_api_key(connection, await make_user(connection), P.PROFILE_READ)

    async with real_doors.writing() as using:
        await using.actor(key["X-API-Key"])  # noted, and not committed
        answers = await at_once(
            real_doors, *(real_client.get("/profile", headers=key) for _ in range(10))
        )

    assert {answer.status_code for answer in answers} == {200}
    async with real_doors.database.read() as connection:
        assert await connection.all(LAST_USE) == [NOW]


async def test_control_a_note_that_is_waited_for_keeps_a_reader_waiting(
    real_client, real_doors, monkeypatch
):
    sql = statements.STANDING.sql
    assert sql.count(" SKIP LOCKED") == 1
    monkeypatch.setattr(statements.STANDING, "sql", sql.replace(" SKIP LOCKED", " NOWAIT"))
    async with real_doors.database.transaction() as connection:
        key = await make_api_key(connection, await make_user(connection), P.PROFILE_READ)

    async with real_doors.writing() as using:
        await using.actor(key["X-API-Key"])
        answer = await real_client.get("/profile", headers=key)

    assert outcome(answer) == (503, "busy")


# Repeating a request


@pytest.fixture
async def booking(connection):
    offering = await make_offering(connection)
    return {"service_id": str(offering.id), "starts_at": at(60).isoformat()}


async def test_a_program_may_repeat_what_it_did(client, key_of, booking):
    key = {**await key_of(P.BOOKINGS_WRITE), "Idempotency-Key": "k1"}

    first = await client.post("/bookings", json=booking, headers=key)
    again = await client.post("/bookings", json=booking, headers=key)
    other = await client.post("/bookings", json=booking | {"notes": "!"}, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert outcome(other) == (422, "idempotency-key-reused")


async def test_a_person_and_their_programs_share_their_keys(client, key_of, booking, me):
    with_session = {**me, "Idempotency-Key": "k1"}
    with_key = {**await key_of(P.BOOKINGS_WRITE), "Idempotency-Key": "k1"}

    first = await client.post("/bookings", json=booking, headers=with_session)
    again = await client.post("/bookings", json=booking, headers=with_key)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()


async def test_what_was_answered_is_not_told_to_a_key_without_the_scope(
    client, key_of, booking, me
):
    await client.post("/bookings", json=booking, headers={**me, "Idempotency-Key": "k1"})

    narrow = {**await key_of(P.PROFILE_READ), "Idempotency-Key": "k1"}
    answer = await client.post("/bookings", json=booking, headers=narrow)

    assert outcome(answer) == (403, "forbidden")


async def test_the_twin_of_a_running_request_is_told_so(real_client, real_doors):
    async with real_doors.database.transaction() as connection:
        ada = await make_user(connection)
        key = await make_api_key(connection, ada, P.BOOKINGS_WRITE)
        offering = await make_offering(connection)
    body = {"service_id": str(offering.id), "starts_at": at(60).isoformat()}
    sent = {"json": body, "headers": {**key, "Idempotency-Key": "k1"}}

    with suppress(ZeroDivisionError):
        async with real_doors.writing() as running:
            actor = await running.actor(key["X-API-Key"])
            await running.idempotency.claim(actor, key="k1", fingerprint=b"any")
            twin = await real_client.post("/bookings", **sent)
            raise ZeroDivisionError
    after = await real_client.post("/bookings", **sent)

    assert outcome(twin) == (409, "idempotency-key-in-use")
    assert after.status_code == 201


async def test_a_key_is_made_by_who_has_just_shown_who_they_are(client, me, clock):
    clock.forward(minutes=11)

    response = await client.post(
        "/api-keys", json={"name": "Till", "scopes": ["profile:read"]}, headers=me
    )

    assert outcome(response) == (403, "step-up-required")
