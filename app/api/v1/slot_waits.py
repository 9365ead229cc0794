"""Waiting for a time with a provider that is booked now."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import BookingReader, BookingWriter, IdempotencyKey
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.listing import InvalidCursor
from app.domain.availability import RangeTooLong
from app.domain.bookings import OutsideBookingWindow
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.offerings import OfferingNotFound
from app.domain.slot_waits import SlotsAvailable
from app.domain.waitlist import AlreadyWaiting, NotOnWaitlist
from app.schemas.base import Listing, listing
from app.schemas.slot_waits import SlotWaitJoin, SlotWaitQuery, SlotWaitRead, slot_wait_read

router = stem("waitlist", prefix=f"{API}/services/{{service_id}}/waitlist")
WAIT = Answers(slot_wait_read)
WAITS = Answers(listing(slot_wait_read))


@router.post(
    "",
    response_model=SlotWaitRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        OfferingNotFound,
        RangeTooLong,
        OutsideBookingWindow,
        AlreadyWaiting,
        SlotsAvailable,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def join_service_waitlist(
    visitor: BookingWriter, service_id: UUID, body: SlotWaitJoin, key: IdempotencyKey = None
) -> Response:
    """Wait for a time; one that comes free is kept for you for a time, to be booked as always."""
    async with visitor.writing(key) as caller:
        wait = await caller.services.slot_waits.join(
            caller.actor,
            service_id,
            first=body.from_day,
            last=body.to_day,
            provider_id=body.provider_id,
            windows=body.given(),
        )
        at = f"{API}/services/{service_id}/waitlist"
        return await caller.answer(WAIT.created(wait, at=at))


@router.get(
    "",
    response_model=Listing[SlotWaitRead],
    responses=problems(OfferingNotFound, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(SlotWaitQuery),
)
async def list_service_waitlist(
    visitor: BookingReader, service_id: UUID, request: Request
) -> Response:
    """List who waits, in their order: for the service's owner everybody, for others themselves."""
    query = queries.read(request, SlotWaitQuery)
    async with visitor.reading() as caller:
        page = await caller.services.slot_waits.list(
            caller.actor, service_id, query.wanted(service_id), query.page()
        )
    return WAITS.ok(page)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotOnWaitlist))
async def leave_service_waitlist(visitor: BookingWriter, service_id: UUID) -> Response:
    """Wait no longer, or decline what was offered: it goes to the next."""
    async with visitor.writing() as caller:
        await caller.services.slot_waits.leave(caller.actor, service_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
