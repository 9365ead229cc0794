"""Cards that are saved to pay with: we know by what they are told, and no more."""

from dataclasses import replace

import pytest

from app.bootstrap import Doors
from app.domain.gateways import GatewayUnavailable
from app.domain.offerings import PaymentTerms
from app.domain.payments import GatewayName
from app.integrations.payments.sandbox import SandboxGateway
from app.tasks.cards import look_for_cards
from tests.conftest import client_of
from tests.factories.accounts import make_user, sign_in
from tests.factories.cards import make_card
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.jobs import announced, deliver_all
from tests.factories.payments import PAYMENTS
from tests.fakes.bank import Bank


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def booking(client, connection, me):
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider, payment=PaymentTerms.PREPAID)
    asked = {"service_id": str(offering.id), "starts_at": at(6000).isoformat()}
    return (await client.post("/bookings", json=asked, headers=me)).json()


async def listed(client, headers):
    return (await client.get("/payment-methods", headers=headers)).json()["items"]


async def save(client, customer, last4="4242"):
    answer = await client.post(f"http://test/dev/payments/cards/{customer.id}/{last4}")
    assert answer.status_code == 204, answer.text


async def pay(client, booking, headers, **more):
    body = {"booking_id": booking["id"], "payment_method": "card"} | more
    return await client.post("/payments", json=body, headers=headers)


async def test_a_card_is_saved_listed_and_removed(client, connection, doors, me, customer):
    begun = await client.post("/payment-methods", headers=me)
    assert begun.status_code == 201, begun.text
    assert begun.json()["status"] == "requires_action"
    assert "_secret_" in begun.json()["client_secret"]
    assert await listed(client, me) == []

    await save(client, customer)
    [card] = await listed(client, me)
    assert (card["brand"], card["last4"]) == ("visa", "4242")
    assert (card["expires_month"], card["expires_year"]) == (12, 2034)
    assert "reference" not in card

    gone = await client.delete(f"/payment-methods/{card['id']}", headers=me)
    again = await client.delete(f"/payment-methods/{card['id']}", headers=me)
    assert (gone.status_code, again.status_code) == (204, 404)
    assert await listed(client, me) == []
    await deliver_all(doors)
    assert await doors.adapters.sandbox.cards(f"sandbox_cus_{customer.id.hex}") == []


async def test_anothers_card_is_not_there(client, connection, adapters, me, customer, booking):
    stranger = await sign_in(connection, adapters)
    card = await make_card(connection, customer.id)
    other = await make_card(connection, (await make_user(connection)).id)

    removed = await client.delete(f"/payment-methods/{card.id}", headers=stranger)
    paid = await pay(client, booking, me, saved_card_id=str(other.id))

    assert removed.status_code == 404
    assert (await listed(client, stranger), len(await listed(client, me))) == ([], 1)
    assert paid.status_code == 422
    assert paid.json()["errors"][0]["pointer"] == "#/saved_card_id"


async def test_what_is_paid_with_is_saved_where_that_is_wanted(client, me, booking):
    payment = (await pay(client, booking, me, save_card=True)).json()
    await client.post(f"http://test/dev/payments/{payment['id']}/succeed")

    [card] = await listed(client, me)
    found = (await client.get(f"/payments/{payment['id']}", headers=me)).json()

    assert (card["last4"], found["status"]) == ("4242", "succeeded")


async def test_without_being_asked_no_card_is_saved(client, me, booking):
    payment = (await pay(client, booking, me)).json()
    await client.post(f"http://test/dev/payments/{payment['id']}/succeed")

    assert await listed(client, me) == []


async def test_a_saved_card_pays(client, connection, me, customer, booking):
    card = await make_card(connection, customer.id)
    payment = await pay(client, booking, me, saved_card_id=str(card.id))
    assert payment.status_code == 201, payment.text
    await client.post(f"http://test/dev/payments/{payment.json()['id']}/succeed")

    found = (await client.get(f"/payments/{payment.json()['id']}", headers=me)).json()
    assert (found["status"], found["saved_card_id"]) == ("succeeded", str(card.id))


