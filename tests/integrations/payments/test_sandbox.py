"""The gateway without a bank: what is only its own."""

from dataclasses import replace

import pytest

from app.core.crypto import Signer
from app.core.money import Money
from app.domain.gateways import InvalidSignature, UnreadableNotice
from app.domain.payments import ChargeState
from app.integrations.payments.sandbox import HEADER, LARGEST, SandboxGateway
from app.integrations.payments.webhook_signatures import signature_header
from tests.factories.clock import NOW, Clock
from tests.integrations.payments.vendors import asked, back

PRICE = Money(45_00, "EUR")
SECRET = "a secret of the tests"


def sandbox(secret: str = SECRET) -> SandboxGateway:
    return SandboxGateway(Signer(secret), Clock())


async def test_a_restart_loses_nothing_that_we_know():
    wanted = asked(PRICE)
    before = await sandbox().begin(wanted)

    after = sandbox()
    assert await after.look(before.charge) == before.charge
    delivery = after.succeed(before.charge)
    notice = sandbox().read("sandbox", delivery.headers, delivery.body)

    assert notice.charge == replace(before.charge, state=ChargeState.PAID)
    assert await sandbox().begin(wanted) == before
    wanted_back = back(notice.charge, 10_00)
    assert await sandbox().refund(wanted_back) == await sandbox().refund(wanted_back)


async def test_what_another_process_was_told_counts():
    wanted = asked(PRICE)
    one = sandbox()
    begun = await one.begin(wanted)
    paid = replace(begun.charge, state=ChargeState.PAID)

    assert await one.look(paid) == paid
    assert await one.cancel(paid) == paid


async def test_the_same_event_has_the_same_id():
    gateway = sandbox()
    begun = await gateway.begin(asked(PRICE))
    declined, paid, again = (
        gateway.read("sandbox", sent.headers, sent.body)
        for sent in (
            gateway.fail(begun.charge),
            gateway.succeed(begun.charge),
            gateway.succeed(begun.charge),
        )
    )

    assert paid == again
    assert declined.event_id != paid.event_id
    assert (declined.charge.state, declined.charge.failure_code) == (
        ChargeState.OPEN,
        "card_declined",
    )
    assert paid.charge.failure_code is None


async def test_what_is_cancelled_can_not_be_paid():
    gateway = sandbox()
    begun = await gateway.begin(asked(PRICE))
    await gateway.cancel(begun.charge)

    sent = gateway.succeed(begun.charge)

    assert gateway.read("sandbox", sent.headers, sent.body).charge.state is ChargeState.CANCELLED


async def test_a_declined_payment_that_is_paid_stays_paid():
    gateway = sandbox()
    begun = await gateway.begin(asked(PRICE))
    gateway.succeed(begun.charge)

    sent = gateway.fail(begun.charge)

    assert gateway.read("sandbox", sent.headers, sent.body).charge.state is ChargeState.PAID


async def test_another_installation_is_not_believed():
    begun = await sandbox().begin(asked(PRICE))
    sent = sandbox("another secret").succeed(begun.charge)

    with pytest.raises(InvalidSignature):
        sandbox().read("sandbox", sent.headers, sent.body)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"id": 1, "kind": 2, "charge": 3}'])
def test_a_signed_body_that_says_nothing_is_refused(body):
    gateway = sandbox()
    headers = {HEADER: signature_header(body, gateway._key, at=NOW)}

    with pytest.raises(UnreadableNotice):
        gateway.read("sandbox", headers, body)
    with pytest.raises(UnreadableNotice):
        gateway.read("sandbox", {}, b" " * (LARGEST + 1))
