"""The words services are found by."""

from fastapi import Request, Response

from app.api import queries
from app.api.answers import Answers
from app.api.deps import Anybody
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import stem
from app.core.listing import InvalidCursor
from app.schemas.base import Listing, listing
from app.schemas.tags import TagQuery, TagRead, tag_read

router = stem("tags")
TAGS = Answers(listing(tag_read))


@router.get(
    "",
    response_model=Listing[TagRead],
    responses=problems(InvalidCursor, MalformedQuery),
    openapi_extra=queries.documented(TagQuery),
)
async def list_tags(guest: Anybody, request: Request) -> Response:
    """List the tags of active services, and how many have each."""
    query = queries.read(request, TagQuery)
    async with guest.reading() as services:
        page = await services.tags.list(query.wanted(), query.page())
    return TAGS.ok(page)
