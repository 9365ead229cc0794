"""Many accounts at once, and what happens when two do it at the same time."""

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import bindparam, column, exists, func, literal, select, text

from app.core.statements import Query
from app.domain.roles import Role
from app.domain.users import UserStatus
from app.models import AuditLog, Users
from app.repositories.accounts import AccountRepository
from app.repositories.users import UserRepository
from tests.factories.accounts import make_user, sign_in
from tests.factories.races import at_once

ENTRIES = Query(select(AuditLog.action, AuditLog.target_id).order_by(AuditLog.id), lambda *row: row)
SUPER_ADMINS = Query(
    select(func.count()).where(
        Users.roles.contains(["super_admin"]), Users.status == UserStatus.ACTIVE
    ),
    int,
)

FREE = Query(
    select(Users.id).where(Users.id == bindparam("id")).with_for_update(skip_locked=True),
    lambda id_: id_,
)
WAITING = Query(
    select(
        exists()
        .where(
            column("datname") == func.current_database(),
            column("wait_event_type") == literal("Lock"),
        )
        .select_from(text("pg_stat_activity"))
    ),
    bool,
)


@pytest.fixture
async def admin(connection, adapters):
    return await sign_in(connection, adapters, Role.ADMIN)


def bulk(*ids, action="deactivate", **more):
    return {"ids": [str(id_) for id_ in ids], "action": action, **more}


async def results(client, headers, body):
    answer = await client.post("/admin/users/bulk", json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


async def test_each_account_has_its_result_in_the_order_asked(client, connection, admin):
    boss = await make_user(connection, Role.SUPER_ADMIN)
    pending = await make_user(connection, status=UserStatus.PENDING)
    off = await make_user(connection, status=UserStatus.DEACTIVATED)
    first, last, nobody = await make_user(connection), await make_user(connection), uuid4()
    asked = [last.id, boss.id, nobody, pending.id, off.id, first.id]

    found = await results(client, admin, bulk(*asked))

    assert [one["id"] for one in found] == [str(id_) for id_ in asked]
    assert [one["ok"] for one in found] == [True, False, False, False, True, True]
    told = [one["problem"]["code"] for one in found if not one["ok"]]
    assert told == ["forbidden", "user-not-found", "account-pending"]
    assert found[2]["problem"] == {
        "type": "/problems/user-not-found",
        "title": "There is no such user.",
        "status": 404,
        "detail": "There is no such user.",
        "code": "user-not-found",
    }
    statuses = [(await UserRepository(connection).get(one.id)).status for one in (first, boss)]
    assert statuses == [UserStatus.DEACTIVATED, UserStatus.ACTIVE]
    assert await connection.all(ENTRIES) == [
        ("user.deactivated", last.id),
        ("user.deactivated", first.id),
    ]


async def test_a_problem_is_told_in_the_readers_language(client, admin):
    (result,) = await results(client, admin | {"Accept-Language": "uk"}, bulk(uuid4()))

    assert result["problem"]["title"] == "Такого користувача немає."


async def test_a_role_is_given_to_many_and_taken_again(client, connection, admin):
    users = [await make_user(connection) for _ in range(3)]
    ids = [user.id for user in users]
    users_now = UserRepository(connection)

    await results(client, admin, bulk(*ids, action="add_role", role="organizer"))
    given = [(await users_now.get(id_)).roles for id_ in ids]
    again = await results(client, admin, bulk(*ids, action="add_role", role="organizer"))
    await results(client, admin, bulk(*ids, action="remove_role", role="organizer"))
    taken = [(await users_now.get(id_)).roles for id_ in ids]

    assert given == [["customer", "organizer"]] * 3
    assert all(one["ok"] for one in again)
    assert taken == [["customer"]] * 3
    assert [action for action, _ in await connection.all(ENTRIES)] == ["user.roles_changed"] * 6


async def test_of_all_super_admins_the_last_is_left(client, connection, adapters):
    me = await make_user(connection, Role.SUPER_ADMIN)
    others = [await make_user(connection, Role.SUPER_ADMIN) for _ in range(2)]
    headers = await sign_in(connection, adapters, user_id=me.id)
    ids = [others[0].id, me.id, others[1].id]

    found = await results(client, headers, bulk(*ids, action="remove_role", role="super_admin"))

    assert [one["ok"] for one in found] == [True, True, False]
    assert found[2]["problem"]["code"] == "last-super-admin"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"ids": []}, "#/ids"),
        ({"ids": ["0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"] * 2}, "#/ids"),
        ({"ids": ["me"]}, "#/ids/0"),
        ({"ids": None}, "#/ids"),
        ({"action": "erase"}, "#/action"),
        ({"action": "add_role"}, "#/role"),
        ({"action": "remove_role"}, "#/role"),
        ({"role": "admin"}, "#/role"),
        ({"action": "add_role", "role": "boss"}, "#/role"),
        ({"action": "remove_role", "role": "customer"}, "#/role"),
        ({"status": "active"}, "#/status"),
    ],
)
async def test_what_is_wrong_is_pointed_at(client, admin, change, pointer):
    answer = await client.post("/admin/users/bulk", json=bulk(uuid4()) | change, headers=admin)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_hundred_accounts_are_the_most(client, admin):
    most = [uuid4() for _ in range(100)]

    fits = await results(client, admin, bulk(*most))
    over = await client.post("/admin/users/bulk", json=bulk(*most, uuid4()), headers=admin)

    assert len(fits) == 100
    assert over.status_code == 422


