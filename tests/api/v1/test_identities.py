"""The accounts elsewhere that open one's own: seen by their owner, and removed."""

import asyncio

import pytest
from sqlalchemy import bindparam, func, insert, select

from app.core.config import Settings
from app.core.statements import Command, Query
from app.domain.permissions import OF_EVERYBODY
from app.domain.roles import Role
from app.models import AuditLog, Identities
from tests.factories.accounts import make_user, sign_in
from tests.factories.api_keys import make_api_key
from tests.factories.auth import bearer, outcome
from tests.factories.clock import NOW, at
from tests.factories.oidc import OidcServer
from tests.factories.races import ACTIVITY
from tests.factories.walks import walk

IDENTITIES = "/auth/identities"
LAST = (409, "last-way-in")
UNKNOWN = (404, "identity-not-found")
LINKED = Query(
    select(Identities.provider, Identities.subject)
    .where(Identities.user_id == bindparam("user_id"))
    .order_by(Identities.provider, Identities.subject),
    lambda *row: row,
)
LOCK = Query(
    select(Identities.subject).where(Identities.user_id == bindparam("user_id")).with_for_update(),
    str,
)
WAITING = Query(
    select(func.count())
    .select_from(ACTIVITY)
    .where(ACTIVITY.c.datname == func.current_database(), ACTIVITY.c.wait_event_type == "Lock"),
    int,
)
NOTED = Query(
    select(AuditLog.target_id, AuditLog.before).where(AuditLog.action == "user.identity_removed"),
    lambda *row: row,
)


@pytest.fixture
def settings(settings: Settings, oidc: OidcServer) -> Settings:
    known = [oidc.client("acme"), oidc.client("other")]
    return settings.model_copy(update={"oidc_providers": known})


async def link(connection, user, provider="acme", subject=None, **changes):
    row = {
        "provider": provider,
        "subject": subject or user.id.hex,
        "user_id": user.id,
        "email": user.email,
        "created_at": NOW,
        "last_used_at": NOW,
    }
    await connection.run(Command(insert(Identities).values({**row, **changes})))


@pytest.fixture
async def ada(connection):
    """Somebody with a password."""
    return await make_user(connection, password_hash="a hash")


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


@pytest.fixture
async def eve(connection):
    """Somebody without one."""
    return await make_user(connection)


@pytest.fixture
async def hers(connection, adapters, eve):
    return await sign_in(connection, adapters, user_id=eve.id)


# Seeing


async def test_one_sees_which_accounts_elsewhere_open_one_s_own(client, connection, ada, eve, me):
    await link(connection, ada, email="ada@elsewhere.example", last_used_at=at(5))
    await link(connection, ada, "other", email=None, created_at=at(1), last_used_at=at(1))
    await link(connection, eve)

    listed = (await client.get(f"{IDENTITIES}?include_total=true", headers=me)).json()

    assert listed == {
        "items": [
            {
                "provider": "other",
                "email": None,
                "created_at": "2030-03-01T12:01:00Z",
                "last_used_at": "2030-03-01T12:01:00Z",
            },
            {
                "provider": "acme",
                "email": "ada@elsewhere.example",
                "created_at": "2030-03-01T12:00:00Z",
                "last_used_at": "2030-03-01T12:05:00Z",
            },
        ],
        "next_cursor": None,
        "total": 2,
    }


