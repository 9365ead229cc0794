"""Having another e-mail address."""

from fastapi import Response, status

from app.api.answers import Answers
from app.api.deps import Anybody, Visitor
from app.api.errors import problems
from app.api.routing import API, stem
from app.domain.actors import StepUpRequired
from app.domain.email_changes import SameEmail, TooManyEmailChanges
from app.domain.mfa import WrongPassword
from app.domain.verifications import InvalidCode
from app.schemas.recovery import ChangeEmail, ConfirmEmail, EmailChangeRead, email_change_read

router = stem("email_changes", prefix=f"{API}/auth/email")
CHANGE = Answers(email_change_read)


@router.post(
    "/change",
    response_model=EmailChangeRead,
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(WrongPassword, SameEmail, StepUpRequired, TooManyEmailChanges),
)
async def change_email(visitor: Visitor, body: ChangeEmail) -> Response:
    """Ask for another e-mail address; both addresses get a link to confirm it, for an hour."""
    async with visitor.writing() as caller:
        change = await caller.services.email_changes.ask(
            caller.actor, email=body.new_email, password=body.password
        )
        return CHANGE.accepted(change)


@router.delete("/change", status_code=status.HTTP_204_NO_CONTENT, responses=problems())
async def withdraw_email_change(visitor: Visitor) -> Response:
    """Stay with the e-mail address one has."""
    async with visitor.writing() as caller:
        await caller.services.email_changes.withdraw(caller.actor)
        return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post("/confirm", response_model=EmailChangeRead, responses=problems(InvalidCode))
async def confirm_email_change(guest: Anybody, body: ConfirmEmail) -> Response:
    """Confirm another e-mail address by the token of a letter; it takes both letters."""
    async with guest.writing() as services:
        return CHANGE.ok(await services.email_changes.confirm(body.token))
