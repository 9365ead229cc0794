"""Asking gateways after what nobody told: each by itself, and less and less often."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from app.core.statements import Query
from app.domain.gateways import GatewayRefused, GatewayUnavailable
from app.domain.offerings import PaymentTerms
from app.domain.payments import ChargeState, GatewayName, PaymentMethod, PaymentUncertain
from app.domain.roles import Role
from app.models import Bookings, LedgerEntries, Payments
from app.services import charges
from app.tasks.cleanup import expire_holds
from app.tasks.delivery import deliver
from app.tasks.payments import ask_gateways, look_after_paid
from tests.factories.accounts import actor_of, make_user
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.jobs import announced, deliver_all
from tests.factories.ledger import top_up
from tests.factories.payments import BALANCES, PAYMENTS, REFUNDS, ask, ensure_books_balance
from tests.fakes.bank import Bank

ENTRIES = Query(select(LedgerEntries.kind).order_by(LedgerEntries.id), str)
LOOK_AT = Query(select(Payments.look_at), lambda at_: at_)
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


async def test_what_never_got_there_is_given_up_after_a_day(connection, doors, bank, clock, begun):
    bank.faults["begin"].append("before")
    with pytest.raises(GatewayUnavailable):
        await begun(payment=PaymentTerms.ON_SITE)  # which is payable for ever
    (payment,) = await connection.all(PAYMENTS)

    for hours, state in ((23, ChargeState.OPEN), (1, ChargeState.CANCELLED)):
        clock.forward(hours=hours)
        await deliver(doors, PaymentUncertain(payment.id))
        (now,) = await connection.all(PAYMENTS)
        assert now.state is state


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


@pytest.fixture
async def paid(connection, doors, bank, begun):
    """Return a payment that was paid, and everybody was told."""
    await begun()
    (payment,) = await connection.all(PAYMENTS)
    bank.pay(payment.id)
    await doors.perform(lambda services: services.charges.ask(payment.id))
    await deliver_all(doors)
    bank.calls.clear()
    return payment


async def look_for(doors, clock, **time):
    """Let time pass, five minutes at a time, and the worker do its work."""
    until = clock() + timedelta(**time)
    while clock() < until:
        clock.forward(minutes=5)
        await doors.perform(look_after_paid)
        await deliver_all(doors)


async def test_what_was_given_back_there_is_seen_within_the_hour_and_booked_once(
    connection, doors, bank, clock, paid
):
    bank.give_back(paid.id, 300, tells=False)
    bank.give_back(paid.id, 200, tells=False)

    await look_for(doors, clock, hours=1)
    await look_for(doors, clock, hours=3)

    (payment,) = await connection.all(PAYMENTS)
    assert (payment.status, payment.refunded_amount) == ("partially_refunded", 500)
    assert [one.state for one in await connection.all(REFUNDS)] == ["succeeded"] * 2
    kinds = await connection.all(ENTRIES)
    assert (kinds.count("refund_planned"), kinds.count("refund_succeeded")) == (2, 2)
    assert dict(await connection.all(BALANCES))["gateway_clearing"] == -(payment.amount - 500)
    await ensure_books_balance(connection)


async def test_a_notice_that_comes_after_all_changes_nothing(connection, doors, bank, clock, paid):
    bank.give_back(paid.id, 300)
    await look_for(doors, clock, hours=1)
    seen = await connection.all(ENTRIES)

    await doors.perform(
        lambda services: services.gateway_events.receive(
            GatewayName.SANDBOX, "sandbox", {}, bank.body(len(bank.notices) - 1)
        )
    )

    assert (seen, len(await connection.all(REFUNDS))) == (await connection.all(ENTRIES), 1)
    assert seen.count("refund_succeeded") == 1


async def test_the_older_it_is_the_less_often_it_is_asked_about_and_then_no_more(
    connection, doors, bank, clock, paid
):
    asked = []
    while await connection.first(LOOK_AT):
        clock.now = max(clock.now, await connection.first(LOOK_AT))
        await doors.perform(look_after_paid)
        await deliver_all(doors)
        asked.append(clock() - at(0))

    pauses = [after - before for before, after in pairwise(asked)]
    assert bank.calls == ["look"] * len(asked)
    assert 30 < len(asked) < 60
    assert timedelta(minutes=55) < asked[0] < timedelta(minutes=65)
    assert sorted(pauses) == pauses
    assert max(pauses) == timedelta(days=3)
    assert timedelta(days=90) <= asked[-1] < timedelta(days=93, hours=1)


async def test_the_last_look_is_one_that_was_answered(connection, doors, bank, clock, paid):
    clock.forward(days=91)
    bank.give_back(paid.id, 300, tells=False)
    bank.faults["look"].append("before")
    await doors.perform(look_after_paid)
    with pytest.raises(GatewayUnavailable):
        await deliver_all(doors)

    clock.forward(days=3)
    await doors.perform(look_after_paid)
    await deliver_all(doors)

    (payment,) = await connection.all(PAYMENTS)
    assert (payment.refunded_amount, await connection.first(LOOK_AT)) == (300, None)


@pytest.mark.parametrize("method", [PaymentMethod.WALLET, PaymentMethod.CASH])
async def test_nobody_is_asked_about_what_no_gateway_took(connection, doors, method):
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider, payment=PaymentTerms.ON_SITE)
    customer, staff = await make_user(connection), await make_user(connection, Role.ADMIN)
    await top_up(doors, customer.id, 10_000)
    who = actor_of(customer if method is PaymentMethod.WALLET else staff)
    booking = await doors.perform(
        lambda services: services.bookings.book(actor_of(customer), offering.id, starts_at=at(6000))
    )

    async def pay(services):
        payment = await services.payments.open(who, booking.id, method, key=None)
        await services.charges.pay_at_hand(payment)

    await doors.perform(pay)

    assert [one.status for one in await connection.all(PAYMENTS)] == ["succeeded"]
    assert await connection.first(LOOK_AT) is None


async def test_however_many_are_due_so_many_are_asked_about_at_once(
    connection, doors, bank, clock, begun, monkeypatch
):
    monkeypatch.setattr(charges, "MOST_LOOKS", 2)
    await begun(3)
    for payment in await connection.all(PAYMENTS):
        bank.pay(payment.id)
        await doors.perform(lambda services, one=payment: services.charges.ask(one.id))
    await deliver_all(doors)
    clock.forward(hours=2)

    due = []
    for _ in range(3):
        await doors.perform(look_after_paid)
        due.append({one.payment_id for one in await asked_about(connection)})
        await deliver_all(doors)

    assert [len(one) for one in due] == [2, 1, 0]
    assert not due[0] & due[1]
