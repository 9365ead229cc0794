"""Keys with which programs act for their owner."""

from uuid import UUID

from fastapi import Request, Response, status

from app.api import queries
from app.api.answers import Answers
from app.api.deps import Visitor
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.core.listing import InvalidCursor
from app.domain.actors import StepUpRequired
from app.domain.api_keys import ApiKeyNotFound, ExpiryPassed, ScopeNotHeld, TooManyApiKeys
from app.schemas.api_keys import (
    ApiKeyCreate,
    ApiKeyMade,
    ApiKeyQuery,
    ApiKeyRead,
    api_key_made,
    api_key_read,
)
from app.schemas.base import Listing, changes, listing

router = stem("api-keys", prefix=f"{API}/api-keys")
MADE = Answers(api_key_made)
API_KEYS = Answers(listing(api_key_read))


@router.get(
    "",
    response_model=Listing[ApiKeyRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(ApiKeyQuery),
)
async def list_api_keys(visitor: Visitor, request: Request) -> Response:
    """List one's own API keys."""
    query = queries.read(request, ApiKeyQuery)
    async with visitor.reading() as caller:
        page = await caller.services.api_keys.list(caller.actor, query.page())
    return API_KEYS.ok(page)


# No Idempotency-Key: the answer that would be kept holds the key itself, in clear. Who loses the
# answer deletes the key by its prefix, and makes another.
@router.post(
    "",
    response_model=ApiKeyMade,
    status_code=status.HTTP_201_CREATED,
    responses=problems(StepUpRequired, TooManyApiKeys, ScopeNotHeld, ExpiryPassed),
)
async def create_api_key(visitor: Visitor, body: ApiKeyCreate) -> Response:
    """Make an API key, which is shown this once.

    An Idempotency-Key is not heeded here: the key would have to be kept, to be shown again.
    """
    async with visitor.writing() as caller:
        made = await caller.services.api_keys.make(caller.actor, **changes(body))
        return MADE.created(made)


@router.delete(
    "/{key_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(ApiKeyNotFound)
)
async def delete_api_key(visitor: Visitor, key_id: UUID) -> Response:
    """Delete an API key; it opens nothing from then on."""
    async with visitor.writing() as caller:
        await caller.services.api_keys.remove(caller.actor, key_id)
        return Response(status_code=status.HTTP_204_NO_CONTENT)
