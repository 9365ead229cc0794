"""Days on which the whole business is closed."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import Anybody, IdempotencyKey, ProviderManager
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import stem
from app.core.errors import Forbidden
from app.core.listing import InvalidCursor
from app.domain.bookings import HasBookings
from app.domain.closures import ClosureNotFound, ClosureOutOfOrder
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.schemas.base import Listing, listing
from app.schemas.closures import ClosureCreate, ClosureQuery, ClosureRead, closure_read

router = stem("closures")
CLOSURE = Answers(closure_read)
CLOSURES = Answers(listing(closure_read))


@router.get(
    "",
    response_model=Listing[ClosureRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(ClosureQuery),
)
async def list_closures(guest: Anybody, request: Request) -> Response:
    """List the days on which the business is closed."""
    query = queries.read(request, ClosureQuery)
    async with guest.reading() as services:
        page = await services.closures.list(query.wanted(), query.page())
    return CLOSURES.ok(page)


@router.post(
    "",
    response_model=ClosureRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        Forbidden, HasBookings, ClosureOutOfOrder, IdempotencyKeyInUse, IdempotencyKeyReused
    ),
)
async def create_closure(
    visitor: ProviderManager, body: ClosureCreate, key: IdempotencyKey = None
) -> Response:
    """Close the business on some days, for every provider in their own zone.

    Bookings that stand on them are a 409, unless `force` lets them.
    """
    async with visitor.writing(key) as caller:
        closure = await caller.services.closures.close(
            caller.actor,
            body.first_day,
            body.last_day or body.first_day,
            name=body.name,
            force=body.force,
        )
        return await caller.answer(CLOSURE.created(closure))


@router.delete(
    "/{closure_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(Forbidden, ClosureNotFound),
)
async def delete_closure(visitor: ProviderManager, closure_id: UUID) -> Response:
    """Open again on these days."""
    async with visitor.writing() as caller:
        await caller.services.closures.remove(caller.actor, closure_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
