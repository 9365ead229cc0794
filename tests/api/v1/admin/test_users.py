"""Looking after accounts, over HTTP."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, func, select, update

from app.core.statements import Command, Query
from app.domain.providers import ProviderStatus
from app.domain.roles import Role
from app.domain.users import UserStatus
from app.models import AuditLog, Providers, Sessions
from app.repositories.users import UserRepository
from tests.factories.accounts import make_user, sign_in
from tests.factories.auth import PASSWORD, bearer, outcome, registered, tokens
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.mail import letters, token_in
from tests.factories.walks import walk

ENTRIES = Query(select(AuditLog.action, AuditLog.target_id).order_by(AuditLog.id), lambda *row: row)
LIVE = Query(
    select(func.count()).where(
        Sessions.user_id == bindparam("user_id"), Sessions.revoked_at.is_(None)
    ),
    int,
)
BOOKABLE = Query(
    select(Providers.status).where(Providers.user_id == bindparam("user_id")), lambda one: one
)
STALE = Command(update(Sessions).values(proved_at=bindparam("proved_at")))


@pytest.fixture
async def admin(connection, adapters):
    return await sign_in(connection, adapters, Role.ADMIN)


@pytest.fixture
async def root(connection, adapters):
    return await sign_in(connection, adapters, Role.SUPER_ADMIN)


async def noted(connection):
    """Return what was done to whom, in order."""
    return await connection.all(ENTRIES)


# Looking


async def test_an_account_is_shown_with_all_that_staff_has_to_know(client, connection, admin):
    user = await make_user(
        connection,
        Role.CUSTOMER,
        Role.MANAGEMENT,
        email="ada@example.com",
        username="ada",
        phone="+12025550143",
        permissions=["audit:read"],
        requested_role=Role.PROVIDER,
        last_login_at=at(-5),
    )

    shown = await client.get(f"/admin/users/{user.id}", headers=admin)

    assert shown.status_code == 200
    assert shown.json() == {
        "id": str(user.id),
        "email": "ada@example.com",
        "username": "ada",
        "full_name": "Ada Person",
        "phone": "+12025550143",
        "roles": ["customer", "management"],
        "email_verified": True,
        "locale": "en",
        "timezone": "Europe/Berlin",
        "photo_url": None,
        "created_at": "2030-03-01T12:00:00Z",
        "status": "active",
        "permissions": ["audit:read"],
        "requested_role": "provider",
        "last_login_at": "2030-03-01T11:55:00Z",
    }
    again = await client.get(
        f"/admin/users/{user.id}", headers=admin | {"If-None-Match": shown.headers["ETag"]}
    )
    assert again.status_code == 304


async def test_an_account_that_does_not_exist_is_a_404(client, admin):
    for method in ("GET", "PATCH", "DELETE"):
        body = {} if method == "PATCH" else None
        answer = await client.request(method, f"/admin/users/{uuid4()}", headers=admin, json=body)
        assert outcome(answer) == (404, "user-not-found")


@pytest.fixture
async def people(connection):
    """Four accounts beside that of whoever asks."""
    return [
        await make_user(
            connection, email="a_b@example.com", full_name="Ann 100%", created_at=at(1)
        ),
        await make_user(
            connection,
            Role.PROVIDER,
            email="axb@example.com",
            username="vera",
            full_name="Вера",
            phone="+12025550143",
            created_at=at(2),
            last_login_at=at(9),
        ),
        await make_user(
            connection,
            email="wish@example.com",
            requested_role=Role.ORGANIZER,
            full_name=None,
            created_at=at(3),
            last_login_at=at(8),
        ),
        await make_user(
            connection,
            email="off@example.com",
            status=UserStatus.DEACTIVATED,
            full_name="Zoe",
            created_at=at(4),
        ),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "A_B"}, [0]),
        ({"q": "100%"}, [0]),
        ({"q": "%"}, [0]),
        ({"q": "\\"}, []),
        ({"q": "вЕра"}, [1]),
        ({"q": "2025550"}, [1]),
        ({"q": "VERA"}, [1]),
        ({"q": "example.com", "role": "provider"}, [1]),
        ({"role": "provider"}, [1]),
        ({"requested_role": "organizer"}, [2]),
        ({"status": "deactivated"}, [3]),
        ({"status": "pending"}, []),
        (
            {"created_from": "2030-03-01T12:02:00Z", "created_before": "2030-03-01T12:04:00Z"},
            [1, 2],
        ),
        ({"role": "customer", "status": "active"}, [0, 2]),
    ],
)
async def test_accounts_are_found_by_what_is_known_of_them(client, admin, people, query, found):
    listed = await client.get(
        "/admin/users", params=query | {"sort": "created_at", "include_total": True}, headers=admin
    )

    assert listed.status_code == 200, listed.text
    assert [one["email"] for one in listed.json()["items"]] == [people[n].email for n in found]
    assert listed.json()["total"] == len(found)


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("created_at", [0, 1, 2, 3]),
        ("email", [0, 1, 3, 2]),
        ("full_name", [2, 0, 3, 1]),
        ("-last_login_at", [1, 2]),
    ],
)
async def test_accounts_are_sorted_and_paged(client, admin, people, sort, order):
    for sign, wanted in ((sort, order), (_turned(sort), order[::-1])):
        found = await walk(client, "/admin/users", headers=admin, sort=sign, limit=1)
        emails = [one["email"] for one in found]
        ours = [people[n].email for n in wanted]
        assert [email for email in emails if email in ours] == ours
        assert len(emails) == len(set(emails)) == 5


def _turned(sort):
    return sort[1:] if sort.startswith("-") else f"-{sort}"


# Who may


READERS = (Role.MANAGEMENT, Role.ADMIN, Role.SUPER_ADMIN)


@pytest.mark.parametrize("role", Role)
async def test_support_looks_and_administrators_change(client, connection, adapters, role):
    user = await make_user(connection)
    headers = await sign_in(connection, adapters, role)
    path = f"/admin/users/{user.id}"

    looked = [
        (await client.get("/admin/users", headers=headers)).status_code,
        (await client.get(path, headers=headers)).status_code,
    ]
    changed = [
        (await client.patch(path, json=body, headers=headers)).status_code
        for body in (
            {},
            {"full_name": "Bea"},
            {"status": "deactivated"},
            {"roles": ["organizer"]},
        )
    ]
    bulk = {"ids": [str(user.id)], "action": "activate"}
    done = [
        (await client.post("/admin/users/bulk", json=bulk, headers=headers)).status_code,
        (
            await client.post("/admin/users", json={"email": "b@example.com"}, headers=headers)
        ).status_code,
    ]

    administers = role in (Role.ADMIN, Role.SUPER_ADMIN)
    assert looked == [200 if role in READERS else 403] * 2
    assert changed == [200 if administers else 403] * 4
    assert done == ([200, 201] if administers else [403, 403])


@pytest.mark.parametrize("target", Role)
@pytest.mark.parametrize("actor", [Role.ADMIN, Role.SUPER_ADMIN])
async def test_nobody_touches_who_may_do_more(client, connection, adapters, actor, target):
    await make_user(connection, Role.SUPER_ADMIN)  # so that nobody is the last
    user = await make_user(connection, target)
    headers = await sign_in(connection, adapters, actor)
    path = f"/admin/users/{user.id}"

    answers = [
        await client.patch(path, json={"full_name": "Bea"}, headers=headers),
        await client.patch(path, json={"roles": ["customer"]}, headers=headers),
        await client.patch(path, json={"status": "deactivated"}, headers=headers),
        await client.delete(path, headers=headers),
    ]
    reached = actor is Role.SUPER_ADMIN or target is not Role.SUPER_ADMIN
    wanted = [200, 200, 200, 204] if reached else [403] * 4
    assert [answer.status_code for answer in answers] == wanted


@pytest.mark.parametrize("given", Role)
@pytest.mark.parametrize("actor", [Role.ADMIN, Role.SUPER_ADMIN])
async def test_nobody_makes_another_more_than_they_are(client, connection, adapters, actor, given):
    user = await make_user(connection)
    headers = await sign_in(connection, adapters, actor)

    changed = await client.patch(
        f"/admin/users/{user.id}", json={"roles": [given]}, headers=headers
    )
    made = await client.post(
        "/admin/users", json={"email": "new@example.com", "roles": [given]}, headers=headers
    )
    body = {"ids": [str(user.id)], "action": "add_role", "role": given}
    many = await client.post("/admin/users/bulk", json=body, headers=headers)

    may = actor is Role.SUPER_ADMIN or given is not Role.SUPER_ADMIN
    assert (changed.status_code, made.status_code) == ((200, 201) if may else (403, 403))
    assert many.json()["results"][0]["ok"] is may
    if may:
        wanted = ["customer", given] if given is not Role.CUSTOMER else ["customer"]
        assert changed.json()["roles"] == made.json()["roles"] == wanted


async def test_a_single_permission_is_given_by_who_has_it_and_to_staff_alone(
    client, connection, adapters, admin
):
    clerk = await make_user(connection, Role.MANAGEMENT)
    customer = await make_user(connection)

    given = await client.patch(
        f"/admin/users/{clerk.id}",
        json={"permissions": ["users:manage", "audit:read", "audit:read"]},
        headers=admin,
    )
    beyond = await client.patch(
        f"/admin/users/{clerk.id}", json={"permissions": ["super_admins:manage"]}, headers=admin
    )
    to_customer = await client.patch(
        f"/admin/users/{customer.id}", json={"permissions": ["audit:read"]}, headers=admin
    )

    assert given.json()["permissions"] == ["audit:read", "users:manage"]
    assert outcome(beyond) == (403, "forbidden")
    assert outcome(to_customer) == (422, "permissions-of-staff")
    assert to_customer.json()["errors"][0]["pointer"] == "#/permissions"
    clerks = await sign_in(connection, adapters, user_id=clerk.id)
    renamed = await client.patch(
        f"/admin/users/{customer.id}", json={"full_name": "Bea"}, headers=clerks
    )
    raised = await client.patch(
        f"/admin/users/{clerk.id}", json={"roles": ["admin"]}, headers=clerks
    )
    assert (renamed.status_code, raised.status_code) == (200, 403)


async def test_single_permissions_go_with_the_last_role_of_staff(client, connection, admin):
    clerk = await make_user(connection, Role.MANAGEMENT, permissions=["audit:read"])

    left = await client.patch(
        f"/admin/users/{clerk.id}", json={"roles": ["provider"]}, headers=admin
    )

    assert (left.json()["roles"], left.json()["permissions"]) == (["customer", "provider"], [])


async def test_a_single_permission_makes_an_account_out_of_reach(client, connection, adapters):
    clerk = await make_user(connection, Role.MANAGEMENT, permissions=["audit:read"])
    other = await make_user(connection, Role.MANAGEMENT, permissions=["users:manage"])
    headers = await sign_in(connection, adapters, user_id=other.id)

    answer = await client.patch(
        f"/admin/users/{clerk.id}", json={"full_name": "Bea"}, headers=headers
    )

    assert outcome(answer) == (403, "forbidden")


async def test_roles_and_erasure_need_a_fresh_proof_and_names_do_not(client, connection, admin):
    user = await make_user(connection)
    path = f"/admin/users/{user.id}"
    await connection.run(STALE, proved_at=NOW - timedelta(minutes=11))
    add = {"ids": [str(user.id)], "action": "add_role", "role": "provider"}

    refused = [
        await client.patch(path, json={"roles": ["provider"]}, headers=admin),
        await client.patch(path, json={"permissions": []}, headers=admin),
        await client.patch(path, json={"full_name": "Bea", "roles": []}, headers=admin),
        await client.post("/admin/users/bulk", json=add, headers=admin),
        await client.post(
            "/admin/users", json={"email": "b@example.com", "roles": ["admin"]}, headers=admin
        ),
        await client.delete(path, headers=admin),
    ]
    done = [
        await client.patch(path, json={"full_name": "Bea"}, headers=admin),
        await client.patch(path, json={"status": "deactivated"}, headers=admin),
        await client.post("/admin/users", json={"email": "c@example.com"}, headers=admin),
    ]

    assert {outcome(answer) for answer in refused} == {(403, "step-up-required")}
    assert [answer.status_code for answer in done] == [200, 200, 201]


async def test_who_was_just_made_an_administrator_is_one_at_once(
    client, connection, adapters, admin
):
    user = await make_user(connection)
    headers = await sign_in(connection, adapters, user_id=user.id)
    before = await client.get("/admin/users", headers=headers)

    await client.patch(f"/admin/users/{user.id}", json={"roles": ["admin"]}, headers=admin)
    while_admin = await client.get("/admin/users", headers=headers)
    await client.patch(f"/admin/users/{user.id}", json={"roles": []}, headers=admin)
    after = await client.get("/admin/users", headers=headers)

    assert [one.status_code for one in (before, while_admin, after)] == [403, 200, 403]


# Making


async def test_an_account_is_made_and_its_owner_chooses_a_password(client, doors, admin):
    made = await client.post(
        "/admin/users",
        json={
            "email": "Vera@Example.com",
            "full_name": "Vera",
            "roles": ["provider"],
            "locale": "ru",
        },
        headers=admin,
    )

    assert made.status_code == 201
    user = made.json()
    assert made.headers["Location"].endswith(f"/admin/users/{user['id']}")
    assert (user["email"], user["status"]) == ("vera@example.com", "active")
    assert (user["roles"], user["email_verified"]) == (["customer", "provider"], True)
    token = token_in((await letters(doors, "vera@example.com"))[0])
    chosen = await client.post(
        "/auth/password/reset", json={"token": token, "new_password": PASSWORD}
    )
    assert chosen.status_code == 204, chosen.text
    pair = await tokens(client, "/auth/login", {"email": "vera@example.com", "password": PASSWORD})
    profile = (await client.get("/profile", headers=bearer(pair))).json()
    assert profile["provider_id"] is not None


async def test_an_account_with_a_password_is_used_at_once_and_no_letter_goes_out(
    client, doors, admin
):
    body = {"email": "bea@example.com", "password": PASSWORD}

    made = await client.post("/admin/users", json=body, headers=admin)

    assert made.status_code == 201
    assert PASSWORD not in made.text
    assert await letters(doors, "bea@example.com") == []
    await tokens(client, "/auth/login", body)


async def test_an_address_or_a_name_that_is_taken_is_a_409(client, connection, admin):
    await make_user(connection, email="ada@example.com", username="ada")

    email = await client.post("/admin/users", json={"email": "ADA@example.com"}, headers=admin)
    name = await client.post(
        "/admin/users", json={"email": "b@example.com", "username": "Ada"}, headers=admin
    )

    assert outcome(email) == (409, "email-taken")
    assert outcome(name) == (409, "username-taken")


async def test_who_never_confirmed_their_address_is_replaced(client, connection, admin):
    pending = await make_user(
        connection, email="ada@example.com", status=UserStatus.PENDING, email_verified_at=None
    )

    made = await client.post("/admin/users", json={"email": "ada@example.com"}, headers=admin)

    assert made.status_code == 201
    assert made.json()["id"] != str(pending.id)
    assert await UserRepository(connection).get(pending.id) is None


async def test_the_same_key_makes_an_account_once(client, connection, doors, admin):
    headers = admin | {"Idempotency-Key": "one"}
    body = {"email": "bea@example.com"}

    first = await client.post("/admin/users", json=body, headers=headers)
    again = await client.post("/admin/users", json=body, headers=headers)

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert len(await letters(doors, "bea@example.com")) == 1
    assert [action for action, _ in await noted(connection)] == ["user.created"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": "ada"}, "#/email"),
        ({"email": None}, "#/email"),
        ({"password": "password123"}, "#/password"),
        ({"roles": ["boss"]}, "#/roles/0"),
        ({"roles": None}, "#/roles"),
        ({"roles": ["customer"] * 8}, "#/roles"),
        ({"permissions": ["everything"]}, "#/permissions/0"),
        ({"permissions": ["audit:read"]}, "#/permissions"),
        ({"locale": "de"}, "#/locale"),
        ({"timezone": "Nowhere"}, "#/timezone"),
        ({"phone": "12"}, "#/phone"),
        ({"full_name": "a\r\nBcc: b"}, "#/full_name"),
    ],
)
async def test_what_is_wrong_with_a_new_account_is_pointed_at(client, admin, change, pointer):
    answer = await client.post(
        "/admin/users", json={"email": "b@example.com"} | change, headers=admin
    )

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


FORBIDDEN = {
    "id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e",
    "email_verified": True,
    "email_verified_at": "2030-01-01T00:00:00Z",
    "password_hash": "x",
    "requested_role": None,
    "created_at": "2030-01-01T00:00:00Z",
    "last_login_at": None,
    "erased_at": None,
    "photo_id": None,
    "actor": "me",
}


@pytest.mark.parametrize("field", [*FORBIDDEN, "status"])
async def test_nothing_else_of_an_account_is_taken_when_it_is_made(client, admin, field):
    body = {"email": "b@example.com", field: FORBIDDEN.get(field, "active")}

    answer = await client.post("/admin/users", json=body, headers=admin)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"#/{field}"


@pytest.mark.parametrize("field", [*FORBIDDEN, "email", "password"])
async def test_nothing_else_of_an_account_is_changed(client, connection, admin, field):
    user = await make_user(connection)
    body = {field: FORBIDDEN.get(field, "b@example.com")}

    changed = await client.patch(f"/admin/users/{user.id}", json=body, headers=admin)
    bulk = {"ids": [str(user.id)], "action": "activate"} | body
    many = await client.post("/admin/users/bulk", json=bulk, headers=admin)

    assert [error["pointer"] for error in changed.json()["errors"]] == [f"#/{field}"]
    assert [error["pointer"] for error in many.json()["errors"]] == [f"#/{field}"]
    assert await UserRepository(connection).get(user.id) == user


# Changing


async def test_an_account_is_changed_in_what_is_named_and_nothing_else(client, connection, admin):
    user = await make_user(connection, username="ada", phone="+12025550143")
    path = f"/admin/users/{user.id}"

    renamed = await client.patch(
        path, json={"full_name": "Bea", "locale": "uk", "timezone": "UTC"}, headers=admin
    )
    cleared = await client.patch(path, json={"username": None, "phone": None}, headers=admin)

    assert renamed.json()["full_name"] == "Bea"
    assert (renamed.json()["locale"], renamed.json()["timezone"]) == ("uk", "UTC")
    assert (renamed.json()["username"], renamed.json()["phone"]) == ("ada", "+12025550143")
    assert (cleared.json()["username"], cleared.json()["phone"]) == (None, None)
    assert (await client.get(path, headers=admin)).headers["ETag"] == cleared.headers["ETag"]


async def test_a_change_of_what_somebody_else_changed_meanwhile_is_a_412(client, connection, admin):
    user = await make_user(connection)
    path = f"/admin/users/{user.id}"
    seen = admin | {"If-Match": (await client.get(path, headers=admin)).headers["ETag"]}

    first = await client.patch(path, json={"full_name": "Bea"}, headers=seen)
    second = await client.patch(path, json={"full_name": "Cee"}, headers=seen)
    gone = await client.delete(path, headers=seen)

    assert first.status_code == 200
    assert outcome(second) == outcome(gone) == (412, "precondition-failed")


@pytest.mark.parametrize(
    "body",
    [
        {"status": None},
        {"status": "pending"},
        {"roles": None},
        {"permissions": None},
        {"locale": None},
        {"timezone": None},
        {"roles": "admin"},
    ],
)
async def test_what_can_not_be_is_a_422(client, connection, admin, body):
    user = await make_user(connection)

    answer = await client.patch(f"/admin/users/{user.id}", json=body, headers=admin)

    (name,) = body
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"#/{name}"]


async def test_a_username_that_somebody_has_is_a_409(client, connection, admin):
    await make_user(connection, username="ada")
    user = await make_user(connection)

    answer = await client.patch(f"/admin/users/{user.id}", json={"username": "ADA"}, headers=admin)

    assert outcome(answer) == (409, "username-taken")


@pytest.mark.parametrize(
    "body", [{"status": "active"}, {"status": "deactivated"}, {"roles": ["admin"]}]
)
async def test_what_is_nobodys_is_not_changed(client, connection, admin, body):
    pending = await make_user(connection, status=UserStatus.PENDING)
    erased = await make_user(
        connection, status=UserStatus.DEACTIVATED, erased_at=NOW, full_name=None
    )

    one = await client.patch(f"/admin/users/{pending.id}", json=body, headers=admin)
    other = await client.patch(f"/admin/users/{erased.id}", json=body, headers=admin)

    assert outcome(one) == (409, "account-pending")
    assert outcome(other) == (404, "user-not-found")
    assert await noted(connection) == []


async def test_deactivating_ends_every_session_and_activating_brings_the_account_back(
    client, doors, connection, admin
):
    pair = await registered(client, doors)
    user_id = (await client.get("/profile", headers=bearer(pair))).json()["id"]
    path = f"/admin/users/{user_id}"
    made = await client.post(
        "/api-keys", json={"name": "x", "scopes": ["profile:read"]}, headers=bearer(pair)
    )
    key = {"X-API-Key": made.json()["key"]}
    assert (await client.get("/profile", headers=key)).status_code == 200

    off = await client.patch(path, json={"status": "deactivated"}, headers=admin)
    profile = await client.get("/profile", headers=bearer(pair))
    refreshed = await client.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    login = {"email": "ada@example.com", "password": PASSWORD}
    refused = await client.post("/auth/login", json=login)

    assert off.json()["status"] == "deactivated"
    assert outcome(await client.get("/profile", headers=key)) == (401, "invalid-api-key")
    assert outcome(profile) == (401, "unauthenticated")
    assert outcome(refreshed) == (401, "invalid-token")
    assert outcome(refused) == (401, "invalid-credentials")
    assert await connection.first(LIVE, user_id=user_id) == 0
    on = await client.patch(path, json={"status": "active"}, headers=admin)
    assert on.json()["status"] == "active"
    assert (await client.get("/profile", headers=bearer(pair))).status_code == 401
    await tokens(client, "/auth/login", login)


async def test_a_provider_who_is_deactivated_can_not_be_booked_until_they_are_back(
    client, connection, admin
):
    provider = await make_provider(connection)
    service = await make_offering(connection, provider)
    path = f"/admin/users/{provider.user_id}"
    slots = f"/services/{service.id}/slots?from=2030-03-04&to=2030-03-05"

    found = []
    for status in ("active", "deactivated", "active"):
        await client.patch(path, json={"status": status}, headers=admin)
        found.append(len((await client.get(slots)).json()["items"]) > 0)

    assert found == [True, False, True]


async def test_the_role_makes_a_provider_and_taking_it_away_takes_them_out(
    client, connection, admin
):
    user = await make_user(connection, full_name="Vera Barber")
    path = f"/admin/users/{user.id}"
    known = []
    for roles in (["provider"], [], ["provider", "organizer"]):
        await client.patch(path, json={"roles": roles}, headers=admin)
        known.append(await connection.all(BOOKABLE, user_id=user.id))

    assert known == [
        [ProviderStatus.ACTIVE],
        [ProviderStatus.INACTIVE],
        [ProviderStatus.ACTIVE],
    ]


async def test_who_waits_for_a_role_is_found_and_approved(
    client, doors, connection, settings, monkeypatch, admin
):
    monkeypatch.setattr(settings, "account_approval", "manual")
    pair = await registered(client, doors, account_type="provider")
    (waiting,) = (await client.get("/admin/users?requested_role=provider", headers=admin)).json()[
        "items"
    ]
    assert (waiting["roles"], waiting["requested_role"]) == (["customer"], "provider")
    assert await connection.all(BOOKABLE, user_id=waiting["id"]) == []

    body = {"ids": [waiting["id"]], "action": "add_role", "role": "provider"}
    done = await client.post("/admin/users/bulk", json=body, headers=admin)

    assert done.json() == {"results": [{"id": waiting["id"], "ok": True}]}
    approved = (await client.get(f"/admin/users/{waiting['id']}", headers=admin)).json()
    assert (approved["roles"], approved["requested_role"]) == (["customer", "provider"], None)
    profile = (await client.get("/profile", headers=bearer(pair))).json()
    assert profile["provider_id"] is not None


async def test_a_wish_is_turned_down_by_taking_the_role_away(client, connection, admin):
    user = await make_user(connection, requested_role=Role.ORGANIZER)
    body = {"ids": [str(user.id)], "action": "remove_role", "role": "organizer"}

    await client.post("/admin/users/bulk", json=body, headers=admin)

    shown = (await client.get(f"/admin/users/{user.id}", headers=admin)).json()
    assert (shown["roles"], shown["requested_role"]) == (["customer"], None)


async def test_nobody_deactivates_or_erases_themselves_here(client, connection, adapters):
    await make_user(connection, Role.SUPER_ADMIN)
    me = await make_user(connection, Role.SUPER_ADMIN)
    headers = await sign_in(connection, adapters, user_id=me.id)
    path = f"/admin/users/{me.id}"

    off = await client.patch(path, json={"status": "deactivated"}, headers=headers)
    gone = await client.delete(path, headers=headers)
    bulk = {"ids": [str(me.id)], "action": "deactivate"}
    many = await client.post("/admin/users/bulk", json=bulk, headers=headers)

    assert outcome(off) == outcome(gone) == (409, "own-account")
    assert many.json()["results"][0]["problem"]["code"] == "own-account"
    assert (await client.get(path, headers=headers)).json()["status"] == "active"


# Erasing


async def test_an_account_is_erased_and_nothing_can_be_done_to_it_any_more(
    client, connection, admin
):
    user = await make_user(connection, email="ada@example.com", full_name="Ada Lovelace")
    path = f"/admin/users/{user.id}"

    gone = await client.delete(path, headers=admin)
    again = await client.delete(path, headers=admin)
    back = await client.patch(path, json={"status": "active"}, headers=admin)

    assert gone.status_code == 204
    left = await client.get(path, headers=admin)
    listed = await client.get("/admin/users", headers=admin)
    assert outcome(again) == outcome(back) == outcome(left) == (404, "user-not-found")
    assert str(user.id) not in {one["id"] for one in listed.json()["items"]}
    assert await noted(connection) == [("user.erased", user.id)]


# The last super administrator


async def test_the_last_super_admin_stays(client, connection, adapters):
    me = await make_user(connection, Role.SUPER_ADMIN)
    await make_user(connection, Role.SUPER_ADMIN, status=UserStatus.DEACTIVATED)
    headers = await sign_in(connection, adapters, user_id=me.id)
    path = f"/admin/users/{me.id}"

    alone = await client.patch(path, json={"roles": ["admin"]}, headers=headers)
    bulk = {"ids": [str(me.id)], "action": "remove_role", "role": "super_admin"}
    many = await client.post("/admin/users/bulk", json=bulk, headers=headers)
    await make_user(connection, Role.SUPER_ADMIN)
    together = await client.patch(path, json={"roles": ["admin"]}, headers=headers)

    assert outcome(alone) == (409, "last-super-admin")
    assert many.json()["results"][0]["problem"]["code"] == "last-super-admin"
    assert together.status_code == 200
