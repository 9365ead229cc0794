"""What those who work here did, as the API shows it."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.audit import AuditEntry, AuditFilter, AuditSort
from app.schemas.accounts import SOME_ID, AnId, ATime
from app.schemas.base import Id, Instant, ListQuery
from app.schemas.problems import SOME_REQUEST

Word = Annotated[str, Field(min_length=1, max_length=60, pattern="^[a-z._]+$")]


class AuditEntryRead(TypedDict):
    """`before` and `after` hold what changed; of what is personal they hold that it changed."""

    id: AnId
    created_at: ATime
    actor_id: Annotated[
        UUID | None, Field(description="None: from the command line.", examples=[SOME_ID])
    ]
    actor_roles: Annotated[list[str], Field(examples=[["customer", "admin"]])]
    action: Annotated[str, Field(examples=["user.roles_changed"])]
    target_kind: Annotated[str, Field(examples=["user"])]
    target_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    before: Annotated[dict[str, Any] | None, Field(examples=[{"roles": ["customer"]}])]
    after: Annotated[dict[str, Any] | None, Field(examples=[{"roles": ["customer", "provider"]}])]
    ip: Annotated[str | None, Field(examples=["192.0.2.1"])]
    request_id: Annotated[str | None, Field(examples=[SOME_REQUEST])]


def audit_entry_read(entry: AuditEntry) -> AuditEntryRead:
    return {
        "id": entry.id,
        "created_at": entry.created_at,
        "actor_id": entry.actor_id,
        "actor_roles": entry.actor_roles,
        "action": entry.action,
        "target_kind": entry.target_kind,
        "target_id": entry.target_id,
        "before": None if entry.before is None else dict(entry.before),
        "after": None if entry.after is None else dict(entry.after),
        "ip": entry.ip,
        "request_id": entry.request_id,
    }


class AuditQuery(ListQuery):
    sort: AuditSort = AuditSort.NEWEST
    actor_id: Id | None = None
    """Who did it."""
    action: Annotated[Word, Field(examples=["user.roles_changed"])] | None = None
    target_kind: Annotated[Word, Field(examples=["user"])] | None = None
    target_id: Id | None = None
    noted_from: Annotated[Instant | None, Field(alias="from")] = None
    """Done at or after."""
    noted_before: Annotated[Instant | None, Field(alias="to")] = None
    """Done before."""

    def wanted(self) -> AuditFilter:
        return AuditFilter(
            self.actor_id,
            self.action,
            self.target_kind,
            self.target_id,
            self.noted_from,
            self.noted_before,
        )

    def page(self) -> PageRequest[AuditSort]:
        return PageRequest(self.sort, self.limit, self.cursor, self.include_total)
