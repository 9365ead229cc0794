"""Giving money back: never more than was paid, and never lost on the way."""

import asyncio
from dataclasses import replace

import pytest

from app.bootstrap import Doors
from app.core.money import Money
from app.domain.offerings import PaymentTerms
from app.domain.payments import GatewayName, RefundReport, RefundState
from app.domain.roles import Role
from app.repositories.payments import PaymentRepository
from app.services.payments import PaymentService
from app.tasks.payments import send_refunds_again
from tests.conftest import client_of
from tests.factories.accounts import sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.jobs import deliver_all
from tests.factories.payments import BALANCES, OFF, PAYMENTS, REFUNDS, ensure_books_balance
from tests.factories.races import at_once, meeting
from tests.fakes.bank import Bank

PRICE = 1000


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture
def adapters(adapters, bank):
    return replace(adapters, gateways={GatewayName.SANDBOX: bank})


async def paid(client, connection, adapters, bank):
    """Return a payment of a booking, the headers of who paid, and of an accountant."""
    me = await sign_in(connection, adapters)
    provider = await make_provider(connection)
    offering = await make_offering(
        connection, provider, payment=PaymentTerms.PREPAID, price_amount=PRICE
    )
    asked = {"service_id": str(offering.id), "starts_at": at(6000).isoformat()}
    booking = (await client.post("/bookings", json=asked, headers=me)).json()
    body = {"booking_id": booking["id"], "payment_method": "card"}
    payment = (await client.post("/payments", json=body, headers=me)).json()
    bank.pay(next(iter(bank.charges)))
    await hear(client, bank)
    return payment, me, await sign_in(connection, adapters, Role.ACCOUNTANT)


async def hear(client, bank):
    """Deliver all notices, old and new."""
    for place in range(len(bank.notices)):
        answer = await client.post("/webhooks/sandbox", content=bank.body(place))
        assert answer.status_code == 200, answer.text


async def give_back(client, payment, headers, amount=None):
    body = {"amount": {"amount": amount, "currency": "EUR"}} if amount else {}
    return await client.post(f"/payments/{payment['id']}/refunds", json=body, headers=headers)


async def shown(client, payment, headers):
    return (await client.get(f"/payments/{payment['id']}", headers=headers)).json()


async def states(connection):
    return [(one.state, one.amount) for one in await connection.all(REFUNDS)]


async def test_of_fifty_at_once_as_many_go_as_are_covered(real_client, real_doors, adapters, bank):
    async with real_doors.database.read() as connection:
        payment, _, accountant = await paid(real_client, connection, adapters, bank)
        calls = [give_back(real_client, payment, accountant, 100) for _ in range(50)]
        answers = await at_once(real_doors, *calls)
        await deliver_all(real_doors)

        assert sorted(one.status_code for one in answers) == [201] * 10 + [409] * 40
        assert len(bank.charges) == 1
        assert bank.left(next(iter(bank.charges))) == 0
        assert await connection.all(BALANCES) == []
        await ensure_books_balance(connection)


async def test_without_its_lock_and_its_count_more_is_promised_than_was_paid(
    real_client, real_doors, adapters, bank, monkeypatch
):
    async def unlocked(self, actor, payment_id):
        payment = await self.get(actor, payment_id)
        return payment, await self.bookings.find(payment.booking_id)

    async def uncounted(self, payment_id, amount, *, now):
        return await self.get(payment_id)

    monkeypatch.setattr(PaymentService, "locked", meeting(unlocked))
    monkeypatch.setattr(PaymentRepository, "reserve", uncounted)
    async with real_doors.database.read() as connection:
        payment, _, accountant = await paid(real_client, connection, adapters, bank)
        calls = [give_back(real_client, payment, accountant, 700) for _ in range(2)]
        answers = await at_once(real_doors, *calls)

        assert [one.status_code for one in answers] == [201, 201]
        assert [what for what, _ in await connection.all(OFF)] == ["a payment"]


async def test_one_refused_is_tried_again_and_then_left_to_staff(
    client, connection, doors, adapters, bank
):
    payment, me, _ = await paid(client, connection, adapters, bank)
    bank.outcomes.extend([RefundState.FAILED] * 3)

    await client.post(f"/bookings/{payment['booking_id']}/cancel", headers=me)
    for _ in range(4):
        await deliver_all(doors)
        await hear(client, bank)

    assert await states(connection) == [(RefundState.FAILED, PRICE)] * 3
    assert (await shown(client, payment, me))["status"] == "succeeded"
    accountant = await sign_in(connection, adapters, Role.ACCOUNTANT)
    assert (await give_back(client, payment, accountant)).status_code == 201
    await deliver_all(doors)
    assert (await shown(client, payment, me))["status"] == "refunded"
    await ensure_books_balance(connection)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_answer_that_was_lost_is_asked_for_again(
    client, connection, doors, adapters, bank, clock, when
):
    payment, me, _ = await paid(client, connection, adapters, bank)
    bank.faults["refund"].append(when)
    await client.post(f"/bookings/{payment['booking_id']}/cancel", headers=me)
    with pytest.raises(Exception, match="not answering"):
        await deliver_all(doors)

    clock.forward(minutes=11)
    await doors.perform(send_refunds_again)
    await deliver_all(doors)

    assert await states(connection) == [(RefundState.SUCCEEDED, PRICE)]
    assert [one.amount for one in next(iter(bank.charges.values())).refunds] == [
        Money(PRICE, "EUR")
    ]
    await ensure_books_balance(connection)


