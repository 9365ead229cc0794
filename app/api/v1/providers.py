"""Who performs services."""

from uuid import UUID

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import IfMatch, IfNoneMatch, Looker, ScheduleWriter
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import stem
from app.core.errors import Forbidden, PreconditionFailed
from app.core.listing import InvalidCursor
from app.domain.providers import IncompletePlace, ProviderNotFound
from app.schemas.base import Listing, listing
from app.schemas.providers import ProviderQuery, ProviderRead, ProviderUpdate, provider_read

router = stem("providers")
PROVIDER = Answers(provider_read)
PROVIDERS = Answers(listing(provider_read))


@router.get(
    "",
    response_model=Listing[ProviderRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(ProviderQuery),
)
async def list_providers(looker: Looker, request: Request) -> Response:
    """Search the providers who can be booked."""
    query = queries.read(request, ProviderQuery)
    async with looker.reading() as (actor, services):
        page = await services.providers.list(actor, query.wanted(), query.page())
    return PROVIDERS.ok(page)


@router.get(
    "/{provider_id}",
    response_model=ProviderRead,
    responses=problems(ProviderNotFound),
)
async def get_provider(
    looker: Looker, provider_id: UUID, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one provider, with the services they can be booked for."""
    async with looker.reading() as (actor, services):
        provider = await services.providers.get(actor, provider_id)
    return PROVIDER.ok_or_unchanged(provider, if_none_match)


@router.patch(
    "/{provider_id}",
    response_model=ProviderRead,
    responses=problems(Forbidden, ProviderNotFound, PreconditionFailed, IncompletePlace),
)
async def update_provider(
    visitor: ScheduleWriter, provider_id: UUID, body: ProviderUpdate, if_match: IfMatch = None
) -> Response:
    """Change what a provider says of themselves, and how they can be booked."""
    async with visitor.writing() as caller:
        current = await caller.services.providers.lock(caller.actor, provider_id)
        ensure_match(if_match, PROVIDER.body(current))
        provider = await caller.services.providers.change(caller.actor, current, body.fields())
    return PROVIDER.tagged(provider)
