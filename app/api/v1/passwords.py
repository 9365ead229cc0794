"""Having another password: with the old one, or by a letter."""

from fastapi import Response, status

from app.api.answers import Answers
from app.api.deps import Anybody, Visitor
from app.api.errors import problems
from app.api.routing import API, stem
from app.domain.mfa import WrongPassword
from app.domain.passwords import WeakPassword
from app.domain.verifications import InvalidCode
from app.schemas.auth import SentRead
from app.schemas.recovery import ChangePassword, ForgotPassword, ResetPassword, on_its_way

router = stem("passwords", prefix=f"{API}/auth/password")
SENT = Answers(on_its_way)


@router.post(
    "/forgot",
    response_model=SentRead,
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(),
)
async def forgot_password(guest: Anybody, body: ForgotPassword) -> Response:
    """Send a link to choose a new password, if the address has an account; at most one a minute."""
    async with guest.writing() as services:
        await services.password_resets.ask(body.email)
        return SENT.accepted(guest.locale)


@router.post(
    "/reset",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(InvalidCode, WeakPassword),
)
async def reset_password(guest: Anybody, body: ResetPassword) -> Response:
    """Choose a new password by the token of a letter; every session ends."""
    async with guest.writing() as services:
        await services.password_resets.reset(body.token, body.new_password)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post(
    "/change",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(WrongPassword, WeakPassword),
)
async def change_password(visitor: Visitor, body: ChangePassword) -> Response:
    """Choose a new password by the old one; every other session ends."""
    async with visitor.writing() as caller:
        await caller.services.passwords.change(
            caller.actor, current=body.current_password, new=body.new_password
        )
        return Response(status_code=status.HTTP_204_NO_CONTENT)
