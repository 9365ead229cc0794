"""Paying into one's own wallet."""

from uuid import UUID

import pytest
from sqlalchemy import select

from app.core.money import Money
from app.core.statements import Query
from app.domain.ledger import AccountKind
from app.domain.payments import RefundReport, RefundState
from app.domain.roles import Role
from app.models import LedgerAccounts, Payments
from tests.factories.accounts import make_user, sign_in
from tests.factories.jobs import deliver_all

REVENUE = Query(
    select(LedgerAccounts.balance).where(LedgerAccounts.kind == AccountKind.PLATFORM_REVENUE), int
)
STATES = Query(select(Payments.state).order_by(Payments.created_at), str)
SUM = {"amount": 2500, "currency": "EUR"}


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def accountant(connection, adapters):
    return await sign_in(connection, adapters, Role.ACCOUNTANT)


async def top_up(client, headers, amount=SUM, method="card"):
    body = {"amount": amount, "payment_method": method}
    return await client.post("/wallet/top-ups", json=body, headers=headers)


async def play(client, payment, outcome="succeed"):
    answer = await client.post(f"http://test/dev/payments/{payment['id']}/{outcome}")
    assert answer.status_code == 204, answer.text


async def in_wallet(client, headers):
    return (await client.get("/wallet", headers=headers)).json()["balances"]


async def test_the_money_is_in_the_wallet_once_it_came(client, me):
    made = await top_up(client, me)
    payment = made.json()
    before = await in_wallet(client, me)
    await play(client, payment)
    await play(client, payment)

    assert (made.status_code, payment["status"], payment["booking_id"]) == (
        201,
        "requires_action",
        None,
    )
    assert made.headers["Location"].endswith(f"/payments/{payment['id']}")
    assert payment["client_secret"]
    assert (before, await in_wallet(client, me)) == ([], [SUM])
    assert (await client.get(f"/payments/{payment['id']}", headers=me)).json()["status"] == (
        "succeeded"
    )


async def test_the_same_request_tops_up_once(client, me):
    keyed = {**me, "Idempotency-Key": "t1"}

    first = await top_up(client, keyed)
    again = await top_up(client, keyed)
    other = await top_up(client, keyed, {**SUM, "amount": 2600})

    assert (first.status_code, again.content) == (201, first.content)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ({"amount": 99, "currency": "EUR"}, "top-up-out-of-bounds"),
        ({"amount": 1_000_001, "currency": "EUR"}, "top-up-out-of-bounds"),
        ({"amount": 10_001, "currency": "JPY"}, "top-up-out-of-bounds"),
        ({"amount": 999, "currency": "KWD"}, "top-up-out-of-bounds"),
        ({"amount": 0, "currency": "EUR"}, "validation-failed"),
        ({"amount": -100, "currency": "EUR"}, "validation-failed"),
        ({"amount": 10.5, "currency": "EUR"}, "validation-failed"),
        ({"amount": 10**19, "currency": "EUR"}, "validation-failed"),
        ({"amount": 100, "currency": "DEM"}, "validation-failed"),
    ],
)
async def test_a_top_up_has_its_bounds(client, connection, me, amount, code):
    refused = await top_up(client, me, amount)

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert await connection.all(STATES) == []


@pytest.mark.parametrize("method", ["wallet", "cash"])
async def test_nobody_tops_up_out_of_nothing(client, me, method):
    assert (await top_up(client, me, method=method)).status_code == 422


async def test_what_is_still_there_is_given_back_and_no_more(
    client, connection, adapters, doors, me, accountant
):
    payment = (await top_up(client, me)).json()
    await play(client, payment)
    friend = await make_user(connection)
    sent = {"to_user_id": str(friend.id), "amount": {**SUM, "amount": 2000}}
    handed = await client.post("/wallet/transfers", json=sent, headers=me)
    assert handed.status_code == 201, handed.text
    path = f"/payments/{payment['id']}/refunds"

    all_of_it = await client.post(path, headers=accountant)
    some = await client.post(path, json={"amount": {**SUM, "amount": 500}}, headers=accountant)
    await deliver_all(doors)

    assert (all_of_it.status_code, all_of_it.json()["code"]) == (409, "insufficient-funds")
    assert some.status_code == 201, some.text
    assert await in_wallet(client, me) == [{**SUM, "amount": 0}]
    shown = (await client.get(f"/payments/{payment['id']}", headers=me)).json()
    assert (shown["status"], shown["refunded"]["amount"]) == ("partially_refunded", 500)


async def test_what_a_gateway_gave_back_by_itself_is_borne_by_the_platform_once_it_was_spent(
    client, connection, doors, me
):
    payment = (await top_up(client, me)).json()
    await play(client, payment)
    friend = await make_user(connection)
    sent = {"to_user_id": str(friend.id), "amount": {**SUM, "amount": 2000}}
    await client.post("/wallet/transfers", json=sent, headers=me)

    told = RefundReport("re_1", None, Money(2500, "EUR"), RefundState.SUCCEEDED)
    for _ in range(2):
        async with doors.writing() as services:
            await services.refunds.report(UUID(payment["id"]), [told])

    assert await in_wallet(client, me) == [{**SUM, "amount": 0}]
    assert await connection.all(REVENUE) == [-2000]
    async with doors.reading() as services:
        assert await services.payment_checks.disagreements() == []
        assert await services.books.mistakes() == []


async def test_who_topped_up_gives_nothing_back_themselves(client, me):
    payment = (await top_up(client, me)).json()
    await play(client, payment)

    assert (await client.post(f"/payments/{payment['id']}/refunds", headers=me)).status_code == 403


async def test_one_that_nobody_paid_is_given_up_after_a_day(client, connection, doors, me, clock):
    payment = UUID((await top_up(client, me)).json()["id"])

    clock.forward(hours=23)
    await doors.perform(lambda services: services.charges.ask(payment))
    early = await connection.all(STATES)
    clock.forward(hours=2)
    await doors.perform(lambda services: services.charges.ask(payment))

    assert (early, await connection.all(STATES)) == (["open"], ["cancelled"])
