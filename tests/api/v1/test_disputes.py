"""What banks take back: in the books once, whatever the order, and told to those who must know."""

from dataclasses import replace
from itertools import permutations

import pytest

from app.domain.disputes import DisputeState
from app.domain.offerings import PaymentTerms
from app.domain.payments import GatewayName
from app.domain.roles import Role
from app.repositories.payment_checks import PaymentCheckRepository
from app.tasks.disputes import ask_about_disputes
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.jobs import deliver_all
from tests.factories.mail import letters
from tests.factories.payments import BALANCES, PAYMENTS, ensure_books_balance
from tests.fakes.bank import DISPUTE_COSTS, Bank

PRICE = 1000


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture
def adapters(adapters, bank):
    return replace(adapters, gateways={GatewayName.SANDBOX: bank})


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


@pytest.fixture
async def me(connection, adapters):
    return await sign_in(connection, adapters)


@pytest.fixture
async def accountant(connection, adapters):
    return await sign_in(connection, adapters, Role.ACCOUNTANT)


@pytest.fixture
async def payment(client, connection, provider, me, bank):
    """A booking that was paid for."""
    offering = await make_offering(
        connection, provider, payment=PaymentTerms.PREPAID, price_amount=PRICE
    )
    asked = {"service_id": str(offering.id), "starts_at": at(6000).isoformat()}
    booking = (await client.post("/bookings", json=asked, headers=me)).json()
    body = {"booking_id": booking["id"], "payment_method": "card"}
    payment = (await client.post("/payments", json=body, headers=me)).json()
    bank.pay(next(iter(bank.charges)))
    await hear(client, bank)
    return payment


async def hear(client, bank, *places):
    """Deliver notices in that order, or else all of them, old and new."""
    for place in places or range(len(bank.notices)):
        answer = await client.post("/webhooks/sandbox", content=bank.body(place))
        assert answer.status_code == 200, answer.text


async def shown(client, payment, headers):
    return (await client.get(f"/payments/{payment['id']}", headers=headers)).json()


async def listed(client, headers):
    return (await client.get("/disputes", headers=headers)).json()["items"]


async def balances(connection):
    await ensure_books_balance(connection)
    assert await PaymentCheckRepository(connection).found(most=20) == []
    return dict(await connection.all(BALANCES))


def dispute(bank, *states):
    for state in states:
        bank.dispute(next(iter(bank.charges)), state)


async def test_what_a_bank_takes_is_the_sellers_loss_and_is_shown(
    client, connection, payment, me, accountant, bank
):
    dispute(bank, DisputeState.OPEN)
    await hear(client, bank)
    await hear(client, bank)

    assert await balances(connection) == {
        "gateway_clearing": DISPUTE_COSTS,
        "gateway_fees": -DISPUTE_COSTS,
    }
    assert (await shown(client, payment, me))["disputed"] == {"amount": PRICE, "currency": "EUR"}
    [found] = await listed(client, accountant)
    assert (found["payment_id"], found["status"]) == (payment["id"], "open")
    assert (found["withdrawn_at"] is None, found["reinstated_at"]) == (False, None)
    alone = await client.get(f"/disputes/{found['id']}", headers=accountant)
    assert alone.json() == found
    none = await client.get("/disputes?status=won", headers=accountant)
    assert none.json()["items"] == []


async def test_one_that_is_won_gives_the_money_back_and_one_that_is_lost_does_not(
    client, connection, payment, me, accountant, bank
):
    dispute(bank, DisputeState.OPEN, DisputeState.LOST)
    await hear(client, bank)
    lost = await balances(connection)
    [found] = await listed(client, accountant)

    assert (lost["gateway_clearing"], found["status"]) == (DISPUTE_COSTS, "lost")
    assert (await shown(client, payment, me))["disputed"]["amount"] == PRICE

    dispute(bank, DisputeState.WON)
    await hear(client, bank)
    won = await balances(connection)
    [found] = await listed(client, accountant)

    assert won["deposits"] == PRICE
    assert won["gateway_clearing"] == DISPUTE_COSTS - PRICE
    assert found["status"] == "won"
    assert (await shown(client, payment, me))["disputed"]["amount"] == 0


async def test_the_order_of_the_news_changes_nothing(
    client, connection, database, payment, accountant, bank
):
    first = len(bank.notices)
    dispute(bank, DisputeState.OPEN, DisputeState.WON)
    news = range(first, len(bank.notices))
    assert len(news) == 5
    ends = set()
    for order in list(permutations(news))[::17]:
        undone = connection._raw.transaction()
        await undone.start()
        await hear(client, bank, *order)
        [found] = await listed(client, accountant)
        ends.add((found["status"], *sorted((await balances(connection)).items())))
        await undone.rollback()

    assert len(ends) == 1
    assert ends.pop()[0] == "won"


