"""What opens a connection, and what is said on it."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.realtime import RealtimeTicket
from app.schemas.accounts import ATime
from app.schemas.base import Request


class RealtimeTicketRead(TypedDict):
    ticket: Annotated[
        str,
        Field(
            description="Opens one connection, once.",
            examples=["ZmVhdGhlcnMgYW5kIHRhciwgYW5kIG5vYm9keSBndWVzc2Vz"],
        ),
    ]
    expires_at: ATime


def realtime_ticket_read(ticket: RealtimeTicket) -> RealtimeTicketRead:
    return {"ticket": ticket.secret, "expires_at": ticket.expires_at}


class Envelope(Request):
    """What a client says on its socket: a type, and what belongs to it."""

    type: str
    data: dict[str, Any] = {}
    id: str | None = None
