"""What the platform keeps, over HTTP."""

import pytest

from app.core.ids import new_id
from app.domain.postings import provider
from app.domain.roles import Role
from tests.factories.accounts import make_user, sign_in
from tests.factories.ledger import earn


@pytest.fixture
async def seller(connection):
    return await make_user(connection, Role.PROVIDER)


@pytest.fixture
async def accountant(connection, adapters):
    return await sign_in(connection, adapters, Role.ACCOUNTANT)


async def agree(client, headers, user_id, basis_points=1250):
    body = {"basis_points": basis_points}
    return await client.put(f"/commissions/{user_id}", headers=headers, json=body)


async def revenue(client, headers) -> int:
    items = (await client.get("/ledger/trial-balance", headers=headers)).json()["items"]
    kept = [one["balance"]["amount"] for one in items if one["account"] == "platform_revenue"]
    return sum(kept)


async def test_what_was_agreed_is_kept_of_what_is_earned_after(client, doors, accountant, seller):
    await earn(doors, provider(seller.id), 1000)
    before = await revenue(client, accountant)

    agreed = await agree(client, accountant, seller.id)
    await earn(doors, provider(seller.id), 1000)
    after = await revenue(client, accountant)
    ended = await client.delete(f"/commissions/{seller.id}", headers=accountant)
    await earn(doors, provider(seller.id), 1000)

    assert (agreed.status_code, agreed.json()["basis_points"]) == (200, 1250)
    assert (before, after, ended.status_code) == (0, 125, 204)
    assert await revenue(client, accountant) == 125


async def test_it_is_agreed_anew(client, accountant, seller):
    for basis_points in (0, 10_000, 500):
        await agree(client, accountant, seller.id, basis_points)

    listed = (await client.get("/commissions", headers=accountant)).json()["items"]

    assert [(one["user_id"], one["basis_points"]) for one in listed] == [(str(seller.id), 500)]


@pytest.mark.parametrize("basis_points", [-1, 10_001, 12.5, "1250", None])
async def test_what_is_no_share_is_a_422(client, accountant, seller, basis_points):
    assert (await agree(client, accountant, seller.id, basis_points)).status_code == 422


async def test_with_nobody_nothing_is_agreed(client, accountant, seller):
    nobody = await agree(client, accountant, new_id())
    nothing = await client.delete(f"/commissions/{seller.id}", headers=accountant)

    assert (nobody.status_code, nobody.json()["code"]) == (404, "user-not-found")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "commission-not-found")
