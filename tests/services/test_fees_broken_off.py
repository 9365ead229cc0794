"""A process can die anywhere while a fee is taken: the card is charged once all the same."""

from dataclasses import replace

from app.bootstrap import Doors
from app.core.errors import DatabaseUnavailable
from app.domain.bookings import BookingCancelled
from app.domain.fees import FeeDue, FeeOwed
from app.domain.gateways import GatewayUnavailable
from app.domain.offerings import PaymentTerms
from app.domain.payments import ChargeState, GatewayName
from app.tasks.fees import charge_fee, charge_fees_again, collect_late_fee
from tests.factories.accounts import actor_of, make_user
from tests.factories.bookings import make_booking
from tests.factories.cards import make_card
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.jobs import announced
from tests.factories.payments import BALANCES, PAYMENTS, ensure_books_balance
from tests.fakes.card_bank import GOOD, CardBank
from tests.services.test_paying_broken_off import FORGET, Points, dying

__all__ = ["dying"]
FEE = 500


async def again(doors, use_case):
    """Do it as the queue does: once more after whatever broke."""
    for _ in range(4):
        try:
            return await doors.perform(use_case)
        except (DatabaseUnavailable, GatewayUnavailable):
            continue
    raise AssertionError("it dies for ever")


async def charged(doors, connection, bank, points, dying):
    """Cancel a booking late, and die at one of the points on the way to its fee."""
    customer, provider = await make_user(connection), await make_provider(connection)
    await make_card(connection, customer.id, reference=f"{GOOD}_{customer.id.hex}")
    offering = await make_offering(
        connection,
        provider,
        payment=PaymentTerms.ON_SITE,
        price_amount=2 * FEE,
        late_fee_percent=50,
        free_until_minutes=24 * 60,
    )
    booking = await make_booking(connection, customer.id, offering, provider, starts_at=at(120))
    await doors.perform(
        lambda services: services.booking_changes.cancel(actor_of(customer), booking.id)
    )
    dying[0] = points
    message = BookingCancelled(booking.id)
    await again(doors, lambda services: collect_late_fee(message, services))
    for _ in range(2):
        for due in await announced(connection):
            if isinstance(due, FeeDue):
                await again(doors, lambda services, due=due: charge_fee(due, services))
        await again(doors, charge_fees_again)
    dying[0] = Points()
    return await ended(connection, bank)


async def ended(connection, bank):
    await ensure_books_balance(connection)
    [payment] = await connection.all(PAYMENTS)
    [charge] = bank.charges.values()
    owed = [one for one in await announced(connection) if isinstance(one, FeeOwed)]
    return (
        (payment.state, payment.captured_amount, payment.is_fee, owed),
        (charge.state, charge.amount.amount),
        await connection.all(BALANCES),
    )


async def test_wherever_it_dies_a_card_is_charged_once(doors, database, clock, dying):
    async def lived(points):
        dying[0], clock.now, bank = Points(), NOW, CardBank()
        bank.watch = lambda call: points(call)
        mine = Doors(doors.database, replace(doors.adapters, gateways={GatewayName.SANDBOX: bank}))
        async with database.read() as connection:
            await connection.all(PAYMENTS)
            savepoint = connection._raw.transaction()
            await savepoint.start()
            await connection.run(FORGET)
            try:
                return await charged(mine, connection, bank, points, dying)
            finally:
                dying[0] = Points()
                await savepoint.rollback()

    whole = Points()
    wanted = await lived(whole)
    assert wanted[0] == (ChargeState.PAID, FEE, True, [])
    assert wanted[1] == (ChargeState.PAID, FEE)
    assert {"before begin", "after begin", "after a commit"} <= set(whole.passed)

    for place, name in enumerate(whole.passed, start=1):
        assert await lived(Points(place)) == wanted, (place, name)
