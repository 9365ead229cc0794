"""Showing that a phone number is one's own."""

from fastapi import Response, status

from app.api.answers import Answers
from app.api.deps import Visitor
from app.api.errors import problems
from app.api.routing import API, stem
from app.domain.phones import NoPhone, PhoneAlreadyVerified, SmsNotOffered
from app.domain.verifications import InvalidCode
from app.schemas.phones import PhoneConfirm, PhoneVerificationRead, phone_verification_read

router = stem("profile", prefix=f"{API}/profile/phone")
ASKED = Answers(phone_verification_read)


@router.post(
    "/verify",
    response_model=PhoneVerificationRead,
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NoPhone, PhoneAlreadyVerified, SmsNotOffered),
)
async def verify_phone(visitor: Visitor) -> Response:
    """Ask for a code by text message, to the number of one's profile; good for 15 minutes."""
    async with visitor.writing() as caller:
        return ASKED.accepted(await caller.services.phones.ask(caller.actor))


@router.post("/confirm", status_code=status.HTTP_204_NO_CONTENT, responses=problems(InvalidCode))
async def confirm_phone(visitor: Visitor, body: PhoneConfirm) -> Response:
    """Confirm the number by the code that came; five tries for each."""
    async with visitor.writing() as caller:
        await caller.services.phones.confirm(caller.actor, body.code)
        return Response(status_code=status.HTTP_204_NO_CONTENT)
