"""Asking gateways after what nobody told: each by itself, and less and less often."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.core.statements import Query
from app.domain.gateways import GatewayRefused, GatewayUnavailable
from app.domain.offerings import PaymentTerms
from app.domain.payments import GatewayName, PaymentMethod, PaymentUncertain
from app.models import Bookings
from app.tasks.cleanup import expire_holds
from app.tasks.delivery import deliver
from app.tasks.payments import ask_gateways
from tests.factories.accounts import actor_of, make_user
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.jobs import announced, deliver_all
from tests.factories.payments import PAYMENTS, ask
from tests.fakes.bank import Bank

STATUSES = Query(select(Bookings.status).order_by(Bookings.starts_at), str)


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture
def adapters(adapters, bank):
    return replace(adapters, gateways={GatewayName.SANDBOX: bank})


@pytest.fixture
async def begun(connection, doors):
    """Begin payments of bookings an hour apart, and return a function that does."""
    provider = await make_provider(connection)
    customer = actor_of(await make_user(connection))

    async def begin(number=1, payment=PaymentTerms.PREPAID):
        offering = await make_offering(connection, provider, payment=payment)
        for place in range(number):
            booking = await doors.perform(
                lambda services, place=place: services.bookings.book(
                    customer, offering.id, starts_at=at(6000 + 120 * place)
                )
            )
            await ask(doors, customer, booking.id, PaymentMethod.CARD)
        return customer, booking

    return begin


async def asked_about(connection):
    return [one for one in await announced(connection) if isinstance(one, PaymentUncertain)]


async def test_each_is_asked_about_in_a_job_of_its_own(connection, doors, bank, clock, begun):
    await begun(3)
    first, second, third = await connection.all(PAYMENTS)
    for payment in (first, second, third):
        bank.pay(payment.id)
    bank.faults["look"].append("before")
    clock.forward(minutes=6)

    await doors.perform(ask_gateways)
    jobs = await asked_about(connection)
    with pytest.raises(GatewayUnavailable):
        await deliver(doors, jobs[0])
    for job in jobs[1:]:
        await deliver(doors, job)

    assert {job.payment_id for job in jobs} == {first.id, second.id, third.id}
    assert sorted(await connection.all(STATUSES)) == ["confirmed", "confirmed", "pending"]


async def test_what_ran_out_is_cancelled_there(connection, doors, bank, clock, begun):
    await begun()
    clock.forward(minutes=30)
    await doors.perform(expire_holds)

    await doors.perform(ask_gateways)
    await deliver_all(doors)

    (payment,) = await connection.all(PAYMENTS)
    assert (payment.status, bank.charges[payment.id].state) == ("cancelled", "cancelled")


async def test_what_was_cancelled_before_it_was_begun_there_is_over(
    connection, doors, bank, clock, begun
):
    customer, booking = await begun()
    bank.charges.clear()
    await doors.perform(lambda services: services.booking_changes.cancel(customer, booking.id))
    clock.forward(minutes=6)

    await doors.perform(ask_gateways)
    await deliver_all(doors)

    (payment,) = await connection.all(PAYMENTS)
    assert (payment.status, bank.calls) == ("cancelled", ["begin", "look"])


async def test_what_was_paid_after_its_hold_ran_out_is_found_and_confirmed(
    connection, doors, bank, clock, begun
):
    await begun()
    (payment,) = await connection.all(PAYMENTS)
    bank.pay(payment.id)
    clock.forward(minutes=30)
    await doors.perform(expire_holds)

    await doors.perform(ask_gateways)
    await deliver_all(doors)

    assert await connection.all(STATUSES) == ["confirmed"]


async def test_the_longer_nothing_is_heard_the_less_often_it_is_asked(
    connection, doors, bank, clock, begun
):
    await begun(payment=PaymentTerms.ON_SITE)
    for _ in range(24 * 12):
        clock.forward(minutes=5)
        await doors.perform(ask_gateways)
        await deliver_all(doors)

    assert 5 < bank.calls.count("look") < 40


async def test_a_gateway_that_refuses_to_tell_is_asked_again(
    connection, doors, bank, clock, begun, monkeypatch
):
    await begun()
    (payment,) = await connection.all(PAYMENTS)

    async def refusing(_):
        raise GatewayRefused("no")

    monkeypatch.setattr(bank, "look", refusing)
    with pytest.raises(GatewayUnavailable):
        await deliver(doors, PaymentUncertain(payment.id))

    assert await connection.all(PAYMENTS) == [payment]
