"""Fees for cancelling late and for not coming: taken once from a saved card, waived, or owed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from app.core.money import Money
from app.domain.bookings import BookingCancelled, BookingStatus
from app.domain.fees import NoShowFee
from app.domain.offerings import PaymentTerms
from app.domain.payments import ChargeState
from app.domain.roles import Role
from app.repositories.payment_checks import PaymentCheckRepository
from app.repositories.payments import PaymentRepository
from app.services.fees import FeeService
from app.tasks.fees import collect_late_fee
from tests.factories.accounts import actor_of, make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.cards import make_card
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.events import make_event, ticket_type
from tests.factories.jobs import deliver_all
from tests.factories.mail import letters
from tests.factories.payments import BALANCES, PAYMENTS, REFUNDS, ensure_books_balance
from tests.factories.races import at_once, meeting

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


MISSES = [
    ({"no_show_fee_percent": 100}, PRICE),
    ({"no_show_fee_percent": 0}, 0),
    ({"no_show_fee_amount": 300, "no_show_fee_currency": "EUR"}, 300),
    ({"no_show_fee_amount": 9999, "no_show_fee_currency": "EUR"}, PRICE),
    ({}, FEE),
]


@pytest.mark.parametrize(
    ("terms", "due"), MISSES, ids=["all", "nothing", "fixed", "at most the price", "as late"]
)
async def test_not_coming_costs_what_was_agreed_for_it(
    client, connection, doors, provider, customer, me, seller, terms, due
):
    await make_card(connection, customer.id)
    booking = await book(connection, provider, customer, starts_at=at(-60), **terms)
    answer = await client.post(f"/bookings/{booking.id}/no-show", headers=seller)
    await deliver_all(doors)

    assert answer.json()["late_fee"] == ({"amount": due, "currency": "EUR"} if due else None)
    assert [one.amount for one in await connection.all(PAYMENTS)] == ([due] if due else [])
    await agree(connection)


async def test_cancelling_late_still_costs_its_own_fee(
    client, connection, doors, provider, customer, me
):
    await make_card(connection, customer.id)
    booking = await book(connection, provider, customer, no_show_fee_percent=100)
    await cancel(client, booking, me)
    await deliver_all(doors)

    assert [one.amount for one in await connection.all(PAYMENTS)] == [FEE]


def test_a_fixed_fee_is_for_each_seat():
    fee = NoShowFee(None, 300)

    assert fee.of(Money(2 * PRICE, "EUR"), 2) == Money(600, "EUR")


async def test_what_was_due_for_a_ticket_given_back_late_is_due_of_who_does_not_come_too(
    client, connection, doors, clock, customer, adapters
):
    """One of two tickets goes back late, for half its price; then nobody comes."""
    organizer = await make_user(connection, Role.ORGANIZER)
    event, _ = await make_event(
        connection,
        organizer.id,
        now=clock(),
        types=[ticket_type("Paid", PRICE)],
        free_until_minutes=60 * 24 * 60,
        late_fee_percent=50,
        no_show_fee_percent=20,
    )
    me = await sign_in(connection, adapters, user_id=customer.id)
    body = {"event_id": str(event.id), "seats": 2}
    booking = (await client.post("/bookings", json=body, headers=me)).json()
    asked = {"booking_id": booking["id"], "payment_method": "card"}
    payment = (await client.post("/payments", json=asked, headers=me)).json()
    await client.post(f"http://test/dev/payments/{payment['id']}/succeed")
    tickets = (await client.get(f"/bookings/{booking['id']}/tickets", headers=me)).json()["items"]
    path = f"/bookings/{booking['id']}/tickets/{tickets[0]['id']}"
    assert (await client.request("DELETE", path, headers=me)).status_code == 200
    await deliver_all(doors)
    assert [one.amount for one in await connection.all(REFUNDS)] == [FEE]

    clock.now = event.starts_at + timedelta(minutes=5)
    owner = await sign_in(connection, adapters, user_id=organizer.id)
    missed = await client.post(f"/bookings/{booking['id']}/no-show", headers=owner)
    await doors.perform(lambda services: services.refunds.settle(UUID(booking["id"])))
    await deliver_all(doors)

    assert missed.json()["late_fee"]["amount"] == FEE + PRICE // 5
    assert [one.amount for one in await connection.all(REFUNDS)] == [FEE]  # and no more goes back
    assert (await agree(connection))["deposits"] == PRICE + FEE


@pytest.mark.parametrize("guard", ["locked", "by its index alone", "control"])
async def test_of_two_who_collect_a_fee_at_once_one_does(real_doors, adapters, monkeypatch, guard):
    async with real_doors.database.read() as connection:
        customer = await make_user(connection)
        await make_card(connection, customer.id)
        provider = await make_provider(connection)
        booking = await book(connection, provider, customer, starts_at=at(-60))
        support = actor_of(await make_user(connection, Role.ADMIN))
    await real_doors.perform(lambda services: services.booking_changes.miss(support, booking.id))
    if guard != "locked":
        monkeypatch.setattr(FeeService, "_lock", lambda self, id_: self.bookings.find(id_))
        monkeypatch.setattr(PaymentRepository, "add", meeting(PaymentRepository.add))
    if guard == "control":
        plain = FeeService._of
        monkeypatch.setattr(FeeService, "_of", lambda *given: replace(plain(*given), is_fee=False))

    def collect():
        return real_doors.perform(lambda services: services.fees.collect(booking.id))

    await at_once(real_doors, collect(), collect())

    async with real_doors.database.read() as connection:
        found = await connection.all(PAYMENTS)
    assert len(found) == (2 if guard == "control" else 1)


FEES_GIVEN = [
    ({"kind": "percent", "percent": 100}, 200, {"kind": "percent", "percent": 100, "amount": None}),
    (
        {"kind": "fixed", "amount": {"amount": 500, "currency": "EUR"}},
        200,
        {"kind": "fixed", "percent": None, "amount": {"amount": 500, "currency": "EUR"}},
    ),
    (None, 200, None),
    ({"kind": "percent", "percent": 101}, 422, "#/cancellation_policy/no_show_fee/percent"),
    ({"kind": "percent", "percent": -1}, 422, "#/cancellation_policy/no_show_fee/percent"),
    ({"kind": "percent", "percent": 50.5}, 422, "#/cancellation_policy/no_show_fee/percent"),
    ({"kind": "percent"}, 422, "#/cancellation_policy/no_show_fee/percent"),
    ({"kind": "fixed", "percent": 5}, 422, "#/cancellation_policy/no_show_fee/percent"),
    (
        {"kind": "fixed", "amount": {"amount": 500, "currency": "JPY"}},
        422,
        "#/cancellation_policy/no_show_fee/amount/currency",
    ),
    (
        {"kind": "fixed", "amount": {"amount": 2**63, "currency": "EUR"}},
        422,
        "#/cancellation_policy/no_show_fee/amount/amount",
    ),
]


@pytest.mark.parametrize(("fee", "status", "shows"), FEES_GIVEN, ids=range(len(FEES_GIVEN)))
async def test_a_service_says_what_not_coming_costs(
    client, connection, provider, seller, fee, status, shows
):
    offering = await make_offering(connection, provider)
    policy = {"free_until_minutes": 60, "late_fee_percent": 50, "no_show_fee": fee}
    answer = await client.patch(
        f"/services/{offering.id}", json={"cancellation_policy": policy}, headers=seller
    )

    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["cancellation_policy"]["no_show_fee"] == shows
    else:
        assert shows in [one["pointer"] for one in answer.json()["errors"]]
