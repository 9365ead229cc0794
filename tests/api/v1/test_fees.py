"""Fees for cancelling late and for not coming: taken once from a saved card, waived, or owed."""

import pytest

from app.domain.bookings import BookingCancelled, BookingStatus
from app.domain.offerings import PaymentTerms
from app.domain.payments import ChargeState
from app.domain.roles import Role
from app.repositories.payment_checks import PaymentCheckRepository
from app.tasks.fees import collect_late_fee
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.cards import make_card
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.jobs import deliver_all
from tests.factories.mail import letters
from tests.factories.payments import BALANCES, PAYMENTS, REFUNDS, ensure_books_balance

PRICE, FEE = 1000, 500
OWED = "A fee is to be paid"


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


@pytest.fixture
async def seller(connection, adapters, provider):
    return await sign_in(connection, adapters, user_id=provider.user_id)


async def book(connection, provider, customer, *, starts_at=None, **terms):
    """Make an appointment that is paid on site, half of which is due for giving it up late."""
    given = {"price_amount": PRICE, "late_fee_percent": 50, "free_until_minutes": 24 * 60}
    offering = await make_offering(
        connection, provider, **{**given, "payment": PaymentTerms.ON_SITE, **terms}
    )
    return await make_booking(
        connection, customer.id, offering, provider, starts_at=starts_at or at(120)
    )


async def cancel(client, booking, headers):
    answer = await client.post(f"/bookings/{booking.id}/cancel", headers=headers)
    assert answer.status_code == 200, answer.text


async def shown(client, booking, headers):
    return (await client.get(f"/bookings/{booking.id}", headers=headers)).json()


async def agree(connection):
    await ensure_books_balance(connection)
    assert await PaymentCheckRepository(connection).found(most=20) == []
    return dict(await connection.all(BALANCES))


async def subjects(doors, customer):
    return [letter.subject for letter in await letters(doors, customer.email)]


async def test_who_cancels_late_is_charged_once(client, connection, doors, provider, customer, me):
    card = await make_card(connection, customer.id)
    booking = await book(connection, provider, customer)
    await cancel(client, booking, me)
    await deliver_all(doors)
    for _ in range(2):
        await doors.perform(
            lambda services: collect_late_fee(BookingCancelled(booking.id), services)
        )
        await deliver_all(doors)

    [payment] = await connection.all(PAYMENTS)
    assert (payment.is_fee, payment.state, payment.amount) == (True, ChargeState.PAID, FEE)
    assert (payment.card_id, payment.user_id) == (card.id, customer.id)
    assert await agree(connection) == {"deposits": FEE, "gateway_clearing": -FEE}
    assert (await shown(client, booking, me))["paid"]["amount"] == FEE
    assert OWED not in await subjects(doors, customer)
    assert "We received your payment" in await subjects(doors, customer)
    [receipt] = (await client.get("/receipts", headers=me)).json()["items"]
    assert receipt["amount"]["amount"] == FEE


async def test_who_does_not_come_is_charged(client, connection, doors, provider, customer, seller):
    await make_card(connection, customer.id)
    booking = await book(connection, provider, customer, starts_at=at(-60))
    answer = await client.post(f"/bookings/{booking.id}/no-show", headers=seller)
    assert answer.status_code == 200, answer.text
    await deliver_all(doors)

    [payment] = await connection.all(PAYMENTS)
    assert (payment.state, payment.amount) == (ChargeState.PAID, FEE)
    await agree(connection)


async def test_who_cancels_in_time_is_not(client, connection, doors, provider, customer, me):
    await make_card(connection, customer.id)
    booking = await book(connection, provider, customer, starts_at=at(10 * 24 * 60))
    await cancel(client, booking, me)
    await deliver_all(doors)

    assert await connection.all(PAYMENTS) == []


async def test_nor_who_is_cancelled_by_the_provider(
    client, connection, doors, provider, customer, seller
):
    await make_card(connection, customer.id)
    booking = await book(connection, provider, customer)
    await cancel(client, booking, seller)
    await deliver_all(doors)

    assert await connection.all(PAYMENTS) == []


async def test_without_a_card_it_is_owed_and_told_and_can_be_paid(
    client, connection, doors, provider, customer, me
):
    booking = await book(connection, provider, customer)
    await cancel(client, booking, me)
    await deliver_all(doors)

    assert await connection.all(PAYMENTS) == []
    assert OWED in await subjects(doors, customer)
    assert (await shown(client, booking, me))["due_later"]["amount"] == FEE

    body = {"booking_id": str(booking.id), "payment_method": "card"}
    payment = await client.post("/payments", json=body, headers=me)
    assert payment.status_code == 201, payment.text
    assert payment.json()["amount"]["amount"] == FEE
    await client.post(f"http://test/dev/payments/{payment.json()['id']}/succeed")

    assert (await shown(client, booking, me))["due_later"]["amount"] == 0
    assert (await client.post("/payments", json=body, headers=me)).status_code == 409
    await agree(connection)


