"""What gateways told, as those who look after the money see it."""

import pytest
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.core.statements import Command
from app.domain.gateway_events import readable
from app.domain.offerings import PaymentTerms
from app.domain.payments import GatewayName
from app.domain.roles import Role
from app.models import GatewayEvents
from tests.factories.accounts import sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at

PATH = "/admin/gateway-events"


@pytest.fixture
async def staff(connection, adapters):
    return await sign_in(connection, adapters, Role.ACCOUNTANT)


@pytest.fixture
async def me(connection, adapters):
    return await sign_in(connection, adapters)


@pytest.fixture
async def payment(client, connection, me):
    """One that the sandbox told of."""
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider, payment=PaymentTerms.PREPAID)
    asked = {"service_id": str(offering.id), "starts_at": at(60).isoformat()}
    booking = (await client.post("/bookings", json=asked, headers=me)).json()
    body = {"booking_id": booking["id"], "payment_method": "card"}
    made = (await client.post("/payments", json=body, headers=me)).json()
    played = await client.post(f"http://test/dev/payments/{made['id']}/succeed")
    assert played.status_code == 204, played.text
    return made


@pytest.fixture
async def unknown(connection):
    """A delivery about a payment that nobody here knows."""
    row = {
        "id": new_id(),
        "gateway": GatewayName.SANDBOX,
        "event_id": "evt_unknown",
        "kind": "payment",
        "payment_id": None,
        "body": b'{"client_secret": "pi_1_secret_2", "id": "evt_unknown"}',
        "received_at": at(-60),
        "failure": "unknown payment",
    }
    await connection.run(Command(insert(GatewayEvents).values(row)))
    return row


async def listed(client, headers, **query):
    answer = await client.get(PATH, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_what_was_told_is_listed_without_its_body(client, staff, payment):
    [event] = await listed(client, staff)

    assert (event["gateway"], event["payment_id"], event["failure"]) == (
        "sandbox",
        payment["id"],
        None,
    )
    assert "body" not in event


async def test_the_list_is_narrowed(client, staff, payment, unknown):
    async def ids(**query):
        return [event["event_id"] for event in await listed(client, staff, **query)]

    every = await ids(sort="received_at")
    assert every[0] == unknown["event_id"]
    assert await ids(failed="true") == [unknown["event_id"]]
    assert await ids(failed="false") == every[1:]
    assert await ids(payment_id=payment["id"]) == every[1:]
    assert await ids(received_from=at(-30).isoformat()) == every[1:]
    assert await ids(gateway="stripe") == []


async def test_one_is_shown_as_it_came_without_its_secrets(client, staff, unknown):
    shown = (await client.get(f"{PATH}/{unknown['id']}", headers=staff)).json()

    assert shown["body"] == '{"client_secret": "[hidden]", "id": "evt_unknown"}'
    assert shown["failure"] == "unknown payment"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"pg_order_id=1&pg_sig=abc&pg_result=1", "pg_order_id=1&pg_sig=[hidden]&pg_result=1"),
        (b"pg_sig=abc", "pg_sig=[hidden]"),
        (b"<r><pg_sig>abc</pg_sig></r>", "<r><pg_sig>[hidden]</pg_sig></r>"),
        (b'{"a":{"client_secret":"x_secret_y"}}', '{"a":{"client_secret":"[hidden]"}}'),
        (b"\xff\xfe", "\N{REPLACEMENT CHARACTER}" * 2),
        (b"", ""),
    ],
)
def test_secrets_are_hidden_however_it_was_written(body, shown):
    assert readable(body) == shown


async def test_replaying_one_changes_nothing_that_was_done(client, staff, me, payment):
    [event] = await listed(client, staff)
    before = (await client.get(f"/payments/{payment['id']}", headers=me)).json()

    answer = await client.post(f"{PATH}/{event['id']}/replay", headers=staff)

    assert (answer.status_code, answer.json()["event_id"]) == (200, event["event_id"])
    after = (await client.get(f"/payments/{payment['id']}", headers=me)).json()
    assert (after["status"], after["amount"]) == (before["status"], before["amount"])


async def test_replaying_is_noted(client, connection, adapters, staff, unknown):
    admin = await sign_in(connection, adapters, Role.ADMIN)
    await client.post(f"{PATH}/{unknown['id']}/replay", headers=staff)

    [entry] = (await client.get("/admin/audit-log", headers=admin)).json()["items"]

    assert entry["action"] == "gateway_event.replayed"


async def test_what_is_not_there_is_not_found(client, staff):
    for answer in (
        await client.get(f"{PATH}/{new_id()}", headers=staff),
        await client.post(f"{PATH}/{new_id()}/replay", headers=staff),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "gateway-event-not-found")
