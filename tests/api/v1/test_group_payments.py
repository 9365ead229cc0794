"""One payment for several bookings: all of them or none, and each with a share of its own."""

import pytest
from sqlalchemy import select

from app.core.statements import Query
from app.domain.deposits import DepositRest
from app.domain.offerings import PaymentTerms
from app.domain.roles import Role
from app.models import LedgerAccounts
from app.tasks.cleanup import expire_holds
from app.tasks.payments import ask_gateways
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import make_event, ticket_type
from tests.factories.jobs import deliver_all
from tests.factories.ledger import top_up
from tests.factories.mail import letters
from tests.factories.payments import ensure_books_balance

DAY = 24 * 60
BALANCES = Query(
    select(LedgerAccounts.kind, LedgerAccounts.owner_id, LedgerAccounts.balance)
    .where(LedgerAccounts.balance != 0)
    .order_by(LedgerAccounts.kind, LedgerAccounts.balance),
    lambda kind, owner_id, balance: (str(kind), owner_id, balance),
)


def eur(amount):
    return {"amount": amount, "currency": "EUR"}


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def staff(connection, adapters):
    return await sign_in(connection, adapters, Role.ACCOUNTANT)


@pytest.fixture
async def providers(connection):
    return [await make_provider(connection) for _ in range(2)]


@pytest.fixture
def book(client, connection, providers, me):
    """Book an appointment with one provider or the other, in so many days."""

    async def booked(days=10, *, by=0, headers=me, **terms):
        usual = {"payment": PaymentTerms.PREPAID, "price_amount": 1000}
        offering = await make_offering(connection, providers[by], **{**usual, **terms})
        asked = {"service_id": str(offering.id), "starts_at": at(days * DAY).isoformat()}
        answer = await client.post("/bookings", json=asked, headers=headers)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return booked


@pytest.fixture
async def two(book):
    """Two bookings with two sellers: of 10 euros, and of 20 with a deposit of 6."""
    terms = {"deposit_percent": 30, "deposit_rest": DepositRest.LATER}
    return [await book(), await book(11, by=1, price_amount=2000, **terms)]


async def ask(client, headers, bookings, method="card", **more):
    ids = [one["id"] for one in bookings]
    body = {"booking_ids": ids, "payment_method": method}
    return await client.post("/payments", json=body, headers={**headers, **more})


async def pay(client, headers, bookings):
    answer = await ask(client, headers, bookings)
    assert answer.status_code == 201, answer.text
    await play(client, answer.json())
    return answer.json()


async def play(client, payment, outcome="succeed"):
    answer = await client.post(f"http://test/dev/payments/{payment['id']}/{outcome}")
    assert answer.status_code == 204, answer.text


async def shown(client, headers, kind, thing):
    return (await client.get(f"/{kind}/{thing['id']}", headers=headers)).json()


async def shares(client, headers, payment):
    params = {"group_id": payment["id"], "sort": "created_at"}
    found = await client.get("/payments", headers=headers, params=params)
    return {one["booking_id"]: one for one in found.json()["items"]}


async def states(client, headers, bookings):
    found = [await shown(client, headers, "bookings", one) for one in bookings]
    return [(one["status"], one["payment_status"]) for one in found]


async def test_what_is_due_for_all_is_asked_for_at_once_and_confirms_all(
    client, connection, doors, me, customer, providers, two
):
    opened = await ask(client, me, two)
    payment = opened.json()
    ids = sorted(one["id"] for one in two)
    assert (opened.status_code, payment["amount"]) == (201, eur(1600)), opened.text
    assert (payment["booking_id"], payment["booking_ids"]) == (None, ids)
    assert payment["client_secret"]

    for _ in range(2):
        await play(client, payment)
    await deliver_all(doors)

    assert await states(client, me, two) == [("confirmed", "paid"), ("confirmed", "partially_paid")]
    assert (await shown(client, me, "payments", payment))["status"] == "succeeded"
    parts = await shares(client, me, payment)
    assert [parts[one["id"]]["amount"] for one in two] == [eur(1000), eur(600)]
    assert {one["group_id"] for one in parts.values()} == {payment["id"]}
    sellers = [one.user_id for one in providers]
    assert await connection.all(BALANCES) == [
        ("deposits", sellers[1], 600),
        ("deposits", sellers[0], 1000),
        ("gateway_clearing", None, -1600),
    ]
    await ensure_books_balance(connection)
    found = await letters(doors, customer.email)
    paid = [one for one in found if one.subject == "We received your payment"]
    assert len(paid) == 2


async def test_each_seller_issues_a_receipt_of_their_share(
    client, connection, adapters, doors, me, providers, two
):
    await pay(client, me, two)
    await deliver_all(doors)

    for provider, amount in zip(providers, (1000, 600), strict=True):
        seller = await sign_in(connection, adapters, user_id=provider.user_id)
        found = await client.get("/receipts", headers=seller, params={"scope": "sales"})
        [receipt] = found.json()["items"]
        assert receipt["amount"] == eur(amount)
        assert receipt["number"] == "000001"


