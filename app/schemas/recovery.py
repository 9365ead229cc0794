"""Passwords and addresses that are changed, as the API asks for it and answers."""

from typing import Annotated, Final

from pydantic import Field
from typing_extensions import TypedDict

from app.core.i18n import Locale, translate
from app.domain.email_changes import EmailChange, Side
from app.schemas.accounts import ATime, Email, NewPassword, Password
from app.schemas.auth import A_TOKEN, SentRead
from app.schemas.base import Request

ON_ITS_WAY: Final = "If this address has an account, a letter is on its way."

LetterToken = Annotated[
    str,
    Field(
        min_length=1, max_length=200, description="Of the link in the letter.", examples=[A_TOKEN]
    ),
]


class ForgotPassword(Request):
    email: Email


class ResetPassword(Request):
    token: LetterToken
    new_password: NewPassword


class ChangePassword(Request):
    current_password: Password
    new_password: NewPassword


class ChangeEmail(Request):
    new_email: Email
    password: Password | None = None
    """Not needed by who has none, and has just signed in or stepped up."""


class ConfirmEmail(Request):
    token: LetterToken


class EmailChangeRead(TypedDict):
    """`waiting_for` is empty once the account has its new address."""

    new_email: Annotated[str, Field(examples=["ada.new@example.com"])]
    waiting_for: Annotated[list[Side], Field(examples=[["new"]])]
    expires_at: ATime


def on_its_way(locale: Locale) -> SentRead:
    return {"message": translate(ON_ITS_WAY, locale)}


def email_change_read(change: EmailChange) -> EmailChangeRead:
    return {
        "new_email": change.email,
        "waiting_for": change.waiting_for,
        "expires_at": change.expires_at,
    }
