"""Who did what to what, and from where."""

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import AuditReader
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.schemas.audit import AuditEntryRead, AuditQuery, audit_entry_read
from app.schemas.base import Listing, listing

router = stem("audit", prefix=f"{API}/admin/audit-log")
ENTRIES = Answers(listing(audit_entry_read))


@router.get(
    "",
    response_model=Listing[AuditEntryRead],
    responses=problems(Forbidden, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(AuditQuery),
)
async def list_audit_entries(visitor: AuditReader, request: Request) -> Response:
    """List what those who work here did, the newest first."""
    query = queries.read(request, AuditQuery)
    async with visitor.reading() as caller:
        page = await caller.services.audit.list(caller.actor, query.wanted(), query.page())
    return ENTRIES.ok(page)
