"""FreedomPay, asked over HTTP: what moves money moves it once, whatever becomes of the answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from app.core.money import Money
from app.domain.gateways import GatewayRefused, GatewayUnavailable
from app.domain.payments import Asked, AskedBack, Begun, Charge, ChargeState, RefundState
from app.integrations.payments.freedompay import FreedomPayAccount, FreedomPayGateway
from app.integrations.payments.guarding import GuardedGateway
from tests.factories.clock import NOW, Clock
from tests.fakes.freedompay import (
    INSTEAD,
    MERCHANT,
    SECRET,
    FreedomPayServer,
    freedompay_server,
)

PRICE = Money(4500_00, "KZT")
SCRIPTS = ["init_payment.php", "get_status3.php"]
BEFORE = ["500", "redirect"]
AFTER = ["500-after", "unsigned", "wrong-signature", "other-script", *INSTEAD]


@pytest.fixture(scope="module")
async def serving() -> AsyncIterator[FreedomPayServer]:
    async with freedompay_server() as server:
        yield server


@pytest.fixture
def server(serving: FreedomPayServer) -> FreedomPayServer:
    serving.reset()
    return serving


def gateway_of(server: FreedomPayServer, clock: Clock, **more) -> FreedomPayGateway:
    account = FreedomPayAccount(
        merchant_id=MERCHANT,
        secret=SECRET,
        api_base=server.address,
        notify_url="https://pay.example/api/v1/webhooks/freedompay",
        is_testing=True,
    )
    return FreedomPayGateway(replace(account, **more), clock)


@pytest.fixture
def gateway(server: FreedomPayServer, clock: Clock) -> FreedomPayGateway:
    return gateway_of(server, clock)


def asked(**changes) -> Asked:
    plain = Asked(
        payment_id=uuid4(),
        amount=PRICE,
        description="A haircut; & more",
        expires_at=NOW + timedelta(minutes=15),
        return_url="https://app.example/bookings/7",
        email="ada@example.com",
        locale="ru",
    )
    return replace(plain, **changes)


def unknown(payment_id: UUID) -> Charge:
    """Return what we know of a payment when the answer to its beginning was lost."""
    return Charge("", payment_id, ChargeState.OPEN, PRICE)


async def paid(server, gateway, **changes) -> Charge:
    begun = await gateway.begin(asked(**changes))
    server.succeed(begun.charge.payment_id)
    found = await gateway.look(begun.charge)
    assert found
    return found


def back(charge: Charge, amount: int = 1000_00, **more) -> AskedBack:
    assert charge.payment_id
    money = Money(amount, charge.amount.currency)
    return AskedBack(uuid4(), charge.payment_id, charge.reference, money, "asked for", **more)


async def test_a_payment_is_begun_with_all_they_have_to_know(server, gateway):
    wanted = asked()

    begun = await gateway.begin(wanted)

    [payment] = server.payments.values()
    charge = Charge(payment.id, wanted.payment_id, ChargeState.OPEN, PRICE)
    address = f"{server.address}/pay.html?customer={payment.id}&x=1"
    assert begun == Begun(charge, redirect_url=address)
    sent = server.sent["init_payment.php"]
    assert {name: text for name, text in sent.items() if name not in ("pg_salt", "pg_sig")} == {
        "pg_merchant_id": MERCHANT,
        "pg_order_id": str(wanted.payment_id),
        "pg_amount": "4500.00",
        "pg_currency": "KZT",
        "pg_description": "A haircut; & more",
        "pg_lifetime": "900",
        "pg_language": "ru",
        "pg_auto_clearing": "1",
        "pg_testing_mode": "1",
        "pg_request_method": "POST",
        "pg_check_url": "https://pay.example/api/v1/webhooks/freedompay/check",
        "pg_result_url": "https://pay.example/api/v1/webhooks/freedompay/result",
        "pg_success_url": "https://app.example/bookings/7",
        "pg_failure_url": "https://app.example/bookings/7",
        "pg_user_contact_email": "ada@example.com",
        "clearing": "at-once",
    }


@pytest.mark.parametrize(
    ("changes", "name", "text"),
    [
        ({"expires_at": NOW + timedelta(seconds=20)}, "pg_lifetime", "300"),
        ({"expires_at": NOW + timedelta(days=30)}, "pg_lifetime", "604800"),
        ({"expires_at": None}, "pg_lifetime", None),
        ({"email": None}, "pg_user_contact_email", None),
        ({"locale": "uk"}, "pg_language", "en"),
        ({"capture": False}, "pg_auto_clearing", "0"),
        ({"description": "x" * 2000}, "pg_description", "x" * 1024),
        ({"amount": Money(1, "KGS")}, "pg_amount", "0.01"),
        ({"amount": Money(99_999_999_00, "USD")}, "pg_amount", "99999999.00"),
        ({"amount": Money(500, "JPY")}, "pg_amount", "500"),
    ],
)
async def test_what_is_asked_for_is_said_in_their_words(server, gateway, changes, name, text):
    await gateway.begin(asked(**changes))

    assert server.sent["init_payment.php"].get(name) == text


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": Money(1000, "KWD")}, "currency-not-supported"),
        ({"amount": Money(0, "KZT")}, "amount-out-of-range"),
        ({"amount": Money(-1, "KZT")}, "amount-out-of-range"),
        ({"amount": Money(99_999_999_01, "KZT")}, "amount-out-of-range"),
        ({"return_url": "https://app.example/" + "x" * 250}, "return-url-too-long"),
        ({"return_url": "https://app.example/pay/result?a=b"}, "return-url-not-usable"),
    ],
)
async def test_what_they_could_not_take_is_not_sent(server, gateway, changes, code):
    with pytest.raises(GatewayRefused, match=code):
        await gateway.begin(asked(**changes))

    assert not server.calls


async def test_beginning_twice_begins_one_payment(server, gateway):
    wanted = asked()

    assert await gateway.begin(wanted) == await gateway.begin(wanted)
    assert len(server.payments) == 1


async def test_what_is_paid_is_not_begun_again(server, gateway):
    wanted = asked()
    await gateway.begin(wanted)
    server.succeed(wanted.payment_id)

    begun = await gateway.begin(wanted)

    assert begun.charge.state is ChargeState.PAID
    assert begun.redirect_url is None
    assert server.calls["init_payment.php"] == 1


@pytest.mark.parametrize("fault", AFTER)
async def test_an_answer_that_is_lost_or_false_leaves_one_payment_to_find(server, gateway, fault):
    wanted = asked()
    server.faults["init_payment.php"].append(fault)

    with pytest.raises(GatewayUnavailable):
        await gateway.begin(wanted)

    found = await gateway.look(unknown(wanted.payment_id))
    assert found
    assert (await gateway.begin(wanted)).charge == found
    assert len(server.payments) == 1


@pytest.mark.parametrize("fault", BEFORE)
async def test_a_call_that_failed_has_begun_nothing(server, gateway, fault):
    wanted = asked()
    server.faults["init_payment.php"].append(fault)

    with pytest.raises(GatewayUnavailable):
        await gateway.begin(wanted)

    assert await gateway.look(unknown(wanted.payment_id)) is None


@pytest.mark.parametrize("script", SCRIPTS)
async def test_who_does_not_answer_is_not_waited_for(server, clock, script):
    server.faults[script].append("hang")
    hasty = FreedomPayGateway(gateway_of(server, clock)._account, clock, seconds=0.2)

    async with asyncio.timeout(3):
        with pytest.raises(GatewayUnavailable):
            await hasty.begin(asked())


async def test_who_answers_slowly_is_waited_for(server, gateway):
    server.faults["init_payment.php"].append("slow")

    assert (await gateway.begin(asked())).redirect_url


async def test_nobody_there_is_unavailable(server, clock):
    for base in ("http://127.0.0.1:1", "not an address", ""):
        with pytest.raises(GatewayUnavailable):
            await gateway_of(server, clock, api_base=base).look(unknown(uuid4()))


async def test_an_answer_cut_short_is_unavailable(server, gateway):
    server.faults["get_status3.php"].append("drop")

    with pytest.raises(GatewayUnavailable):
        await gateway.look(unknown(uuid4()))


async def test_a_wrong_secret_gets_nothing_and_believes_nothing(server, clock):
    with pytest.raises(GatewayUnavailable):
        await gateway_of(server, clock, secret="another").begin(asked())

    assert not server.payments


async def test_a_refusal_has_its_code(server, clock):
    with pytest.raises(GatewayRefused, match=r"^101$"):
        await gateway_of(server, clock, merchant_id="9").begin(asked())


async def test_looking_when_they_refuse_tells_nothing_of_the_payment(server, clock):
    with pytest.raises(GatewayUnavailable):
        await gateway_of(server, clock, merchant_id="9").look(unknown(uuid4()))


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, ChargeState.OPEN),
        ({"pg_payment_status": "new"}, ChargeState.OPEN),
        ({"pg_payment_status": "process"}, ChargeState.PROCESSING),
        ({"pg_payment_status": "something new"}, ChargeState.PROCESSING),
        ({"pg_payment_status": "error"}, ChargeState.FAILED),
        ({"pg_payment_status": "incomplete"}, ChargeState.FAILED),
        ({"pg_payment_status": "success"}, ChargeState.AUTHORIZED),
        ({"pg_payment_status": "SUCCESS", "pg_captured": "1"}, ChargeState.PAID),
        ({"pg_payment_status": "success", "pg_captured": ""}, ChargeState.PAID),
        ({"pg_payment_status": "revoked"}, ChargeState.CANCELLED),
        ({"pg_payment_status": "revoked", "pg_captured": "1"}, ChargeState.PAID),
    ],
)
async def test_how_a_payment_stands_is_said_in_our_words(server, gateway, said, state):
    begun = await gateway.begin(asked())
    server.changes = said

    found = await gateway.look(begun.charge)

    assert found
    assert (found.state, found.amount) == (state, PRICE)
    assert found.failure_code == ("declined" if state is ChargeState.FAILED else None)


@pytest.mark.parametrize(
    "lie",
    [
        {"pg_amount": ""},
        {"pg_amount": "NaN"},
        {"pg_amount": "1e5"},
        {"pg_amount": "4500.001"},
        {"pg_amount": "٤٥٠٠"},
        {"pg_amount": "9" * 30},
        {"pg_currency": ""},
        {"pg_currency": "XXX"},
        {"pg_payment_id": ""},
        {"pg_payment_id": "another"},
        {"pg_order_id": str(uuid4())},
        {"pg_payment_status": "success", "pg_captured": "1", "pg_clearing_amount": "much"},
    ],
)
async def test_a_status_that_makes_no_sense_is_not_believed(server, gateway, lie):
    begun = await gateway.begin(asked())
    server.changes = lie

    with pytest.raises(GatewayUnavailable):
        await gateway.look(begun.charge)


async def test_authorized_money_is_captured_once_and_may_be_less(server, gateway):
    held = await paid(server, gateway, capture=False)
    assert held.state is ChargeState.AUTHORIZED

    less = replace(held, amount=Money(3000_50, "KZT"))
    captured = await gateway.capture(less)

    assert captured == replace(less, state=ChargeState.PAID)
    assert server.sent["do_capture.php"]["pg_clearing_amount"] == "3000.50"
    assert await gateway.capture(less) == captured
    assert server.calls["do_capture.php"] == 1


@pytest.mark.parametrize("fault", ["500-after", "wrong-signature", "malformed"])
async def test_a_capture_whose_answer_was_lost_is_found_done(server, gateway, fault):
    held = await paid(server, gateway, capture=False)
    server.faults["do_capture.php"].append(fault)

    with pytest.raises(GatewayUnavailable):
        await gateway.capture(held)

    assert (await gateway.capture(held)).state is ChargeState.PAID
    assert server.calls["do_capture.php"] == 1


async def test_money_that_is_not_there_can_not_be_captured(server, gateway):
    begun = await gateway.begin(asked(capture=False))

    with pytest.raises(GatewayRefused, match="490"):
        await gateway.capture(begun.charge)
    with pytest.raises(GatewayRefused, match="340"):
        await gateway.capture(unknown(uuid4()))


async def test_authorized_money_is_let_go(server, gateway):
    held = await paid(server, gateway, capture=False)

    assert (await gateway.cancel(held)).state is ChargeState.CANCELLED
    assert (await gateway.cancel(held)).state is ChargeState.CANCELLED
    assert server.calls["cancel.php"] == 1


async def test_what_is_paid_meanwhile_is_returned_as_paid(server, gateway):
    charge = await paid(server, gateway)

    assert await gateway.cancel(replace(charge, state=ChargeState.OPEN)) == charge
    assert not server.calls["cancel.php"]


async def test_who_can_not_cancel_what_is_open_lets_it_run_out(server, gateway):
    server.cancels_open = False
    begun = await gateway.begin(asked())

    assert (await gateway.cancel(begun.charge)).state is ChargeState.OPEN


async def test_what_was_never_begun_is_cancelled_already(gateway):
    lost = unknown(uuid4())

    assert await gateway.cancel(lost) == replace(lost, state=ChargeState.CANCELLED)


async def test_money_is_given_back_and_seen_again_by_the_same_name(server, gateway):
    charge = await paid(server, gateway)
    wanted = back(charge)

    report = await gateway.refund(wanted)

    assert (report.refund_id, report.amount) == (wanted.refund_id, wanted.amount)
    assert report.state is RefundState.SUCCEEDED
    assert server.sent["revoke.php"]["pg_refund_amount"] == "1000.00"
    looked = await gateway.look(charge)
    assert looked
    assert looked.refunds == (replace(report, refund_id=None),)


async def test_a_refund_repeated_has_one_effect(server, gateway):
    charge = await paid(server, gateway)
    wanted = back(charge)

    assert await gateway.refund(wanted) == await gateway.refund(wanted)
    assert server.calls["revoke.php"] == 1


@pytest.mark.parametrize("fault", ["500-after", "wrong-signature", "malformed", "unsigned"])
async def test_a_refund_whose_answer_was_lost_is_found_done(server, gateway, fault):
    charge = await paid(server, gateway)
    wanted = back(charge)
    server.faults["revoke.php"].append(fault)

    with pytest.raises(GatewayUnavailable):
        await gateway.refund(wanted)

    report = await gateway.refund(wanted)
    assert report.refund_id == wanted.refund_id
    assert server.calls["revoke.php"] == 1


async def test_refunds_alike_are_told_apart_by_what_is_known(server, gateway):
    charge = await paid(server, gateway)
    first = await gateway.refund(back(charge))

    second = await gateway.refund(back(charge, known=frozenset({first.reference})))

    assert first.reference != second.reference
    assert server.calls["revoke.php"] == 2


async def test_a_refund_in_the_cabinet_is_seen(server, gateway):
    charge = await paid(server, gateway)
    other = server.give_back(charge.payment_id, "20.5")

    looked = await gateway.look(charge)

    assert looked
    [report] = looked.refunds
    assert (report.reference, report.refund_id, report.amount) == (
        other.id,
        None,
        Money(2050, "KZT"),
    )


async def test_no_more_is_given_back_than_was_paid(server, gateway):
    charge = await paid(server, gateway)
    server.give_back(charge.payment_id, "4000")

    with pytest.raises(GatewayRefused, match="refund-exceeds-payment"):
        await gateway.refund(back(charge, 500_01))
    with pytest.raises(GatewayRefused, match="currency-mismatch"):
        await gateway.refund(replace(back(charge), amount=Money(1, "USD")))

    assert not server.calls["revoke.php"]


async def test_what_is_only_summed_up_counts_too(server, gateway):
    charge = await paid(server, gateway)
    server.give_back(charge.payment_id, "4000")
    server.lists_refunds = False

    with pytest.raises(GatewayRefused, match="refund-exceeds-payment"):
        await gateway.refund(back(charge))


async def test_a_refund_that_is_not_listed_yet_is_not_asked_for_again(server, gateway):
    charge = await paid(server, gateway)
    server.lists_refunds = False

    with pytest.raises(GatewayUnavailable):
        await gateway.refund(back(charge))


@pytest.mark.parametrize("fault", ["500-after", "drop", ""])
async def test_the_guard_does_not_repeat_a_refund_that_may_have_been_made(server, gateway, fault):
    charge = await paid(server, gateway)
    server.lists_refunds = False
    server.faults["revoke.php"].append(fault)
    guarded = GuardedGateway(gateway, "freedompay", pause=0)

    with pytest.raises(GatewayUnavailable):
        await guarded.refund(back(charge))

    assert server.calls["revoke.php"] == 1


@pytest.mark.parametrize(
    ("status", "state"), [("error", RefundState.FAILED), ("process", RefundState.PENDING)]
)
async def test_a_refund_that_fails_or_takes_time_is_told(server, gateway, status, state):
    charge = await paid(server, gateway)
    server.refund_status = status

    assert (await gateway.refund(back(charge))).state is state


async def test_a_refund_that_failed_can_be_tried_again(server, gateway):
    charge = await paid(server, gateway)
    wanted = back(charge)
    server.refund_status = "error"
    failed = await gateway.refund(wanted)
    server.refund_status = "success"

    report = await gateway.refund(wanted)

    assert report.state is RefundState.SUCCEEDED
    assert report.reference != failed.reference


async def test_what_was_never_paid_is_not_given_back(server, gateway):
    begun = await gateway.begin(asked())

    with pytest.raises(GatewayRefused, match="490"):
        await gateway.refund(back(begun.charge))


async def test_neither_secret_nor_signature_is_in_what_is_raised_or_logged(server, clock, caplog):
    caplog.set_level(0)
    server.faults["init_payment.php"].extend(["500", "malformed", "drop", "wrong-signature"])
    gateway = gateway_of(server, clock)
    told = []
    for _ in range(4):
        with pytest.raises(GatewayUnavailable) as caught:
            await gateway.begin(asked())
        told.append(repr(caught.getrepr(style="short", showlocals=False)))
        told.append(str(caught.value.__cause__))

    text = caplog.text + "".join(told)
    assert SECRET not in text
    assert server.sent["init_payment.php"]["pg_sig"] not in text
    assert SECRET not in repr(gateway_of(server, clock)._account)
