"""What is logged of messengers: never a number, a token, a chat or a word of a message."""

import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
    import asyncio, logging, tempfile
    from pathlib import Path
    from app.core import logging as logs
    from app.domain.messengers import MessengerRefused, MessengerUnavailable
    from tests.factories.clock import Clock
    from tests.integrations.messengers.vendors import KINDS, REAL, VENDORS, message

    logs.configure(level="DEBUG", format_="json")
    log = logging.getLogger("test")
    FAULTS = ("hang", "drop", "malformed", "empty", "redirect", "500-after", "500", "401", "429")

    async def go(name):
        async with VENDORS[name](Clock(), Path(tempfile.mkdtemp())) as vendor:
            vendor.sender._wire._seconds = 0.1
            vendor.sender._guard._pause = 0
            for to in (vendor.to, *vendor.dead, vendor.to):
                await attempt(vendor, to)
            for fault in FAULTS:
                vendor.server.faults.append(fault)
                await attempt(vendor, vendor.to)
            vendor.sender._wire._base = "http://127.0.0.1:1"
            await attempt(vendor, vendor.to)

    async def attempt(vendor, to):
        asked = message(vendor.kind, to, "hush-canary", "1")
        log.info("sending %s by %s", asked, vendor.sender.__dict__)
        try:
            await vendor.sender.send(asked)
        except (MessengerRefused, MessengerUnavailable):
            log.exception("not sent")

    for name in REAL:
        asyncio.run(go(name))
    log.info("the end")
"""


@pytest.fixture(scope="module")
def lines() -> str:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize(
    "secret", ["canary", "2025550143", "2025550100", "a-device", "420770", "PRIVATE KEY", "ya29"]
)
def test_no_log_shows_whom_something_went_to_or_what(lines, secret):
    assert "the end" in lines
    for name in ("Twilio", "FCM", "Telegram"):
        assert f"{name} gave no answer" in lines

    assert secret not in lines
