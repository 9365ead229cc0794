"""FreedomPay doesn't say which of our refunds one is, so one of a payment is sent at a time."""

from contextlib import suppress

import pytest
from pydantic import SecretStr

from app.core.money import Money
from app.domain.offerings import PaymentTerms
from app.domain.payments import PaymentMethod, RefundState
from app.domain.roles import Role
from app.repositories.refunds import RefundRepository
from tests.factories.accounts import actor_of, make_user
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.payments import REFUNDS, ask, ask_together, ensure_books_balance
from tests.factories.races import at_once
from tests.fakes import freedompay as fake_freedompay
from tests.fakes.freedompay import freedompay_server

PRICE = 1000


@pytest.fixture
async def freedompay():
    async with freedompay_server() as server:
        yield server


@pytest.fixture
def settings(settings, freedompay):
    return settings.model_copy(
        update={
            "freedompay_merchant_id": fake_freedompay.MERCHANT,
            "freedompay_secret_key": SecretStr(fake_freedompay.SECRET),
            "freedompay_api_base": freedompay.address,
        }
    )


async def paid(doors, freedompay, number):
    """Pay for one booking, or for two together; return who may give back, and their payments."""
    async with doors.database.read() as connection:
        customer = actor_of(await make_user(connection))
        staff = actor_of(await make_user(connection, Role.ACCOUNTANT))
        offering = await make_offering(
            connection,
            await make_provider(connection),
            payment=PaymentTerms.PREPAID,
            price_amount=PRICE,
        )
    ids = []
    for place in range(number):
        booking = await doors.perform(
            lambda services, place=place: services.bookings.book(
                customer, offering.id, starts_at=at(6000 + 120 * place)
            )
        )
        ids.append(booking.id)
    if number == 1:
        payment = await ask(doors, customer, ids[0], PaymentMethod.FREEDOMPAY)
    else:
        payment = await ask_together(doors, customer, ids, PaymentMethod.FREEDOMPAY)
    freedompay.succeed(payment.id)
    await doors.perform(lambda services: services.charges.ask(payment.id))
    if number == 1:
        return staff, payment, [payment.id] * 2
    shares = await doors.perform(lambda services: services.payments.payments.shares(payment.id))
    return staff, payment, [one.id for one in shares]


CASES = {
    "one booking": (1, True, 1, True),
    "one booking, control": (1, False, 2, True),  # is sorted out by looking again
    "two bookings": (2, True, 1, True),
    "two bookings, control": (2, False, 2, False),
}


@pytest.mark.parametrize(
    ("number", "has_guard", "asks_at_once", "ends_well"), CASES.values(), ids=CASES
)
async def test_of_two_refunds_of_the_same_sum_sent_at_once_one_waits_for_the_other(
    real_doors, clock, freedompay, monkeypatch, number, has_guard, asks_at_once, ends_well
):
    staff, payment, parts = await paid(real_doors, freedompay, number)
    planned = []
    for part in parts:
        refund = await real_doors.perform(
            lambda services, part=part: services.refunds.request(
                staff, part, amount=eur(400), reason=None
            )
        )
        planned.append(refund.id)
    if not has_guard:
        monkeypatch.setattr(RefundRepository, "is_other_sent", nobody_else)
    for script in ("get_status3.php", "revoke.php"):  # both look, both ask, and both look again
        freedompay.faults[script].extend(["slow", "slow"])
    await at_once(real_doors, *(send(real_doors, one) for one in planned))
    at_first = freedompay.calls["revoke.php"]
    for one in planned:
        clock.forward(minutes=11)
        await send(real_doors, one)

    async with real_doors.database.read() as connection:
        refunds = await connection.all(REFUNDS)
        await ensure_books_balance(connection)
    there = freedompay.payments[str(payment.id)].refunds
    told = sorted(one.reference or "" for one in refunds)
    is_good = told == sorted(one.id for one in there) and {one.state for one in refunds} == {
        RefundState.SUCCEEDED
    }
    assert (at_first, is_good) == (asks_at_once, ends_well)


async def nobody_else(self, refund, charged_id):
    return False


def eur(amount):
    return Money(amount, "EUR")


async def send(doors, refund_id):
    """Send a refund as its job does; whatever fails comes again later."""
    with suppress(Exception):
        await doors.perform(lambda services: services.refunds.send(refund_id))
