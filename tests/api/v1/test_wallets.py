"""Wallets over HTTP."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import bindparam, update

from app.core.ids import new_id
from app.core.statements import Command
from app.domain.users import UserStatus
from app.models import Users
from app.repositories.wallets import WalletRepository
from app.services.ledger import LedgerService
from tests.conftest import client_of, execute
from tests.factories.accounts import make_user, sign_in
from tests.factories.ledger import top_up
from tests.factories.races import SOON, at_once, meeting

STATUS = Command(
    update(Users)
    .where(Users.id == bindparam("user_id"))
    .values(status=bindparam("new", type_=Users.status.type))
)


def euros(amount: Any, currency: Any = "EUR") -> dict[str, Any]:
    return {"amount": amount, "currency": currency}


@pytest.fixture
async def me(connection):
    return await make_user(connection, full_name="Ada Lovelace")


@pytest.fixture
async def other(connection):
    return await make_user(connection, full_name="Grace Hopper")


@pytest.fixture
async def headers(connection, adapters, me):
    return await sign_in(connection, adapters, user_id=me.id)


@pytest.fixture
async def theirs(connection, adapters, other):
    return await sign_in(connection, adapters, user_id=other.id)


async def hand(client, headers, to, amount: Any = 400, **more: Any):
    body = {"to_user_id": str(to), "amount": euros(amount), **more}
    return await client.post("/wallet/transfers", headers=headers, json=body)


async def balances(client, headers) -> list[dict[str, Any]]:
    return (await client.get("/wallet", headers=headers)).json()["balances"]


async def test_a_wallet_nothing_ever_came_into_is_empty(client, headers):
    answer = await client.get("/wallet", headers=headers)

    assert (answer.status_code, answer.json()) == (200, {"balances": []})


async def test_there_is_a_balance_for_each_currency(client, doors, headers, me):
    await top_up(doors, me.id, 1000)
    await top_up(doors, me.id, 500, "JPY")

    assert await balances(client, headers) == [euros(1000), euros(500, "JPY")]


async def test_money_goes_from_one_wallet_to_another(client, doors, headers, theirs, me, other):
    await top_up(doors, me.id, 1000)

    made = await hand(client, headers, other.id, note="  For the tickets ")

    assert made.status_code == 201
    told = made.json()
    assert told["amount"] == euros(400)
    assert (told["to_user_id"], told["note"]) == (str(other.id), "For the tickets")
    assert await balances(client, headers) == [euros(600)]
    assert await balances(client, theirs) == [euros(400)]


async def test_both_see_what_moved_and_whom_it_was_with(client, doors, headers, theirs, me, other):
    await top_up(doors, me.id, 1000)
    await hand(client, headers, other.id, note="For the tickets")

    mine = (await client.get("/wallet/transactions", headers=headers)).json()["items"]
    others = (await client.get("/wallet/transactions", headers=theirs)).json()["items"]

    assert [(one["kind"], one["amount"], one["counterparty"], one["note"]) for one in mine] == [
        ("wallet_transfer", euros(-400), "Grace Hopper", "For the tickets"),
        ("wallet_topped_up", euros(1000), None, None),
    ]
    (came,) = others
    assert (came["amount"], came["counterparty"]) == (euros(400), "Ada Lovelace")


async def test_of_whom_nobody_can_see_any_more_no_name_is_told(
    client, doors, connection, headers, me, other
):
    await top_up(doors, me.id, 1000)
    await hand(client, headers, other.id)
    await connection.run(STATUS, user_id=other.id, new=UserStatus.DEACTIVATED)

    (sent, _) = (await client.get("/wallet/transactions", headers=headers)).json()["items"]

    assert sent["counterparty"] is None


async def test_transactions_of_one_currency_and_page_by_page(client, doors, headers, me):
    for amount in range(1, 6):
        await top_up(doors, me.id, amount)
        await top_up(doors, me.id, amount, "JPY")
    seen, params = [], {"limit": 2, "currency": "JPY"}
    while True:
        page = (await client.get("/wallet/transactions", headers=headers, params=params)).json()
        seen += [one["amount"]["amount"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]

    assert sorted(seen) == [1, 2, 3, 4, 5]


async def test_what_is_not_there_is_not_handed_on(client, doors, headers, theirs, me, other):
    await top_up(doors, me.id, 399)

    refused = await hand(client, headers, other.id)

    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient-funds")
    assert await balances(client, headers) == [euros(399)]
    assert await balances(client, theirs) == []


async def test_of_another_currency_nothing_is_there(client, doors, headers, me, other):
    await top_up(doors, me.id, 1000)
    body = {"to_user_id": str(other.id), "amount": euros(400, "USD")}

    refused = await client.post("/wallet/transfers", headers=headers, json=body)

    assert refused.json()["code"] == "insufficient-funds"


@pytest.mark.parametrize(
    "amount",
    [
        *(euros(one) for one in (0, -1, 1.0, 4.5, "400", None, True, 10**12 + 1, 10**18)),
        *(euros(400, one) for one in ("XXX", "eur", "EU", "", None, 5)),
        {"amount": 400},
        {"currency": "EUR"},
        400,
    ],
    ids=str,
)
async def test_what_is_no_sum_of_money_is_a_422(client, doors, headers, me, other, amount):
    await top_up(doors, me.id, 1000)
    body = {"to_user_id": str(other.id), "amount": amount}

    refused = await client.post("/wallet/transfers", headers=headers, json=body)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].startswith("#/amount")
    assert await balances(client, headers) == [euros(1000)]


async def test_nobody_hands_money_to_themselves(client, doors, headers, me):
    await top_up(doors, me.id, 1000)

    refused = await hand(client, headers, me.id)

    assert (refused.status_code, refused.json()["code"]) == (422, "transfer-to-oneself")


async def test_whom_nobody_can_see_is_not_there(client, doors, connection, headers, me):
    await top_up(doors, me.id, 1000)
    off = await make_user(connection, status=UserStatus.DEACTIVATED)

    told = [(await hand(client, headers, user_id)) for user_id in (off.id, new_id())]

    assert [(one.status_code, one.json()["code"]) for one in told] == [(404, "user-not-found")] * 2


async def test_the_same_key_hands_it_on_once(client, doors, headers, me, other):
    await top_up(doors, me.id, 1000)
    keyed = headers | {"Idempotency-Key": "once"}

    first, again = [await hand(client, keyed, other.id) for _ in range(2)]

    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await balances(client, headers) == [euros(600)]


async def test_above_a_sum_one_shows_who_one_is(client, doors, headers, clock, me, other):
    await top_up(doors, me.id, 200_000)
    clock.forward(minutes=11)

    small = await hand(client, headers, other.id, 50_000)
    large = await hand(client, headers, other.id, 50_001)

    assert small.status_code == 201
    assert (large.status_code, large.json()["code"]) == (403, "step-up-required")


async def test_a_day_has_so_many_transfers(client, doors, headers, clock, me, other):
    await top_up(doors, me.id, 1000)
    told = [(await hand(client, headers, other.id, 1)).status_code for _ in range(21)]
    clock.forward(minutes=24 * 60 - 1)
    same_day = await hand(client, await again(doors, me), other.id, 1)
    clock.forward(minutes=2)
    next_day = await hand(client, await again(doors, me), other.id, 1)

    assert told == [201] * 20 + [409]
    assert same_day.json()["code"] == "transfer-limit-reached"
    assert next_day.status_code == 201


async def test_a_day_has_so_much_money(client, doors, headers, me, other):
    await top_up(doors, me.id, 2_000_000)
    await top_up(doors, me.id, 20_000, "JPY")

    all_of_it = await hand(client, headers, other.id, 1_000_000)
    more = await hand(client, headers, other.id, 1)
    body = {"to_user_id": str(other.id), "amount": euros(10_000, "JPY")}
    of_another = await client.post("/wallet/transfers", headers=headers, json=body)

    assert all_of_it.status_code == 201
    assert (more.status_code, more.json()["code"]) == (409, "transfer-limit-reached")
    assert of_another.status_code == 201
    assert await balances(client, headers) == [euros(1_000_000), euros(10_000, "JPY")]


async def unlocked(self, sender_id):
    """Wait for nobody."""


async def again(doors, user) -> dict[str, str]:
    async with doors.database.read() as connection:
        return await sign_in(connection, doors.adapters, user_id=user.id)


@pytest.fixture
async def rich(real_doors):
    """Somebody with ten euros, and somebody to have them."""
    async with real_doors.database.read() as connection:
        me, other = await make_user(connection), await make_user(connection)
        headers = await sign_in(connection, real_doors.adapters, user_id=me.id)
    await top_up(real_doors, me.id, 1000)
    return headers, other


async def test_of_fifty_at_once_from_a_wallet_for_ten_exactly_ten_go(real_client, real_doors, rich):
    headers, other = rich

    calls = [hand(real_client, headers, other.id, 100) for _ in range(50)]
    told = [answer.status_code for answer in await at_once(real_doors, *calls)]

    assert (told.count(201), told.count(409)) == (10, 40)
    assert await balances(real_client, headers) == [euros(0)]
    assert await balances(real_client, await again(real_doors, other)) == [euros(1000)]


async def test_who_looks_before_and_has_no_guard_overdraws(
    real_doors, real_client, rich, url, monkeypatch
):
    """The control of the test above: they all see ten euros, and all take them."""
    headers, other = rich
    guard = "CONSTRAINT ck_ledger_accounts_wallet"

    monkeypatch.setattr(WalletRepository, "lock_sender", unlocked)
    have_looked = asyncio.Barrier(3)

    async def look_and_take() -> int:
        assert await balances(real_client, headers) == [euros(1000)]
        await asyncio.wait_for(have_looked.wait(), SOON)
        return (await hand(real_client, headers, other.id, 1000)).status_code

    await execute(url, f"ALTER TABLE ledger_accounts DROP {guard}")
    try:
        told = await at_once(real_doors, *(look_and_take() for _ in range(3)))
        left = await balances(real_client, headers)
    finally:
        await execute(url, "UPDATE ledger_accounts SET balance = abs(balance)")
        check = "CHECK (kind <> 'customer_wallet' OR balance >= 0)"
        await execute(url, f"ALTER TABLE ledger_accounts ADD {guard} {check}")

    assert told == [201] * 3
    assert left == [euros(-2000)]


async def test_transfers_crosswise_end_without_a_deadlock(real_doors):
    async with real_doors.database.read() as connection:
        people = [await make_user(connection) for _ in range(3)]
        signed = [
            await sign_in(connection, real_doors.adapters, user_id=user.id) for user in people
        ]
    for user in people:
        await top_up(real_doors, user.id, 1000)
    async with client_of(real_doors) as client:
        calls = [
            hand(client, signed[place % 3], people[(place + 1 + place // 3 % 2) % 3].id, 10)
            for place in range(30)
        ]
        told = [answer.status_code for answer in await at_once(real_doors, *calls)]
        sums = [(await balances(client, one))[0]["amount"] for one in signed]

    assert told == [201] * 30
    assert sum(sums) == 3000


@pytest.fixture
async def one_a_day(real_doors):
    """A client where somebody hands something on once a day."""
    few = real_doors.adapters.settings.model_copy(update={"wallet_transfers_per_day": 1})
    adapters = replace(real_doors.adapters, settings=few)
    async with client_of(replace(real_doors, adapters=adapters)) as client:
        yield client


async def test_of_transfers_at_once_no_more_go_than_a_day_has(real_doors, one_a_day, rich):
    headers, other = rich

    calls = [hand(one_a_day, headers, other.id, 1) for _ in range(6)]
    told = [answer.status_code for answer in await at_once(real_doors, *calls)]

    assert (told.count(201), told.count(409)) == (1, 5)


async def test_without_the_lock_more_go(real_doors, one_a_day, rich, monkeypatch):
    """The control of the test above: each counts before the other has committed."""
    headers, other = rich
    monkeypatch.setattr(WalletRepository, "lock_sender", unlocked)
    moved = meeting(LedgerService.wallet_transferred)
    monkeypatch.setattr(LedgerService, "wallet_transferred", moved)

    calls = [hand(one_a_day, headers, other.id, 1) for _ in range(2)]
    told = [answer.status_code for answer in await at_once(real_doors, *calls)]

    assert told == [201, 201]
