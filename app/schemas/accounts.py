"""What an account is made of, wherever it travels."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from app.domain import contacts, passwords
from app.domain.users import LONGEST_NAME
from app.schemas.base import Line

FAR_TOO_LONG: Final = 1024  # characters of a password that are looked at
SOME_ID: Final = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
SOME_TIME: Final = "2030-01-31T09:00:00Z"

AnId = Annotated[UUID, Field(examples=[SOME_ID])]
ATime = Annotated[datetime, Field(examples=[SOME_TIME])]

Email = Annotated[
    str,
    StringConstraints(max_length=contacts.LONGEST_EMAIL),
    AfterValidator(contacts.email_address),
    Field(json_schema_extra={"format": "email"}, examples=["ada@example.com"]),
]
Phone = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(contacts.phone_number),
    Field(
        description="Read as a US number unless it begins with +; answered in E.164.",
        examples=["+12025550143"],
    ),
]
Username = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(contacts.user_name),
    Field(
        description="3 to 30 letters a to z or digits, with single . _ or - between them.",
        examples=["ada.lovelace"],
    ),
]
FullName = Annotated[
    Line,
    Field(min_length=1, max_length=LONGEST_NAME, examples=["Ada Lovelace"]),
]
NewPassword = Annotated[
    str,
    Field(
        max_length=FAR_TOO_LONG,  # between this and the rule, the rule says what is wrong
        json_schema_extra={
            "format": "password",
            "minLength": passwords.SHORTEST,
            "maxLength": passwords.LONGEST,
        },
        examples=["correct horse battery"],
    ),
]
Password = Annotated[
    str,
    Field(
        min_length=1,
        max_length=passwords.LONGEST,
        json_schema_extra={"format": "password"},
        examples=["correct horse battery"],
    ),
]
