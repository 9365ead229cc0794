"""One payment for several bookings, at Stripe and FreedomPay over real HTTP, to its bitter end."""

import pytest

from app.domain.payments import GatewayName
from app.domain.roles import Role
from app.repositories.payment_checks import PaymentCheckRepository
from app.tasks.payments import look_after_paid
from tests.api.v1.test_webhooks import (
    SUCCEEDED,
    answering,
    closed,
    freedompay,
    settings,
    shown,
    standing,
    stripe,
    tell,
)
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.jobs import deliver_all
from tests.factories.payments import BALANCES, REFUNDS, ensure_books_balance

__all__ = ["closed", "freedompay", "settings", "stripe"]
PRICES = (1000, 2000)
COSTS = 15_00


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def staff(connection, adapters):
    return await sign_in(connection, adapters, Role.ACCOUNTANT)


@pytest.fixture
async def two(client, connection, me):
    """Two bookings with two sellers."""
    found = []
    for place, price in enumerate(PRICES):
        offering = await make_offering(
            connection, await make_provider(connection), payment="prepaid", price_amount=price
        )
        asked = {"service_id": str(offering.id), "starts_at": at(6000 + 120 * place).isoformat()}
        found.append((await client.post("/bookings", json=asked, headers=me)).json())
    return found


async def ask(client, me, bookings, method, key="group-1"):
    ids = [one["id"] for one in bookings]
    answer = await client.post(
        "/payments",
        json={"booking_ids": ids, "payment_method": method},
        headers={**me, "Idempotency-Key": key},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def give_back(client, staff, payment, booking, amount):
    body = {"booking_id": booking["id"], "amount": {"amount": amount, "currency": "EUR"}}
    return await client.post(f"/payments/{payment['id']}/refunds", json=body, headers=staff)


async def agree(connection):
    """Hold books, bookings and payments against one another; return what is in the books."""
    await ensure_books_balance(connection)
    assert await PaymentCheckRepository(connection).found(most=20) == []
    return dict(await connection.all(BALANCES))


async def agree_there(doors, clock, gateway):
    """Ask the gateway, as the doctor does."""
    clock.forward(minutes=11)  # what was touched just now is not asked about
    answers = await doors.perform(lambda services: services.payment_checks.asked_of(gateway))
    assert (answers.asked, answers.disagreements) == (1, [])


async def test_at_stripe_it_is_paid_given_back_in_part_and_disputed(
    client, connection, doors, clock, stripe, me, staff, two
):
    payment = await ask(client, me, two, "card")
    again = await ask(client, me, two, "card")
    assert (again["id"], len(stripe.intents)) == (payment["id"], 1)
    (intent,) = stripe.intents
    assert stripe.intents[intent]["amount"] == sum(PRICES)

    paid = stripe.event(SUCCEEDED, stripe.pay(intent))
    await tell(client, clock, paid, paid)
    for booking in two:
        assert await standing(client, me, booking) == ("confirmed", "paid")
    assert await agree(connection) == {
        "deposits": 3000,
        "gateway_clearing": -3000,
    }

    assert (await give_back(client, staff, payment, two[0], 1001)).status_code == 409
    assert (await give_back(client, staff, payment, two[0], 400)).status_code == 201
    await deliver_all(doors)
    (refund,) = stripe.refunds.values()
    await tell(client, clock, stripe.event("refund.updated", refund))
    assert refund["amount"] == 400
    assert await standing(client, me, two[0]) == ("confirmed", "partially_refunded")
    assert await standing(client, me, two[1]) == ("confirmed", "paid")
    await agree(connection)

    dispute = stripe.dispute(intent, 1500)
    await tell(
        client,
        clock,
        stripe.event("charge.dispute.funds_withdrawn", dispute),
        stripe.event("charge.dispute.created", dispute),
    )
    taken = await agree(connection)
    assert (taken["deposits"], taken["gateway_fees"]) == (3000 - 400 - 1500, -COSTS)
    whole = await shown(client, me, "payments", payment)
    assert (whole["refunded"]["amount"], whole["disputed"]["amount"]) == (400, 1500)
    # What a bank holds of a share is not given back besides.
    refused = await give_back(client, staff, payment, two[0], 600)
    assert (refused.status_code, refused.json()["code"]) == (409, "refund-exceeds-payment")

    won = stripe.dispute(intent, 1500, "won")
    back = [stripe.event("charge.dispute.funds_reinstated", won)] * 2
    await tell(client, clock, *back, stripe.event("charge.dispute.closed", won))
    await deliver_all(doors)
    after = await agree(connection)
    assert after["deposits"] == 3000 - 400
    assert (await shown(client, me, "payments", payment))["disputed"]["amount"] == 0
    await agree_there(doors, clock, GatewayName.STRIPE)


async def test_at_stripe_a_lost_dispute_of_all_is_borne_by_each_seller_for_their_share(
    client, connection, doors, clock, stripe, me, two
):
    payment = await ask(client, me, two, "card")
    (intent,) = stripe.intents
    await tell(client, clock, stripe.event(SUCCEEDED, stripe.pay(intent)))

    lost = stripe.dispute(intent, sum(PRICES), "lost")
    told = stripe.event("charge.dispute.closed", lost)
    await tell(client, clock, told, stripe.event("charge.dispute.funds_withdrawn", lost))
    await deliver_all(doors)

    shares = (await client.get(f"/payments?group_id={payment['id']}", headers=me)).json()["items"]
    assert sorted(one["disputed"]["amount"] for one in shares) == sorted(PRICES)
    balances = await agree(connection)
    assert balances == {"gateway_fees": -COSTS, "gateway_clearing": COSTS}
    await agree_there(doors, clock, GatewayName.STRIPE)


async def test_at_freedompay_it_is_paid_given_back_in_part_and_taken_back(
    client, connection, doors, clock, freedompay, me, staff, two
):
    answering(client, freedompay)
    payment = await ask(client, me, two, "freedompay")
    assert payment["redirect_url"].startswith(freedompay.address)
    await freedompay.pay(payment["id"])
    again = await freedompay.deliver(payment["id"])
    assert again.fields["pg_status"] == "ok"
    for booking in two:
        assert await standing(client, me, booking) == ("confirmed", "paid")

    assert (await give_back(client, staff, payment, two[1], 700)).status_code == 201
    await deliver_all(doors)
    there = freedompay.payments[payment["id"]]
    assert int(there.given_back * 100) == 700
    assert await standing(client, me, two[0]) == ("confirmed", "paid")
    assert await standing(client, me, two[1]) == ("confirmed", "partially_refunded")
    assert (await agree(connection))["deposits"] == 2300

    freedompay.give_back(payment["id"], "12.00")  # what an acquirer takes back looks so there
    for _ in range(2):
        clock.forward(hours=1)
        await doors.perform(look_after_paid)
        await deliver_all(doors)

    refunds = sorted(one.amount for one in await connection.all(REFUNDS))
    assert refunds == [200, 700, 1000]  # of the shares in their order, as much as is left of each
    assert (await agree(connection))["deposits"] == 1100
    staff = await sign_in(connection, doors.adapters, Role.ACCOUNTANT)  # sessions are short
    whole = await shown(client, staff, "payments", payment)
    assert (whole["status"], whole["refunded"]["amount"]) == ("partially_refunded", 1900)
    await agree_there(doors, clock, GatewayName.FREEDOMPAY)
