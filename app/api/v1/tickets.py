"""Tickets: what lets somebody in."""

from typing import Final

from fastapi import Response

from app.api.answers import Answers
from app.api.deps import Anybody, IfNoneMatch
from app.api.routing import stem
from app.schemas.ticket_codes import TicketKeyRead, ticket_key_read

router = stem("tickets")
TICKET_KEY = Answers(ticket_key_read)
AN_HOUR: Final = "public, max-age=3600"  # it changes with SECRET_KEY, and every code with it


@router.get("/key", response_model=TicketKeyRead)
async def get_ticket_key(guest: Anybody, if_none_match: IfNoneMatch = None) -> Response:
    """Get the key that codes of tickets are signed with, to check them without a network.

    A code is base64url without padding (RFC 4648, 5) of 99 bytes: the version 1 (1 byte), the id
    of the ticket (16), the id of the event (16), how often the ticket changed hands (2, big
    endian), and the Ed25519 signature (RFC 8032) of these 35 (64). A good signature says that the
    ticket was issued for that event, not that it still holds: it may be cancelled, have changed
    hands or been let in. So a scanner that was offline sends what it saw once it can.
    """
    async with guest.reading() as services:
        answer = TICKET_KEY.ok_or_unchanged(services.ticket_codes.key(), if_none_match)
    answer.headers["Cache-Control"] = AN_HOUR
    return answer
