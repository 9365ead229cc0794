"""Both sides of a booking are told at once that it changed: whoever changed it, and nobody else."""

from dataclasses import replace

import orjson
import pytest

from app.domain.event_bookings import Wanted
from app.domain.offerings import PaymentTerms
from app.domain.payments import GatewayName, PaymentMethod, RefundState
from app.domain.roles import Role
from app.tasks.cleanup import expire_holds, settle_events
from app.tasks.payments import ask_gateways
from tests.factories.accounts import actor_of, make_user
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import make_event, ticket_type
from tests.factories.jobs import deliver_all
from tests.factories.payments import PAYMENTS, ask
from tests.fakes.bank import Bank


@pytest.fixture
def bank():
    return Bank()


@pytest.fixture
def adapters(adapters, bank):
    return replace(adapters, gateways={GatewayName.SANDBOX: bank})


@pytest.fixture
async def customer(connection):
    return actor_of(await make_user(connection))


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


@pytest.fixture
async def book(connection, doors, customer, provider):
    """Return what books a time that has to be paid for first."""
    offering = await make_offering(connection, provider, payment=PaymentTerms.PREPAID)

    async def book():
        return await doors.perform(
            lambda services: services.bookings.book(customer, offering.id, starts_at=at(6000))
        )

    return book


async def shown(doors, user_id):
    """Return what one is told of bookings: the change, and how things stand then."""
    await deliver_all(doors)
    async with doors.writing() as services:
        await services.realtime.order()
    async with doors.reading() as services:
        until = await services.realtime.last()
        frames = await services.realtime.missed(user_id, after=0, until=until)
    told = [orjson.loads(frame.data) for frame in frames if frame.type == "booking"]
    return [(one["change"], one["status"], one["payment_status"]) for one in told]


async def by_cleaning(doors, book):
    await doors.perform(expire_holds)


async def by_whom_it_was_in_the_way_of(doors, book):
    await book()


@pytest.mark.parametrize("found", [by_cleaning, by_whom_it_was_in_the_way_of])
async def test_both_sides_see_a_hold_expire(doors, clock, customer, provider, book, found):
    await book()
    before = await shown(doors, customer.user_id)
    clock.forward(minutes=30)

    await found(doors, book)

    assert before == [("made", "pending", "unpaid")]
    hers = await shown(doors, customer.user_id)
    assert hers[1] == ("expired", "expired", "unpaid")
    assert hers.count(hers[1]) == 1
    assert await shown(doors, provider.user_id) == hers


async def test_both_sides_see_seats_expire(doors, connection, clock, customer):
    organizer = await make_user(connection, Role.ORGANIZER)
    types = [ticket_type("Paid", 1000)]
    event, (paid,) = await make_event(connection, organizer.id, now=NOW, types=types)
    await doors.perform(
        lambda services: services.event_bookings.book(customer, event.id, [Wanted(paid.id, 2)])
    )
    clock.forward(minutes=30)

    await doors.perform(settle_events)
    await doors.perform(settle_events)

    for user_id in (customer.user_id, organizer.id):
        told = await shown(doors, user_id)
        assert told.count(("expired", "expired", "unpaid")) == 1


@pytest.mark.parametrize("state", [RefundState.SUCCEEDED, RefundState.FAILED])
async def test_both_sides_see_money_go_back(
    doors, connection, clock, bank, customer, provider, book, state
):
    booking = await book()
    await ask(doors, customer, booking.id, PaymentMethod.CARD)
    (payment,) = await connection.all(PAYMENTS)
    bank.pay(payment.id)
    clock.forward(minutes=6)
    await doors.perform(ask_gateways)
    before = len(await shown(doors, customer.user_id))
    bank.outcomes.extend([state] * 50)

    await doors.perform(lambda services: services.booking_changes.cancel(customer, booking.id))

    hers = (await shown(doors, customer.user_id))[before:]
    has_arrived = state is RefundState.SUCCEEDED
    assert [change for change, *_ in hers if change.startswith("refund")][-1] == f"refund_{state}"
    assert hers[-1][1:] == ("cancelled", "refunded" if has_arrived else "paid")
    assert (await shown(doors, provider.user_id))[-len(hers) :] == hers


async def test_nobody_else_sees_anything(doors, connection, clock, book):
    other = await make_user(connection)
    await book()
    clock.forward(minutes=30)
    await doors.perform(expire_holds)

    assert await shown(doors, other.id) == []
