"""What Stripe and FreedomPay tell, over real HTTP to servers of our own: believed once."""

import json
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from structlog.testing import capture_logs

from app.core.statements import Query
from app.domain.offerings import PaymentTerms
from app.domain.roles import Role
from app.models import GatewayEvents
from app.repositories.gateway_events import GatewayEventRepository
from app.services.charges import ChargeService
from app.tasks.payments import ask_gateways, look_after_paid
from tests.factories.accounts import sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.jobs import deliver_all
from tests.factories.payments import BALANCES, ensure_books_balance
from tests.factories.races import at_once
from tests.fakes import freedompay as fake_freedompay
from tests.fakes import stripe as fake_stripe
from tests.fakes.freedompay import freedompay_server
from tests.fakes.stripe import signed, stripe_server

EVENTS = Query(
    select(GatewayEvents.kind, GatewayEvents.failure).order_by(GatewayEvents.id), lambda *it: it
)
BODIES = Query(select(GatewayEvents.body), bytes)
SUCCEEDED = "payment_intent.succeeded"


@pytest.fixture
async def stripe():
    async with stripe_server() as server:
        yield server


@pytest.fixture
async def freedompay():
    async with freedompay_server() as server:
        yield server


@pytest.fixture
def settings(settings, stripe, freedompay):
    return settings.model_copy(
        update={
            "stripe_secret_key": SecretStr(fake_stripe.KEY),
            "stripe_webhook_secret": SecretStr(fake_stripe.SECRET),
            "stripe_api_base": stripe.address,
            "freedompay_merchant_id": fake_freedompay.MERCHANT,
            "freedompay_secret_key": SecretStr(fake_freedompay.SECRET),
            "freedompay_api_base": freedompay.address,
        }
    )


@pytest.fixture(autouse=True)
async def closed(adapters):
    yield
    for gateway in adapters.gateways.values():
        await gateway.close()


async def booked(client, connection, adapters, *, price=1500, **terms):
    """Return the headers of somebody, and what they hold until it is paid for."""
    me = await sign_in(connection, adapters)
    provider = await make_provider(connection)
    offering = await make_offering(
        connection, provider, payment=PaymentTerms.PREPAID, price_amount=price, **terms
    )
    asked = {"service_id": str(offering.id), "starts_at": at(6000).isoformat()}
    answer = await client.post("/bookings", json=asked, headers=me)
    assert answer.status_code == 201, answer.text
    return me, answer.json()


async def pay(client, me, booking, method="card"):
    body = {"booking_id": booking["id"], "payment_method": method}
    answer = await client.post("/payments", json=body, headers=me)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def shown(client, me, kind, thing):
    return (await client.get(f"/{kind}/{thing['id']}", headers=me)).json()


async def tell(client, clock, *bodies, **more):
    """Deliver events of Stripe in that order; return what was answered."""
    answers = []
    for body in bodies:
        headers = signed(body, at=clock(), **more)
        answers.append(await client.post("/webhooks/stripe", content=body, headers=headers))
    return answers


def answering(client, freedompay):
    """Let the fake deliver to the application under test."""

    async def post(url, form):
        path = url.partition("/api/v1")[2]
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await client.post(path, content=form, headers=headers)
        return answer.status_code, answer.content

    freedompay.post = post


async def standing(client, me, booking):
    found = await shown(client, me, "bookings", booking)
    return found["status"], found["payment_status"]


async def test_stripe_is_believed_once_and_given_back_by(
    client, connection, adapters, doors, clock, stripe
):
    me, booking = await booked(client, connection, adapters)
    payment = await pay(client, me, booking)
    (intent,) = stripe.intents
    event = stripe.event(SUCCEEDED, stripe.pay(intent))

    answers = await tell(client, clock, event, event, event)
    paid = await standing(client, me, booking)
    await client.post(f"/bookings/{booking['id']}/cancel", headers=me)
    await deliver_all(doors)
    (refund,) = stripe.refunds.values()
    later = stripe.event("refund.updated", refund)
    await tell(client, clock, later, later, event)

    assert [one.status_code for one in answers] == [200, 200, 200]
    assert paid == ("confirmed", "paid")
    assert (await shown(client, me, "payments", payment))["status"] == "refunded"
    assert [one["amount"] for one in stripe.refunds.values()] == [1500]
    assert await connection.all(EVENTS) == [(SUCCEEDED, None), ("refund.updated", None)]
    assert await connection.all(BALANCES) == []
    await ensure_books_balance(connection)


async def test_a_refund_made_there_may_be_told_before_the_payment(
    client, connection, adapters, doors, clock, stripe
):
    me, booking = await booked(client, connection, adapters)
    payment = await pay(client, me, booking)
    (intent,) = stripe.intents
    succeeded = stripe.event(SUCCEEDED, stripe.pay(intent))
    refunded = stripe.event("refund.created", stripe.give_back(intent, 500))

    await tell(client, clock, refunded, succeeded)
    await deliver_all(doors)

    found = await shown(client, me, "payments", payment)
    assert (found["status"], found["refunded"]["amount"]) == ("partially_refunded", 500)
    await ensure_books_balance(connection)


