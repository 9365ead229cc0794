"""The devices on which one sees push."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import Visitor
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import stem
from app.core.listing import InvalidCursor, Page
from app.domain.actors import Actor
from app.domain.devices import Device, DeviceNotFound
from app.schemas.base import Listing, listing
from app.schemas.devices import DeviceCreate, DeviceQuery, DeviceRead, device_read

router = stem("devices")
DEVICE = Answers(device_read)
DEVICES = Answers(listing(device_read))


@router.get(
    "",
    response_model=Listing[DeviceRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(DeviceQuery),
)
async def list_devices(visitor: Visitor, request: Request) -> Response:
    """List the devices on which one sees push."""
    query = queries.read(request, DeviceQuery)
    async with visitor.reading() as caller:
        page = await caller.services.devices.list(caller.actor, query.page())
        return DEVICES.ok(_seen_from(caller.actor, page))


@router.post(
    "", response_model=DeviceRead, status_code=status.HTTP_201_CREATED, responses=problems()
)
async def create_device(visitor: Visitor, body: DeviceCreate) -> Response:
    """Register the device one is signed in with, to see push there until one signs out.

    Registered again it is the same device; a token that another account had is theirs no more.
    """
    async with visitor.writing() as caller:
        device = await caller.services.devices.register(
            caller.actor, platform=body.platform, token=body.token, name=body.name
        )
        return DEVICE.created((device, True))


@router.delete(
    "/{device_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(DeviceNotFound)
)
async def delete_device(visitor: Visitor, device_id: UUID) -> Response:
    """Show no push on a device any more."""
    async with visitor.writing() as caller:
        await caller.services.devices.remove(caller.actor, device_id)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


def _seen_from(actor: Actor, page: Page[Device]) -> Page[tuple[Device, bool]]:
    items = [(device, device.session_id == actor.session_id) for device in page.items]
    return Page(items, page.next_cursor, page.total)
