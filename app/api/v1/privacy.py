"""What is kept of oneself: handed over, and taken out."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Final

import orjson
from fastapi import Response, status
from fastapi.responses import StreamingResponse

from app.api import cookies
from app.api.answers import JSON, Answers
from app.api.deps import SignedIn, Visitor
from app.api.errors import problems
from app.api.routing import API, stem
from app.bootstrap import persist
from app.core.errors import AppError
from app.domain.accounts import LastSuperAdmin
from app.domain.actors import StepUpRequired
from app.domain.bookings import HasBookings
from app.domain.exports import Batch, Place
from app.domain.mfa import WrongPassword
from app.domain.users import Profile
from app.schemas.privacy import EraseProfile, ExportRead, kept_read
from app.schemas.users import profile_read

router = stem("profile", prefix=f"{API}/profile")
PROFILE = Answers(profile_read)
KEPT = Answers(kept_read)
ATTACHED: Final = {"Content-Disposition": 'attachment; filename="my-data.json"'}


class ExportBroken(Exception):
    """The answer has begun and can't be ended: whoever reads it sees that it breaks off."""


@router.get("/export", response_model=ExportRead, responses=problems())
async def export_profile(visitor: Visitor) -> Response:
    """Return all that is kept of one's own person."""
    async with visitor.reading() as caller:
        profile = await caller.services.users.profile(caller.actor)
        exports = caller.services.exports
    document = _document(visitor, exports.now(), profile, exports.sections)
    return StreamingResponse(document, headers=ATTACHED, media_type=JSON)


@router.delete(
    "",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(WrongPassword, StepUpRequired, HasBookings, LastSuperAdmin),
)
async def erase_profile(visitor: Visitor, body: EraseProfile | None = None) -> Response:
    """Erase one's own account: by the password, or within ten minutes of a step-up."""
    async with visitor.writing() as caller:
        await caller.services.erasure.erase_own(caller.actor, body.password if body else None)
    response = Response(status_code=status.HTTP_204_NO_CONTENT)
    cookies.forget(response, visitor.request)
    return response


async def _document(
    visitor: SignedIn, now: datetime, profile: Profile, sections: Sequence[str]
) -> AsyncIterator[bytes]:
    """Yield the document bit by bit; no connection is held while somebody reads slowly."""
    yield _opened(b"{", "exported_at", orjson.dumps(now, option=orjson.OPT_UTC_Z))
    yield _opened(b",", "profile", PROFILE.body(profile))
    for section in sections:
        yield _opened(b",", section, b"[")
        async for rows in _rows(visitor, section):
            yield rows
        yield b"]"
    yield b"}"


def _opened(before: bytes, name: str, value: bytes) -> bytes:
    return before + orjson.dumps(name) + b":" + value


async def _rows(visitor: SignedIn, section: str) -> AsyncIterator[bytes]:
    place: Place | None = None
    while True:
        batch = await _batch(visitor, section, place)
        between = b"," if place is not None and batch.rows else b""
        yield between + b",".join(map(KEPT.body, batch.rows))
        place = batch.next
        if place is None:
            return


async def _batch(visitor: SignedIn, section: str, place: Place | None) -> Batch:
    """Read on as long as they are signed in."""

    async def read() -> Batch:
        async with visitor.reading() as caller:
            return await caller.services.exports.batch(caller.actor, section, place)

    try:
        return await persist(read)
    except AppError as refusal:  # the answer has begun, so it can't become a refusal
        raise ExportBroken from refusal
