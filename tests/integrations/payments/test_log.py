"""What is logged of payments: never a key, a card, or what a customer pays with."""

import subprocess
import sys
import textwrap

import pytest

from app.core.logging import HIDDEN, redacted
from tests.fakes.stripe import BEFORE, CARD, INSTEAD, KEY, SECRET

PROGRAM = """
    import asyncio, logging
    from contextlib import suppress
    from dataclasses import replace
    from app.core import logging as logs
    from app.core.clock import system_clock
    from app.core.errors import AppError
    from app.core.ids import new_id
    from app.core.money import Money
    from app.integrations.payments.guarding import GuardedGateway
    from app.domain.gateways import GatewayRefused
    from app.integrations.payments.stripe import StripeAccount, StripeGateway
    from tests.fakes.stripe import KEY, SECRET, stripe_server
    from tests.integrations.payments.vendors import asked, back

    logs.configure(level="DEBUG", format_="json")
    log = logging.getLogger("test")

    async def go(faults):
        async with stripe_server() as server:
            account = StripeAccount(KEY, (SECRET,), server.address)
            gateway = StripeGateway(account, system_clock)
            begun = await gateway.begin(asked(Money(45_00, "EUR")))
            server.decline(begun.charge.reference)
            log.info("begun %s of %s", begun, account)
            server.pay(begun.charge.reference)
            charge = await gateway.look(begun.charge)
            for wanted in (back(charge, 45_01), back(replace(charge, reference="pi_none"), 1)):
                try:
                    await gateway.refund(wanted)
                except GatewayRefused:
                    log.exception("refused")
            for fault in faults:
                server.faults["create"].append(fault)
                try:
                    await gateway.begin(asked(Money(45_00, "EUR")))
                except AppError:
                    log.exception("not begun")
            customer = await gateway.customer(new_id())
            log.info("saving by %s", await gateway.begin_saving(new_id(), customer))
            for last4 in ("4242", "3155", "0341"):
                card = server.save(customer, last4)
                wanted = asked(
                    Money(45_00, "EUR"), customer=customer, card=card["id"], is_absent=True
                )
                log.info("charged %s by %s", await gateway.begin(wanted), wanted)
                log.info("kept %s", await gateway.cards(customer))
                for fault in faults:
                    server.faults["confirm"].append(fault)
                    try:
                        await gateway.begin(replace(wanted, payment_id=new_id()))
                    except AppError:
                        log.exception("not charged")
                await gateway.forget(card["id"])
            with suppress(AppError):
                gateway.read("stripe", {"stripe-signature": SECRET}, b"x")
            await gateway.close()

    asyncio.run(go(FAULTS))
    log.info("the end")
"""


@pytest.fixture(scope="module")
def lines() -> str:
    program = textwrap.dedent(PROGRAM).replace("FAULTS", repr(["drop", *BEFORE, *INSTEAD]))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=False, text=True
    )
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("secret", [KEY, SECRET, CARD, "canary", "_secret_"])
def test_no_log_shows_what_is_secret_in_a_payment(lines, secret):
    assert "the end" in lines
    assert "payment gateway is no use" in lines

    assert secret not in lines


@pytest.mark.parametrize(
    "secret",
    [
        "pi_3abC_secret_9xYz",
        "sandbox_pi_0f_secret_0f",
        "seti_1a_secret_9x",
        "sandbox_seti_0_secret_0",
    ],
)
def test_what_a_customer_pays_with_is_hidden_wherever_it_stands(secret):
    shown = redacted(f"paid by {secret}.")

    assert HIDDEN in str(shown)
    assert "_secret_" not in str(shown)