async def test_three_days_late_it_is_given_back_if_the_time_is_taken(
    client, connection, adapters, doors, clock, stripe
):
    me, booking = await booked(client, connection, adapters)
    await pay(client, me, booking)
    (intent,) = stripe.intents
    event = stripe.event(SUCCEEDED, stripe.pay(intent))
    clock.forward(days=3)
    other = await sign_in(connection, adapters)
    asked = {"service_id": booking["service_id"], "starts_at": booking["starts_at"]}
    assert (await client.post("/bookings", json=asked, headers=other)).status_code == 201

    me = await sign_in(connection, adapters, user_id=booking["customer_id"])
    await tell(client, clock, event)
    await deliver_all(doors)

    assert await standing(client, me, booking) == ("expired", "refunded")
    assert len(stripe.refunds) == 1


async def test_what_means_nothing_to_us_is_kept(client, connection, clock, stripe):
    about = {"object": "customer", "id": "cus_1", "email": "ada@example.com"}

    (answer,) = await tell(client, clock, stripe.event("customer.created", about))

    assert answer.status_code == 200
    assert await connection.all(EVENTS) == [("customer.created", None)]


@pytest.mark.parametrize(
    "lie", [{"amount_received": 1499}, {"amount_received": 1501}, {"currency": "usd"}]
)
async def test_another_sum_is_kept_and_changes_nothing(
    client, connection, adapters, clock, stripe, lie
):
    me, booking = await booked(client, connection, adapters)
    payment = await pay(client, me, booking)
    (intent,) = stripe.intents
    event = stripe.event(SUCCEEDED, stripe.pay(intent) | lie)

    answers = await tell(client, clock, event, event)

    assert [one.status_code for one in answers] == [200, 200]
    assert await connection.all(EVENTS) == [(SUCCEEDED, "another sum was paid")]
    assert await standing(client, me, booking) == ("pending", "unpaid")
    assert (await shown(client, me, "payments", payment))["status"] == "requires_action"
    assert await connection.all(BALANCES) == []