async def test_news_that_come_before_the_payment_is_known_to_be_paid_are_not_lost(
    client, connection, doors, provider, me, accountant, bank
):
    offering = await make_offering(
        connection, provider, payment=PaymentTerms.PREPAID, price_amount=PRICE
    )
    asked = {"service_id": str(offering.id), "starts_at": at(6000).isoformat()}
    booking = (await client.post("/bookings", json=asked, headers=me)).json()
    body = {"booking_id": booking["id"], "payment_method": "card"}
    await client.post("/payments", json=body, headers=me)
    bank.pay(next(iter(bank.charges)))
    dispute(bank, DisputeState.OPEN)

    await hear(client, bank, len(bank.notices) - 1)
    await deliver_all(doors)

    assert [one["status"] for one in await listed(client, accountant)] == ["open"]
    assert "deposits" not in await balances(connection)


async def test_a_payment_given_back_and_disputed_leaves_the_seller_owing(
    client, connection, doors, provider, payment, me, accountant, bank
):
    await client.post(f"/payments/{payment['id']}/refunds", json={}, headers=accountant)
    await deliver_all(doors)
    dispute(bank, DisputeState.OPEN, DisputeState.LOST)
    await hear(client, bank)

    assert (await balances(connection))["deposits"] == -PRICE
    more = await client.post(f"/payments/{payment['id']}/refunds", json={}, headers=accountant)
    assert (more.status_code, more.json()["left"]["amount"]) == (409, 0)


async def test_a_refund_at_the_bank_that_is_heard_of_after_a_dispute_is_booked(
    client, connection, payment, accountant, bank
):
    bank.give_back(next(iter(bank.charges)), PRICE)
    late = len(bank.notices) - 1
    dispute(bank, DisputeState.OPEN)
    await hear(client, bank, *range(late + 1, len(bank.notices)), late)

    assert (await balances(connection))["deposits"] == -PRICE


async def test_what_a_bank_holds_is_not_given_back_until_it_is_won(
    client, connection, doors, payment, me, accountant, bank
):
    dispute(bank, DisputeState.OPEN)
    await hear(client, bank)
    refused = await client.post(f"/payments/{payment['id']}/refunds", json={}, headers=accountant)
    await client.post(f"/bookings/{payment['booking_id']}/cancel", headers=me)
    await deliver_all(doors)

    assert refused.status_code == 409
    assert bank.calls.count("refund") == 0

    dispute(bank, DisputeState.WON)
    await hear(client, bank)
    await deliver_all(doors)

    assert bank.left(next(iter(bank.charges))) == 0
    assert "deposits" not in await balances(connection)


async def test_a_top_up_is_taken_out_of_the_wallet_as_far_as_it_goes(
    client, connection, doors, me, accountant, bank
):
    body = {"amount": {"amount": PRICE, "currency": "EUR"}, "payment_method": "card"}
    made = await client.post("/wallet/top-ups", json=body, headers=me)
    assert made.status_code == 201, made.text
    bank.pay(next(iter(bank.charges)))
    await hear(client, bank)
    friend = await make_user(connection)
    sent = {"to_user_id": str(friend.id), "amount": {"amount": 400, "currency": "EUR"}}
    assert (await client.post("/wallet/transfers", json=sent, headers=me)).status_code == 201
    dispute(bank, DisputeState.OPEN)
    await hear(client, bank)

    taken = await balances(connection)
    assert (taken["customer_wallet"], taken["platform_revenue"]) == (400, -400)

    dispute(bank, DisputeState.WON)
    await hear(client, bank)
    back = await balances(connection)
    assert back["customer_wallet"] == PRICE
    assert "platform_revenue" not in back


async def test_those_who_look_after_the_money_are_told_when_it_begins_and_how_it_ends(
    client, connection, doors, payment, bank
):
    reader = await make_user(connection, Role.ACCOUNTANT)
    dispute(bank, DisputeState.OPEN)
    await hear(client, bank)
    await deliver_all(doors)
    dispute(bank, DisputeState.LOST)
    await hear(client, bank)
    await deliver_all(doors)

    told = [one for one in await letters(doors, reader.email) if "dispute" in one.subject.lower()]
    assert {one.subject for one in told} == {"A payment is disputed", "A dispute was lost"}
    assert all(payment["id"] in one.text and "€10.00" in one.text for one in told)


async def test_without_an_accountant_the_admins_are_told(client, connection, doors, payment, bank):
    admin = await make_user(connection, Role.ADMIN)
    dispute(bank, DisputeState.OPEN)
    await hear(client, bank)
    await deliver_all(doors)

    told = [one.subject for one in await letters(doors, admin.email)]
    assert "A payment is disputed" in told


async def test_one_of_which_nothing_is_heard_is_asked_about(
    client, connection, adapters, doors, clock, payment, bank
):
    dispute(bank, DisputeState.OPEN)
    await hear(client, bank)
    await deliver_all(doors)
    dispute(bank, DisputeState.WON)  # of which no notice ever comes
    clock.now = NOW.replace(day=NOW.day + 2)

    await doors.perform(ask_about_disputes)
    await deliver_all(doors)

    later = await sign_in(connection, adapters, Role.ACCOUNTANT)
    assert [one["status"] for one in await listed(client, later)] == ["won"]
    assert (await balances(connection))["deposits"] == PRICE
    assert len(await connection.all(PAYMENTS)) == 1
