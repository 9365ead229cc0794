"""Proving that a phone number is one's own, as the API asks for it and answers."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.phones import PhoneVerification
from app.schemas.accounts import ATime
from app.schemas.base import Request


class PhoneConfirm(Request):
    code: Annotated[
        str,
        Field(pattern="^[0-9]{6}$", description="Of the text message.", examples=["123456"]),
    ]


class PhoneVerificationRead(TypedDict):
    """A code is on its way to the number."""

    phone: Annotated[str, Field(examples=["+12025550143"])]
    expires_at: ATime


def phone_verification_read(asked: PhoneVerification) -> PhoneVerificationRead:
    return {"phone": asked.phone, "expires_at": asked.expires_at}
