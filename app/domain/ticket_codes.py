"""What stands in the square of a ticket: which one it is, and that we said so.

A code is base64url without padding of 99 bytes: a version (1), the id of the ticket, the id of
the event, how often the ticket changed hands (two bytes, the higher one first), and the Ed25519
signature of these 35. It is made anew from the ticket whenever it is asked for and kept nowhere.
"""

import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from struct import Struct
from typing import Final
from uuid import UUID

from app.core.errors import Invalid
from app.core.signatures import SIGNATURE_BYTES, PublicKey, SigningKey, base64url
from app.domain.tickets import Ticket

VERSION: Final = 1
SIGNED: Final = Struct(">B16s16sH")
PURPOSE: Final = "banister ticket codes 1"
# 99 bytes are 132 letters with no bit to spare, so that a code is written in one way only.
LETTERS: Final = (SIGNED.size + SIGNATURE_BYTES) * 4 // 3
FORM: Final = re.compile(rf"[A-Za-z0-9_-]{{{LETTERS}}}")
CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SHORT: Final = 8


class InvalidTicketCode(Invalid):
    """This is no code of a ticket."""

    pointer = "#/code"


@dataclass(frozen=True, slots=True)
class TicketCode:
    """`code_version` is that of the ticket when the code was made: a lower one has passed on."""

    ticket_id: UUID
    event_id: UUID
    code_version: int

    def packed(self) -> bytes:
        return SIGNED.pack(VERSION, self.ticket_id.bytes, self.event_id.bytes, self.code_version)


class TicketSigner:
    """Writes codes and reads them, with a key that is good for nothing else."""

    def __init__(self, secret: str) -> None:
        self._key = SigningKey(secret, PURPOSE)

    def write(self, ticket: TicketCode) -> str:
        """Return the code, always the same one for the same ticket in the same hands."""
        signed = ticket.packed()
        return base64url(signed + self._key.sign(signed))

    def code_of(self, ticket: Ticket) -> str:
        """Return the code of a ticket as it is in these hands."""
        return self.write(TicketCode(ticket.id, ticket.event_id, ticket.code_version))

    def read(self, code: str) -> TicketCode:
        """Return what we signed once; refuse anything else with InvalidTicketCode.

        Whether it holds is up to the ticket: that it is of this event, that its `code_version` is
        still this one, and that it was neither cancelled nor let in.
        """
        if not FORM.fullmatch(code := code.strip()):
            raise InvalidTicketCode
        packed = urlsafe_b64decode(code)
        signed, signature = packed[: SIGNED.size], packed[SIGNED.size :]
        version, ticket_id, event_id, code_version = SIGNED.unpack(signed)
        if version != VERSION or not self._key.has_signed(signed, signature):
            raise InvalidTicketCode
        return TicketCode(UUID(bytes=ticket_id), UUID(bytes=event_id), code_version)

    def key(self) -> PublicKey:
        """Return what others check a code with."""
        return self._key.public()


def short(named: UUID) -> str:
    """Return what people can read to each other of an id: `7K2M-94QX`, 40 bits of its chance.

    It opens nothing, and two may have the same one.
    """
    number = named.int
    letters = "".join(CROCKFORD[number >> 5 * place & 31] for place in reversed(range(SHORT)))
    return f"{letters[:4]}-{letters[4:]}"
