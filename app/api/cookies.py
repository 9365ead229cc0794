"""The one cookie there is: a browser's refresh token, out of reach of its scripts."""

from typing import Annotated, Final

from fastapi import Cookie, Request, Response

from app.api.routing import API
from app.core.config import Settings
from app.domain.sessions import TokenPair

NAME: Final = "refresh_token"
PATH: Final = f"{API}/auth"

RefreshCookie = Annotated[
    str | None,
    Cookie(alias=NAME, description="Set by a login with `cookie: true`."),
]


def keep(response: Response, request: Request, pair: TokenPair) -> None:
    """Store the refresh token: sent to /auth alone, and never along with another site's request."""
    response.set_cookie(
        NAME,
        pair.refresh,
        max_age=pair.ends_in,
        path=PATH,
        secure=_secure(request),
        httponly=True,
        samesite="strict",
    )


def forget(response: Response, request: Request) -> None:
    if NAME in request.cookies:
        response.delete_cookie(
            NAME, path=PATH, secure=_secure(request), httponly=True, samesite="strict"
        )


def _secure(request: Request) -> bool:
    settings: Settings = request.state.doors.adapters.settings
    return settings.is_production
