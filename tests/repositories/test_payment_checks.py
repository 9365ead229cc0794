"""Where payments, bookings and the books disagree, it is found."""

import pytest

from app.core.money import Money
from app.domain.bookings import PaymentStatus
from app.domain.payment_checks import DisagreementKind
from app.domain.postings import clearing
from app.domain.postings import provider as seller_of
from app.repositories.payment_checks import PaymentCheckRepository
from tests.factories.accounts import make_user
from tests.factories.catalog import make_provider
from tests.factories.paid import make_paid


@pytest.fixture
async def raw(database):
    """The test's own connection, to do harm in SQL."""
    return await database._pool.acquire()


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


@pytest.fixture
async def payment(connection, services, provider):
    """One that was paid, with what that is in the books."""
    made = await make_paid(connection, provider)
    await services.ledger.payment_captured(
        made.id, made.asked, paid_from=clearing(made.gateway), seller=seller_of(provider.user_id)
    )
    return made


async def found(connection):
    return await PaymentCheckRepository(connection).found(most=20)


async def kinds(connection):
    return {one.kind for one in await found(connection)}


async def test_what_agrees_is_not_found(connection, payment):
    assert payment.captured_amount
    assert await found(connection) == []


async def test_money_that_is_not_in_the_books_is_found(connection, provider):
    made = await make_paid(connection, provider)

    first, second = await found(connection)

    told = f"{made.amount} {made.currency}"
    assert (first.kind, first.subject_id) == (DisagreementKind.CAPTURED, made.id)
    assert (first.expected, first.found) == (told, f"0 {made.currency}")
    assert (second.kind, second.subject_id) == (DisagreementKind.DEPOSITS, provider.user_id)


async def test_what_was_given_back_without_a_refund_is_found(connection, raw, payment):
    await raw.execute("UPDATE payments SET refunded_amount = 100")

    assert await kinds(connection) == {
        DisagreementKind.REFUNDED,
        DisagreementKind.DEPOSITS,
        DisagreementKind.BOOKING,
        DisagreementKind.COUNTED,
    }


async def test_a_refund_that_is_not_in_the_books_is_found(connection, raw, payment):
    await raw.execute("UPDATE payments SET refunded_amount = 100")
    await raw.execute(
        "INSERT INTO refunds (id, payment_id, amount, currency, state)"
        " SELECT gen_random_uuid(), id, 100, currency, 'succeeded' FROM payments"
    )
    await raw.execute(
        "UPDATE bookings SET payment_status = 'partially_refunded', refunded_amount = 100"
    )

    assert await kinds(connection) == {
        DisagreementKind.PLANNED,
        DisagreementKind.ARRIVED,
        DisagreementKind.DEPOSITS,
    }


@pytest.mark.parametrize("status", [PaymentStatus.UNPAID, PaymentStatus.REFUNDED])
async def test_a_booking_that_says_something_else_is_found(connection, raw, payment, status):
    await raw.execute("UPDATE bookings SET payment_status = $1", status.value)

    [one] = await found(connection)

    assert (one.kind, one.subject_id) == (DisagreementKind.BOOKING, payment.booking_id)
    assert (one.expected, one.found) == ("paid", status.value)


async def test_money_of_nobody_s_booking_is_found_in_deposits(connection, services, payment):
    other = await make_user(connection)
    await services.ledger.payment_captured(
        other.id, Money(5, "EUR"), paid_from=clearing("sandbox"), seller=seller_of(other.id)
    )

    [one] = await found(connection)

    assert (one.kind, one.subject_id) == (DisagreementKind.DEPOSITS, other.id)
    assert (one.expected, one.found) == ("0 EUR", "5 EUR")


async def test_what_was_earned_is_in_deposits_no_more(connection, services, provider, payment):
    await services.ledger.booking_earned(
        payment.booking_id, payment.asked, seller=seller_of(provider.user_id)
    )

    assert await found(connection) == []


async def test_what_had_failed_before_it_was_heard_of_is_promised_to_nobody(
    connection, raw, payment
):
    await raw.execute(
        "INSERT INTO refunds (id, payment_id, amount, currency, state)"
        " SELECT gen_random_uuid(), id, 100, currency, 'failed' FROM payments"
    )

    assert payment.captured_amount
    assert await found(connection) == []


async def test_a_booking_that_costs_less_since_and_is_covered_is_paid(connection, raw, payment):
    assert payment.captured_amount
    await raw.execute("UPDATE bookings SET price_amount = price_amount - 100")
    await raw.execute("UPDATE payments SET refunded_amount = 100")

    kept = await kinds(connection)

    assert DisagreementKind.BOOKING not in kept