async def test_identities_come_in_pages_the_newest_first(client, connection, ada, me):
    """Also those of one moment, and of one provider."""
    for number in range(5):
        await link(
            connection,
            ada,
            subject=f"ада {number}",
            email=f"{number}@example.com",
            created_at=at(number // 3),
        )

    newest = await walk(client, IDENTITIES, headers=me, limit=2)
    oldest = await walk(client, IDENTITIES, headers=me, limit=2, sort="created_at")

    assert [item["email"][0] for item in newest] == ["4", "3", "2", "1", "0"]
    assert oldest == newest[::-1]


# Removing


async def test_what_is_removed_opens_nothing_any_more(client, connection, oidc, ada, me):
    await link(connection, ada, subject="ada")
    assert await account_of(client, oidc) == str(ada.id)

    removed = await client.delete(f"{IDENTITIES}/acme", headers=me)

    assert (removed.status_code, removed.content) == (204, b"")
    assert await account_of(client, oidc) != str(ada.id)
    assert (await client.get("/profile", headers=me)).status_code == 200


async def account_of(client, oidc):
    """Return the account that is opened by one elsewhere."""
    query = {"redirect_uri": "http://test/oauth/callback"}
    begun = await client.get("/auth/oauth/acme/authorize", params=query)
    sent = await oidc.sign_in(begun.json()["authorization_url"])
    body = {"code": sent["code"], "state": sent["state"]}
    headers = bearer((await client.post("/auth/oauth/acme/callback", json=body)).json())
    return (await client.get("/profile", headers=headers)).json()["id"]


async def test_all_accounts_of_the_provider_go_and_no_other(client, connection, ada, eve, me):
    await link(connection, ada, subject="home")
    await link(connection, ada, subject="work")
    await link(connection, ada, "other")
    await link(connection, eve)

    removed = await client.delete(f"{IDENTITIES}/acme", headers=me)
    again = await client.delete(f"{IDENTITIES}/acme", headers=me)

    assert removed.status_code == 204
    assert outcome(again) == UNKNOWN
    assert await connection.all(LINKED, user_id=ada.id) == [("other", ada.id.hex)]
    assert await connection.all(LINKED, user_id=eve.id) == [("acme", eve.id.hex)]


async def test_anothers_is_as_one_that_never_was(client, connection, adapters, eve):
    await link(connection, eve)
    stranger = await sign_in(connection, adapters, Role.SUPER_ADMIN)

    theirs = await client.delete(f"{IDENTITIES}/acme", headers=stranger)
    never = await client.delete(f"{IDENTITIES}/nowhere", headers=stranger)

    assert outcome(theirs) == outcome(never) == UNKNOWN
    assert (await client.get(IDENTITIES, headers=stranger)).json()["items"] == []
    assert len(await connection.all(LINKED, user_id=eve.id)) == 1


async def test_one_of_a_provider_that_is_no_longer_set_can_be_removed(client, connection, ada, me):
    await link(connection, ada, "gone")

    assert (await client.delete(f"{IDENTITIES}/gone", headers=me)).status_code == 204


@pytest.mark.parametrize("name", ["Acme", "a_b", "acme%00", "a" * 41])
async def test_what_is_no_name_of_a_provider_is_refused(client, me, name):
    assert (await client.delete(f"{IDENTITIES}/{name}", headers=me)).status_code == 422


# The last way in


async def test_who_has_a_password_may_remove_the_only_one(client, connection, ada, me):
    await link(connection, ada)

    assert (await client.delete(f"{IDENTITIES}/acme", headers=me)).status_code == 204


async def test_who_has_no_password_keeps_the_last(client, connection, eve, hers):
    await link(connection, eve)
    await link(connection, eve, "other")

    first = await client.delete(f"{IDENTITIES}/acme", headers=hers)
    last = await client.delete(f"{IDENTITIES}/other", headers=hers)

    assert first.status_code == 204
    assert outcome(last) == LAST
    assert await connection.all(LINKED, user_id=eve.id) == [("other", eve.id.hex)]


async def test_two_of_one_provider_are_the_last_together(client, connection, eve, hers):
    await link(connection, eve, subject="home")
    await link(connection, eve, subject="work")

    assert outcome(await client.delete(f"{IDENTITIES}/acme", headers=hers)) == LAST
    assert len(await connection.all(LINKED, user_id=eve.id)) == 2


async def test_a_provider_that_is_no_longer_set_is_no_way_in(client, connection, eve, hers):
    await link(connection, eve)
    await link(connection, eve, "gone")

    assert outcome(await client.delete(f"{IDENTITIES}/acme", headers=hers)) == LAST
    assert (await client.delete(f"{IDENTITIES}/gone", headers=hers)).status_code == 204


async def test_of_two_removals_at_once_one_leaves_a_way_in(real_client, real_doors, adapters):
    providers = ("acme", "other")
    async with real_doors.database.transaction() as connection:
        eve = await make_user(connection)
        hers = await sign_in(connection, adapters, user_id=eve.id)
        for provider in providers:
            await link(connection, eve, provider)

    # Neither can remove before both have looked, or one waits for the other to be done.
    async with real_doors.database.transaction() as connection, asyncio.timeout(5):
        await connection.all(LOCK, user_id=eve.id)
        calls = [
            asyncio.create_task(real_client.delete(f"{IDENTITIES}/{name}", headers=hers))
            for name in providers
        ]
        async with real_doors.database.read() as other:
            while await other.first(WAITING) != 2:
                pass
    answers = await asyncio.gather(*calls)

    assert sorted(answer.status_code for answer in answers) == [204, 409]
    async with real_doors.database.read() as connection:
        assert len(await connection.all(LINKED, user_id=eve.id)) == 1


# Who may


async def test_it_takes_a_proof_from_just_now(client, connection, ada, me, clock):
    await link(connection, ada)
    clock.forward(minutes=10, seconds=1)

    late = await client.delete(f"{IDENTITIES}/acme", headers=me)
    unknown = await client.delete(f"{IDENTITIES}/nowhere", headers=me)

    assert outcome(late) == outcome(unknown) == (403, "step-up-required")
    assert len(await connection.all(LINKED, user_id=ada.id)) == 1
    assert (await client.get(IDENTITIES, headers=me)).status_code == 200


@pytest.mark.parametrize("call", [("GET", ""), ("DELETE", "/acme")], ids=str)
async def test_identities_are_nothing_for_a_program(client, connection, ada, call):
    method, path = call
    await link(connection, ada)
    key = await make_api_key(connection, ada, *OF_EVERYBODY)

    answer = await client.request(method, IDENTITIES + path, headers=key)
    nobody = await client.request(method, IDENTITIES + path)

    assert outcome(answer) == (403, "session-required")
    assert outcome(nobody) == (401, "unauthenticated")
    assert len(await connection.all(LINKED, user_id=ada.id)) == 1


async def test_the_log_tells_what_staff_removed_and_not_who_they_are_there(
    client, connection, adapters, ada, me
):
    boss = await make_user(connection, Role.ADMIN, password_hash="a hash")
    await link(connection, ada)
    await link(connection, boss)
    headers = await sign_in(connection, adapters, user_id=boss.id)

    for who in (me, headers):
        assert (await client.delete(f"{IDENTITIES}/acme", headers=who)).status_code == 204

    ((target, before),) = await connection.all(NOTED)
    assert (target, before["provider"]) == (boss.id, "acme")
    assert before["email"] == before["subject"] == "[personal]"
