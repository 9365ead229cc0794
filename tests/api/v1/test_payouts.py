"""Payouts over HTTP."""

from typing import Any

import pytest
from sqlalchemy import select

from app.core.ids import new_id
from app.core.money import Money
from app.core.statements import Query
from app.domain.ledger import EntryKind
from app.domain.postings import REVENUE, moved, organizer, provider
from app.domain.roles import Role
from app.models import AuditLog
from app.repositories.payouts import PayoutRepository
from app.services.ledger import LedgerService
from tests.factories.accounts import make_user, sign_in
from tests.factories.ledger import earn
from tests.factories.races import at_once, meeting

NOTED = Query(select(AuditLog.action, AuditLog.after).order_by(AuditLog.id), lambda *row: row)
NOWHERE = "/payouts/0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


@pytest.fixture
async def seller(connection):
    return await make_user(connection, Role.PROVIDER)


@pytest.fixture
async def accountant(connection, adapters):
    return await sign_in(connection, adapters, Role.ACCOUNTANT)


async def propose(client, headers, owner_id, amount: Any = 4000, **more: Any):
    body = {
        "owner_id": str(owner_id),
        "account": "provider_payable",
        "amount": {"amount": amount, "currency": "EUR"},
        **more,
    }
    return await client.post("/payouts", headers=headers, json=body)


async def payable(client, headers, owner_id) -> int:
    params = {"owner_id": str(owner_id), "kind": "provider_payable"}
    found = (await client.get("/ledger/accounts", headers=headers, params=params)).json()["items"]
    return found[0]["balance"]["amount"] if found else 0


async def test_a_payout_is_proposed_and_then_paid(client, doors, connection, accountant, seller):
    await earn(doors, provider(seller.id), 9000)

    made = await propose(client, accountant, seller.id, note="March")
    before = await payable(client, accountant, seller.id)
    paid = await client.post(f"/payouts/{made.json()['id']}/paid", headers=accountant)

    assert made.status_code == 201
    assert (made.json()["status"], before) == ("proposed", 9000)
    assert (paid.status_code, paid.json()["status"]) == (200, "paid")
    assert paid.json()["settled_by"] == made.json()["proposed_by"]
    assert await payable(client, accountant, seller.id) == 5000
    noted = await connection.all(NOTED)
    assert [action for action, _ in noted] == ["payout.proposed", "payout.paid"]
    assert noted[0][1]["note"] == "[personal]"


async def test_it_is_paid_once(client, doors, accountant, seller):
    await earn(doors, provider(seller.id), 9000)
    path = f"/payouts/{(await propose(client, accountant, seller.id)).json()['id']}"

    told = [(await client.post(f"{path}/{how}", headers=accountant)) for how in ("paid",) * 2]
    told.append(await client.post(f"{path}/cancel", headers=accountant))

    assert [one.status_code for one in told] == [200, 409, 409]
    assert {one.json()["code"] for one in told[1:]} == {"payout-settled"}
    assert await payable(client, accountant, seller.id) == 5000


async def test_it_is_paid_once_by_two_at_once(real_client, real_doors):
    path, headers, owner_id = await ready(real_client, real_doors)

    calls = [real_client.post(f"{path}/paid", headers=headers) for _ in range(4)]
    told = [answer.status_code for answer in await at_once(real_doors, *calls)]

    assert sorted(told) == [200, 409, 409, 409]
    assert await payable(real_client, headers, owner_id) == 5000


async def ready(client, doors) -> tuple[str, dict[str, str], Any]:
    async with doors.database.read() as connection:
        owner = await make_user(connection, Role.PROVIDER)
        headers = await sign_in(connection, doors.adapters, Role.ACCOUNTANT)
    await earn(doors, provider(owner.id), 9000)
    made = (await propose(client, headers, owner.id)).json()
    return f"/payouts/{made['id']}", headers, owner.id


async def test_what_is_proposed_is_not_free_any_more(client, doors, accountant, seller):
    await earn(doors, provider(seller.id), 9000)

    told = [(await propose(client, accountant, seller.id, 4000)) for _ in range(3)]
    cancelled = await client.post(f"/payouts/{told[0].json()['id']}/cancel", headers=accountant)
    once_more = await propose(client, accountant, seller.id, 5000)

    assert [one.status_code for one in told] == [201, 201, 409]
    assert told[2].json()["code"] == "insufficient-funds"
    assert (cancelled.json()["status"], once_more.status_code) == ("cancelled", 201)


