"""A browser's refresh token, in a cookie out of reach of its scripts.

Why nobody else's page can use it is in docs/decisions/0016-being-signed-in.md.
"""

from typing import Annotated, Final

from fastapi import Cookie, Request, Response
from starlette.requests import HTTPConnection

from app.api.routing import API
from app.core.config import Settings
from app.core.errors import Forbidden
from app.domain.sessions import TokenPair

NAME: Final = "refresh_token"
PATH: Final = f"{API}/auth"
SCHEME: Final = "refreshCookie"
"""What the cookie is called among the ways to say who one is."""

RefreshCookie = Annotated[
    str | None,
    Cookie(alias=NAME, description="Set by a login with `cookie: true`."),
]


class CrossSiteRequest(Forbidden):
    """The cookie is not taken from the pages of another site."""


def ensure_own_site(request: Request) -> None:
    """Refuse with CrossSiteRequest what a browser sends for a page that is not one of ours.

    A browser says so by Origin; a program that keeps cookies and sends none is its own master.
    """
    origins = request.headers.getlist("Origin")
    if any(not is_ours(origin, request) for origin in origins):
        raise CrossSiteRequest


def keep(response: Response, request: Request, pair: TokenPair) -> None:
    """Store the refresh token: sent to /auth alone, and never along with another site's request."""
    response.set_cookie(
        NAME,
        pair.refresh,
        max_age=pair.ends_in,
        path=PATH,
        secure=_settings(request).is_production,
        httponly=True,
        samesite="strict",
    )


def forget(response: Response, request: Request) -> None:
    if NAME in request.cookies:
        response.delete_cookie(
            NAME,
            path=PATH,
            secure=_settings(request).is_production,
            httponly=True,
            samesite="strict",
        )


def is_ours(origin: str, request: HTTPConnection) -> bool:
    """Tell whether it is the public address, one that CORS names, or the host that was asked.

    `*` names nobody: whoever may read without a cookie may not use one. Where the public address
    has TLS, a page of the same host without it could be anybody's on the way.
    """
    settings = _settings(request)
    scheme, _, host = origin.partition("://")
    base, _, rest = settings.base_url.partition("://")
    is_named = origin != "*" and origin in settings.cors_origins
    is_public = (scheme, host) == (base, rest.partition("/")[0])
    is_asked = host == request.headers.get("Host") and scheme in ("https", base)
    return is_named or is_public or is_asked


def _settings(request: HTTPConnection) -> Settings:
    settings: Settings = request.state.doors.adapters.settings
    return settings
