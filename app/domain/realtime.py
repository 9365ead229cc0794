"""The vocabulary of being told at once: frames, and who gets them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import TooMany, Unauthenticated

LONGEST_DATA: Final = 49_152
"""Bytes of a frame's data: with its head it fits what a client may send, too."""
LONGEST_PASSING: Final = 2_048
"""Bytes of the data of what is only passed on: with those it goes to it fits a notification."""
TICKET_LASTS: Final = timedelta(seconds=60)


class FrameType(StrEnum):
    """What a frame is about. What is `PASSING` is not kept, and nobody is told it later."""

    BOOKING = "booking"
    MESSAGE = "message"
    NOTIFICATION = "notification"
    PRESENCE = "presence"
    READ = "read"
    TYPING = "typing"


PASSING: Final = frozenset({FrameType.PRESENCE, FrameType.TYPING})


@dataclass(frozen=True, slots=True)
class Frame:
    """What is told to some users; `data` is JSON.

    Frames are told in the order of their positions, which they get once they are committed: an
    id is made before that, so that ids are not in the order in which frames can be seen.
    """

    position: int
    id: UUID
    type: FrameType
    data: str
    user_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Passing:
    """What is told to those who are there now; `data` is JSON."""

    type: FrameType
    data: str
    user_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class RealtimeTicket:
    """`secret` opens one connection, until then; a hash is kept."""

    secret: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Admitted:
    """Whose connection it is, the session it ends with, and the frame after which it begins."""

    user_id: UUID
    session_id: UUID
    position: int


class TicketNotValid(Unauthenticated):
    """The ticket is not valid, or no longer; ask for another."""


class TooManyConnections(TooMany):
    """You have as many connections as one may have; close one first."""
