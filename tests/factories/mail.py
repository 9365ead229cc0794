"""The letters of a test: delivered by hand, read in the mailbox."""

import re
from dataclasses import dataclass, field, replace

from app.bootstrap import Doors
from app.domain.mail import KeptLetter
from app.integrations.mail.protocol import Letter
from tests.factories.jobs import deliver_all


@dataclass
class Mailer:
    """Sends nothing; does what it is told instead."""

    fails: Exception | None = None
    meanwhile: Doors | None = None
    sent: list[Letter] = field(default_factory=list)

    async def send(self, letter: Letter) -> None:
        if self.meanwhile is not None:
            async with self.meanwhile.reading() as services:
                assert await services.health.ready()
        if self.fails is not None:
            raise self.fails
        self.sent.append(letter)


def sending_by(doors: Doors, mailer: Mailer) -> Doors:
    return replace(doors, adapters=replace(doors.adapters, mailer=mailer))


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
