"""Paying for what is booked: every effect once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.core.statements import Query
from app.domain.offerings import PaymentTerms
from app.domain.roles import Role
from app.models import LedgerAccounts, LedgerPostings
from app.tasks.cleanup import expire_holds, settle_events
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import ensure_counted, make_event, ticket_type
from tests.factories.jobs import deliver_all

BALANCES = Query(
    select(LedgerAccounts.kind, LedgerAccounts.balance)
    .where(LedgerAccounts.balance != 0)
    .order_by(LedgerAccounts.kind, LedgerAccounts.balance),
    lambda kind, balance: (str(kind), balance),
)
TOTAL = Query(select(func.coalesce(func.sum(LedgerPostings.amount), 0)), int)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def me(connection, adapters):
    return await sign_in(connection, adapters)


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


@pytest.fixture
async def prepaid(client, connection, provider, me):
    """A booking that is held until it is paid for."""
    offering = await make_offering(connection, provider, payment=PaymentTerms.PREPAID)
    asked = {"service_id": str(offering.id), "starts_at": at(60).isoformat()}
    answer = await client.post("/bookings", json=asked, headers=me)
    assert answer.json()["status"] == "pending", answer.text
    return answer.json()


async def pay(client, headers, booking, method="card", **more):
    body = {"booking_id": booking["id"], "payment_method": method, **more}
    return await client.post("/payments", json=body, headers=headers)


async def play(client, payment, outcome="succeed"):
    path = f"http://test/dev/payments/{payment['id']}/{outcome}"
    answer = await client.post(path)
    assert answer.status_code == 204, answer.text


async def shown(client, headers, kind, thing):
    return (await client.get(f"/{kind}/{thing['id']}", headers=headers)).json()


async def test_a_payment_by_card_waits_for_the_customer_and_confirms(
    client, connection, prepaid, me
):
    opened = await pay(client, me, prepaid)
    payment = opened.json()
    assert (opened.status_code, payment["status"], payment["gateway"]) == (
        201,
        "requires_action",
        "sandbox",
    )
    assert payment["client_secret"]
    assert payment["amount"] == prepaid["price"]

    await play(client, payment)
    await play(client, payment)

    paid = await shown(client, me, "payments", payment)
    booking = await shown(client, me, "bookings", prepaid)
    assert (paid["status"], paid["client_secret"]) == ("succeeded", None)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")
    price = prepaid["price"]["amount"]
    assert await connection.all(BALANCES) == [("deposits", price), ("gateway_clearing", -price)]


async def test_a_declined_card_can_be_tried_again(client, prepaid, me):
    payment = (await pay(client, me, prepaid)).json()

    await play(client, payment, "fail")
    declined = await shown(client, me, "payments", payment)
    await play(client, payment)

    assert (declined["status"], declined["failure_code"]) == ("requires_action", "card_declined")
    assert (await shown(client, me, "payments", payment))["status"] == "succeeded"


async def test_what_is_cancelled_in_time_is_given_back(client, connection, doors, prepaid, me):
    payment = (await pay(client, me, prepaid)).json()
    await play(client, payment)

    await client.post(f"/bookings/{prepaid['id']}/cancel", headers=me)
    await deliver_all(doors)

    paid = await shown(client, me, "payments", payment)
    assert (paid["status"], paid["refunded"]) == ("refunded", prepaid["price"])
    booking = await shown(client, me, "bookings", prepaid)
    assert booking["payment_status"] == "refunded"
    refunds = (await client.get(f"/payments/{payment['id']}/refunds", headers=me)).json()
    assert [one["status"] for one in refunds["items"]] == ["succeeded"]
    assert await connection.all(BALANCES) == []
    assert await connection.first(TOTAL) == 0


async def test_paid_late_it_is_confirmed_if_the_time_is_still_free(
    client, connection, doors, clock, prepaid, me
):
    payment = (await pay(client, me, prepaid)).json()
    clock.forward(minutes=20)
    await doors.perform(expire_holds)

    await play(client, payment)

    booking = await shown(client, me, "bookings", prepaid)
    assert (booking["status"], booking["payment_status"]) == ("confirmed", "paid")


async def test_paid_late_it_is_given_back_if_the_time_is_taken(
    client, connection, adapters, doors, clock, prepaid, me
):
    payment = (await pay(client, me, prepaid)).json()
    clock.forward(minutes=20)
    other = await sign_in(connection, adapters)
    asked = {"service_id": prepaid["service_id"], "starts_at": prepaid["starts_at"]}
    assert (await client.post("/bookings", json=asked, headers=other)).status_code == 201

    await play(client, payment)
    await deliver_all(doors)

    booking = await shown(client, me, "bookings", prepaid)
    assert (booking["status"], booking["payment_status"]) == ("expired", "refunded")
    assert (await shown(client, me, "payments", payment))["status"] == "refunded"
    assert await connection.all(BALANCES) == []


async def test_what_is_paid_twice_is_given_back_once(client, connection, doors, prepaid, me):
    first = (await pay(client, me, prepaid)).json()
    second = (await pay(client, me, prepaid, "credit_card")).json()
    assert first["id"] != second["id"]

    await play(client, first)
    await play(client, second)
    await deliver_all(doors)

    found = [await shown(client, me, "payments", one) for one in (first, second)]
    assert [one["status"] for one in found] == ["succeeded", "refunded"]
    booking = await shown(client, me, "bookings", prepaid)
    assert booking["status"] == "confirmed"
    price = prepaid["price"]["amount"]
    assert await connection.all(BALANCES) == [("deposits", price), ("gateway_clearing", -price)]


async def test_seats_that_lapsed_are_taken_again_by_late_money(
    client, connection, doors, clock, me
):
    organizer = await make_user(connection, Role.ORGANIZER)
    event, _ = await make_event(
        connection, organizer.id, now=NOW, seats=2, types=[ticket_type("Paid", 1000)]
    )
    asked = {"event_id": str(event.id), "seats": 2}
    booking = (await client.post("/bookings", json=asked, headers=me)).json()
    payment = (await pay(client, me, booking)).json()
    clock.forward(minutes=20)
    await doors.perform(settle_events)
    await ensure_counted(connection)

    await play(client, payment)

    assert (await shown(client, me, "bookings", booking))["status"] == "confirmed"
    await ensure_counted(connection)


async def test_nothing_is_paid_for_twice_or_for_nothing(client, connection, provider, prepaid, me):
    free = await make_offering(connection, provider, payment=PaymentTerms.FREE, price_amount=0)
    asked = {"service_id": str(free.id), "starts_at": at(180).isoformat()}
    gratis = (await client.post("/bookings", json=asked, headers=me)).json()
    payment = (await pay(client, me, prepaid)).json()
    await play(client, payment)

    again = await pay(client, me, prepaid)
    nothing = await pay(client, me, gratis)

    assert (again.status_code, again.json()["code"]) == (409, "not-payable")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "not-payable")


async def test_another_cannot_pay_or_see(client, connection, adapters, prepaid, me):
    payment = (await pay(client, me, prepaid)).json()
    other = await sign_in(connection, adapters)

    assert (await pay(client, other, prepaid)).status_code == 404
    answer = await client.get(f"/payments/{payment['id']}", headers=other)
    assert (answer.status_code, answer.json()["code"]) == (404, "payment-not-found")


async def test_the_same_request_makes_one_payment(client, prepaid, me):
    keyed = {**me, "Idempotency-Key": "p1"}

    first = await pay(client, keyed, prepaid)
    again = await pay(client, keyed, prepaid)
    other = await pay(client, keyed, prepaid, "credit_card")

    assert (first.status_code, again.content) == (201, first.content)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_never_more_is_given_back_than_was_paid(
    client, connection, adapters, doors, prepaid, me
):
    payment = (await pay(client, me, prepaid)).json()
    await play(client, payment)
    accountant = await sign_in(connection, adapters, Role.ACCOUNTANT)
    path, price = f"/payments/{payment['id']}/refunds", prepaid["price"]
    part = {"amount": {"amount": price["amount"] - 100, "currency": price["currency"]}}

    mine = await client.post(path, json=part, headers=me)
    given = await client.post(path, json=part, headers=accountant)
    over = await client.post(path, json=part, headers=accountant)
    rest = await client.post(path, headers=accountant)
    await deliver_all(doors)

    assert [mine.status_code, given.status_code, rest.status_code] == [403, 201, 201]
    assert (over.status_code, over.json()["code"]) == (409, "refund-exceeds-payment")
    assert over.json()["left"] == {"amount": 100, "currency": price["currency"]}
    assert (await shown(client, me, "payments", payment))["status"] == "refunded"


async def test_cash_is_recorded_by_who_takes_it(client, connection, adapters, provider, me):
    offering = await make_offering(connection, provider, payment=PaymentTerms.ON_SITE)
    asked = {"service_id": str(offering.id), "starts_at": at(60).isoformat()}
    booking = (await client.post("/bookings", json=asked, headers=me)).json()
    theirs = await sign_in(connection, adapters, user_id=provider.user_id)

    mine = await pay(client, me, booking, "cash")
    taken = await pay(client, theirs, booking, "cash")

    assert mine.status_code == 403
    assert (taken.status_code, taken.json()["status"]) == (201, "succeeded")
    assert (await shown(client, me, "bookings", booking))["payment_status"] == "paid"


async def test_an_empty_wallet_pays_for_nothing(client, prepaid, me):
    refused = await pay(client, me, prepaid, "wallet")

    assert (refused.status_code, refused.json()["code"]) == (409, "insufficient-funds")
    assert (await shown(client, me, "bookings", prepaid))["payment_status"] == "unpaid"