async def test_one_made_at_the_gateway_while_ours_was_planned_is_seen(
    client, connection, doors, adapters, bank
):
    payment, me, _ = await paid(client, connection, adapters, bank)
    await client.post(f"/bookings/{payment['booking_id']}/cancel", headers=me)
    bank.give_back(next(iter(bank.charges)), 400)

    await deliver_all(doors)
    await hear(client, bank)
    await deliver_all(doors)

    assert sorted(await states(connection), key=str) == [
        (RefundState.FAILED, PRICE),
        (RefundState.SUCCEEDED, 400),
        (RefundState.SUCCEEDED, 600),
    ]
    assert bank.left(next(iter(bank.charges))) == 0
    assert await connection.all(BALANCES) == []


async def test_news_of_a_failed_one_counts_however_late_its_success_is_told(
    client, connection, adapters, bank
):
    payment, me, _ = await paid(client, connection, adapters, bank)
    payment_id = next(iter(bank.charges))
    bank.give_back(payment_id, 400)
    bank.settle_refund(payment_id, "re_1", RefundState.FAILED)
    succeeded, failed = len(bank.notices) - 2, len(bank.notices) - 1

    for place in (failed, succeeded):
        await client.post("/webhooks/sandbox", content=bank.body(place))

    assert await states(connection) == [(RefundState.FAILED, 400)]
    assert (await shown(client, payment, me))["status"] == "succeeded"
    await ensure_books_balance(connection)


async def test_a_gateway_without_keys_may_list_ours_before_it_answers(
    client, connection, doors, adapters, bank
):
    """So it is not taken for one that the gateway began."""
    payment, me, _ = await paid(client, connection, adapters, bank)
    await client.post(f"/bookings/{payment['booking_id']}/cancel", headers=me)
    (planned,) = await connection.all(PAYMENTS)
    settle = replace(planned, gateway=GatewayName.FREEDOMPAY)
    listed = RefundReport("77", None, Money(PRICE, "EUR"), RefundState.SUCCEEDED)
    async with doors.writing() as services:
        await services.refunds.settle(planned.booking_id)
    async with doors.writing() as services:
        await services.refunds.take_in(settle, listed)
        await services.refunds.take_in(settle, listed)

    assert await states(connection) == [(RefundState.SUCCEEDED, PRICE)]
    await ensure_books_balance(connection)


async def test_a_booking_that_nobody_paid_for_locks_nothing(client, connection, doors, adapters):
    me = await sign_in(connection, adapters)
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider, payment=PaymentTerms.ON_SITE)
    asked = {"service_id": str(offering.id), "starts_at": at(6000).isoformat()}
    booking = (await client.post("/bookings", json=asked, headers=me)).json()
    async with doors.reading() as services:
        locked = []
        services.refunds.bookings.lock_any = locked.append
        await services.refunds.settle(booking["id"])

    assert locked == []


async def test_what_is_sent_twice_at_once_is_given_back_once(
    real_client, real_doors, adapters, bank
):
    async with real_doors.database.read() as connection:
        payment, _, accountant = await paid(real_client, connection, adapters, bank)
        await give_back(real_client, payment, accountant, 300)
        (refund,) = await connection.all(REFUNDS)

        async def send():
            await real_doors.perform(lambda services: services.refunds.send(refund.id))

        await asyncio.gather(*(send() for _ in range(5)))

        assert bank.calls.count("refund") == 1
        assert await states(connection) == [(RefundState.SUCCEEDED, 300)]
        await ensure_books_balance(connection)


async def test_no_transaction_is_open_while_a_gateway_is_asked(real_doors, adapters, bank):
    pool = real_doors.database._pool
    seen = []
    bank.watch = lambda call: seen.append((call, pool.get_size() - pool.get_idle_size()))
    doors = Doors(real_doors.database, adapters)
    async with client_of(doors) as client:
        async with doors.database.read() as connection:
            payment, _, accountant = await paid(client, connection, adapters, bank)
        await give_back(client, payment, accountant, 300)
        await deliver_all(doors)
        await doors.perform(lambda services: services.charges.ask(next(iter(bank.charges))))

    assert {call.partition(" ")[2] for call, _ in seen} == {"begin", "refund", "look"}
    # The reading connection of `paid` is out while it begins, and no other.
    assert [out for call, out in seen if "begin" not in call] == [0] * 4
    assert [out for call, out in seen if "begin" in call] == [1] * 2