async def test_a_list_has_the_whole_and_a_booking_its_share(client, me, two):
    payment = await pay(client, me, two)

    listed = (await client.get("/payments", headers=me)).json()["items"]
    of = (await client.get("/payments", headers=me, params={"booking_id": two[0]["id"]})).json()

    assert [one["id"] for one in listed] == [payment["id"]]
    assert [one["group_id"] for one in of["items"]] == [payment["id"]]


async def test_the_same_is_asked_for_once(client, me, two):
    first = (await ask(client, me, two)).json()
    again = (await ask(client, me, two[::-1])).json()
    keyed = [await ask(client, me, two, **{"Idempotency-Key": "k"}) for _ in range(2)]
    other = await ask(client, me, two, "credit_card", **{"Idempotency-Key": "k"})

    assert again["id"] == first["id"]
    assert [one.json()["id"] for one in keyed] == [first["id"]] * 2
    assert other.json()["code"] == "idempotency-key-reused"


async def test_several_currencies_are_refused(client, me, book):
    bookings = [await book(), await book(11, price_currency="USD")]

    answer = await ask(client, me, bookings)

    assert (answer.status_code, answer.json()["code"]) == (422, "several-currencies"), answer.text
    assert (await client.get("/payments", headers=me)).json()["items"] == []


async def test_cash_of_several_customers_is_refused(client, connection, adapters, me, book):
    other = await sign_in(connection, adapters)
    bookings = [await book(), await book(11, headers=other)]
    admin = await sign_in(connection, adapters, Role.ADMIN)

    answer = await ask(client, admin, bookings, "cash")

    assert (answer.status_code, answer.json()["code"]) == (422, "several-customers"), answer.text


async def test_more_than_a_payment_can_be_is_refused(client, me, book):
    bookings = [await book(price_amount=10**12), await book(11, price_amount=1)]

    answer = await ask(client, me, bookings)

    assert (answer.status_code, answer.json()["code"]) == (422, "too-much-at-once"), answer.text


async def test_if_one_can_t_be_paid_none_is(client, connection, adapters, me, book):
    mine, paid = await book(), await book(11)
    await pay(client, me, [paid, await book(12)])
    other = await sign_in(connection, adapters)
    theirs = await book(13, headers=other)

    already = await ask(client, me, [mine, paid])
    foreign = await ask(client, me, [mine, theirs])

    assert (already.status_code, already.json()["code"]) == (409, "not-payable")
    assert (foreign.status_code, foreign.json()["code"]) == (404, "booking-not-found")
    assert await states(client, me, [mine]) == [("pending", "unpaid")]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"booking_id": "{0}", "booking_ids": ["{1}"]},
        {"booking_ids": []},
        {"booking_ids": ["{0}", "{0}"]},
        {"booking_ids": ["{0}", None]},
        {"booking_ids": ["{0}"] * 21},
        {"booking_ids": "{0}"},
    ],
)
async def test_what_names_no_bookings_is_a_422(client, me, two, body):
    ids = {"{0}": two[0]["id"], "{1}": two[1]["id"]}

    def named(value):
        if isinstance(value, list):
            return [ids.get(one, one) for one in value]
        return ids.get(value, value)

    given = {name: named(value) for name, value in body.items()} | {"payment_method": "card"}
    assert (await client.post("/payments", json=given, headers=me)).status_code == 422


async def test_a_list_of_one_is_a_payment_of_one(client, me, two):
    payment = (await ask(client, me, two[:1])).json()

    assert (payment["booking_id"], payment["booking_ids"]) == (two[0]["id"], [two[0]["id"]])


async def test_out_of_a_wallet_all_is_paid_or_nothing(client, connection, doors, me, customer, two):
    await top_up(doors, customer.id, 1599)
    poor = await ask(client, me, two, "wallet")
    before = await states(client, me, two)
    await top_up(doors, customer.id, 1)
    rich = await ask(client, me, two, "wallet")

    assert (poor.status_code, poor.json()["code"]) == (409, "insufficient-funds"), poor.text
    assert before == [("pending", "unpaid")] * 2
    assert (rich.status_code, rich.json()["status"]) == (201, "succeeded"), rich.text
    wallets = [one for one in await connection.all(BALANCES) if one[0] == "customer_wallet"]
    assert wallets == []
    await ensure_books_balance(connection)


