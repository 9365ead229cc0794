"""The vocabulary of complaints about messages."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, NotFound

WORDS_KEPT: Final = timedelta(days=90)
"""How long the words of a complaint that was decided on are kept."""


class ReportStatus(StrEnum):
    """`removed`: the message is gone; `dismissed`: nothing was wrong with it."""

    OPEN = "open"
    REMOVED = "removed"
    DISMISSED = "dismissed"


class Verdict(StrEnum):
    REMOVE = "remove"
    DISMISS = "dismiss"


class ChatReportSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


class ChatReportNotFound(NotFound):
    """There is no such report."""


class ReportResolved(Conflict):
    """That was decided already."""


class ReportingOneself(Conflict):
    """You wrote that yourself; delete it instead."""


@dataclass(frozen=True, slots=True)
class ChatReport:
    """`text` is what the message said when it was reported."""

    id: UUID
    message_id: UUID
    conversation_id: UUID
    sender_id: UUID
    reporter_id: UUID
    reason: str | None
    text: str | None
    status: ReportStatus
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: UUID | None


@dataclass(frozen=True, slots=True)
class ChatReportFilter:
    """Which ones to list; None means any."""

    status: ReportStatus | None = None


STATUS_OF: Final = {Verdict.REMOVE: ReportStatus.REMOVED, Verdict.DISMISS: ReportStatus.DISMISSED}
