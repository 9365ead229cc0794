"""What every gateway does that keeps cards."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from app.core.ids import new_id
from app.domain.gateways import GatewayRefused
from app.domain.payments import ChargeState
from app.integrations.payments.protocol import CardGateway
from tests.factories.clock import Clock
from tests.integrations.payments.vendors import VENDORS, CardVendor, Vendor, asked, unknown

KEEPING = ("sandbox", "stripe")


@pytest.fixture
def now() -> Clock:
    return Clock(datetime.now(UTC))


@pytest.fixture(params=KEEPING)
async def vendor(request, now) -> AsyncIterator[CardVendor]:
    async with VENDORS[request.param](now) as vendor:
        yield vendor


@pytest.fixture
async def customer(vendor) -> str:
    return await vendor.gateway.customer(new_id())


async def saved(vendor, customer, last4="4242"):
    notice = vendor.save(customer, last4)
    return vendor.gateway.read(**vars(notice)).card


@pytest.mark.parametrize("name", VENDORS)
async def test_those_that_keep_cards_say_so(name, now):
    async with VENDORS[name](now) as vendor:
        found: Vendor = vendor
        assert isinstance(found.gateway, CardGateway) is (name in KEEPING)


async def test_somebody_is_one_customer_however_often(vendor):
    user_id = new_id()

    first, second = [await vendor.gateway.customer(user_id) for _ in range(2)]

    assert first == second
    assert await vendor.gateway.customer(new_id()) != first


async def test_a_card_is_saved_told_of_and_listed_by_its_end_alone(vendor, customer):
    secret = await vendor.gateway.begin_saving(new_id(), customer)

    card = await saved(vendor, customer)

    assert "_secret_" in secret
    assert (card.customer, card.brand, card.last4) == (customer, "visa", "4242")
    assert (card.expires_month, card.expires_year, card.is_removed) == (12, 2034, False)
    assert list(await vendor.gateway.cards(customer)) == [card]


async def test_a_card_that_was_forgotten_is_listed_no_longer_and_can_be_again(vendor, customer):
    kept, gone = await saved(vendor, customer), await saved(vendor, customer)

    await vendor.gateway.forget(gone.reference)
    await vendor.gateway.forget(gone.reference)

    assert list(await vendor.gateway.cards(customer)) == [kept]


async def test_a_customer_can_be_forgotten_and_again(vendor):
    customer = await vendor.gateway.customer(new_id())
    await saved(vendor, customer)

    await vendor.gateway.forget_customer(customer)
    await vendor.gateway.forget_customer(customer)

    with suppress(GatewayRefused):
        assert list(await vendor.gateway.cards(customer)) == []


async def test_a_saved_card_is_charged_once_with_nobody_there(vendor, customer):
    card = await saved(vendor, customer)
    wanted = asked(vendor.prices[0], customer=customer, card=card.reference, is_absent=True)

    first, second = [await vendor.gateway.begin(wanted) for _ in range(2)]

    assert (first.charge.state, first.charge.amount) == (ChargeState.PAID, wanted.amount)
    assert second.charge.state is ChargeState.PAID
    assert vendor.begun() == 1
    assert (await vendor.gateway.look(unknown(wanted))).state is ChargeState.PAID


@pytest.mark.parametrize("last4", ["3155", "0341"])
async def test_what_its_owner_has_to_do_stays_open_for_them(vendor, customer, last4):
    card = await saved(vendor, customer, last4)
    wanted = asked(vendor.prices[0], customer=customer, card=card.reference, is_absent=True)

    begun = await vendor.gateway.begin(wanted)
    again = await vendor.gateway.begin(wanted)

    assert begun.charge.state is again.charge.state is ChargeState.OPEN
    if last4 == "3155":
        assert begun.charge.failure_code == "authentication_required"
    assert begun.charge.failure_code
    assert begun.client_secret == again.client_secret
    vendor.pay(begun.charge)
    assert (await vendor.gateway.look(begun.charge)).state is ChargeState.PAID


async def test_a_saved_card_waits_for_its_owner_who_is_there(vendor, customer):
    card = await saved(vendor, customer)
    wanted = asked(vendor.prices[0], customer=customer, card=card.reference)

    begun = await vendor.gateway.begin(wanted)

    assert begun.charge.state is ChargeState.OPEN
    assert begun.client_secret
    vendor.pay(begun.charge)
    assert (await vendor.gateway.look(begun.charge)).state is ChargeState.PAID
