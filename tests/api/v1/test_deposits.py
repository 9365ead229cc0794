"""Deposits: part of the price confirms a booking, the rest is paid later or on site."""

import pytest
from sqlalchemy import select

from app.core.statements import Query
from app.domain.bookings import BookingStatus
from app.domain.deposits import DepositRest
from app.domain.offerings import PaymentTerms
from app.domain.roles import Role
from app.models import LedgerAccounts
from app.tasks.cleanup import complete_over, earn_some, expire_holds
from app.tasks.payments import tell_what_is_due
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import make_event, ticket_type
from tests.factories.jobs import deliver_all
from tests.factories.mail import letters
from tests.factories.payments import ensure_books_balance

DAY = 24 * 60
PERCENT = {"kind": "percent", "percent": 30, "rest": "later"}
FIXED = {"kind": "fixed", "amount": {"amount": 1500, "currency": "EUR"}, "rest": "on_site"}
A_SERVICE = {
    "name": "Tattoo",
    "duration_minutes": 60,
    "price": {"amount": 4500, "currency": "EUR"},
}
BALANCES = Query(
    select(LedgerAccounts.kind, LedgerAccounts.balance)
    .where(LedgerAccounts.balance != 0)
    .order_by(LedgerAccounts.kind, LedgerAccounts.balance),
    lambda kind, balance: (str(kind), balance),
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
async def provider(connection):
    return await make_provider(connection)


@pytest.fixture
async def seller(connection, adapters, provider):
    return await sign_in(connection, adapters, user_id=provider.user_id)


@pytest.fixture
async def organizer(connection, adapters):
    return await sign_in(connection, adapters, Role.ORGANIZER)


@pytest.fixture
def book(client, connection, provider, me):
    """Book an appointment of 10 euros of which 30 percent are paid at once."""

    async def booked(minutes=10 * DAY, **terms):
        usual = {
            "payment": PaymentTerms.PREPAID,
            "price_amount": 1000,
            "deposit_percent": 30,
            "deposit_rest": DepositRest.LATER,
        }
        offering = await make_offering(connection, provider, **{**usual, **terms})
        asked = {"service_id": str(offering.id), "starts_at": at(minutes).isoformat()}
        answer = await client.post("/bookings", json=asked, headers=me)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return booked


async def pay(client, headers, booking, method="card"):
    body = {"booking_id": booking["id"], "payment_method": method}
    answer = await client.post("/payments", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    if method == "card":
        await client.post(f"http://test/dev/payments/{answer.json()['id']}/succeed")
    return answer.json()


async def shown(client, headers, booking):
    return (await client.get(f"/bookings/{booking['id']}", headers=headers)).json()


def dues(booking):
    names = ("paid", "refunded", "due_now", "due_later")
    return tuple(booking[name]["amount"] for name in names)


@pytest.mark.parametrize("deposit", [PERCENT, FIXED])
async def test_a_service_asks_for_a_deposit_and_is_then_prepaid(client, seller, deposit):
    made = await client.post("/services", json=A_SERVICE | {"deposit": deposit}, headers=seller)

    whole = {"percent": None, "amount": None} | deposit
    assert (made.status_code, made.json()["payment"]) == (201, "prepaid"), made.text
    assert made.json()["deposit"] == whole
    path = f"/services/{made.json()['id']}"
    assert (await client.get(path)).json()["deposit"] == whole

    without = await client.patch(path, json={"deposit": None}, headers=seller)
    assert without.json()["deposit"] is None, without.text


AMOUNTS = [
    ({"kind": "percent"}, "#/deposit/percent"),
    ({"kind": "percent", "percent": 0}, "#/deposit/percent"),
    ({"kind": "percent", "percent": 101}, "#/deposit/percent"),
    ({"kind": "percent", "percent": -1}, "#/deposit/percent"),
    ({"kind": "percent", "percent": 12.5}, "#/deposit/percent"),
    ({"kind": "percent", "percent": "30"}, "#/deposit/percent"),
    ({"kind": "percent", "percent": True}, "#/deposit/percent"),
    ({"kind": "percent", "percent": 30, "amount": eur(1)}, "#/deposit/amount"),
    ({"kind": "fixed"}, "#/deposit/amount"),
    ({"kind": "fixed", "amount": eur(5), "percent": 5}, "#/deposit/percent"),
    ({"kind": "fixed", "amount": eur(0)}, "#/deposit/amount/amount"),
    ({"kind": "fixed", "amount": eur(-5)}, "#/deposit/amount/amount"),
    ({"kind": "fixed", "amount": eur(1.5)}, "#/deposit/amount/amount"),
    ({"kind": "fixed", "amount": eur("15")}, "#/deposit/amount/amount"),
    ({"kind": "fixed", "amount": eur(10**12 + 1)}, "#/deposit/amount/amount"),
    ({"kind": "fixed", "amount": eur(2**63 - 1)}, "#/deposit/amount/amount"),
    ({"kind": "fixed", "amount": eur(4501)}, "#/deposit/amount"),
    ({"kind": "fixed", "amount": {"amount": 5, "currency": "USD"}}, "#/deposit/amount/currency"),
    ({"kind": "fixed", "amount": {"amount": 5, "currency": "XXX"}}, "#/deposit/amount/currency"),
    ({"kind": "some", "percent": 5}, "#/deposit/kind"),
    ({"kind": "percent", "percent": 5, "rest": "never"}, "#/deposit/rest"),
    ({"kind": "percent", "percent": 5, "more": 1}, "#/deposit/more"),
]


@pytest.mark.parametrize(("deposit", "pointer"), AMOUNTS)
async def test_what_is_no_deposit_is_refused(client, seller, deposit, pointer):
    answer = await client.post("/services", json=A_SERVICE | {"deposit": deposit}, headers=seller)

    assert answer.status_code == 422, answer.text
    assert pointer in [one["pointer"] for one in answer.json()["errors"]], answer.text


@pytest.mark.parametrize("deposit", [{"percent": 100}, {"percent": 1}, {"amount": eur(4500)}])
async def test_the_bounds_themselves_are_taken(client, seller, deposit):
    kind = "percent" if "percent" in deposit else "fixed"
    body = A_SERVICE | {"deposit": {"kind": kind, **deposit}}

    assert (await client.post("/services", json=body, headers=seller)).status_code == 201


async def test_what_is_free_asks_for_none(client, seller):
    free = A_SERVICE | {"price": eur(0), "payment": "free", "deposit": PERCENT}
    answer = await client.post("/services", json=free, headers=seller)

    assert (answer.status_code, answer.json()["code"]) == (422, "deposit-of-nothing"), answer.text


async def test_a_price_falls_neither_under_its_deposit_nor_into_another_currency(client, seller):
    made = (
        await client.post("/services", json=A_SERVICE | {"deposit": FIXED}, headers=seller)
    ).json()
    path = f"/services/{made['id']}"
    other = {"price": {"amount": 4500, "currency": "USD"}}

    cheaper = await client.patch(path, json={"price": eur(1499)}, headers=seller)
    foreign = await client.patch(path, json=other, headers=seller)
    both = other | {"deposit": FIXED | {"amount": {"amount": 9, "currency": "USD"}}}
    agreed = await client.patch(path, json=both, headers=seller)

    assert cheaper.json()["code"] == "deposit-exceeds-price", cheaper.text
    assert foreign.json()["code"] == "deposit-in-other-currency", foreign.text
    assert agreed.json()["deposit"]["amount"] == {"amount": 9, "currency": "USD"}, agreed.text


async def test_an_event_asks_for_one_in_the_currency_of_its_tickets(client, organizer):
    event = {
        "title": "An evening of songs",
        "starts_at": at(30 * DAY).isoformat(),
        "timezone": "Europe/Berlin",
        "location": "1 Church Square",
        "max_participants": 10,
        "price": eur(2000),
        "deposit": FIXED,
    }
    made = await client.post("/events", json=event, headers=organizer)
    assert made.json()["deposit"] == FIXED | {"percent": None}, made.text
    path = f"/events/{made.json()['id']}"

    dollars = {"price": {"amount": 2000, "currency": "USD"}}
    foreign = await client.patch(path, json=dollars, headers=organizer)
    gone = await client.patch(path, json=dollars | {"deposit": None}, headers=organizer)

    assert foreign.json()["code"] == "deposit-in-other-currency", foreign.text
    assert (gone.status_code, gone.json()["deposit"]) == (200, None), gone.text


async def test_the_deposit_confirms_and_then_the_rest_is_due(client, connection, doors, me, book):
    booking = await book()
    assert booking["deposit"] == PERCENT | {"amount": None, "total": eur(300)}
    assert (booking["status"], dues(booking)) == ("pending", (0, 0, 300, 700))

    first = await pay(client, me, booking)
    assert first["amount"] == eur(300)
    confirmed = await shown(client, me, booking)
    assert (confirmed["status"], confirmed["payment_status"]) == ("confirmed", "partially_paid")
    assert dues(confirmed) == (300, 0, 700, 0)

    second = await pay(client, me, booking)
    assert second["amount"] == eur(700)
    paid = await shown(client, me, booking)
    assert (paid["payment_status"], dues(paid)) == ("paid", (1000, 0, 0, 0))
    again = await client.post(
        "/payments", json={"booking_id": booking["id"], "payment_method": "card"}, headers=me
    )
    assert (again.status_code, again.json()["code"]) == (409, "not-payable")
    await deliver_all(doors)
    receipts = (await client.get("/receipts", headers=me)).json()["items"]
    assert sorted(one["amount"]["amount"] for one in receipts) == [300, 700]
    await ensure_books_balance(connection)


async def test_a_deposit_is_as_it_was_when_it_was_booked(client, connection, me, seller, book):
    booking = await book()
    path = f"/services/{booking['service_id']}"
    changed = {"deposit": PERCENT | {"percent": 90}, "price": eur(5000)}
    assert (await client.patch(path, json=changed, headers=seller)).status_code == 200

    payment = await pay(client, me, booking)

    assert payment["amount"] == eur(300)
    assert (await shown(client, me, booking))["deposit"]["percent"] == 30


async def test_on_site_the_rest_is_recorded_in_cash_and_its_commission_kept(
    client, connection, doors, clock, adapters, me, seller, provider, book
):
    admin = await sign_in(connection, adapters, Role.ACCOUNTANT)
    share = {"basis_points": 1250}
    agreed = await client.put(f"/commissions/{provider.user_id}", json=share, headers=admin)
    assert agreed.status_code == 200, agreed.text
    booking = await book(minutes=60, price_amount=1001, deposit_rest=DepositRest.ON_SITE)
    await pay(client, me, booking)
    confirmed = await shown(client, me, booking)
    assert dues(confirmed) == (300, 0, 0, 701)
    clock.forward(minutes=130)
    done = await client.post(f"/bookings/{booking['id']}/complete", headers=seller)
    assert done.status_code == 200, done.text
    await doors.perform(earn_some)
    assert dict(await connection.all(BALANCES))["platform_revenue"] == 38  # of 300, 37.5

    cash = await pay(client, seller, booking, "cash")

    assert (cash["amount"], cash["status"]) == (eur(701), "succeeded")
    paid = await shown(client, me, booking)
    assert (paid["payment_status"], dues(paid)) == ("paid", (1001, 0, 0, 0))
    balances = dict(await connection.all(BALANCES))
    assert balances["platform_revenue"] == 125  # of 1001, 125.125
    assert balances["provider_payable"] == 876


@pytest.mark.parametrize(
    ("minutes", "fee", "back", "status"),
    [
        (10 * DAY, 0, 300, "refunded"),  # in time
        (60, 200, 100, "partially_refunded"),  # late, and it costs less than the deposit
        (60, 500, 0, "partially_paid"),  # late, and it costs more
    ],
)
async def test_a_cancellation_is_settled_against_what_was_paid(
    client, connection, doors, me, book, minutes, fee, back, status
):
    terms = {"free_until_minutes": DAY, "late_fee_percent": fee // 10}
    booking = await book(minutes, **terms)
    await pay(client, me, booking)

    cancelled = (await client.post(f"/bookings/{booking['id']}/cancel", headers=me)).json()
    await deliver_all(doors)

    late = minutes == 60
    told = {"late": late, "fee": eur(fee), "amount": eur(back)}
    assert cancelled["refund"] == told
    after = await shown(client, me, booking)
    missing = max(fee - 300, 0)  # of the fee, which can still be paid
    assert (after["payment_status"], dues(after)) == (status, (300, back, 0, missing))
    kept = 300 - back
    found = [("deposits", kept), ("gateway_clearing", -kept)] if kept else []
    assert await connection.all(BALANCES) == found


async def test_somebody_who_does_not_come_gets_nothing_back(
    client, connection, doors, clock, me, seller, book
):
    booking = await book(minutes=60, late_fee_percent=100)
    await pay(client, me, booking)
    clock.forward(minutes=70)

    missed = await client.post(f"/bookings/{booking['id']}/no-show", headers=seller)
    await deliver_all(doors)
    clock.forward(minutes=30)
    await doors.perform(earn_some)

    assert missed.status_code == 200, missed.text
    after = await shown(client, me, booking)
    assert (after["payment_status"], dues(after)) == ("partially_paid", (300, 0, 0, 700))
    assert ("provider_payable", 300) in await connection.all(BALANCES)


async def test_who_paid_late_has_it_if_it_is_free_and_else_the_deposit_back(
    client, connection, doors, clock, adapters, me, book
):
    kept, lost = await book(10 * DAY), await book(12 * DAY)
    payments = [
        (
            await client.post(
                "/payments", json={"booking_id": one["id"], "payment_method": "card"}, headers=me
            )
        ).json()
        for one in (kept, lost)
    ]
    clock.forward(minutes=20)
    await doors.perform(expire_holds)
    other = await sign_in(connection, adapters)
    asked = {"service_id": lost["service_id"], "starts_at": lost["starts_at"]}
    assert (await client.post("/bookings", json=asked, headers=other)).status_code == 201

    for payment in payments:
        await client.post(f"http://test/dev/payments/{payment['id']}/succeed")
    await deliver_all(doors)

    first, second = await shown(client, me, kept), await shown(client, me, lost)
    assert (first["status"], first["payment_status"]) == ("confirmed", "partially_paid")
    assert (second["status"], second["payment_status"]) == ("expired", "refunded")
    assert (dues(first), dues(second)) == ((300, 0, 700, 0), (300, 300, 0, 0))


async def test_a_request_is_paid_once_it_is_granted_also_where_it_is_paid_on_site(
    client, me, seller, book
):
    booking = await book(approval_required=True, payment=PaymentTerms.ON_SITE)
    body = {"booking_id": booking["id"], "payment_method": "card"}
    refused = await client.post("/payments", json=body, headers=me)
    assert refused.json()["code"] == "not-payable", refused.text

    granted = await client.post(f"/bookings/{booking['id']}/confirm", headers=seller)
    assert granted.json()["status"] == "pending", granted.text
    again = await client.post(f"/bookings/{booking['id']}/confirm", headers=seller)
    assert again.json()["code"] == "invalid-transition", again.text
    await pay(client, me, booking)

    assert (await shown(client, me, booking))["status"] == "confirmed"


async def test_a_moved_booking_keeps_its_deposit_and_what_was_paid(client, me, book):
    booking = await book()
    await pay(client, me, booking)
    later = {"starts_at": at(11 * DAY).isoformat()}

    moved = await client.post(f"/bookings/{booking['id']}/reschedule", json=later, headers=me)

    assert moved.status_code == 200, moved.text
    after = await shown(client, me, booking)
    assert (after["payment_status"], dues(after)) == ("partially_paid", (300, 0, 700, 0))


async def test_a_ticket_given_back_lowers_the_rest_and_then_gives_back(
    client, connection, doors, me
):
    organizer = await make_user(connection, Role.ORGANIZER)
    event, [kind] = await make_event(
        connection,
        organizer.id,
        now=NOW,
        types=[ticket_type("Paid", 1000)],
        deposit_amount=600,
        deposit_currency="EUR",
        deposit_rest=DepositRest.LATER,
    )
    asked = {"event_id": str(event.id), "seats": 3}
    booking = (await client.post("/bookings", json=asked, headers=me)).json()
    assert dues(booking) == (0, 0, 1800, 1200), booking
    await pay(client, me, booking)
    path = f"/bookings/{booking['id']}/tickets"
    tickets = (await client.get(path, headers=me)).json()["items"]

    found = []
    for ticket in tickets[:2]:
        given = await client.request("DELETE", f"{path}/{ticket['id']}", headers=me)
        assert given.status_code == 200, given.text
        await deliver_all(doors)
        after = await shown(client, me, booking)
        found.append((given.json()["refund"]["amount"], after["payment_status"], dues(after)))

    assert found == [
        (eur(0), "partially_paid", (1800, 0, 200, 0)),
        (eur(800), "paid", (1800, 800, 0, 0)),
    ]
    assert kind.price_amount == 1000


async def test_goodwill_does_not_raise_what_is_due(client, connection, adapters, me, book):
    booking = await book()
    payment = await pay(client, me, booking)
    staff = await sign_in(connection, adapters, Role.ACCOUNTANT)

    path = f"/payments/{payment['id']}/refunds"
    given = await client.post(path, json={"amount": eur(100)}, headers=staff)

    assert given.status_code == 201, given.text
    after = await shown(client, me, booking)
    assert (after["payment_status"], dues(after)) == ("partially_paid", (300, 100, 700, 0))


async def test_the_rest_is_asked_for_once_in_time_and_again_after_a_move(
    client, connection, adapters, doors, clock, me, customer, book
):
    booking = await book(minutes=10 * DAY)
    on_site = await book(minutes=9 * DAY, deposit_rest=DepositRest.ON_SITE)
    for one in (booking, on_site):
        await pay(client, me, one)

    async def told():
        for _ in range(2):
            await doors.perform(tell_what_is_due)
        found = await letters(doors, customer.email)
        return [one for one in found if one.subject == "The rest of your booking is due"]

    assert await told() == []
    clock.forward(minutes=7 * DAY + 10)
    [letter] = await told()
    assert "€7.00" in letter.text
    me = await sign_in(connection, adapters, user_id=customer.id)
    later = {"starts_at": at(14 * DAY).isoformat()}
    moved = await client.post(f"/bookings/{booking['id']}/reschedule", json=later, headers=me)
    assert moved.status_code == 200, moved.text
    assert len(await told()) == 1
    clock.forward(minutes=4 * DAY + 10)
    assert len(await told()) == 2
    me = await sign_in(connection, adapters, user_id=customer.id)
    await pay(client, me, booking)
    assert len(await told()) == 2


async def test_who_paid_all_in_time_is_not_asked(client, doors, clock, me, customer, book):
    booking = await book(minutes=10 * DAY)
    for _ in range(2):
        await pay(client, me, booking)
    clock.forward(minutes=8 * DAY)

    await doors.perform(tell_what_is_due)

    subjects = [one.subject for one in await letters(doors, customer.email)]
    assert "The rest of your booking is due" not in subjects


async def test_what_confirms_is_told_and_not_the_whole(client, doors, me, customer, book):
    await book()

    [letter] = await letters(doors, customer.email)

    assert "€3.00" in letter.text
    assert "€10.00" not in letter.text


async def test_what_is_over_can_still_be_paid_on_site(client, doors, clock, me, seller, book):
    booking = await book(minutes=60, deposit_rest=DepositRest.ON_SITE)
    await pay(client, me, booking)
    clock.forward(minutes=9 * 60)
    await doors.perform(complete_over)
    assert (await shown(client, me, booking))["status"] == BookingStatus.COMPLETED

    assert (await pay(client, seller, booking, "cash"))["amount"] == eur(700)
