"""What Stripe sends us: nothing is believed before its signature."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import permutations

import httpx
import pytest

from app.core.money import Money
from app.domain.gateways import InvalidSignature, UnreadableNotice
from app.domain.payments import ChargeState, RefundState, merged
from app.integrations.payments.stripe import (
    LARGEST,
    StripeAccount,
    StripeGateway,
    webhook_secrets,
)
from tests.factories.clock import NOW, Clock
from tests.fakes.stripe import KEY, SECRET, StripeServer, signed, stripe_server
from tests.integrations.payments.vendors import asked, back

PRICE = Money(45_00, "EUR")


@pytest.fixture
async def server() -> AsyncIterator[StripeServer]:
    async with stripe_server() as server:
        yield server


@pytest.fixture
async def gateway(server) -> AsyncIterator[StripeGateway]:
    clock = Clock(datetime.now(UTC))
    gateway = StripeGateway(StripeAccount(KEY, (SECRET,), server.address), clock)
    yield gateway
    await gateway.close()


def read(gateway: StripeGateway, body: bytes, secrets: tuple[str, ...] = (SECRET,)):
    return gateway.read("stripe", signed(body, at=gateway._clock(), secrets=secrets), body)


async def paid(server, gateway, **changes):
    begun = await gateway.begin(asked(PRICE, **changes))
    server.pay(begun.charge.reference)
    return begun.charge


@pytest.mark.parametrize(
    ("ours", "theirs", "is_believed"),
    [
        ("whsec_new,whsec_old", ("whsec_old",), True),
        ("whsec_new, whsec_old ", ("whsec_new", "whsec_older"), True),
        ("whsec_new", ("whsec_old", "whsec_new"), True),
        ("whsec_new", ("whsec_old",), False),
        ("", ("whsec_old",), False),
        (" , ", (" ",), False),
    ],
)
async def test_a_secret_can_take_anothers_place(server, ours, theirs, is_believed):
    gateway = StripeGateway(StripeAccount(KEY, webhook_secrets(ours)), Clock())
    body = server.event("product.created", {"id": "prod_1"})
    headers = signed(body, at=NOW, secrets=theirs)

    if is_believed:
        assert gateway.read("stripe", headers, body).charge is None
    else:
        with pytest.raises(InvalidSignature):
            gateway.read("stripe", headers, body)
    await gateway.close()


async def test_an_event_of_a_kind_we_do_not_know_tells_of_no_payment(server, gateway):
    for kind in ("customer.created", "charge.succeeded", "charge.pending", "x"):
        notice = read(gateway, server.event(kind, {"id": "cus_1", "object": "customer"}))

        assert (notice.kind, notice.charge) == (kind, None)


async def test_a_failed_try_is_not_the_end(server, gateway):
    begun = await gateway.begin(asked(PRICE))
    failed = server.event("payment_intent.payment_failed", server.decline(begun.charge.reference))
    won = server.event("payment_intent.succeeded", server.pay(begun.charge.reference))

    late = read(gateway, failed).charge
    assert (late.state, late.failure_code) == (ChargeState.OPEN, "insufficient_funds")
    for order in permutations([begun.charge, late, read(gateway, won).charge]):
        known = merged(merged(order[0], order[1]), order[2])
        assert (known.state, known.amount, known.failure_code) == (ChargeState.PAID, PRICE, None)


@pytest.mark.parametrize("kind", ["refund.created", "refund.updated", "charge.refund.updated"])
async def test_a_refund_is_told_of_with_our_id(server, gateway, kind):
    charge = await paid(server, gateway)
    wanted = back(charge, 10_00)
    report = await gateway.refund(wanted)

    told = read(gateway, server.event(kind, server.refunds[report.reference])).charge

    assert told.refunds == (report,)
    assert (told.reference, told.payment_id) == (charge.reference, charge.payment_id)
    known = await gateway.look(charge)
    assert merged(known, told) == merged(told, known) == known


async def test_a_refund_of_the_dashboard_is_told_of_without_one(server, gateway):
    charge = await paid(server, gateway)
    refund = server.give_back(charge.reference, 10_00)

    told = read(gateway, server.event("refund.created", refund)).charge

    [report] = told.refunds
    assert (report.refund_id, report.amount) == (None, Money(10_00, "EUR"))


async def test_a_refund_may_fail_after_it_succeeded(server, gateway):
    charge = await paid(server, gateway)
    report = await gateway.refund(back(charge, 10_00))
    before = server.event("refund.updated", server.refunds[report.reference])
    failed = server.refunds[report.reference] | {"status": "failed", "failure_reason": None}
    after = server.event("refund.failed", failed)

    one, other = read(gateway, before).charge, read(gateway, after).charge

    for known in (merged(one, other), merged(other, one)):
        [refund] = known.refunds
        assert (refund.state, refund.failure_code) == (RefundState.FAILED, "canceled")


@pytest.mark.parametrize("lists_refunds", [True, False])
async def test_a_refunded_charge_is_a_paid_one(server, gateway, lists_refunds):
    charge = await paid(server, gateway)
    await gateway.refund(back(charge, 10_00))
    about = server.charge(charge.reference, lists_refunds=lists_refunds)

    told = read(gateway, server.event("charge.refunded", about)).charge

    assert (told.state, told.amount) == (ChargeState.PAID, PRICE)
    assert len(told.refunds) == lists_refunds


async def test_what_was_never_taken_is_not_refunded(server, gateway):
    charge = await paid(server, gateway, capture=False)
    about = server.charge(charge.reference)
    release = server.give_back(charge.reference, 45_00, reason="expired_uncaptured_charge")

    for kind, told in (("charge.refunded", about), ("refund.created", release)):
        notice = read(gateway, server.event(kind, told))
        assert notice.charge
        assert (notice.charge.state, notice.charge.refunds) == (ChargeState.OPEN, ())


@pytest.mark.parametrize(
    ("kind", "status", "taken", "back"),
    [
        ("created", "warning_under_review", False, False),
        ("funds_withdrawn", "needs_response", True, False),
        ("funds_reinstated", "won", True, True),
        ("closed", "lost", True, False),
    ],
)
async def test_a_dispute_is_told_of(server, gateway, kind, status, taken, back):
    charge = await paid(server, gateway)
    dispute = server.dispute(charge.reference, 20_00, status)

    told = read(gateway, server.event(f"charge.dispute.{kind}", dispute)).charge

    [report] = told.disputes
    assert (told.reference, report.amount) == (charge.reference, Money(20_00, "EUR"))
    assert (report.is_withdrawn, report.is_reinstated) == (taken, back)
    known = await gateway.look(charge)
    assert merged(known, told) == merged(told, known)
    assert merged(known, told).amount == PRICE


async def test_the_other_mode_is_refused(server, gateway):
    body = server.event("customer.created", {"id": "cus_1"}, livemode=True)

    with pytest.raises(UnreadableNotice):
        read(gateway, body)


INTENT = {
    "id": "pi_1",
    "status": "succeeded",
    "currency": "eur",
    "amount": 4500,
    "amount_received": 4500,
}


@pytest.mark.parametrize(
    "changes",
    [
        {"id": None},
        {"id": "pi_1\0"},
        {"id": ""},
        {"id": "x" * 256},
        {"status": "sublimated"},
        {"status": []},
        {"currency": "e1"},
        {"currency": None},
        {"amount_received": -1},
        {"amount_received": 45.0},
        {"amount_received": "4500"},
        {"amount_received": True},
        {"last_payment_error": "no"},
    ],
)
async def test_a_signed_event_that_can_not_be_read_is_refused(server, gateway, changes):
    good = server.event("payment_intent.succeeded", INTENT)
    assert read(gateway, good).charge

    with pytest.raises(UnreadableNotice):
        read(gateway, server.event("payment_intent.succeeded", INTENT | changes))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'{"id": "evt_1"',
        b"\xff",
        b"[" * 100_000,
        json.dumps({"id": "evt_1", "type": "x", "data": 7}).encode(),
        json.dumps({"id": 7, "type": "x", "data": {"object": {}}}).encode(),
        json.dumps({"id": "evt_1", "type": "refund.created", "data": {"object": None}}).encode(),
    ],
)
async def test_a_signed_body_that_is_no_event_is_refused(gateway, body):
    with pytest.raises(UnreadableNotice):
        read(gateway, body)


async def test_a_huge_body_is_refused_before_it_is_read(gateway):
    with pytest.raises(UnreadableNotice):
        read(gateway, b" " * (LARGEST + 1))


async def test_a_payment_that_somebody_else_made_there_has_no_id_of_ours(server, gateway):
    for metadata in (None, {}, {"payment_id": "7"}, {"payment_id": 7}, []):
        body = server.event("payment_intent.succeeded", INTENT | {"metadata": metadata})

        assert read(gateway, body).charge.payment_id is None


async def test_events_are_delivered_as_often_and_in_whatever_order_one_wants(server, gateway):
    """The double itself: its deliveries are real HTTP, and are read as they come."""
    charge = await paid(server, gateway)
    first = server.event("payment_intent.succeeded", server.intents[charge.reference])
    second = server.event("product.created", {"id": "prod_1"})
    server.faults["retrieve"].append("500")  # is for others

    answers = await server.deliver(
        f"{server.address}/nobody", second, first, first, at=gateway._clock()
    )

    assert answers == [httpx.codes.NOT_FOUND] * 3
    assert read(gateway, first) == read(gateway, first)


async def test_that_money_was_taken_is_told_by_the_kind_where_nothing_moved_yet(server, gateway):
    charge = await paid(server, gateway)
    bare = server.dispute(charge.reference, 20_00) | {"balance_transactions": []}

    taken = read(gateway, server.event("charge.dispute.funds_withdrawn", bare)).charge
    back = read(gateway, server.event("charge.dispute.funds_reinstated", bare)).charge

    assert [one.is_withdrawn for one in taken.disputes] == [True]
    assert [one.is_reinstated for one in back.disputes] == [True]


@pytest.mark.parametrize("change", [{"status": "odd"}, {"amount": "20"}, {"id": None}])
async def test_a_dispute_that_cannot_be_read_is_refused(server, gateway, change):
    charge = await paid(server, gateway)
    odd = server.dispute(charge.reference, 20_00) | change

    with pytest.raises(UnreadableNotice):
        read(gateway, server.event("charge.dispute.created", odd))
