"""The vocabulary of being told, later, of what one has not read."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.core.messages import Message

LOOKS_BACK: Final = timedelta(days=30)
"""How long a conversation is still and still told of."""


@dataclass(frozen=True, slots=True)
class Unread:
    """How many messages, in how many conversations, and the one of them that is the first."""

    messages: int
    conversations: int
    conversation_id: UUID | None

    @property
    def only(self) -> UUID | None:
        """Return the conversation they are all in, if it is one."""
        return self.conversation_id if self.conversations == 1 else None


@dataclass(frozen=True, slots=True)
class ChatDigestDue(Message):
    """Somebody has not read for a while what others wrote to them; each digest has its id."""

    user_id: UUID
    digest_id: UUID
