"""One's own account."""

from fastapi import Response

from app.api.answers import Answers
from app.api.conditions import ensure_match
from app.api.deps import IfMatch, IfNoneMatch, ProfileReader, ProfileWriter
from app.api.errors import problems
from app.api.routing import stem
from app.core.errors import PreconditionFailed
from app.domain.users import UsernameTaken
from app.schemas.base import changes
from app.schemas.users import ProfileRead, ProfileUpdate, profile_read

router = stem("profile")
PROFILE = Answers(profile_read)


@router.get("", response_model=ProfileRead, responses=problems())
async def get_profile(visitor: ProfileReader, if_none_match: IfNoneMatch = None) -> Response:
    """Return one's own account."""
    async with visitor.reading() as caller:
        profile = await caller.services.users.profile(caller.actor)
    return PROFILE.ok_or_unchanged(profile, if_none_match)


@router.patch(
    "",
    response_model=ProfileRead,
    responses=problems(UsernameTaken, PreconditionFailed),
)
async def update_profile(
    visitor: ProfileWriter, body: ProfileUpdate, if_match: IfMatch = None
) -> Response:
    """Change one's own account."""
    async with visitor.writing() as caller:
        profile = await caller.services.users.lock_profile(caller.actor)
        ensure_match(if_match, PROFILE.body(profile))
        profile = await caller.services.users.change_profile(profile, changes(body))
        return PROFILE.tagged(profile)
