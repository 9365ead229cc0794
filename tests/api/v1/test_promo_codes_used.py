"""Booking with a promo code: what it costs then, who may, and what becomes of the use."""

from datetime import timedelta

import pytest

from app.domain.deposits import DepositRest
from app.domain.offerings import PaymentTerms
from app.domain.roles import Role
from app.tasks.cleanup import earn_some, expire_holds, settle_events
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import ensure_counted, make_event, ticket_type
from tests.factories.jobs import deliver_all
from tests.factories.payments import ensure_books_balance
from tests.factories.promo_codes import fixed, make_code, uses_of

A_DAY = timedelta(days=1)


@pytest.fixture
async def organizer(connection):
    return await make_user(connection, Role.ORGANIZER)


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
async def event(connection, organizer):
    types = [ticket_type("Early", 1500), ticket_type("Late", 2505)]
    made, found = await make_event(connection, organizer.id, now=NOW, types=types)
    return made, {one.name: one for one in found}


@pytest.fixture
def book(client, me, event):
    """Book seats by name of their type, with a code."""

    async def send(code="SPRING", headers=None, **wanted):
        made, types = event
        tickets = [
            {"ticket_type_id": str(types[name].id), "quantity": quantity}
            for name, quantity in (wanted or {"Early": 1}).items()
        ]
        body = {"event_id": str(made.id), "tickets": tickets, "promo_code": code}
        return await client.post("/bookings", json=body, headers=me | (headers or {}))

    return send


@pytest.fixture
def visit(client, connection, provider, me):
    """Book an appointment with a code."""

    async def send(code="SPRING", minutes=6000, headers=None, **terms):
        usual = {"payment": PaymentTerms.PREPAID, "price_amount": 4500}
        offering = await make_offering(connection, provider, **{**usual, **terms})
        asked = {"service_id": str(offering.id), "starts_at": at(minutes).isoformat()}
        body = asked | {"promo_code": code}
        return await client.post("/bookings", json=body, headers=me | (headers or {}))

    return send


