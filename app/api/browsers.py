"""The cookie by which a sign-in elsewhere must come back to the browser in which it began.

Why it is asked of browsers alone is in docs/decisions/0015-signing-in-with-others.md.
"""

from typing import Annotated, Final

from fastapi import Cookie, Request, Response

from app.api.routing import API
from app.core.config import Settings
from app.domain.identities import LASTS

NAME: Final = "oauth_browser"
PATH: Final = f"{API}/auth/oauth"

BrowserCookie = Annotated[
    str | None,
    Cookie(alias=NAME, max_length=100, description="Set where a sign-in elsewhere is begun."),
]


def keep(response: Response, request: Request, secret: str) -> None:
    """Store the secret for as long as a sign-in may take; other tabs of the browser share it."""
    settings: Settings = request.state.doors.adapters.settings
    response.set_cookie(
        NAME,
        secret,
        max_age=int(LASTS.total_seconds()),
        path=PATH,
        secure=settings.is_production,
        httponly=True,
        samesite="strict",
    )


def secret_of(request: Request, cookie: str | None) -> str | None:
    """Return what a browser brings, empty where it brings nothing; None for a program.

    A browser can't but name the Origin of what it posts.
    """
    return (cookie or "") if "Origin" in request.headers else None
