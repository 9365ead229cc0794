"""The vocabulary of letters."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """A letter that went no further than this machine, and when it was sent."""

    to: str
    subject: str
    text: str
    html: str
    created_at: datetime