async def test_what_is_not_signed_well_is_not_even_kept(client, connection, clock, stripe):
    body = stripe.event("customer.created", {"object": "customer", "id": "cus_1"})
    other = stripe.event("customer.created", {"object": "customer", "id": "cus_2"})
    long_ago = clock() - timedelta(minutes=6)
    forged = [
        {},
        {"stripe-signature": "t=1,v1=00"},
        signed(body, at=clock(), secrets=("whsec_of_another",)),
        signed(body, at=long_ago),
        signed(other, at=clock()),
    ]
    for headers in forged:
        answer = await client.post("/webhooks/stripe", content=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid-signature"), headers
    huge = b'{"a": "' + b"a" * 3_000_000 + b'"}'
    (answer,) = await tell(client, clock, huge)
    assert answer.status_code in (400, 413)
    assert await connection.all(EVENTS) == []


async def test_who_takes_no_money_here_tells_nothing(client):
    answer = await client.post("/webhooks/sandbox", content=b"{}")

    assert (answer.status_code, answer.json()["code"]) == (404, "gateway-unknown")


@pytest.mark.parametrize("has_key", [True, False], ids=["kept once", "control"])
async def test_of_simultaneous_deliveries_one_is_taken_in(
    real_client, real_doors, adapters, clock, stripe, monkeypatch, has_key
):
    async with real_doors.database.read() as connection:
        me, booking = await booked(real_client, connection, adapters)
        await pay(real_client, me, booking)
    (intent,) = stripe.intents
    event = stripe.event(SUCCEEDED, stripe.pay(intent))
    headers, taken_in, report = signed(event, at=clock()), [], ChargeService.report

    async def counted(self, *given, **more):
        taken_in.append(given)
        return await report(self, *given, **more)

    async def kept(self, event):
        return True

    monkeypatch.setattr(ChargeService, "report", counted)
    if not has_key:
        monkeypatch.setattr(GatewayEventRepository, "add", kept)
    deliveries = [
        real_client.post("/webhooks/stripe", content=event, headers=headers) for _ in range(10)
    ]
    answers = await at_once(real_doors, *deliveries)

    assert {one.status_code for one in answers} == {200}
    assert len(taken_in) == (1 if has_key else 10)
    assert await standing(real_client, me, booking) == ("confirmed", "paid")
    async with real_doors.database.read() as connection:
        assert await connection.all(BALANCES) == [("deposits", 1500), ("gateway_clearing", -1500)]


async def test_nothing_secret_is_logged_or_kept(
    client, connection, adapters, doors, clock, stripe, caplog, capsys
):
    secrets = [fake_stripe.KEY, fake_stripe.SECRET, fake_stripe.CARD, "canary"]
    with capture_logs() as logged, caplog.at_level("DEBUG"):
        me, booking = await booked(client, connection, adapters)
        stripe.faults["create"].append("500")
        payment = await pay(client, me, booking)
        (intent,) = stripe.intents
        await tell(client, clock, stripe.event(SUCCEEDED, stripe.decline(intent)))
        await tell(client, clock, stripe.event(SUCCEEDED, stripe.pay(intent)))
        await tell(client, clock, b"{", stripe.event(SUCCEEDED, {"object": "x"}))
        await client.post(f"/bookings/{booking['id']}/cancel", headers=me)
        await deliver_all(doors)
    secrets += [payment["client_secret"], me["Authorization"].rpartition(".")[2]]

    written = json.dumps(logged, default=repr) + caplog.text + "".join(capsys.readouterr())
    kept = b"".join(await connection.all(BODIES)).decode()
    assert [one for one in secrets if one in written] == []
    assert [one for one in secrets if one in kept] == []


async def test_freedompay_asks_tells_and_gives_back(
    client, connection, adapters, doors, freedompay
):
    answering(client, freedompay)
    me, booking = await booked(client, connection, adapters)
    payment = await pay(client, me, booking, "freedompay")
    assert payment["redirect_url"].startswith(freedompay.address)

    first = await freedompay.pay(payment["id"])
    again = await freedompay.deliver(payment["id"])
    paid = await standing(client, me, booking)
    await client.post(f"/bookings/{booking['id']}/cancel", headers=me)
    await deliver_all(doors)

    assert [(one.fields["pg_status"], one.is_signed) for one in (first, again)] == [
        ("ok", True)
    ] * 2
    assert paid == ("confirmed", "paid")
    assert (await shown(client, me, "payments", payment))["status"] == "refunded"
    assert len(freedompay.payments[payment["id"]].refunds) == 1
    await ensure_books_balance(connection)


async def test_freedompay_is_told_no_before_any_money_moves(
    client, connection, adapters, freedompay
):
    answering(client, freedompay)
    me, booking = await booked(client, connection, adapters)
    payment = await pay(client, me, booking, "freedompay")
    asked = freedompay.payments[payment["id"]]
    facts = freedompay._facts(asked)
    url = asked.asked["pg_check_url"]

    cheap = await freedompay._notify(url, facts | {"pg_amount": "1.00"})
    other = await freedompay._notify(url, facts | {"pg_order_id": "7", "pg_payment_id": "7"})
    await client.post(f"/bookings/{booking['id']}/cancel", headers=me)
    cancelled = await freedompay.check(payment["id"])

    assert [one.fields["pg_status"] for one in (cheap, other, cancelled)] == ["rejected"] * 3


async def test_freedompay_is_not_believed_of_another_sum_or_merchant(
    client, connection, adapters, freedompay
):
    answering(client, freedompay)
    me, booking = await booked(client, connection, adapters)
    payment = await pay(client, me, booking, "freedompay")
    freedompay.succeed(payment["id"])

    cheap = await freedompay.deliver(payment["id"], pg_amount="1.00")
    freedompay.succeed(payment["id"])
    again = await freedompay.deliver(payment["id"], pg_amount="1.00", pg_can_reject="1")
    foreign = await freedompay.deliver(payment["id"], pg_merchant_id="1")

    assert [one.fields.get("pg_status") for one in (cheap, again)] == ["rejected"] * 2
    assert foreign.status == 400
    assert await standing(client, me, booking) == ("pending", "unpaid")
    assert await connection.all(BALANCES) == []


async def test_what_nobody_told_is_found_out_by_asking(
    client, connection, adapters, doors, clock, stripe, freedompay
):
    me, booking = await booked(client, connection, adapters)
    await pay(client, me, booking)
    his, other = await booked(client, connection, adapters)
    theirs = await pay(client, his, other, "freedompay")
    (intent,) = stripe.intents
    stripe.pay(intent)
    freedompay.succeed(theirs["id"])
    clock.forward(minutes=6)

    await doors.perform(ask_gateways)
    await deliver_all(doors)

    assert await standing(client, me, booking) == ("confirmed", "paid")
    assert await standing(client, his, other) == ("confirmed", "paid")
    await ensure_books_balance(connection)


async def test_what_was_given_back_there_and_never_told_is_found_and_booked_once(
    client, connection, adapters, doors, clock, stripe, freedompay
):
    me, booking = await booked(client, connection, adapters)
    by_card = await pay(client, me, booking)
    his, other = await booked(client, connection, adapters)
    theirs = await pay(client, his, other, "freedompay")
    (intent,) = stripe.intents
    stripe.pay(intent)
    freedompay.succeed(theirs["id"])
    clock.forward(minutes=6)
    await doors.perform(ask_gateways)
    await deliver_all(doors)

    stripe.give_back(intent, 500)
    freedompay.give_back(theirs["id"], "3.00")
    for _ in range(3):
        clock.forward(hours=1)
        await doors.perform(look_after_paid)
        await deliver_all(doors)

    staff = await sign_in(connection, adapters, Role.ACCOUNTANT)
    for payment, amount in ((by_card, 500), (theirs, 300)):
        found = await shown(client, staff, "payments", payment)
        assert (found["status"], found["refunded"]["amount"]) == ("partially_refunded", amount)
        back = (await client.get(f"/payments/{payment['id']}/refunds", headers=staff)).json()
        assert [one["status"] for one in back["items"]] == ["succeeded"]
    assert dict(await connection.all(BALANCES))["deposits"] == 2200
    await ensure_books_balance(connection)
