"""The log of what those who work here did: what is in it, who reads it, and that it stays."""

from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import bindparam, update

from app.core.statements import Command
from app.domain.roles import Role
from app.models import Sessions
from tests.factories.accounts import actor_of, make_user, sign_in
from tests.factories.catalog import make_category, make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.walks import walk

STALE = Command(update(Sessions).values(proved_at=bindparam("proved_at")))
HOURS = {"timezone": "UTC", "weekly": [{"weekday": 0, "start": "09:00", "end": "17:00"}]}
SERVICE = {
    "name": "Haircut",
    "duration_minutes": 60,
    "price": {"amount": 4500, "currency": "EUR"},
    "payment": "on_site",
}


@pytest.fixture
async def boss(connection):
    return await make_user(connection, Role.CUSTOMER, Role.ADMIN)


@pytest.fixture
async def admin(connection, adapters, boss):
    return await sign_in(connection, adapters, user_id=boss.id)


@pytest.fixture
def log(client, admin):
    async def log(**query):
        answer = await client.get("/admin/audit-log", params=query, headers=admin)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    return log


# Reading


async def test_an_entry_says_who_did_what_to_what_from_where(client, connection, boss, admin, log):
    user = await make_user(connection, full_name="Ada")
    told = {"X-Request-ID": "one", "User-Agent": "x"}

    await client.patch(
        f"/admin/users/{user.id}",
        json={"roles": ["provider"], "full_name": "Bea"},
        headers=admin | told,
    )

    (entry,) = await log()
    assert entry == {
        "id": entry["id"],
        "created_at": "2030-03-01T12:00:00Z",
        "actor_id": str(boss.id),
        "actor_roles": ["admin", "customer"],
        "action": "user.roles_changed",
        "target_kind": "user",
        "target_id": str(user.id),
        "before": {"full_name": "[personal]", "roles": ["customer"]},
        "after": {"full_name": "[personal]", "roles": ["customer", "provider"]},
        "ip": "127.0.0.1",
        "request_id": "one",
    }


async def test_the_log_is_filtered_and_paged_the_newest_first(
    client, connection, clock, boss, admin, log
):
    user, other = await make_user(connection), await make_user(connection)
    for number, target in enumerate((user, other, user)):
        clock.forward(minutes=1)
        await client.patch(
            f"/admin/users/{target.id}", json={"full_name": f"Bea {number}"}, headers=admin
        )
    await client.post("/categories", json={"name": "Hair"}, headers=admin)

    async def targets(**query):
        return [entry["target_id"] for entry in await log(**query)]

    category_id = (await log(action="category.created"))[0]["target_id"]
    everything = [category_id, *map(str, (user.id, other.id, user.id))]
    assert await targets() == await targets(actor_id=str(boss.id)) == everything
    assert await targets(sort="created_at") == everything[::-1]
    assert await targets(target_id=str(user.id)) == [str(user.id)] * 2
    assert await targets(target_kind="category") == [category_id]
    assert await targets(actor_id=str(user.id)) == await targets(action="user.erased") == []
    window = {"from": "2030-03-01T12:01:00Z", "to": "2030-03-01T12:03:00Z"}
    assert await targets(**window) == [str(other.id), str(user.id)]
    walked = await walk(client, "/admin/audit-log", headers=admin, limit=1)
    assert [entry["target_id"] for entry in walked] == everything


@pytest.mark.parametrize(
    ("query", "name"),
    [("actor_id=me", "actor_id"), ("from=yesterday", "from"), ("action=DROP", "action")],
)
async def test_a_filter_that_means_nothing_is_a_422(client, admin, query, name):
    answer = await client.get(f"/admin/audit-log?{query}", headers=admin)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == f"#/{name}"


@pytest.mark.parametrize("role", Role)
async def test_administrators_alone_read_it(client, connection, adapters, role):
    answer = await client.get("/admin/audit-log", headers=await sign_in(connection, adapters, role))

    assert (answer.status_code == 200) == (role in (Role.ADMIN, Role.SUPER_ADMIN))
    assert answer.status_code in (200, 403)


# What is kept of each use case


