"""What every gateway does, whoever is behind it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest

from app.core.ids import new_id
from app.core.money import Money
from app.domain.gateways import GatewayRefused, GatewayUnavailable, InvalidSignature
from app.domain.payments import Charge, ChargeState, RefundState, Verdict, merged
from tests.factories.clock import Clock
from tests.integrations.payments.vendors import VENDORS, Vendor, asked, back, unknown


@pytest.fixture
def now() -> Clock:
    """The time at which ids are made, for a gateway may ask how old a payment is."""
    return Clock(datetime.now(UTC))


@pytest.fixture(params=VENDORS)
async def vendor(request, now) -> AsyncIterator[Vendor]:
    async with VENDORS[request.param](now) as vendor:
        yield vendor


async def paid(vendor: Vendor, **changes) -> Charge:
    begun = await vendor.gateway.begin(asked(vendor.prices[0], **changes))
    vendor.pay(begun.charge)
    charge = await vendor.gateway.look(begun.charge)
    assert charge
    return charge


async def test_a_payment_is_begun_with_all_that_its_customer_needs(vendor):
    wanted = asked(vendor.prices[0])

    begun = await vendor.gateway.begin(wanted)

    assert begun.charge == replace(unknown(wanted), reference=begun.charge.reference)
    assert begun.charge.reference
    assert begun.client_secret or begun.redirect_url


async def test_begun_twice_it_is_one_payment(vendor):
    wanted = asked(vendor.prices[0])

    first, second = await vendor.gateway.begin(wanted), await vendor.gateway.begin(wanted)

    assert first == second
    assert vendor.begun() == 1


async def test_a_payment_is_found_by_our_id_when_the_answer_was_lost(vendor):
    wanted = asked(vendor.prices[0])
    vendor.lose()
    with suppress(GatewayUnavailable):
        await vendor.gateway.begin(wanted)

    found = await vendor.gateway.look(unknown(wanted))
    again = await vendor.gateway.begin(wanted)

    assert found == again.charge
    assert vendor.begun() == 1


async def test_a_payment_that_was_never_begun_is_not_found(vendor):
    assert await vendor.gateway.look(unknown(asked(vendor.prices[0]))) is None


async def test_what_was_paid_is_seen(vendor):
    wanted = asked(vendor.prices[0])
    begun = await vendor.gateway.begin(wanted)
    vendor.pay(begun.charge)

    found = await vendor.gateway.look(begun.charge)

    assert found
    assert (found.state, found.amount) == (ChargeState.PAID, wanted.amount)
    assert await vendor.gateway.look(unknown(wanted)) == found


async def test_an_amount_is_the_same_there_and_back_whatever_its_decimals(vendor):
    for price in vendor.prices:
        begun = await vendor.gateway.begin(asked(price))
        vendor.pay(begun.charge)
        found = await vendor.gateway.look(begun.charge)
        notice = vendor.gateway.read(**vars(vendor.notice(found)))

        assert begun.charge.amount == found.amount == notice.charge.amount == price


async def test_what_is_authorized_is_captured_once_and_for_less_where_that_is_wanted(vendor):
    charge = await paid(vendor, capture=False)
    assert charge.state is ChargeState.AUTHORIZED
    less = replace(charge, amount=Money(charge.amount.amount - 10_00, charge.amount.currency))

    captured = await vendor.gateway.capture(less)
    again = await vendor.gateway.capture(less)

    assert (captured.state, captured.amount) == (ChargeState.PAID, less.amount)
    assert (again.state, again.amount, again.refunds) == (ChargeState.PAID, less.amount, ())


async def test_a_notice_says_that_it_is_authorized_and_not_more(vendor):
    charge = await paid(vendor, capture=False)

    notice = vendor.gateway.read(**vars(vendor.notice(charge)))

    told = notice.charge
    assert (told.state, told.amount, told.fee) == (ChargeState.AUTHORIZED, charge.amount, None)
    assert merged(charge, told) == merged(told, charge)


async def test_of_those_who_capture_at_once_it_is_taken_once(vendor):
    charge = await paid(vendor, capture=False)

    captured = await asyncio.gather(*(vendor.gateway.capture(charge) for _ in range(5)))

    assert {(one.state, one.amount) for one in captured} == {(ChargeState.PAID, charge.amount)}
    found = await vendor.gateway.look(charge)
    assert found
    assert (found.state, found.amount, found.refunds) == (ChargeState.PAID, charge.amount, ())


async def test_what_lapsed_is_seen_and_can_not_be_captured(vendor):
    charge = await paid(vendor, capture=False)
    vendor.lapse(charge)

    found = await vendor.gateway.look(charge)
    try:
        captured = await vendor.gateway.capture(charge)
    except GatewayRefused:
        captured = found

    assert found
    assert (found.state, found.refunds) == (ChargeState.CANCELLED, ())
    assert captured.state is ChargeState.CANCELLED


async def test_what_is_authorized_can_be_let_go(vendor):
    charge = await paid(vendor, capture=False)

    cancelled = await vendor.gateway.cancel(charge)

    assert (cancelled.state, cancelled.refunds) == (ChargeState.CANCELLED, ())
    assert (await vendor.gateway.cancel(charge)).state is ChargeState.CANCELLED


async def test_cancelling_what_is_paid_meanwhile_returns_it_as_paid(vendor):
    begun = await vendor.gateway.begin(asked(vendor.prices[0]))
    vendor.pay(begun.charge)

    charge = await vendor.gateway.cancel(begun.charge)

    assert (charge.state, charge.amount) == (ChargeState.PAID, begun.charge.amount)


async def test_what_was_never_begun_is_cancelled(vendor):
    charge = await vendor.gateway.cancel(unknown(asked(vendor.prices[0])))

    assert charge.state is ChargeState.CANCELLED


async def test_a_refund_asked_for_twice_is_given_once(vendor):
    charge = await paid(vendor)
    wanted = back(charge, 10_00)

    first, second = await vendor.gateway.refund(wanted), await vendor.gateway.refund(wanted)

    assert first == second
    assert (first.refund_id, first.amount) == (wanted.refund_id, wanted.amount)
    assert first.state is RefundState.SUCCEEDED
    assert vendor.given_back(charge) == 10_00


async def test_several_refunds_are_given_until_all_is_back(vendor):
    charge = await paid(vendor)
    half = charge.amount.amount // 2
    first = await vendor.gateway.refund(back(charge, half))
    wanted = back(charge, charge.amount.amount - half)
    wanted = replace(wanted, known=frozenset({first.reference}))
    second = await vendor.gateway.refund(wanted)

    found = await vendor.gateway.look(charge)

    assert found
    assert {one.reference for one in found.refunds} == {first.reference, second.reference}
    assert vendor.given_back(charge) == charge.amount.amount
    with pytest.raises(GatewayRefused):
        await vendor.gateway.refund(back(charge, 1))


async def test_more_than_was_paid_is_never_given_back(vendor):
    charge = await paid(vendor)

    with pytest.raises(GatewayRefused) as refused:
        await vendor.gateway.refund(back(charge, charge.amount.amount + 1))

    assert refused.value.code
    assert vendor.given_back(charge) == 0


async def test_a_notice_says_what_a_look_says(vendor):
    begun = await vendor.gateway.begin(asked(vendor.prices[0]))
    vendor.pay(begun.charge)
    charge = await vendor.gateway.look(begun.charge)

    notice = vendor.gateway.read(**vars(vendor.notice(charge)))
    again = vendor.gateway.read(**vars(vendor.notice(charge)))

    assert notice.event_id
    assert again.kind == notice.kind
    told, seen = (replace(one, fee=None) for one in (notice.charge, charge))
    assert told == seen


async def test_a_signature_that_does_not_fit_is_refused(vendor):
    one, other = await paid(vendor), await paid(vendor)
    good = vendor.notice(one)
    vendor.gateway.read(**vars(good))

    for name, sent in vendor.forged(good, vendor.notice(other)).items():
        with pytest.raises(InvalidSignature):
            vendor.gateway.read(**vars(sent))
            pytest.fail(name)


async def test_facts_are_the_same_in_whatever_order_they_come(vendor):
    begun = await vendor.gateway.begin(asked(vendor.prices[0]))
    facts = [begun.charge]
    vendor.pay(begun.charge)
    found = await vendor.gateway.look(begun.charge)
    facts += [found, vendor.gateway.read(**vars(vendor.notice(found))).charge]
    await vendor.gateway.refund(back(found, 10_00))
    facts.append(await vendor.gateway.look(found))

    results = set()
    for order in permutations(facts):
        known = begun.charge
        for fact in order:
            known = merged(known, fact)
        results.add(known)

    assert len(results) == 1
    assert results.pop().state is ChargeState.PAID


async def test_a_delivery_is_answered_whatever_is_said(vendor):
    for verdict in Verdict:
        body, media_type = vendor.gateway.answer("result", verdict, reason="It lapsed.")

        assert body
        assert media_type in ("application/json", "application/xml", "text/xml")


async def test_ids_that_are_ours_are_never_another_payments(vendor):
    one, other = await paid(vendor), await paid(vendor)
    wanted = new_id()

    await vendor.gateway.refund(back(one, 10_00, refund_id=wanted))

    assert vendor.given_back(other) == 0