async def test_a_card_that_was_removed_pays_no_more(client, connection, me, customer, booking):
    card = await make_card(connection, customer.id)
    await client.delete(f"/payment-methods/{card.id}", headers=me)

    refused = await pay(client, booking, me, saved_card_id=str(card.id))

    assert refused.status_code == 422
    assert await connection.all(PAYMENTS) == []


async def test_what_takes_no_cards_saves_none(client, me, booking):
    refused = await pay(client, booking, me, payment_method="wallet", save_card=True)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "#/save_card"


async def test_where_no_gateway_keeps_cards_that_is_said(client_with_bank, me, booking):
    refused = await client_with_bank.post("/payment-methods", headers=me)

    assert (refused.status_code, refused.json()["code"]) == (409, "cards-not-kept")


@pytest.fixture
async def client_with_bank(doors):
    gateways = {GatewayName.SANDBOX: Bank()}
    mine = Doors(doors.database, replace(doors.adapters, gateways=gateways))
    async with client_of(mine) as client:
        yield client


async def test_late_news_of_a_removed_card_do_not_bring_it_back(
    client, connection, doors, me, customer
):
    await save(client, customer)
    [card] = await listed(client, me)
    await client.delete(f"/payment-methods/{card['id']}", headers=me)

    await doors.perform(lambda services: services.cards.look(customer.id, GatewayName.SANDBOX))

    assert await listed(client, me) == []


async def test_a_card_of_which_no_notice_came_is_found(client, connection, doors, me, customer):
    await client.post("/payment-methods", headers=me)
    reference = f"sandbox_cus_{customer.id.hex}"
    doors.adapters.sandbox.save(reference, "4242")  # and nobody tells
    assert await listed(client, me) == []

    [message] = [one for one in await announced(connection) if hasattr(one, "gateway")]
    await doors.perform(lambda services: look_for_cards(message, services))

    assert [one["last4"] for one in await listed(client, me)] == ["4242"]


async def test_whoever_is_erased_has_no_cards_left_there(
    client, connection, doors, adapters, me, customer
):
    await save(client, customer)
    await doors.perform(lambda services: services.cards.erase(customer.id))
    await deliver_all(doors)

    assert await adapters.sandbox.cards(f"sandbox_cus_{customer.id.hex}") == []


async def test_a_card_is_in_the_export(client, connection, me, customer):
    await make_card(connection, customer.id)

    [card] = (await client.get("/profile/export", headers=me)).json()["saved_cards"]

    assert (card["last4"], "reference" in card) == ("4242", False)


async def test_a_request_sent_again_with_its_key_begins_the_same(client, connection, adapters, me):
    keyed = {**me, "Idempotency-Key": "save-1"}
    first = await client.post("/payment-methods", headers=keyed)
    again = await client.post("/payment-methods", headers=keyed)
    other = await client.post("/payment-methods", headers={**me, "Idempotency-Key": "save-2"})
    plain = [await client.post("/payment-methods", headers=me) for _ in range(2)]
    stranger = await sign_in(connection, adapters)
    theirs = await client.post(
        "/payment-methods", headers={**stranger, "Idempotency-Key": "save-1"}
    )

    answers = [first, again, other, *plain, theirs]
    assert [one.status_code for one in answers] == [201] * 6
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len({one.json()["id"] for one in answers}) == 5


async def test_a_key_that_was_used_for_something_else_begins_nothing(client, me, booking):
    keyed = {**me, "Idempotency-Key": "pay-1"}
    await pay(client, booking, keyed)

    answer = await client.post("/payment-methods", headers=keyed)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


async def test_where_the_answer_was_lost_the_same_is_begun_at_the_gateway(client, me, monkeypatch):
    """The process dies once the gateway was asked: who sends the request again has one setup."""
    begun, begin = [], SandboxGateway.begin_saving

    async def counted(self, setup_id, customer):
        begun.append((setup_id, customer))
        if len(begun) == 1:
            await begin(self, setup_id, customer)
            raise GatewayUnavailable
        return await begin(self, setup_id, customer)

    monkeypatch.setattr(SandboxGateway, "begin_saving", counted)
    keyed = {**me, "Idempotency-Key": "save-3"}
    lost = await client.post("/payment-methods", headers=keyed)
    found = await client.post("/payment-methods", headers=keyed)

    assert (lost.status_code, found.status_code) == (503, 201)
    assert begun[0] == begun[1]