async def test_what_is_done_to_accounts_is_kept(client, connection, admin, log):
    made = (
        await client.post(
            "/admin/users",
            json={"email": "bea@example.com", "full_name": "Bea", "phone": "+12025550143"},
            headers=admin,
        )
    ).json()
    path = f"/admin/users/{made['id']}"
    for body in ({"phone": None}, {"status": "deactivated"}, {"status": "active"}):
        await client.patch(path, json=body, headers=admin)
    await client.delete(path, headers=admin)

    entries = await log(sort="created_at", target_id=made["id"])

    assert [entry["action"] for entry in entries] == [
        "user.created",
        "user.changed",
        "user.deactivated",
        "user.activated",
        "user.erased",
    ]
    created, renamed, off, on, erased = entries
    assert created["before"] is None
    assert created["after"]["roles"] == ["customer"]
    assert (renamed["before"], renamed["after"]) == ({"phone": "[personal]"}, {"phone": None})
    assert (off["before"], off["after"]) == ({"status": "active"}, {"status": "deactivated"})
    assert (on["before"], on["after"]) == ({"status": "deactivated"}, {"status": "active"})
    assert erased["before"]["status"] == "active"
    assert erased["after"] is None
    for secret in ("bea@example.com", "Bea", "2025550143"):
        assert secret not in str(entries)


async def test_what_is_done_to_categories_is_kept(client, connection, admin, log):
    category = await make_category(connection, name="Hair", position=1)
    path = f"/categories/{category.id}"
    made = (await client.post("/categories", json={"name": "Nails"}, headers=admin)).json()
    await client.patch(path, json={"name": "Hair & Beard"}, headers=admin)
    await client.delete(path, headers=admin)

    created, changed, removed = await log(sort="created_at", target_kind="category")

    assert (created["action"], created["target_id"]) == ("category.created", made["id"])
    assert created["after"]["name"] == "Nails"
    assert changed["action"] == "category.changed"
    assert changed["before"] == {"name": "Hair"}
    assert changed["after"] == {"name": "Hair & Beard"}
    assert (removed["action"], removed["target_id"]) == ("category.removed", str(category.id))
    assert (removed["before"]["name"], removed["after"]) == ("Hair & Beard", None)


async def test_what_is_done_to_services_is_kept(client, connection, admin, log):
    provider = await make_provider(connection)
    made = (await client.post("/services", json=SERVICE, headers=admin)).json()
    path = f"/services/{made['id']}"
    price = {"price": {"amount": 5000, "currency": "EUR"}, "description": "With Vera."}
    await client.patch(path, json=price, headers=admin)
    named = {"providers": [{"provider_id": str(provider.id), "duration_minutes": 90}]}
    for _ in range(2):
        put = await client.put(f"{path}/providers", json=named, headers=admin)
        assert put.status_code == 200
    assert (await client.delete(path, headers=admin)).status_code == 204

    entries = await log(sort="created_at", target_id=made["id"])

    assert [entry["action"] for entry in entries] == [
        "service.created",
        "service.changed",
        "service.staffed",
        "service.removed",
    ]
    _, changed, staffed, _ = entries
    assert changed["before"] == {"price_amount": 4500, "description": None}
    assert changed["after"] == {"price_amount": 5000, "description": "[personal]"}
    assert staffed["before"] == {"providers": []}
    assert staffed["after"] == {
        "providers": [
            {
                "offering_id": made["id"],
                "provider_id": str(provider.id),
                "price_amount": None,
                "duration_minutes": 90,
            }
        ]
    }


async def test_the_hours_staff_sets_for_a_provider_are_kept(client, connection, admin, log):
    provider = await make_provider(connection, weekly=[])
    path = f"/providers/{provider.id}/schedule"
    for _ in range(2):
        assert (await client.put(path, json=HOURS, headers=admin)).status_code == 200
    await client.put(path, json=HOURS | {"timezone": "Europe/Berlin"}, headers=admin)

    first, moved = await log(sort="created_at")

    assert (first["action"], first["target_id"]) == ("schedule.set", str(provider.id))
    assert first["before"] is None
    assert first["after"] == {
        "timezone": "UTC",
        "windows": [{"weekday": 0, "start": 540, "end": 1020}],
        "effective_from": "2030-03-01",
    }
    assert (moved["before"], moved["after"]) == (
        {"timezone": "UTC"},
        {"timezone": "Europe/Berlin"},
    )


async def test_a_booking_that_staff_cancels_is_kept(client, connection, doors, admin, log):
    service = await make_offering(connection)
    customer = await make_user(connection)
    booking = await doors.perform(
        lambda services: services.bookings.book(
            actor_of(customer), service.id, starts_at=at(60 * 22)
        )
    )

    await client.post(
        f"/bookings/{booking.id}/cancel", json={"reason": "Ada is ill."}, headers=admin
    )

    (entry,) = await log()
    assert (entry["action"], entry["target_id"]) == ("booking.cancelled", str(booking.id))
    assert (entry["before"]["status"], entry["after"]["status"]) == ("confirmed", "cancelled")
    assert entry["after"]["cancel_reason"] == "[personal]"


