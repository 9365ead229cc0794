"""Every statement about complaints."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    DateTime,
    Integer,
    String,
    Uuid,
    bindparam,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.chat_reports import ChatReport, ChatReportFilter, ChatReportSort, ReportStatus
from app.models import ChatMessages, ChatReports
from app.repositories.base import Listing, columns

INSTANT: Final = DateTime(timezone=True)
ID: Final = bindparam("report_id", type_=Uuid)
MESSAGE_ID: Final = bindparam("message_id", type_=Uuid)
REPORTER: Final = bindparam("reporter_id", type_=Uuid)
NOW: Final = bindparam("now", type_=INSTANT)
ROW: Final = columns(ChatReports, ChatReport)

# The words are copied as they are now: whatever becomes of them, they can be decided upon.
ADD: Final = Query(
    insert(ChatReports)
    .from_select(
        [
            *("id", "message_id", "conversation_id", "sender_id", "text"),
            *("reporter_id", "reason", "status", "created_at"),
        ],
        select(
            ID,
            ChatMessages.id,
            ChatMessages.conversation_id,
            ChatMessages.sender_id,
            ChatMessages.text,
            REPORTER,
            bindparam("reason", type_=String),
            literal(ReportStatus.OPEN.value),
            NOW,
        ).where(ChatMessages.id == MESSAGE_ID, ChatMessages.deleted_at.is_(None)),
    )
    .on_conflict_do_nothing()
    .returning(*ROW),
    ChatReport,
)
OF_REPORTER: Final = Query(
    select(*ROW).where(ChatReports.message_id == MESSAGE_ID, ChatReports.reporter_id == REPORTER),
    ChatReport,
)
ONE: Final = select(*ROW).where(ChatReports.id == ID)
BY_ID: Final = Query(ONE, ChatReport)
RESOLVE: Final = Command(
    update(ChatReports)
    .where(
        or_(
            ChatReports.id == ID,
            ChatReports.message_id == bindparam("whole_message_id", type_=Uuid),
        ),
        ChatReports.status == ReportStatus.OPEN,
    )
    .values(
        status=bindparam("status", type_=ChatReports.__table__.c.status.type),
        resolved_at=NOW,
        resolved_by=bindparam("resolved_by", type_=Uuid),
    )
)
OLD: Final = (
    select(ChatReports.id)
    .where(
        ChatReports.resolved_at < bindparam("before", type_=INSTANT),
        or_(ChatReports.text.is_not(None), ChatReports.reason.is_not(None)),
    )
    .order_by(ChatReports.resolved_at)
    .limit(bindparam("most", type_=Integer))
    .cte("old")
)
FORGET: Final = Command(
    update(ChatReports).where(ChatReports.id == OLD.c.id).values(text=null(), reason=null())
)
MATCHING: Final = Listing(
    ChatReports,
    ChatReport,
    filters={"status": ChatReports.status == bindparam("status")},
    sorts={"created_at": ChatReports.created_at},
)


class ChatReportRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(
        self, message_id: UUID, *, reporter_id: UUID, reason: str | None, now: datetime
    ) -> ChatReport | None:
        """Return it; None where the message is gone, or they complained of it before."""
        return await self.connection.first(
            ADD,
            report_id=new_id(),
            message_id=message_id,
            reporter_id=reporter_id,
            reason=reason,
            now=now,
        )

    async def of_reporter(self, message_id: UUID, reporter_id: UUID) -> ChatReport | None:
        return await self.connection.first(
            OF_REPORTER, message_id=message_id, reporter_id=reporter_id
        )

    async def get(self, report_id: UUID) -> ChatReport | None:
        return await self.connection.first(BY_ID, report_id=report_id)

    async def resolve(
        self,
        report: ChatReport,
        status: ReportStatus,
        *,
        by: UUID,
        now: datetime,
        of_all: bool,
    ) -> bool:
        """Decide an open one, or all there are of its message; return whether any was open."""
        decided = await self.connection.run(
            RESOLVE,
            report_id=report.id,
            whole_message_id=report.message_id if of_all else None,
            status=status,
            resolved_by=by,
            now=now,
        )
        return decided > 0

    async def forget(self, *, before: datetime, most: int) -> int:
        """Empty the words of some that were decided before that; return how many."""
        return await self.connection.run(FORGET, before=before, most=most)

    async def matching(
        self, wanted: ChatReportFilter, request: PageRequest[ChatReportSort]
    ) -> Page[ChatReport]:
        return await MATCHING.page(self.connection, wanted, request)