async def test_what_is_cancelled_is_given_back_in_its_share(
    client, connection, doors, me, staff, two
):
    payment = await pay(client, me, two)

    await client.post(f"/bookings/{two[0]['id']}/cancel", headers=me)
    await deliver_all(doors)

    whole = await shown(client, me, "payments", payment)
    assert (whole["status"], whole["refunded"]) == ("partially_refunded", eur(1000))
    parts = await shares(client, me, payment)
    assert [parts[one["id"]]["status"] for one in two] == ["refunded", "succeeded"]
    refunds = (await client.get(f"/payments/{payment['id']}/refunds", headers=me)).json()["items"]
    assert [(one["amount"], one["status"]) for one in refunds] == [(eur(1000), "succeeded")]
    await ensure_books_balance(connection)
    rest = {"booking_id": two[1]["id"]}
    given = await client.post(f"/payments/{payment['id']}/refunds", json=rest, headers=staff)
    assert given.status_code == 201, given.text
    assert (await shown(client, me, "payments", payment))["status"] == "refunded"


async def test_a_refund_says_of_which_and_is_no_more_than_its_share(client, me, staff, two):
    payment = await pay(client, me, two)
    path = f"/payments/{payment['id']}/refunds"
    of_none = await client.post(path, json={"amount": eur(5)}, headers=staff)
    of_other = {"booking_id": payment["id"]}
    unknown = await client.post(path, json=of_other, headers=staff)
    too_much = {"booking_id": two[1]["id"], "amount": eur(601)}
    beyond = await client.post(path, json=too_much, headers=staff)

    assert (of_none.status_code, of_none.json()["code"]) == (422, "share-needed"), of_none.text
    assert (unknown.status_code, unknown.json()["code"]) == (404, "payment-not-found")
    assert (beyond.status_code, beyond.json()["code"]) == (409, "refund-exceeds-payment")


async def test_a_seller_sees_and_gives_back_their_share_alone(
    client, connection, adapters, me, providers, two
):
    payment = await pay(client, me, two)
    parts = await shares(client, me, payment)
    seller = await sign_in(connection, adapters, user_id=providers[0].user_id)
    mine, theirs = (parts[one["id"]] for one in two)

    given = await client.post(f"/payments/{mine['id']}/refunds", headers=seller)
    refused = await client.post(f"/payments/{theirs['id']}/refunds", headers=seller)
    whole = await client.get(f"/payments/{payment['id']}", headers=seller)

    assert given.status_code == 201, given.text
    assert (refused.status_code, whole.status_code) == (404, 404)


async def test_paid_late_each_is_confirmed_or_given_back_by_itself(
    client, connection, adapters, doors, clock, me, two
):
    payment = (await ask(client, me, two)).json()
    clock.forward(minutes=20)
    await doors.perform(expire_holds)
    other = await sign_in(connection, adapters)
    asked = {"service_id": two[1]["service_id"], "starts_at": two[1]["starts_at"]}
    assert (await client.post("/bookings", json=asked, headers=other)).status_code == 201

    await play(client, payment)
    await deliver_all(doors)

    assert await states(client, me, two) == [("confirmed", "paid"), ("expired", "refunded")]
    whole = await shown(client, me, "payments", payment)
    assert (whole["status"], whole["refunded"]) == ("partially_refunded", eur(600))
    await ensure_books_balance(connection)


async def test_what_nobody_wants_as_a_whole_any_more_is_cancelled(
    client, connection, adapters, doors, clock, me, two
):
    payment = (await ask(client, me, two)).json()
    await client.post(f"/bookings/{two[0]['id']}/cancel", headers=me)
    clock.forward(minutes=6)

    await doors.perform(ask_gateways)
    await deliver_all(doors)

    assert (await shown(client, me, "payments", payment))["status"] == "cancelled"
    parts = await shares(client, me, payment)
    assert {one["status"] for one in parts.values()} == {"cancelled"}
    assert (await ask(client, me, two[1:])).json()["amount"] == eur(600)


async def test_paid_for_by_itself_too_it_goes_back_in_its_share(client, connection, doors, me, two):
    payment = (await ask(client, me, two)).json()
    body = {"booking_id": two[0]["id"], "payment_method": "card"}
    alone = (await client.post("/payments", json=body, headers=me)).json()
    assert alone["booking_id"] == two[0]["id"]
    for one in (alone, payment):
        await play(client, one)
    await deliver_all(doors)

    assert await states(client, me, two) == [("confirmed", "paid"), ("confirmed", "partially_paid")]
    single, whole = [await shown(client, me, "payments", one) for one in (alone, payment)]
    assert single["refunded"]["amount"] + whole["refunded"]["amount"] == 1000
    await ensure_books_balance(connection)


async def test_seats_and_appointments_are_paid_for_together(client, connection, doors, me, book):
    organizer = await make_user(connection, Role.ORGANIZER)
    event, [kind] = await make_event(
        connection, organizer.id, now=NOW, types=[ticket_type("Paid", 700)]
    )
    asked = {"event_id": str(event.id), "seats": 2}
    seats = (await client.post("/bookings", json=asked, headers=me)).json()
    bookings = [await book(), seats]

    payment = await pay(client, me, bookings)

    assert payment["amount"] == eur(1000 + 2 * kind.price_amount)
    assert await states(client, me, bookings) == [("confirmed", "paid")] * 2