async def waiting(doors) -> None:
    """Return when somebody waits for a lock."""
    async with doors.database.read() as connection, asyncio.timeout(5):
        while not await connection.first(WAITING):  # noqa: ASYNC110  # PostgreSQL tells nobody
            await asyncio.sleep(0.005)


async def test_accounts_are_locked_in_the_order_of_their_ids(real_client, real_doors, adapters):
    """Or two who name the same ones in another order would wait for each other."""
    async with real_doors.database.read() as connection:
        headers = await sign_in(connection, adapters, Role.ADMIN)
        first, last = sorted([(await make_user(connection)).id for _ in range(2)])

    async with asyncio.TaskGroup() as tasks, real_doors.database.transaction() as another:
        await UserRepository(another).lock(first)
        asked = tasks.create_task(results(real_client, headers, bulk(last, first)))
        await waiting(real_doors)
        found = await another.first(FREE, id=last)
        await another.checkpoint()

    assert found == last
    assert [one["ok"] for one in asked.result()] == [True, True]


@pytest.fixture
def side_by_side(monkeypatch):
    """Let two requests go on only when both have locked the account they want to change."""
    lock, both = UserRepository.lock, asyncio.Barrier(2)

    async def lock_and_wait(self, user_id):
        user = await lock(self, user_id)
        await asyncio.wait_for(both.wait(), timeout=5)
        return user

    monkeypatch.setattr(UserRepository, "lock", lock_and_wait)


async def remove_each_other(client, doors, adapters) -> tuple[list[int], int]:
    """Let two super administrators remove each other at once; tell how many are left."""
    async with doors.database.read() as connection:
        one = await make_user(connection, Role.SUPER_ADMIN)
        other = await make_user(connection, Role.SUPER_ADMIN)
        ones = await sign_in(connection, adapters, user_id=one.id)
        others = await sign_in(connection, adapters, user_id=other.id)
    answers = await at_once(
        doors,
        client.patch(f"/admin/users/{other.id}", json={"roles": []}, headers=ones),
        client.patch(f"/admin/users/{one.id}", json={"status": "deactivated"}, headers=others),
    )
    async with doors.database.read() as connection:
        left = await connection.first(SUPER_ADMINS) or 0
    return sorted(answer.status_code for answer in answers), left


async def test_of_two_super_admins_who_remove_each_other_one_stays(
    real_client, real_doors, adapters, side_by_side
):
    assert await remove_each_other(real_client, real_doors, adapters) == ([200, 409], 1)


async def test_without_the_lock_both_would_be_gone(
    real_client, real_doors, adapters, side_by_side, monkeypatch
):
    """The control of the test before: both count, and only then does either go on."""
    count, both = AccountRepository.is_there_another_super_admin, asyncio.Barrier(2)

    async def open_to_all(_: AccountRepository) -> None:
        pass

    async def count_and_wait(self, user_id):
        found = await count(self, user_id)
        await asyncio.wait_for(both.wait(), timeout=5)
        return found

    monkeypatch.setattr(AccountRepository, "lock_super_admins", open_to_all)
    monkeypatch.setattr(AccountRepository, "is_there_another_super_admin", count_and_wait)

    assert await remove_each_other(real_client, real_doors, adapters) == ([200, 200], 0)
