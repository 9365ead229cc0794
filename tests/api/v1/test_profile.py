"""One's own account over HTTP."""

import pytest

from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_provider
from tests.factories.races import at_once


@pytest.fixture
async def ada(connection):
    return await make_user(connection, email="ada@example.com", username="ada")


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


async def test_one_s_own_account_has_everything_it_is(client, me, ada):
    profile = await client.get("/profile", headers=me)

    assert profile.status_code == 200
    assert profile.json() == {
        "id": str(ada.id),
        "email": "ada@example.com",
        "username": "ada",
        "full_name": "Ada Person",
        "phone": None,
        "phone_verified": False,
        "roles": ["customer"],
        "email_verified": True,
        "locale": "en",
        "timezone": "Europe/Berlin",
        "photo_url": None,
        "created_at": "2030-03-01T12:00:00Z",
        "provider_id": None,
        "organizer_id": None,
        "mfa_enabled": False,
        "pending_email": None,
    }


async def test_it_names_the_provider_and_the_organizer_one_is(client, connection, adapters):
    user = await make_user(connection, Role.CUSTOMER, Role.PROVIDER, Role.ORGANIZER)
    provider = await make_provider(connection, user_id=user.id)
    me = await sign_in(connection, adapters, user_id=user.id)

    profile = (await client.get("/profile", headers=me)).json()

    assert profile["provider_id"] == str(provider.id)
    assert profile["organizer_id"] == str(user.id)


async def test_what_has_not_changed_is_a_304(client, me):
    tag = (await client.get("/profile", headers=me)).headers["ETag"]

    same = await client.get("/profile", headers=me | {"If-None-Match": tag})
    await client.patch("/profile", headers=me, json={"full_name": "Ada Lovelace"})
    changed = await client.get("/profile", headers=me | {"If-None-Match": tag})

    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert (changed.status_code, changed.json()["full_name"]) == (200, "Ada Lovelace")


async def test_what_is_named_is_changed_and_the_rest_stays(client, me):
    before = (await client.get("/profile", headers=me)).json()

    changed = await client.patch(
        "/profile",
        headers=me,
        json={"phone": "(202) 555-0143", "locale": "uk", "timezone": "Asia/Bishkek"},
    )

    assert changed.status_code == 200
    expected = before | {"phone": "+12025550143", "locale": "uk", "timezone": "Asia/Bishkek"}
    assert changed.json() == expected
    found = await client.get("/profile", headers=me)
    assert (found.json(), found.headers["ETag"]) == (expected, changed.headers["ETag"])


async def test_null_takes_away_what_one_may_be_without(client, me):
    changed = await client.patch(
        "/profile", headers=me, json={"full_name": None, "username": None, "phone": None}
    )

    assert (changed.json()["full_name"], changed.json()["username"]) == (None, None)


async def test_nothing_named_is_nothing_changed(client, me):
    before = await client.get("/profile", headers=me)

    same = await client.patch("/profile", headers=me, json={})

    assert (same.status_code, same.headers["ETag"]) == (200, before.headers["ETag"])


async def test_a_stale_change_is_refused(client, me):
    tag = (await client.get("/profile", headers=me)).headers["ETag"]
    first = await client.patch(
        "/profile", headers=me | {"If-Match": tag}, json={"full_name": "First"}
    )

    stale = await client.patch(
        "/profile", headers=me | {"If-Match": tag}, json={"full_name": "Second"}
    )

    assert (first.status_code, stale.status_code) == (200, 412)
    assert stale.json()["code"] == "precondition-failed"
    assert (await client.get("/profile", headers=me)).json()["full_name"] == "First"


async def test_of_ten_changes_of_one_version_at_once_one_wins(real_client, real_doors):
    async with real_doors.database.read() as connection:
        me = await sign_in(connection, real_doors.adapters)
    tag = (await real_client.get("/profile", headers=me)).headers["ETag"]

    answers = await at_once(
        real_doors,
        *(
            real_client.patch(
                "/profile", headers=me | {"If-Match": tag}, json={"full_name": f"Name {number}"}
            )
            for number in range(10)
        ),
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9


async def test_somebody_else_s_username_is_refused(client, connection, me):
    await make_user(connection, username="eve")

    taken = await client.patch("/profile", headers=me, json={"username": "EVE"})
    own = await client.patch("/profile", headers=me, json={"username": "Ada"})

    assert (taken.status_code, taken.json()["code"]) == (409, "username-taken")
    assert (own.status_code, own.json()["username"]) == (200, "ada")


async def test_of_ten_who_want_one_username_at_once_one_gets_it(real_client, real_doors):
    async with real_doors.database.read() as connection:
        people = [await sign_in(connection, real_doors.adapters) for _ in range(10)]

    answers = await at_once(
        real_doors,
        *(real_client.patch("/profile", headers=who, json={"username": "ada"}) for who in people),
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9


@pytest.mark.parametrize(
    "change",
    [
        {"roles": ["super_admin"]},
        {"id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"},
        {"email": "eve@example.com"},
        {"email_verified": True},
        {"status": "active"},
        {"password": "correct horse battery"},
        {"provider_id": None},
        {"mfa_enabled": True},
        {"photo_url": "https://evil.test/x.png"},
        {"locale": None},
        {"locale": "de"},
        {"timezone": None},
        {"timezone": "Mars/Base"},
        {"phone": "12"},
        {"username": "a b"},
        {"full_name": ""},
        {"full_name": "   "},
        {"full_name": "x" * 101},
        {"full_name": "Ada\r\nBcc: v@y.kz"},
    ],
)
async def test_what_nobody_may_change_is_refused(client, me, change):
    before = (await client.get("/profile", headers=me)).json()

    refused = await client.patch("/profile", headers=me, json=change)

    (field,) = change
    assert (refused.status_code, refused.json()["code"]) == (422, "validation-failed")
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"#/{field}"]
    assert (await client.get("/profile", headers=me)).json() == before


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_nobody_in_particular_has_no_profile(client, method):
    response = await client.request(method, "/profile", json={} if method == "PATCH" else None)

    assert (response.status_code, response.json()["code"]) == (401, "unauthenticated")
