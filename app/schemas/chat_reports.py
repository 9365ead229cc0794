"""Complaints about messages, as the API shows them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.chat_reports import (
    ChatReport,
    ChatReportFilter,
    ChatReportSort,
    ReportStatus,
    Verdict,
)
from app.schemas.base import ListQuery, Request, Talk
from app.schemas.bookings import AnId, ATime


class ChatReportCreate(Request):
    reason: Annotated[Talk, Field(min_length=1, max_length=500, examples=["They insult me."])] | (
        None
    ) = None


class ChatReportVerdict(Request):
    verdict: Verdict
    """`remove` takes the message away; `dismiss` leaves it."""


class ChatReportMade(TypedDict):
    """What whoever complains is told."""

    id: AnId
    message_id: AnId
    reason: Annotated[str | None, Field(examples=["They insult me."])]
    status: ReportStatus
    created_at: ATime


class ChatReportRead(ChatReportMade):
    conversation_id: AnId
    sender_id: AnId
    reporter_id: AnId
    text: Annotated[str | None, Field(examples=["You fool."])]
    """What the message said when it was reported; null once it was decided on long ago."""
    resolved_at: Annotated[datetime | None, Field(examples=[None])]
    resolved_by: Annotated[UUID | None, Field(examples=[None])]


def chat_report_made(report: ChatReport) -> ChatReportMade:
    return {
        "id": report.id,
        "message_id": report.message_id,
        "reason": report.reason,
        "status": report.status,
        "created_at": report.created_at,
    }


def chat_report_read(report: ChatReport) -> ChatReportRead:
    return {
        **chat_report_made(report),
        "conversation_id": report.conversation_id,
        "sender_id": report.sender_id,
        "reporter_id": report.reporter_id,
        "text": report.text,
        "resolved_at": report.resolved_at,
        "resolved_by": report.resolved_by,
    }


class ChatReportQuery(ListQuery):
    sort: ChatReportSort = ChatReportSort.OLDEST
    status: ReportStatus | None = None

    def wanted(self) -> ChatReportFilter:
        return ChatReportFilter(self.status)

    def page(self) -> PageRequest[ChatReportSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
