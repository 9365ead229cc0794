"""The letters of a test: delivered by hand, read in the mailbox."""

import re

from app.bootstrap import Doors
from app.domain.mail import KeptLetter
from tests.factories.jobs import deliver_all


async def letters(doors: Doors, to: str | None = None) -> list[KeptLetter]:
    """Do what the worker would do, and return the letters, newest first."""
    await deliver_all(doors)
    return await doors.adapters.mailbox.letters(to=to)


async def code_sent_to(doors: Doors, email: str) -> str:
    return code_in((await letters(doors, email))[0])


def code_in(letter: KeptLetter) -> str:
    found = re.search(r"^ +(\d{6})$", letter.text, re.MULTILINE)
    assert found, letter.text
    return found[1]


def token_in(letter: KeptLetter) -> str:
    found = re.search(r"\?token=(\S+)$", letter.text, re.MULTILINE)
    assert found, letter.text
    return found[1]


def other_than(code: str) -> str:
    """Return a wrong code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"
