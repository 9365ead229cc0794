"""Every statement about what those who work here did. There is none that changes it."""

from typing import Final

from sqlalchemy import bindparam
from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.listing import Page, PageRequest
from app.core.statements import Command
from app.domain.audit import AuditEntry, AuditFilter, AuditSort
from app.models import AuditLog
from app.repositories.base import Listing, parameters, values

ADD: Final = Command(insert(AuditLog).values(parameters(AuditLog, AuditEntry)))

MATCHING: Final = Listing(
    AuditLog,
    AuditEntry,
    filters={
        "actor_id": AuditLog.actor_id == bindparam("actor_id"),
        "action": AuditLog.action == bindparam("action"),
        "target_kind": AuditLog.target_kind == bindparam("target_kind"),
        "target_id": AuditLog.target_id == bindparam("target_id"),
        "noted_from": AuditLog.created_at >= bindparam("noted_from"),
        "noted_before": AuditLog.created_at < bindparam("noted_before"),
    },
    sorts={"created_at": AuditLog.created_at},
)


class AuditRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def add(self, entry: AuditEntry) -> None:
        await self.connection.run(ADD, **values(entry))

    async def matching(
        self, wanted: AuditFilter, request: PageRequest[AuditSort]
    ) -> Page[AuditEntry]:
        return await MATCHING.page(self.connection, wanted, request)
