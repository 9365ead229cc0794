"""Every statement about what is reported of text messages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.messages import Message
from app.core.statements import Command, Query
from app.domain.messengers import TextReport, TextState
from app.models import TextReports
from app.repositories.base import columns, parameters, values
from app.repositories.jobs import enqueue_if, job


@dataclass(frozen=True, slots=True)
class Row:
    id: UUID
    received_at: datetime


ADDED: Final = (
    insert(TextReports)
    .values(parameters(TextReports, Row) | parameters(TextReports, TextReport))
    .on_conflict_do_nothing(index_elements=[TextReports.reference, TextReports.state])
    .returning(TextReports.id)
    .cte("added")
)
ADD: Final = Command(enqueue_if(ADDED))
BY_ID: Final = Query(
    select(*columns(TextReports, TextReport)).where(TextReports.id == bindparam("id", type_=Uuid)),
    TextReport,
)
LAST: Final = Query(
    select(*columns(TextReports, TextReport))
    .where(
        TextReports.reference == bindparam("reference", type_=TextReports.reference.type),
        TextReports.state != TextState.SENT,
    )
    .order_by(TextReports.received_at.desc(), TextReports.id.desc())
    .limit(1),
    TextReport,
)
OLD: Final = (
    select(TextReports.id)
    .where(TextReports.received_at < bindparam("since", type_=DateTime(timezone=True)))
    .limit(bindparam("most", type_=Integer))
    .cte("old")
)
FORGET: Final = Command(delete(TextReports).where(TextReports.id == OLD.c.id))


class TextReportRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(
        self, id_: UUID, report: TextReport, *, now: datetime, announcing: Message
    ) -> bool:
        """Keep a report and announce it; False where that state was reported before."""
        row = values(Row(id_, now)) | values(report)
        return await self.connection.run(ADD, **row, **job(announcing)) == 1

    async def get(self, report_id: UUID) -> TextReport | None:
        return await self.connection.first(BY_ID, id=report_id)

    async def last(self, reference: str) -> TextReport | None:
        """Return the last word on a message; None where it is under way still."""
        return await self.connection.first(LAST, reference=reference)

    async def forget(self, *, since: datetime, most: int) -> int:
        """Delete up to `most` from before then; return how many."""
        return await self.connection.run(FORGET, since=since, most=most)
