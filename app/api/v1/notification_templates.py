"""What people are told, to be looked at by those who work here."""

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import NotificationManager
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.errors import Forbidden
from app.domain.notifications import Kind
from app.schemas.notification_templates import (
    PreviewQuery,
    PreviewRead,
    TemplatesRead,
    preview_read,
    templates_read,
)

router = stem("notification-templates", prefix=f"{API}/notification-templates")
TEMPLATES = Answers(templates_read)
PREVIEW = Answers(preview_read)


@router.get("", response_model=TemplatesRead, responses=problems(Forbidden))
async def list_notification_templates(visitor: NotificationManager) -> Response:
    """List all that people can be told, by which channels, and in which languages."""
    async with visitor.reading() as caller:
        return TEMPLATES.ok(caller.services.notification_templates.list(caller.actor))


@router.get(
    "/{kind}/preview",
    response_model=PreviewRead,
    responses=problems(Forbidden, MalformedQuery),
    openapi_extra=queries.documented(PreviewQuery),
)
async def preview_notification(
    visitor: NotificationManager, kind: Kind, request: Request
) -> Response:
    """Return what somebody would be told, of a booking that doesn't exist."""
    query = queries.read(request, PreviewQuery)
    async with visitor.reading() as caller:
        written = caller.services.notification_templates.preview(
            caller.actor, kind, query.channel, query.locale
        )
    return PREVIEW.ok(written)
