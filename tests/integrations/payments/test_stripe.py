"""Stripe, asked over HTTP: what moves money moves it once, whatever becomes of the answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.core.money import CURRENCIES, Money, exponent
from app.domain.disputes import DisputeState
from app.domain.gateways import GatewayRefused, GatewayUnavailable
from app.domain.payments import ChargeState, RefundState
from app.integrations.payments.guarding import GuardedGateway
from app.integrations.payments.stripe import StripeAccount, StripeGateway
from app.integrations.payments.stripe_amounts import from_stripe, to_stripe
from tests.factories.clock import Clock
from tests.fakes.stripe import BEFORE, INSTEAD, KEY, SECRET, StripeServer, stripe_server
from tests.integrations.payments.vendors import asked, back, unknown

PRICE = Money(45_00, "EUR")
AFTER = ["500-after", "drop", *INSTEAD]


@pytest.fixture
async def server() -> AsyncIterator[StripeServer]:
    async with stripe_server() as server:
        yield server


@pytest.fixture
def now() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture
async def gateway(server, now) -> AsyncIterator[StripeGateway]:
    gateway = StripeGateway(StripeAccount(KEY, (SECRET,), server.address), now)
    yield gateway
    await gateway.close()


async def paid(server, gateway, price=PRICE, **changes):
    begun = await gateway.begin(asked(price, **changes))
    server.pay(begun.charge.reference)
    return await gateway.look(begun.charge)


async def test_nothing_of_the_customer_is_told_beside_what_is_paid(server, gateway):
    wanted = asked(PRICE)

    await gateway.begin(wanted)

    assert server.sent["create"] == {
        "amount": "4500",
        "currency": "eur",
        "automatic_payment_methods[enabled]": "true",
        "capture_method": "automatic",
        "description": "A haircut",
        "metadata[payment_id]": str(wanted.payment_id),
    }
    assert list(server.kept) == [f"pi:{wanted.payment_id}"]


@pytest.mark.parametrize("fault", [*BEFORE, *AFTER])
async def test_an_answer_that_is_no_use_says_nothing_and_the_payment_is_found(
    server, gateway, fault
):
    wanted = asked(PRICE)
    server.faults["create"].append(fault)

    with pytest.raises(GatewayUnavailable):
        await gateway.begin(wanted)

    found = await gateway.look(unknown(wanted))
    assert (found is None) == (fault in BEFORE)
    assert len(server.intents) == (fault in AFTER)


async def test_an_answer_that_never_comes_is_not_waited_for(server, now):
    gateway = StripeGateway(StripeAccount(KEY, (SECRET,), server.address, seconds=0.2), now)
    wanted = asked(PRICE)
    server.faults["create"].append("hang")

    with pytest.raises(GatewayUnavailable):
        await gateway.begin(wanted)

    assert await gateway.look(unknown(wanted))
    await gateway.close()


@pytest.mark.parametrize("fault", ["500", "429", "drop", "malformed"])
async def test_tried_again_a_payment_is_begun_once(server, gateway, fault):
    guarded = GuardedGateway(gateway, "stripe", pause=0)
    server.faults["create"].extend([fault, fault])

    begun = await guarded.begin(asked(PRICE))

    assert server.calls["create"] == 3
    assert list(server.intents) == [begun.charge.reference]


@pytest.mark.parametrize("fault", ["500", "drop", "500-after", "list"])
async def test_tried_again_money_is_given_back_once(server, gateway, fault):
    guarded = GuardedGateway(gateway, "stripe", pause=0)
    charge = await paid(server, gateway)
    server.faults["refund"].append(fault)

    report = await guarded.refund(back(charge, 10_00))

    assert report.state is RefundState.SUCCEEDED
    assert [one["amount"] for one in server.refunds.values()] == [10_00]


async def test_a_refund_is_given_once_after_its_key_is_forgotten(server, gateway):
    charge = await paid(server, gateway)
    wanted = back(charge, 10_00)
    first = await gateway.refund(wanted)
    server.kept.clear()

    assert await gateway.refund(wanted) == first
    assert len(server.refunds) == 1


async def test_two_who_give_the_same_back_at_once_give_it_once(server, gateway):
    charge = await paid(server, gateway)
    wanted = back(charge, 10_00)

    reports = await asyncio.gather(*(gateway.refund(wanted) for _ in range(4)))

    assert len(set(reports)) == len(server.refunds) == 1


async def test_a_payment_is_begun_once_after_its_key_is_forgotten(server, gateway, now):
    wanted = asked(PRICE)
    first = await gateway.begin(wanted)
    server.kept.clear()
    now.forward(hours=24)

    assert await gateway.begin(wanted) == first
    assert len(server.intents) == 1


async def test_another_wording_of_the_same_payment_is_the_same_payment(server, gateway):
    wanted = asked(PRICE)
    first = await gateway.begin(wanted)

    assert await gateway.begin(replace(wanted, description="Eine Rasur")) == first
    with pytest.raises(GatewayRefused, match="idempotency_key_reused"):
        await gateway.begin(replace(wanted, amount=Money(1_00, "EUR")))
    assert len(server.intents) == 1


async def test_a_payment_begun_long_after_it_was_made_is_found_by_a_search(server, gateway):
    wanted = asked(PRICE)
    begun = await gateway.begin(wanted)
    server.intents[begun.charge.reference]["created"] += 3600

    assert await gateway.look(unknown(wanted)) == begun.charge
    assert server.calls["search"] == 1

    server.search_is_late = True
    assert await gateway.look(unknown(wanted)) is None


async def test_a_payment_is_found_among_many(server, gateway):
    wanted = asked(PRICE)
    begun = await gateway.begin(wanted)
    one = server.intents[begun.charge.reference]
    server.search_is_late = True
    for number in range(250):
        server.intents[f"x{number}"] = one | {"id": f"x{number}", "metadata": {}}

    assert await gateway.look(unknown(wanted)) == begun.charge
    assert server.calls["list"] == 3


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("requires_payment_method", ChargeState.OPEN),
        ("requires_confirmation", ChargeState.OPEN),
        ("requires_action", ChargeState.OPEN),
        ("processing", ChargeState.PROCESSING),
        ("requires_capture", ChargeState.AUTHORIZED),
        ("canceled", ChargeState.CANCELLED),
    ],
)
async def test_their_states_in_our_words(server, gateway, status, state):
    begun = await gateway.begin(asked(PRICE))
    server.intents[begun.charge.reference]["status"] = status

    charge = await gateway.look(begun.charge)

    assert charge
    assert charge.state is state


async def test_a_state_nobody_knows_is_no_answer(server, gateway):
    begun = await gateway.begin(asked(PRICE))
    server.intents[begun.charge.reference]["status"] = "sublimated"

    with pytest.raises(GatewayUnavailable):
        await gateway.look(begun.charge)


async def test_a_declined_card_leaves_it_open_and_says_why(server, gateway):
    begun = await gateway.begin(asked(PRICE))
    server.decline(begun.charge.reference)

    charge = await gateway.look(begun.charge)

    assert charge
    assert (charge.state, charge.failure_code) == (ChargeState.OPEN, "insufficient_funds")


async def test_what_stripe_keeps_is_told(server, gateway):
    charge = await paid(server, gateway)

    assert charge.fee == Money(160, "EUR")


async def test_every_refund_is_seen_however_many(server, gateway):
    charge = await paid(server, gateway)
    for _ in range(12):
        server.give_back(charge.reference, 1_00)

    found = await gateway.look(charge)

    assert found
    assert len(found.refunds) == 12
    assert {one.refund_id for one in found.refunds} == {None}


async def test_a_refund_that_failed_says_why(server, gateway):
    charge = await paid(server, gateway)
    report = await gateway.refund(back(charge, 10_00))
    server.refunds[report.reference] |= {"status": "failed", "failure_reason": "lost_or_stolen"}

    found = await gateway.look(charge)

    assert found
    [refund] = found.refunds
    assert (refund.state, refund.failure_code) == (RefundState.FAILED, "lost_or_stolen")


@pytest.mark.parametrize(
    ("status", "state", "taken", "back"),
    [
        ("needs_response", DisputeState.OPEN, True, False),
        ("lost", DisputeState.LOST, True, False),
        ("won", DisputeState.WON, True, True),
        ("warning_needs_response", DisputeState.INQUIRY, False, False),
        ("prevented", DisputeState.DROPPED, False, False),
    ],
)
async def test_a_dispute_is_seen(server, gateway, status, state, taken, back):
    charge = await paid(server, gateway)
    server.dispute(charge.reference, 20_00, status)

    found = await gateway.look(charge)

    assert found
    [dispute] = found.disputes
    assert (dispute.amount, dispute.state) == (Money(20_00, "EUR"), state)
    assert (dispute.is_withdrawn, dispute.is_reinstated) == (taken, back)
    assert dispute.fee == (Money(15_00, "EUR") if taken else None)
    assert dispute.fee_back == (Money(5_00, "EUR") if back else None)


async def test_a_capture_whose_answer_is_lost_is_seen(server, gateway):
    guarded = GuardedGateway(gateway, "stripe", pause=0)
    charge = await paid(server, gateway, capture=False)
    server.faults["capture"].append("drop")

    captured = await guarded.capture(replace(charge, amount=Money(30_00, "EUR")))

    assert (captured.state, captured.amount) == (ChargeState.PAID, Money(30_00, "EUR"))
    assert captured.refunds == ()  # the rest was never taken


async def test_a_cancellation_refused_once_is_not_refused_for_ever(server, gateway):
    begun = await gateway.begin(asked(PRICE))
    server.intents[begun.charge.reference]["status"] = "processing"
    assert (await gateway.cancel(begun.charge)).state is ChargeState.PROCESSING

    server.decline(begun.charge.reference)

    assert (await gateway.cancel(begun.charge)).state is ChargeState.CANCELLED


async def test_a_lost_beginning_is_cancelled_by_our_id(server, gateway):
    wanted = asked(PRICE)
    await gateway.begin(wanted)

    charge = await gateway.cancel(unknown(wanted))

    assert charge.state is ChargeState.CANCELLED
    assert [one["status"] for one in server.intents.values()] == ["canceled"]


@pytest.mark.parametrize(
    ("money", "amount"),
    [
        (Money(45_00, "EUR"), 4500),
        (Money(500, "JPY"), 500),
        (Money(5_120, "KWD"), 5120),
        (Money(5, "ISK"), 500),
        (Money(5, "UGX"), 500),
        (Money(5, "RSD"), 500),
        (Money(7, "KZT"), 7),
    ],
)
def test_an_amount_has_the_digits_that_stripe_gives_the_currency(money, amount):
    assert to_stripe(money) == amount
    assert from_stripe(amount, money.currency.lower()) == money


def test_thousandths_that_stripe_does_not_know_are_refused_and_not_rounded():
    with pytest.raises(GatewayRefused, match="amount-not-representable"):
        to_stripe(Money(5_124, "KWD"))


@pytest.mark.parametrize(("amount", "ours"), [(149, 1), (150, 2), (100, 1), (49, 0)])
def test_what_is_smaller_than_our_smallest_coin_is_rounded(amount, ours):
    assert from_stripe(amount, "isk") == Money(ours, "ISK")


def test_a_million_of_any_currency_is_a_million_there_and_back():
    for currency in CURRENCIES:
        money = Money(10**6 * 10 ** exponent(currency), currency)

        assert from_stripe(to_stripe(money), currency) == money