@pytest.mark.parametrize("last4", ["3155", "0341"])
async def test_a_card_that_wants_its_owner_waits_for_them_and_is_not_tried_again(
    client, connection, doors, provider, customer, me, last4
):
    await make_card(connection, customer.id, last4)
    booking = await book(connection, provider, customer)
    await cancel(client, booking, me)
    await deliver_all(doors)

    [payment] = await connection.all(PAYMENTS)
    assert payment.state is ChargeState.OPEN
    assert payment.failure_code in ("authentication_required", "card_declined")
    assert OWED in await subjects(doors, customer)
    found = (await client.get(f"/payments/{payment.id}", headers=me)).json()
    assert (found["status"], found["is_fee"]) == ("requires_action", True)
    assert "_secret_" in found["client_secret"]

    body = {"booking_id": str(booking.id), "payment_method": "card"}
    again = (await client.post("/payments", json=body, headers=me)).json()
    assert again["id"] == str(payment.id)
    await client.post(f"http://test/dev/payments/{payment.id}/succeed")
    assert (await agree(connection))["deposits"] == FEE


async def test_what_was_prepaid_covers_the_fee(client, connection, doors, provider, customer, me):
    await make_card(connection, customer.id)
    offering = await make_offering(
        connection,
        provider,
        payment=PaymentTerms.PREPAID,
        price_amount=PRICE,
        late_fee_percent=50,
        free_until_minutes=24 * 60,
    )
    asked = {"service_id": str(offering.id), "starts_at": at(120).isoformat()}
    booking = (await client.post("/bookings", json=asked, headers=me)).json()
    body = {"booking_id": booking["id"], "payment_method": "card"}
    payment = (await client.post("/payments", json=body, headers=me)).json()
    await client.post(f"http://test/dev/payments/{payment['id']}/succeed")
    await client.post(f"/bookings/{booking['id']}/cancel", headers=me)
    await deliver_all(doors)

    assert [one.is_fee for one in await connection.all(PAYMENTS)] == [False]
    assert [one.amount for one in await connection.all(REFUNDS)] == [PRICE - FEE]


async def test_a_fee_that_was_taken_is_waived_and_goes_back(
    client, connection, doors, provider, customer, me, seller
):
    await make_card(connection, customer.id)
    booking = await book(connection, provider, customer)
    await cancel(client, booking, me)
    await deliver_all(doors)

    refused = await client.post(f"/bookings/{booking.id}/waive-fee", headers=me)
    waived = await client.post(
        f"/bookings/{booking.id}/waive-fee", json={"reason": "She was ill."}, headers=seller
    )
    again = await client.post(f"/bookings/{booking.id}/waive-fee", headers=seller)
    await deliver_all(doors)

    assert [one.status_code for one in (refused, waived, again)] == [403, 200, 409]
    assert waived.json()["late_fee"] is None
    assert await agree(connection) == {}
    [payment] = await connection.all(PAYMENTS)
    assert payment.refunded_amount == FEE


async def test_a_fee_that_was_missed_and_taken_goes_back_too(
    client, connection, adapters, doors, provider, customer, seller
):
    await make_card(connection, customer.id)
    booking = await book(connection, provider, customer, starts_at=at(-60))
    await client.post(f"/bookings/{booking.id}/no-show", headers=seller)
    await deliver_all(doors)
    support = await sign_in(connection, adapters, Role.MANAGEMENT)

    waived = await client.post(f"/bookings/{booking.id}/waive-fee", headers=support)
    await deliver_all(doors)

    assert waived.status_code == 200, waived.text
    assert waived.json()["status"] == BookingStatus.NO_SHOW
    assert await agree(connection) == {}


async def test_a_fee_that_is_waived_while_it_is_owed_is_not_taken(
    client, connection, doors, provider, customer, me, seller
):
    await make_card(connection, customer.id, "3155")
    booking = await book(connection, provider, customer)
    await cancel(client, booking, me)
    await deliver_all(doors)
    await client.post(f"/bookings/{booking.id}/waive-fee", headers=seller)
    await deliver_all(doors)

    [payment] = await connection.all(PAYMENTS)
    assert payment.state is ChargeState.CANCELLED
    assert (await shown(client, booking, me))["due_later"]["amount"] == 0
