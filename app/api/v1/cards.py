"""Cards that are saved to pay with."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import IdempotencyKey, Visitor
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.listing import InvalidCursor
from app.domain.actors import SessionRequired
from app.domain.cards import CardsNotKept, SavedCardNotFound
from app.domain.gateways import GatewayUnavailable
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.schemas.base import Listing, listing
from app.schemas.cards import (
    CardSetupRead,
    SavedCardQuery,
    SavedCardRead,
    card_setup_read,
    saved_card_read,
)

router = stem("payment-methods", prefix=f"{API}/payment-methods")
SETUP = Answers(card_setup_read)
CARDS = Answers(listing(saved_card_read))


@router.get(
    "",
    response_model=Listing[SavedCardRead],
    responses=problems(SessionRequired, InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(SavedCardQuery),
)
async def list_payment_methods(visitor: Visitor, request: Request) -> Response:
    """List one's own saved cards, the newest first."""
    query = queries.read(request, SavedCardQuery)
    async with visitor.reading() as caller:
        page = await caller.services.cards.list(caller.actor, query.page())
    return CARDS.ok(page)


@router.post(
    "",
    response_model=CardSetupRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(
        SessionRequired,
        CardsNotKept,
        GatewayUnavailable,
        IdempotencyKeyInUse,
        IdempotencyKeyReused,
    ),
)
async def create_payment_method(visitor: Visitor, key: IdempotencyKey = None) -> Response:
    """Begin to save a card: the gateway takes its number, from the customer's own app."""
    setup = None
    async with visitor.writing() as caller:
        if key is None or not await caller.services.idempotency.is_spent(caller.actor, key):
            setup = await caller.services.cards.begin_saving(caller.actor, key=key)
    async with visitor.writing(key) as caller:  # what was answered before is answered here
        if setup is None:
            raise IdempotencyKeyInUse
        return await caller.answer(SETUP.created(setup))


@router.delete(
    "/{saved_card_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(SessionRequired, SavedCardNotFound),
)
async def delete_payment_method(visitor: Visitor, saved_card_id: UUID) -> Response:
    """Forget a card, here and at the gateway."""
    async with visitor.writing() as caller:
        await caller.services.cards.remove(caller.actor, saved_card_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
