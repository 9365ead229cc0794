"""The vocabulary of letters."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KeptAttachment:
    """What came with such a letter; `content` is its bytes in Base64."""

    name: str
    content_type: str
    content: str


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter that went no further than this machine, and when it was sent."""

    to: str
    subject: str
    text: str
    html: str
    created_at: datetime
    attachments: list[KeptAttachment] = field(default_factory=list)