async def pay(client, headers, booking):
    body = {"booking_id": booking["id"], "payment_method": "card"}
    answer = await client.post("/payments", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    await client.post(f"http://test/dev/payments/{answer.json()['id']}/succeed")
    return answer.json()["amount"]["amount"]


def prices(booking):
    return booking["price"]["amount"], (booking["discount"] or {}).get("amount")


async def test_each_line_is_told_with_what_the_code_takes_off(connection, book):
    await make_code(connection)

    answer = await book(" spring ", Early=2, Late=1)

    booking = answer.json()
    assert answer.status_code == 201, answer.text
    assert prices(booking) == (3000 + 2505 - 300 - 251, 551)
    lines = {item["name"]: item for item in booking["items"]}
    assert lines["Early"]["discount"] == {"amount": 300, "currency": "EUR"}
    assert lines["Early"]["unit_price"] == {"amount": 1500, "currency": "EUR"}
    assert lines["Early"]["total"] == {"amount": 2700, "currency": "EUR"}
    assert lines["Late"]["total"] == {"amount": 2254, "currency": "EUR"}
    assert await uses_of(connection) == 1
    await ensure_counted(connection)


async def test_an_appointment_costs_less_too(client, connection, visit, me):
    await make_code(connection, percent=33)

    answer = await visit()

    booking = answer.json()
    assert answer.status_code == 201, answer.text
    assert (booking["status"], *prices(booking)) == ("pending", 3015, 1485)
    assert booking["items"][0]["total"] == booking["price"]
    assert await pay(client, me, booking) == 3015
    assert await uses_of(connection) == 1


async def test_what_costs_nothing_any_more_is_confirmed_at_once(connection, book, visit):
    await make_code(connection, **fixed(100_000))

    seats, visited = (await book(Late=2)).json(), (await visit()).json()

    for booking in (seats, visited):
        assert (booking["status"], booking["payment_status"]) == ("confirmed", "not_required")
        assert booking["price"]["amount"] == 0
    assert prices(seats) == (0, 5010)


async def test_the_same_is_booked_paid_receipted_and_given_back(
    client, connection, doors, clock, book, me
):
    await make_code(connection, **fixed(1000))
    booking = (await book(Early=3)).json()
    assert prices(booking) == (3500, 1000)

    assert await pay(client, me, booking) == 3500
    await deliver_all(doors)

    [receipt] = (await client.get("/receipts", headers=me)).json()["items"]
    assert receipt["amount"]["amount"] == 3500
    [line] = receipt["lines"]
    told = [line[name]["amount"] for name in ("unit_price", "discount", "amount")]
    assert told == [1500, 1000, 3500]

    given_back = []
    path = f"/bookings/{booking['id']}/tickets"
    for ticket in (await client.get(path, headers=me)).json()["items"]:
        answer = await client.request("DELETE", f"{path}/{ticket['id']}", headers=me)
        assert answer.status_code == 200, answer.text
        given_back.append(answer.json()["refund"]["amount"]["amount"])
        await deliver_all(doors)
    found = (await client.get(f"/bookings/{booking['id']}", headers=me)).json()
    assert given_back == [1167, 1167, 1166]
    assert (found["status"], found["refunded"]["amount"]) == ("cancelled", 3500)
    await ensure_books_balance(connection)


async def test_of_fewer_seats_the_rest_is_still_discounted(client, connection, book, me):
    await make_code(connection, **fixed(1000))
    booking = (await book(Early=3)).json()
    await pay(client, me, booking)
    path = f"/bookings/{booking['id']}/tickets"
    ticket = (await client.get(path, headers=me)).json()["items"][0]

    answer = await client.request("DELETE", f"{path}/{ticket['id']}", headers=me)

    left = answer.json()
    assert prices(left) == (2333, 667)
    assert [item["total"]["amount"] for item in left["items"]] == [2333]
    assert await uses_of(connection) == 1


async def test_a_deposit_and_a_late_fee_are_of_the_price_that_is_left(
    client, connection, adapters, customer, visit, clock, me
):
    await make_code(connection, percent=50)
    terms = {
        "deposit_percent": 30,
        "deposit_rest": DepositRest.LATER,
        "free_until_minutes": 24 * 60,
        "late_fee_percent": 50,
    }
    booking = (await visit(**terms)).json()
    assert (booking["due_now"]["amount"], booking["due_later"]["amount"]) == (675, 1575)
    assert await pay(client, me, booking) == 675
    clock.forward(minutes=6000 - 60)
    me = await sign_in(connection, adapters, user_id=customer.id)

    answer = await client.post(f"/bookings/{booking['id']}/cancel", headers=me)

    assert answer.json()["refund"]["fee"]["amount"] == 1125, answer.text


async def test_the_seller_earns_what_was_paid_and_commission_is_of_that(
    client, connection, doors, clock, organizer, book, adapters, me
):
    await make_code(connection, percent=50)
    booking = (await book(Early=2)).json()
    assert await pay(client, me, booking) == 1500
    clock.forward(minutes=60 * 24 * 40)
    await deliver_all(doors)
    while await doors.perform(lambda services: services.booking_changes.complete_over()):
        pass
    await doors.perform(earn_some)

    staff = await sign_in(connection, adapters, Role.ACCOUNTANT)
    found = (await client.get("/ledger/trial-balance", headers=staff)).json()["items"]
    balances = {one["account"]: one["balance"]["amount"] for one in found}
    assert balances["organizer_payable"] + balances.get("platform_revenue", 0) == 1500
    await ensure_books_balance(connection)


async def test_of_types_it_names_alone_something_is_taken_off(connection, event, book):
    made, types = event
    await make_code(connection, event_id=made.id, ticket_type_ids=[types["Late"].id], percent=20)

    both = (await book(Early=1, Late=1)).json()
    none = await book(Early=1)

    assert prices(both) == (1500 + 2004, 501)
    assert (none.status_code, none.json()["code"]) == (422, "promo-code-invalid")


async def someone_elses(connection, event):
    other, _ = await make_event(
        connection, (await make_user(connection, Role.ORGANIZER)).id, now=NOW
    )
    return {"owner_id": other.organizer_id}


async def another_event(connection, event):
    other, _ = await make_event(connection, event.organizer_id, now=NOW)
    return {"owner_id": event.organizer_id, "event_id": other.id}


async def a_service(connection, event):
    offering = await make_offering(connection, await make_provider(connection))
    return {"service_id": offering.id}


async def past(connection, event):
    return {"ends_at": NOW}


async def to_come(connection, event):
    return {"starts_at": NOW + A_DAY}


async def ended(connection, event):
    return {"is_active": False}


async def unknown(connection, event):
    return {"code": "SUMMER"}


async def too_little(connection, event):
    return {"min_total": 1501, "currency": "EUR"}


async def other_currency(connection, event):
    return fixed(100, "USD")


NO_GOOD = [
    *(someone_elses, another_event, a_service, past, to_come, ended, unknown),
    *(too_little, other_currency),
]


@pytest.mark.parametrize("of", NO_GOOD)
async def test_whatever_is_wrong_with_a_code_the_same_is_told(client, connection, event, book, of):
    await make_code(connection, **await of(connection, event[0]))

    refused = await book()

    told = refused.json()
    assert (refused.status_code, told["code"]) == (422, "promo-code-invalid")
    assert told["detail"] == "This code is not good for that."
    assert told["errors"][0]["pointer"] == "#/promo_code"
    assert await uses_of(connection) == 0
    await ensure_counted(connection)


async def test_guessing_is_slowed_down(book):
    answers = [(await book(f"GUESS-{number}")).status_code for number in range(21)]

    assert answers == [422] * 20 + [429]


async def test_of_two_codes_of_the_same_letters_the_sellers_counts(connection, event, book):
    await make_code(connection, percent=10)
    await make_code(connection, percent=50, owner_id=event[0].organizer_id)

    assert prices((await book(Early=1)).json()) == (750, 750)


async def test_whoever_has_used_it_up_is_told(connection, book, adapters):
    await make_code(connection, max_uses=2, max_uses_per_user=1)
    other, third = [await sign_in(connection, adapters) for _ in range(2)]

    mine, again = await book(), await book()
    theirs, late = await book(headers=other), await book(headers=third)

    assert [mine.status_code, theirs.status_code] == [201, 201]
    for refused in (again, late):
        assert (refused.status_code, refused.json()["code"]) == (409, "promo-code-exhausted")
    assert await uses_of(connection) == 2
    await ensure_counted(connection)


async def test_what_is_told_again_is_used_once(connection, book, visit):
    await make_code(connection)

    seats = [await book(headers={"Idempotency-Key": "seats"}) for _ in range(2)]

    assert [one.status_code for one in seats] == [201, 201]
    assert seats[0].json() == seats[1].json()
    assert await uses_of(connection) == 1


async def test_a_lapsed_hold_gives_it_back_once(client, connection, doors, clock, book, visit):
    await make_code(connection, returns_use=False)
    (await book()).raise_for_status()
    (await visit()).raise_for_status()
    assert await uses_of(connection) == 2
    clock.forward(minutes=60)

    for _ in range(2):
        await doors.perform(settle_events)
        await doors.perform(expire_holds)

    assert await uses_of(connection) == 0


@pytest.mark.parametrize(("returns", "left"), [(True, 0), (False, 1)])
async def test_cancelled_by_the_customer_it_comes_back_where_the_rule_says_so(
    client, connection, book, me, returns, left
):
    await make_code(connection, returns_use=returns)
    booking = (await book()).json()

    first = await client.post(f"/bookings/{booking['id']}/cancel", headers=me)
    again = await client.post(f"/bookings/{booking['id']}/cancel", headers=me)

    assert (first.status_code, again.status_code) == (200, 409)
    assert await uses_of(connection) == left


async def test_cancelled_or_declined_by_the_seller_it_always_comes_back(
    client, connection, adapters, provider, visit
):
    await make_code(connection, returns_use=False)
    seller = await sign_in(connection, adapters, user_id=provider.user_id)
    asked = (await visit(approval_required=True)).json()
    booked = (await visit(minutes=7200)).json()

    declined = await client.post(f"/bookings/{asked['id']}/decline", headers=seller)
    cancelled = await client.post(f"/bookings/{booked['id']}/cancel", headers=seller)

    assert (declined.status_code, cancelled.status_code) == (200, 200)
    assert await uses_of(connection) == 0


@pytest.mark.parametrize("kind", ["seats", "visit"])
async def test_money_that_comes_late_takes_the_use_again(
    client, connection, clock, book, visit, me, kind
):
    await make_code(connection, max_uses=1)
    booking = (await (book() if kind == "seats" else visit())).json()
    body = {"booking_id": booking["id"], "payment_method": "card"}
    payment = (await client.post("/payments", json=body, headers=me)).json()
    clock.forward(minutes=60)

    await client.post(f"http://test/dev/payments/{payment['id']}/succeed")

    found = (await client.get(f"/bookings/{booking['id']}", headers=me)).json()
    assert (found["status"], found["payment_status"]) == ("confirmed", "paid")
    assert await uses_of(connection) == 1


@pytest.mark.parametrize("limits", [{"max_uses": 1}, {"max_uses_per_user": 1}])
async def test_and_goes_back_where_the_code_was_used_by_then(
    client, connection, doors, clock, book, me, limits
):
    await make_code(connection, **limits)
    booking = (await book()).json()
    body = {"booking_id": booking["id"], "payment_method": "card"}
    payment = (await client.post("/payments", json=body, headers=me)).json()
    clock.forward(minutes=60)
    await doors.perform(settle_events)
    assert (await book()).status_code == 201

    await client.post(f"http://test/dev/payments/{payment['id']}/succeed")
    await deliver_all(doors)

    found = (await client.get(f"/bookings/{booking['id']}", headers=me)).json()
    assert (found["status"], found["payment_status"]) == ("expired", "refunded")
    assert await uses_of(connection) == 1
    await ensure_counted(connection)
