"""Pictures that events are shown with; they are kept as pictures of people are."""

from uuid import UUID

from fastapi import Response, status

from app.api import uploads
from app.api.conditions import ensure_match
from app.api.deps import EventWriter, IfMatch
from app.api.errors import problems
from app.api.routing import API, stem
from app.api.v1.events import EVENT
from app.core.errors import Forbidden, PreconditionFailed
from app.domain.events import EventNotFound, EventOver
from app.domain.images import ImageTooLarge, UnreadableImage
from app.domain.storage import StorageUnavailable
from app.schemas.events import EventDetailRead

router = stem("event_covers", prefix=f"{API}/events/{{event_id}}/cover")


@router.put(
    "",
    response_model=EventDetailRead,
    responses=problems(
        Forbidden,
        EventNotFound,
        EventOver,
        UnreadableImage,
        ImageTooLarge,
        PreconditionFailed,
        StorageUnavailable,
    ),
    openapi_extra=uploads.documented(),
)
async def put_event_cover(
    visitor: EventWriter, event_id: UUID, if_match: IfMatch = None
) -> Response:
    """Show a picture with an event: JPEG, PNG, WebP or GIF, up to 10 MiB, in three sizes."""
    sent = await uploads.read_image(visitor.request)
    async with visitor.writing() as caller:
        events, photos = caller.services.events, caller.services.photos
        await events.ensure_can_change(caller.actor, event_id)
        photo = await photos.keep(caller.actor, sent)
        current = await events.lock(caller.actor, event_id)
        ensure_match(if_match, EVENT.body(current))
        return EVENT.tagged(await events.show_cover(caller.actor, current, photo.id))


@router.delete(
    "",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, EventNotFound, EventOver, PreconditionFailed),
)
async def delete_event_cover(
    visitor: EventWriter, event_id: UUID, if_match: IfMatch = None
) -> Response:
    """Show no picture with an event any more."""
    async with visitor.writing() as caller:
        events = caller.services.events
        current = await events.lock(caller.actor, event_id)
        ensure_match(if_match, EVENT.body(current))
        await events.show_cover(caller.actor, current, None)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
