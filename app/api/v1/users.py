"""Who somebody is, as others see them."""

from uuid import UUID

from fastapi import Response

from app.api.answers import Answers
from app.api.deps import IfNoneMatch, Looker
from app.api.errors import problems
from app.api.routing import stem
from app.domain.accounts import UserNotFound
from app.schemas.users import UserCardRead, user_card_read

router = stem("users")
CARD = Answers(user_card_read)


@router.get("/{user_id}", response_model=UserCardRead, responses=problems(UserNotFound))
async def get_user(looker: Looker, user_id: UUID, if_none_match: IfNoneMatch = None) -> Response:
    """Return who somebody is: to everybody their card, to themselves and the staff the whole."""
    async with looker.reading() as (actor, services):
        card = await services.users.card(actor, user_id)
    return CARD.ok_or_unchanged(card, if_none_match)
