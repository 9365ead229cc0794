"""Pictures of people."""

from uuid import UUID

from fastapi import Response, status

from app.api import uploads
from app.api.answers import Answers
from app.api.conditions import ensure_match, matches, tag_of
from app.api.deps import Anybody, IfMatch, IfNoneMatch, ProfileWriter
from app.api.errors import documented, problems
from app.api.routing import API, stem
from app.core.errors import PreconditionFailed
from app.domain.images import ImageTooLarge, UnreadableImage
from app.domain.photos import PhotoNotFound, PhotoSize
from app.domain.storage import StorageUnavailable
from app.schemas.photos import PHOTO
from app.schemas.users import ProfileRead, profile_read

router = stem("photos", prefix=API)
PROFILE = Answers(profile_read)
FOREVER = "public, max-age=31536000, immutable"  # another photo has another id


class WebP(Response):
    media_type = "image/webp"


@router.put(
    "/profile/photo",
    response_model=ProfileRead,
    responses=problems(UnreadableImage, ImageTooLarge, PreconditionFailed, StorageUnavailable),
    openapi_extra=uploads.documented(),
)
async def put_profile_photo(visitor: ProfileWriter, if_match: IfMatch = None) -> Response:
    """Show a picture of oneself: JPEG, PNG, WebP or GIF, up to 10 MiB.

    It is made anew in three sizes, upright and without anything that was not seen in it.
    """
    sent = await uploads.read_image(visitor.request)
    async with visitor.writing() as caller:
        users, photos = caller.services.users, caller.services.photos
        ensure_match(if_match, PROFILE.body(await users.profile(caller.actor)))
        photo = await photos.keep(caller.actor, sent)
        profile = await users.lock_profile(caller.actor)
        ensure_match(if_match, PROFILE.body(profile))
        return PROFILE.tagged(await photos.show(profile, photo))


@router.delete(
    "/profile/photo",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(PreconditionFailed),
)
async def delete_profile_photo(visitor: ProfileWriter, if_match: IfMatch = None) -> Response:
    """Show no picture of oneself any more."""
    async with visitor.writing() as caller:
        profile = await caller.services.users.lock_profile(caller.actor)
        ensure_match(if_match, PROFILE.body(profile))
        await caller.services.photos.take_down(profile)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.get(
    "/photos/{photo_id}/{size}",
    response_class=WebP,
    response_model=None,
    responses={200: PHOTO, **documented(PhotoNotFound, StorageUnavailable)},
)
async def get_photo(
    guest: Anybody, photo_id: UUID, size: PhotoSize, if_none_match: IfNoneMatch = None
) -> Response:
    """Return a picture of somebody; it never changes."""
    async with guest.reading() as services:
        content = await services.photos.content(photo_id, size)
    headers = {"ETag": tag_of(content), "Cache-Control": FOREVER}
    if if_none_match is not None and matches(if_none_match, headers["ETag"]):
        return Response(None, status.HTTP_304_NOT_MODIFIED, headers)
    return WebP(content, headers=headers)