async def test_of_proposals_at_once_no_more_pass_than_there_is(real_client, real_doors):
    _, headers, owner_id = await ready(real_client, real_doors)

    calls = [propose(real_client, headers, owner_id, 2500) for _ in range(4)]
    told = [answer.status_code for answer in await at_once(real_doors, *calls)]

    assert sorted(told) == [201, 201, 409, 409]


async def test_without_the_lock_more_pass(real_client, real_doors, monkeypatch):
    """The control of the test above: both look before either has proposed."""
    _, headers, owner_id = await ready(real_client, real_doors)

    async def looked(self, account, currency):
        return Money(9000, currency)

    monkeypatch.setattr(LedgerService, "lock", looked)
    monkeypatch.setattr(PayoutRepository, "add", meeting(PayoutRepository.add))
    calls = [propose(real_client, headers, owner_id, 5000) for _ in range(2)]
    told = [answer.status_code for answer in await at_once(real_doors, *calls)]

    assert told == [201, 201]


async def test_deposits_and_what_others_earned_are_not_paid_out(client, doors, accountant, seller):
    await earn(doors, organizer(seller.id), 9000)

    refused = await propose(client, accountant, seller.id)
    as_organizer = await propose(client, accountant, seller.id, account="organizer_payable")
    nobody = await propose(client, accountant, new_id())

    assert [one.status_code for one in (refused, as_organizer, nobody)] == [409, 201, 409]


async def test_what_refunds_have_taken_is_not_paid(client, doors, accountant, seller):
    await earn(doors, provider(seller.id), 4000)
    made = (await propose(client, accountant, seller.id)).json()
    async with doors.writing() as services:
        await services.ledger.record(
            EntryKind.REFUND_PLANNED,
            new_id(),
            moved(Money(1, "EUR"), out_of=provider(seller.id).earned, into=REVENUE),
        )

    refused = await client.post(f"/payouts/{made['id']}/paid", headers=accountant)

    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient-funds")


async def test_to_pay_one_shows_who_one_is(client, doors, accountant, seller, clock):
    await earn(doors, provider(seller.id), 9000)
    made = (await propose(client, accountant, seller.id)).json()
    clock.forward(minutes=11)

    refused = await client.post(f"/payouts/{made['id']}/paid", headers=accountant)

    assert (refused.status_code, refused.json()["code"]) == (403, "step-up-required")


async def test_who_sells_sees_their_own(client, doors, connection, adapters, accountant, seller):
    other = await make_user(connection, Role.PROVIDER)
    for user in (seller, other):
        await earn(doors, provider(user.id), 9000)
        await propose(client, accountant, user.id)
    theirs = await sign_in(connection, adapters, user_id=seller.id)

    mine = (await client.get("/payouts?mine=true", headers=theirs)).json()["items"]
    asked = await client.get(f"/payouts?owner_id={other.id}", headers=theirs)
    every = (await client.get("/payouts?status=proposed", headers=accountant)).json()["items"]
    none = (await client.get("/payouts?mine=true", headers=accountant)).json()["items"]

    assert [one["owner_id"] for one in mine] == [str(seller.id)]
    assert [one["owner_id"] for one in asked.json()["items"]] == [str(seller.id)]
    assert [one["owner_id"] for one in every] == [str(other.id), str(seller.id)]
    assert none == []


@pytest.mark.parametrize("how", ["paid", "cancel"])
async def test_what_was_never_proposed_is_not_there(client, accountant, how):
    refused = await client.post(f"{NOWHERE}/{how}", headers=accountant)

    assert (refused.status_code, refused.json()["code"]) == (404, "payout-not-found")


@pytest.mark.parametrize("amount", [0, -1, 4.5, "4000"])
async def test_what_is_no_sum_is_a_422(client, accountant, seller, amount):
    assert (await propose(client, accountant, seller.id, amount)).status_code == 422


async def test_only_what_was_earned_can_be_named(client, accountant, seller):
    refused = await propose(client, accountant, seller.id, account="customer_wallet")

    assert refused.status_code == 422
