"""Who somebody is, over HTTP."""

import pytest

from app.core.ids import new_id
from app.domain.permissions import Permission
from app.domain.roles import Role
from app.domain.users import UserStatus
from tests.factories.accounts import make_user, sign_in
from tests.factories.api_keys import make_api_key
from tests.factories.clock import NOW
from tests.factories.images import picture

BRIEF = {"id", "full_name", "photo_url", "roles"}


@pytest.fixture
async def ada(connection):
    return await make_user(connection, Role.CUSTOMER, Role.PROVIDER, phone="+12025550143")


async def card(client, user, headers=None):
    answer = await client.get(f"/users/{user.id}", headers=headers)
    assert answer.status_code in (200, 404), answer.text
    return answer.json() if answer.status_code == 200 else None


async def test_everybody_may_see_the_card(client, connection, adapters, ada):
    stranger = await sign_in(connection, adapters, Role.PROVIDER)
    accountant = await sign_in(connection, adapters, Role.ACCOUNTANT)

    for headers in (None, stranger, accountant):
        assert await card(client, ada, headers) == {
            "id": str(ada.id),
            "full_name": "Ada Person",
            "photo_url": None,
            "roles": ["customer", "provider"],
        }


@pytest.mark.parametrize("role", [Role.MANAGEMENT, Role.ADMIN, Role.SUPER_ADMIN])
async def test_those_who_look_after_accounts_see_the_whole(client, connection, adapters, ada, role):
    found = await card(client, ada, await sign_in(connection, adapters, role))

    assert found == {
        "id": str(ada.id),
        "email": ada.email,
        "username": None,
        "full_name": "Ada Person",
        "phone": "+12025550143",
        "roles": ["customer", "provider"],
        "email_verified": True,
        "locale": "en",
        "timezone": "Europe/Berlin",
        "photo_url": None,
        "created_at": "2030-03-01T12:00:00Z",
    }


async def test_oneself_is_seen_as_a_whole(client, connection, adapters, ada):
    found = await card(client, ada, await sign_in(connection, adapters, user_id=ada.id))

    assert found["email"] == ada.email


@pytest.mark.parametrize(
    ("scope", "is_whole"), [(Permission.PROFILE_READ, True), (Permission.BOOKINGS_READ, False)]
)
async def test_an_api_key_sees_no_more_than_its_scope(client, connection, ada, scope, is_whole):
    headers = await make_api_key(connection, ada, scope)

    found = await card(client, ada, headers)

    assert (found.keys() == BRIEF) != is_whole


async def test_who_works_for_the_platform_is_not_told_to_strangers(client, connection, adapters):
    staff = await make_user(connection, Role.CUSTOMER, Role.ADMIN)

    strange = await card(client, staff)
    own = await card(client, staff, await sign_in(connection, adapters, user_id=staff.id))

    assert strange["roles"] == ["customer"]
    assert own["roles"] == ["customer", "admin"]


@pytest.mark.parametrize(
    "state",
    [
        {"status": UserStatus.PENDING, "email_verified_at": None},
        {"status": UserStatus.DEACTIVATED},
        {"status": UserStatus.DEACTIVATED, "erased_at": NOW},
    ],
    ids=["pending", "deactivated", "erased"],
)
async def test_who_is_not_active_is_nobody_to_strangers(client, connection, adapters, state):
    user = await make_user(connection, **state)
    stranger = await sign_in(connection, adapters)
    staff = await sign_in(connection, adapters, Role.MANAGEMENT)

    assert await card(client, user) is None
    assert await card(client, user, stranger) is None
    assert (await card(client, user, staff))["id"] == str(user.id)


async def test_who_is_not_there_looks_like_who_is_not_active(client, connection):
    user = await make_user(connection, status=UserStatus.DEACTIVATED)

    answers = [await client.get(f"/users/{id_}") for id_ in (user.id, new_id())]

    codes = {(answer.status_code, answer.json()["code"]) for answer in answers}
    assert codes == {(404, "user-not-found")}


async def test_the_card_shows_the_picture(client, connection, adapters, ada):
    me = await sign_in(connection, adapters, user_id=ada.id)
    shown = await client.put("/profile/photo", headers=me, files={"file": picture()})

    assert (await card(client, ada))["photo_url"] == shown.json()["photo_url"]


async def test_what_has_not_changed_is_a_304_to_who_saw_the_same(client, connection, adapters, ada):
    me = await sign_in(connection, adapters, user_id=ada.id)
    tag = (await client.get(f"/users/{ada.id}")).headers["ETag"]

    same = await client.get(f"/users/{ada.id}", headers={"If-None-Match": tag})
    other = await client.get(f"/users/{ada.id}", headers=me | {"If-None-Match": tag})

    assert (same.status_code, other.status_code) == (304, 200)


async def test_a_bad_token_is_not_taken_for_nobody(client, ada):
    answer = await client.get(f"/users/{ada.id}", headers={"Authorization": "Bearer x"})

    assert answer.status_code == 401
