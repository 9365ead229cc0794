"""Who performs services."""

from uuid import UUID

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import IfNoneMatch, Looker
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import stem
from app.core.listing import InvalidCursor
from app.domain.providers import ProviderNotFound
from app.schemas.base import Listing, listing
from app.schemas.providers import ProviderQuery, ProviderRead, provider_read

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
