"""Signing in with an account elsewhere, as the API asks for it and answers."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import Field
from typing_extensions import TypedDict

from app.core.config import LONGEST_REDIRECT
from app.domain.identities import Begun
from app.schemas.accounts import SOME_ID, SOME_TIME
from app.schemas.auth import SessionWanted
from app.schemas.base import Request

A_STATE: Final = f"{SOME_ID}.{'5d41402abc4b2a76' * 2}.{'9f86d081884c7d65' * 4}"
A_REDIRECT: Final = "https://app.example.com/oauth/callback"
AN_URL: Final = "https://accounts.google.com/o/oauth2/v2/auth?response_type=code&client_id=banister"


class AuthorizeQuery(Request):
    redirect_uri: (
        Annotated[str, Field(min_length=1, max_length=LONGEST_REDIRECT, examples=[A_REDIRECT])]
        | None
    ) = None
    """Where the provider sends them back to: one of OAUTH_REDIRECT_URIS, to the letter.

    The first of them by default.
    """


class OauthCallback(SessionWanted):
    """What the provider sent to the redirect_uri, as it was."""

    code: Annotated[str, Field(min_length=1, max_length=4096, examples=["4/0AVGzR1Bx7Kq"])]
    state: Annotated[str, Field(min_length=1, max_length=200, examples=[A_STATE])]
    iss: (
        Annotated[
            str, Field(min_length=1, max_length=500, examples=["https://accounts.google.com"])
        ]
        | None
    ) = None
    """If the provider sent it: then it must be who was asked (RFC 9207)."""


class AuthorizationRead(TypedDict):
    """Send them to `authorization_url`, and keep `state` to compare it with what comes back."""

    authorization_url: Annotated[str, Field(examples=[AN_URL])]
    state: Annotated[str, Field(examples=[A_STATE])]
    expires_at: Annotated[datetime, Field(examples=[SOME_TIME])]


def authorization_read(begun: Begun) -> AuthorizationRead:
    return {
        "authorization_url": begun.authorization_url,
        "state": begun.state,
        "expires_at": begun.expires_at,
    }