async def test_the_accounts_that_the_command_line_makes_are_kept(doors, connection, log):
    known = await make_user(connection, email="ada@example.com")
    made = [
        await doors.perform(
            lambda services, email=email: services.users.create_staff(
                email, "correct horse battery", Role.SUPER_ADMIN
            )
        )
        for email in ("new@example.com", "ada@example.com", "ada@example.com")
    ]

    created, granted = await log(sort="created_at")

    assert (created["action"], created["target_id"]) == ("user.created", str(made[0][0].id))
    assert (created["actor_id"], created["actor_roles"], created["ip"]) == (None, [], None)
    assert (granted["action"], granted["target_id"]) == ("user.roles_changed", str(known.id))
    assert granted["after"] == {"roles": ["customer", "super_admin"]}


async def test_nothing_is_kept_where_nothing_changed_or_it_was_refused(
    client, connection, adapters, admin, log
):
    category = await make_category(connection, name="Hair")
    await make_category(connection, parent_id=category.id)
    service = await make_offering(connection)
    user = await make_user(connection)
    path = f"/admin/users/{user.id}"

    await client.patch(path, json={"roles": ["customer"], "full_name": "Ada Person"}, headers=admin)
    await client.patch(path, json={}, headers=admin)
    await client.patch(f"/categories/{category.id}", json={"name": "Hair"}, headers=admin)
    await client.delete(f"/categories/{category.id}", headers=admin)  # in use
    await client.patch(f"/services/{service.id}", json={"name": service.name}, headers=admin)
    await client.post("/admin/users", json={"email": user.email}, headers=admin)
    await client.post(
        "/admin/users/bulk", json={"ids": [str(user.id)], "action": "activate"}, headers=admin
    )
    await connection.run(STALE, proved_at=NOW - timedelta(days=1))
    await client.patch(path, json={"roles": ["provider"]}, headers=admin)

    assert await log() == []


async def test_what_people_do_with_their_own_is_not_in_it(
    client, connection, adapters, doors, admin, log
):
    provider = await make_provider(connection)
    seller = await sign_in(connection, adapters, user_id=provider.user_id)
    clerk = await make_user(connection, Role.MANAGEMENT)
    clerks = await sign_in(connection, adapters, user_id=clerk.id)
    service = (await client.post("/services", json=SERVICE, headers=seller)).json()
    await client.put(f"/providers/{provider.id}/schedule", json=HOURS, headers=seller)
    booking = await doors.perform(
        lambda services: services.bookings.book(
            actor_of(clerk), service["id"], starts_at=at(60 * 70)
        )
    )
    cancelled = await client.post(f"/bookings/{booking.id}/cancel", headers=clerks)
    await client.patch("/profile", json={"full_name": "Bea"}, headers=clerks)

    assert cancelled.status_code == 200
    assert await log() == []


# It stays


CHANGES = (
    "UPDATE audit_log SET action = 'nothing'",
    "UPDATE audit_log SET action = 'nothing' WHERE false",
    "DELETE FROM audit_log",
    "TRUNCATE audit_log",
)


@pytest.fixture
async def raw(database):
    return await database._pool.acquire()


@pytest.mark.parametrize("change", CHANGES)
async def test_a_superuser_meets_the_trigger(raw, change):
    assert await raw.fetchval("SELECT usesuper FROM pg_user WHERE usename = current_user")

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="is append-only"):
        async with raw.transaction():
            await raw.execute(change)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("owns", [True, False])
async def test_anybody_else_has_not_the_grant_and_nor_has_the_owner(raw, owns, change):
    """An owner starts with every grant; the migration takes these three away."""
    await raw.execute("CREATE ROLE banister_test_clerk")
    await raw.execute("GRANT USAGE, CREATE ON SCHEMA public TO banister_test_clerk")
    if owns:
        await raw.execute("ALTER TABLE audit_log OWNER TO banister_test_clerk")
    else:
        await raw.execute("GRANT SELECT, INSERT ON audit_log TO banister_test_clerk")
    await raw.execute("SET LOCAL ROLE banister_test_clerk")

    await raw.execute(
        "INSERT INTO audit_log (id, created_at, actor_roles, action, target_kind)"
        " VALUES (gen_random_uuid(), now(), '{}', 'user.changed', 'user')"
    )
    assert await raw.fetchval("SELECT count(*) FROM audit_log") == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied for table"):
        async with raw.transaction():
            await raw.execute(change)
