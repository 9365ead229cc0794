"""Complaints about messages, and what is decided on them."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import ChatModerator, ChatWriter
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.chat_messages import ChatMessageNotFound, MessageDeleted
from app.domain.chat_reports import ChatReportNotFound, ReportingOneself, ReportResolved
from app.domain.conversations import ConversationNotFound
from app.domain.limits import RateLimited
from app.schemas.base import Listing, listing
from app.schemas.chat_reports import (
    ChatReportCreate,
    ChatReportMade,
    ChatReportQuery,
    ChatReportRead,
    ChatReportVerdict,
    chat_report_made,
    chat_report_read,
)

router = stem("chat-reports", prefix=API)
MADE = Answers(chat_report_made)
REPORT = Answers(chat_report_read)
REPORTS = Answers(listing(chat_report_read))


@router.post(
    "/conversations/{conversation_id}/messages/{message_id}/report",
    response_model=ChatReportMade,
    status_code=status.HTTP_201_CREATED,
    responses={
        status.HTTP_200_OK: {"model": ChatReportMade, "description": "It was reported already"},
        **problems(
            ConversationNotFound,
            ChatMessageNotFound,
            MessageDeleted,
            ReportingOneself,
            RateLimited,
        ),
    },
)
async def report_message(
    visitor: ChatWriter,
    conversation_id: UUID,
    message_id: UUID,
    body: ChatReportCreate | None = None,
) -> Response:
    """Complain about what the other wrote; support decides. Whoever wrote it is not told."""
    async with visitor.writing() as caller:
        report, is_new = await caller.services.chat_reports.report(
            caller.actor, conversation_id, message_id, body.reason if body else None
        )
    return MADE.created(report) if is_new else MADE.ok(report)


@router.get(
    "/chat-reports",
    response_model=Listing[ChatReportRead],
    responses=problems(Forbidden, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(ChatReportQuery),
)
async def list_chat_reports(visitor: ChatModerator, request: Request) -> Response:
    """List complaints about messages, the oldest first; for support."""
    query = queries.read(request, ChatReportQuery)
    async with visitor.reading() as caller:
        page = await caller.services.chat_reports.list(caller.actor, query.wanted(), query.page())
    return REPORTS.ok(page)


@router.post(
    "/chat-reports/{report_id}/resolve",
    response_model=ChatReportRead,
    responses=problems(Forbidden, ChatReportNotFound, ReportResolved),
)
async def resolve_chat_report(
    visitor: ChatModerator, report_id: UUID, body: ChatReportVerdict
) -> Response:
    """Decide on a complaint: take the message away, or find nothing wrong with it."""
    async with visitor.writing() as caller:
        report = await caller.services.chat_reports.resolve(caller.actor, report_id, body.verdict)
    return REPORT.ok(report)
