"""What those who work here did."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Record


class AuditLog(Record):
    """Append-only: a trigger and the grants refuse UPDATE, DELETE and TRUNCATE.

    `before` and `after` hold what changed, and of people nothing but ids, roles and states: what
    can't be changed must not hold what may have to be erased.
    """

    __tablename__ = "audit_log"

    created_at: Mapped[datetime]
    actor_id: Mapped[UUID | None]  # nobody: from the command line
    actor_roles: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    action: Mapped[str] = mapped_column(String(60))
    target_kind: Mapped[str] = mapped_column(String(40))
    target_id: Mapped[UUID | None]
    before: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[Any | None] = mapped_column(JSONB(none_as_null=True))
    ip: Mapped[str | None] = mapped_column(String(45))
    request_id: Mapped[str | None] = mapped_column(String(128))

    __table_args__ = (
        Index("ix_audit_log_newest", "created_at", "id"),
        Index("ix_audit_log_of_actor", "actor_id", "created_at", "id"),
        Index("ix_audit_log_of_target", "target_id", "created_at", "id"),
    )
