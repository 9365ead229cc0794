"""The devices that are signed in, and how soon everything learns that one no longer is."""

from copy import copy
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import bindparam, insert, update

from app.api.openapi import operations
from app.bootstrap import Doors, build_adapters
from app.bootstrap import doors as bootstrap
from app.core.config import Settings
from app.core.database import SESSION, Database, speak_json
from app.core.ids import new_id
from app.core.statements import Command
from app.domain.permissions import OF_EVERYBODY
from app.domain.roles import Role
from app.domain.users import UserStatus
from app.main import create_app
from app.models import Sessions, TotpFactors, Users
from tests.conftest import SECRET, OneConnection, client_of
from tests.factories.accounts import make_user, sign_in
from tests.factories.api_keys import make_api_key
from tests.factories.auth import ADA, bearer, outcome, registered, tokens
from tests.factories.catalog import make_provider
from tests.factories.clock import NOW
from tests.factories.statements import Watched
from tests.factories.walks import walk

SESSIONS = "/auth/sessions"
NEVER_MADE = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


def changed(table, of, **values):
    """Return what changes a row as nobody but the database knows."""
    return Command(update(table).where(of == bindparam("of")).values(**values))


@pytest.fixture
async def ada(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


# Listing


async def test_one_sees_where_one_is_signed_in(client, doors, clock):
    await registered(client, doors)
    clock.forward(minutes=5)
    phone = await tokens(client, "/auth/login", ADA | {"device": "Ada's phone"})

    listed = (await client.get(SESSIONS, headers=bearer(phone))).json()

    assert listed["next_cursor"] is None
    first, second = listed["items"]
    assert first == {
        "id": first["id"],
        "device": "Ada's phone",
        "ip": "127.0.0.1",
        "user_agent": first["user_agent"],
        "created_at": "2030-03-01T12:05:00Z",
        "last_used_at": "2030-03-01T12:05:00Z",
        "expires_at": "2030-03-31T12:05:00Z",
        "current": True,
    }
    assert first["user_agent"].startswith("python-httpx")
    assert (second["device"], second["current"]) == (None, False)


async def test_a_session_that_goes_on_was_used_just_now(client, doors, clock):
    pair = await registered(client, doors)
    clock.forward(hours=1)
    pair = await tokens(client, "/auth/refresh", {"refresh_token": pair["refresh_token"]})

    (listed,) = (await client.get(SESSIONS, headers=bearer(pair))).json()["items"]

    assert (listed["created_at"], listed["last_used_at"]) == (
        "2030-03-01T12:00:00Z",
        "2030-03-01T13:00:00Z",
    )


async def test_what_has_ended_and_what_is_anothers_is_not_listed(
    client, connection, adapters, ada, me
):
    ended = await sign_in(connection, adapters, user_id=ada.id)
    over = await sign_in(connection, adapters, user_id=ada.id)
    await sign_in(connection, adapters)
    await connection.run(
        changed(Sessions, Sessions.id, revoked_at=NOW), of=session_of(adapters, ended)
    )
    await connection.run(
        changed(Sessions, Sessions.id, expires_at=NOW), of=session_of(adapters, over)
    )

    listed = (await client.get(f"{SESSIONS}?include_total=true", headers=me)).json()

    assert [item["id"] for item in listed["items"]] == [str(session_of(adapters, me))]
    assert listed["total"] == 1


async def test_sessions_come_in_pages_the_newest_first(client, connection, adapters, ada, me):
    mine = [str(session_of(adapters, me))]
    for minute in range(1, 6):
        headers = await sign_in(connection, adapters, user_id=ada.id)
        id_ = session_of(adapters, headers)
        at = NOW + timedelta(minutes=minute)
        await connection.run(changed(Sessions, Sessions.id, created_at=at), of=id_)
        mine.append(str(id_))

    newest = await walk(client, SESSIONS, headers=me, limit=2)
    oldest = await walk(client, SESSIONS, headers=me, limit=2, sort="created_at")

    assert [item["id"] for item in newest] == mine[::-1]
    assert oldest == newest[::-1]


def session_of(adapters, headers):
    return adapters.tokens.verify(headers["Authorization"].removeprefix("Bearer ")).session_id


# Ending


async def test_a_session_that_is_ended_is_dead_with_all_its_tokens(client, doors):
    here, there = await registered(client, doors), await tokens(client, "/auth/login", ADA)
    for pair in (here, there):
        assert (await client.get("/profile", headers=bearer(pair))).status_code == 200
    listed = (await client.get(SESSIONS, headers=bearer(here))).json()["items"]
    (other,) = [item["id"] for item in listed if not item["current"]]

    ended = await client.delete(f"{SESSIONS}/{other}", headers=bearer(here))

    assert (ended.status_code, ended.content) == (204, b"")
    assert outcome(await client.get("/profile", headers=bearer(there))) == (401, "unauthenticated")
    dead = await client.post("/auth/refresh", json={"refresh_token": there["refresh_token"]})
    assert outcome(dead) == (401, "invalid-token")
    assert (await client.get("/profile", headers=bearer(here))).status_code == 200
    again = await client.delete(f"{SESSIONS}/{other}", headers=bearer(here))
    assert outcome(again) == (404, "session-not-found")


async def test_one_may_end_the_session_one_is_asking_with(client, doors):
    await registered(client, doors)
    pair = await tokens(client, "/auth/login", ADA | {"cookie": True})
    (current,) = [
        item["id"]
        for item in (await client.get(SESSIONS, headers=bearer(pair))).json()["items"]
        if item["current"]
    ]

    ended = await client.delete(f"{SESSIONS}/{current}", headers=bearer(pair))

    assert ended.status_code == 204
    assert "Max-Age=0" in ended.headers["Set-Cookie"]
    assert (await client.get(SESSIONS, headers=bearer(pair))).status_code == 401


async def test_anothers_session_is_as_one_that_never_was(client, connection, adapters, me):
    stranger = await sign_in(connection, adapters, Role.SUPER_ADMIN)

    theirs = await client.delete(f"{SESSIONS}/{session_of(adapters, me)}", headers=stranger)
    never = await client.delete(f"{SESSIONS}/{NEVER_MADE}", headers=stranger)

    assert outcome(theirs) == outcome(never) == (404, "session-not-found")
    assert (await client.get("/profile", headers=me)).status_code == 200


@pytest.mark.parametrize("call", [("GET", ""), ("DELETE", f"/{NEVER_MADE}")], ids=str)
async def test_sessions_are_nothing_for_a_program(client, connection, ada, call):
    method, path = call
    key = await make_api_key(connection, ada, *OF_EVERYBODY)

    answer = await client.request(method, SESSIONS + path, headers=key)
    nobody = await client.request(method, SESSIONS + path)

    assert outcome(answer) == (403, "session-required")
    assert outcome(nobody) == (401, "unauthenticated")


# How soon it is known: every read asks, in the round trip of its first query


@pytest.fixture
async def watched(url):
    """A pool that tells what was sent; what is done on it is taken back."""
    raw = await asyncpg.connect(url, server_settings=SESSION)
    await speak_json(raw)
    outer = raw.transaction()
    await outer.start()
    yield Watched(raw)
    await outer.rollback()
    await raw.close()


async def test_who_was_seen_before_costs_no_round_trip_of_their_own(watched, adapters):
    database = Database(watched)
    async with database.read() as connection:
        me = await sign_in(connection, adapters)
    async with client_of(Doors(database, adapters)) as client:
        counts = []
        for path in ("/profile", "/profile", "/bookings", "/profile"):
            watched.sent.clear()
            assert (await client.get(path, headers=me)).status_code == 200
            counts.append(len(watched.sent))

    assert counts == [2, 1, 1, 1]


async def provides(connection, user):
    await make_provider(connection, user_id=user.id)


async def has_a_second_factor(connection, user):
    row = {"id": new_id(), "user_id": user.id, "created_at": NOW, "activated_at": NOW}
    await connection.run(Command(insert(TotpFactors).values(row)))


def becomes(**values):
    async def change(connection, user):
        await connection.run(changed(Users, Users.id, **values), of=user.id)

    return change


async def is_signed_out(connection, user):
    await connection.run(changed(Sessions, Sessions.user_id, revoked_at=NOW), of=user.id)


async def runs_out(connection, user):
    await connection.run(changed(Sessions, Sessions.user_id, expires_at=NOW), of=user.id)


ALL, MINE, PROFILE = "/bookings?scope=all", "/bookings?scope=provider", "/profile"
STAFF = [Role.MANAGEMENT.value]
CHANGES = {
    "revoked": (Role.CUSTOMER, is_signed_out, PROFILE, 200, 401),
    "revoked, on a path that is refused": (Role.CUSTOMER, is_signed_out, ALL, 403, 401),
    "run out": (Role.CUSTOMER, runs_out, PROFILE, 200, 401),
    "deactivated": (Role.CUSTOMER, becomes(status=UserStatus.DEACTIVATED), PROFILE, 200, 401),
    "role given": (Role.CUSTOMER, becomes(roles=STAFF), ALL, 403, 200),
    "role taken": (Role.MANAGEMENT, becomes(roles=["customer"]), ALL, 200, 403),
    "permission given": (
        Role.CUSTOMER,
        becomes(permissions=["bookings:read_any"]),
        ALL,
        403,
        200,
    ),
    "provides": (Role.PROVIDER, provides, MINE, 403, 200),
    "second factor": (Role.MANAGEMENT, has_a_second_factor, ALL, 403, 200),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_what_changes_is_seen_by_the_very_next_read(
    client, connection, adapters, settings, monkeypatch, name
):
    role, change, path, before, after = CHANGES[name]
    if change is has_a_second_factor:
        monkeypatch.setattr(settings, "staff_mfa", "required")
    user = await make_user(connection, role)
    me = await sign_in(connection, adapters, user_id=user.id)
    for _ in range(2):
        assert (await client.get(path, headers=me)).status_code == before

    await change(connection, user)

    for _ in range(2):
        assert (await client.get(path, headers=me)).status_code == after


async def test_another_process_learns_it_at_once(client, doors, settings, clock):
    pair = await registered(client, doors)
    other = replace(build_adapters(settings, clock), passwords=doors.adapters.passwords)
    async with client_of(Doors(doors.database, other)) as elsewhere:
        for _ in range(2):
            assert (await elsewhere.get("/profile", headers=bearer(pair))).status_code == 200

        await client.post("/auth/logout", headers=bearer(pair))

        assert (await elsewhere.get("/profile", headers=bearer(pair))).status_code == 401


async def test_control_a_guard_that_lets_everybody_in_is_noticed(
    client, connection, ada, me, monkeypatch
):
    blind = copy(bootstrap.AS_KNOWN)
    blind.sql = f"SELECT true OR ({blind.sql})"
    monkeypatch.setattr(bootstrap, "AS_KNOWN", blind)
    for _ in range(2):
        assert (await client.get("/profile", headers=me)).status_code == 200

    await is_signed_out(connection, ada)

    assert (await client.get("/profile", headers=me)).status_code == 200


async def test_what_a_process_remembers_is_of_one_session(client, connection, adapters, ada, me):
    other = await sign_in(connection, adapters, user_id=ada.id)
    for headers in (me, other):
        assert (await client.get("/profile", headers=headers)).status_code == 200
    id_ = session_of(adapters, me)

    await connection.run(changed(Sessions, Sessions.id, revoked_at=NOW), of=id_)

    assert (await client.get("/profile", headers=me)).status_code == 401
    assert (await client.get("/profile", headers=other)).status_code == 200
    assert adapters.seen.get(id_) is None


async def test_of_those_who_change_their_own_account_the_change_is_read(client, me):
    assert (await client.get("/profile", headers=me)).status_code == 200

    await client.patch("/profile", json={"full_name": "Ada King"}, headers=me)

    assert (await client.get("/profile", headers=me)).json()["full_name"] == "Ada King"


# With a replica


@pytest.fixture
async def lagging(real_database, url):
    """A replica that stopped at the moment it was first asked for."""
    raw = await asyncpg.connect(url, server_settings=SESSION)
    await speak_json(raw)
    snapshot = raw.transaction(isolation="repeatable_read", readonly=True)
    await snapshot.start()

    async def stop():
        await raw.fetchval("SELECT count(*) FROM users")
        return Database(OneConnection(raw))

    yield stop
    await snapshot.rollback()
    await raw.close()


async def test_a_session_is_asked_of_the_primary(real_database, adapters, lagging):
    async with real_database.transaction() as connection:
        ada = await make_user(connection)
    replica = await lagging()
    async with real_database.transaction() as connection:
        me = await sign_in(connection, adapters, user_id=ada.id)

    async with client_of(Doors(real_database, adapters, replica)) as client:
        for _ in range(2):
            read = await client.get("/profile", headers=me)
            assert (read.status_code, read.json()["id"]) == (200, str(ada.id))
        await client.post("/auth/logout", headers=me)
        assert (await client.get("/profile", headers=me)).status_code == 401


async def test_an_api_key_is_asked_of_the_primary(real_database, adapters, lagging):
    async with real_database.transaction() as connection:
        ada = await make_user(connection)
    replica = await lagging()
    async with real_database.transaction() as connection:
        key = await make_api_key(connection, ada, *OF_EVERYBODY)

    async with client_of(Doors(real_database, adapters, replica)) as client:
        assert (await client.get("/profile", headers=key)).status_code == 200


async def test_control_the_replica_knows_no_fresh_session(real_database, adapters, lagging):
    async with real_database.transaction() as connection:
        ada = await make_user(connection)
    replica = await lagging()
    async with real_database.transaction() as connection:
        me = await sign_in(connection, adapters, user_id=ada.id)

    async with client_of(Doors(replica, adapters)) as client:
        assert (await client.get("/profile", headers=me)).status_code == 401


# Whatever reads begins with a query that a guard can be asked with

APP = create_app(Settings(_env_file=None, environment="test", secret_key=SECRET))
READS = {
    operation["operationId"]: path.removeprefix("/api/v1")
    for path, method, operation in operations(APP.openapi())
    if method == "get" and {"bearer": []} in operation.get("security", ())
}


@pytest.mark.parametrize("name", READS)
async def test_who_was_seen_before_is_answered_as_the_first_time(
    client, connection, adapters, name
):
    boss = await sign_in(connection, adapters, Role.SUPER_ADMIN)
    segments = [NEVER_MADE if "{" in part else part for part in READS[name].split("/")]
    path = "/".join(segments)

    first, again = [await client.get(path, headers=boss) for _ in range(2)]

    assert first.status_code == again.status_code < 500
