"""Signing in with Google, and with others who speak OpenID Connect."""

from typing import Annotated

from fastapi import Path, Request, Response

from app.api import browsers, queries
from app.api.answers import Answers
from app.api.browsers import BrowserCookie
from app.api.deps import Anybody
from app.api.errors import problems
from app.api.queries import MalformedQuery
from app.api.routing import API, stem
from app.api.v1.auth import handed_over
from app.bootstrap import persist
from app.domain.identities import (
    IdentityEmailNotVerified,
    IdentityProviderNotFound,
    IdentityProviderUnavailable,
    IdentityRefused,
    RedirectNotAllowed,
)
from app.domain.mfa import MfaRequired
from app.domain.sessions import InvalidCredentials, TokenPair
from app.schemas.auth import TokenPairRead
from app.schemas.oauth import AuthorizationRead, AuthorizeQuery, OauthCallback, authorization_read

router = stem("auth", prefix=f"{API}/auth/oauth")
AUTHORIZATION = Answers(authorization_read)
Provider = Annotated[
    str,
    Path(
        pattern=r"^[a-z][a-z0-9-]{0,39}$",
        description="`google`, or a name of OIDC_PROVIDERS.",
        examples=["google"],
    ),
]


# It writes, though it is a GET: the sign-in that was begun, of which nobody sees anything before
# it is ended. Nothing is lost if a browser or a proxy repeats it.
@router.get(
    "/{provider}/authorize",
    response_model=AuthorizationRead,
    responses=problems(
        IdentityProviderNotFound, RedirectNotAllowed, MalformedQuery, IdentityProviderUnavailable
    ),
    openapi_extra=queries.documented(AuthorizeQuery),
)
async def begin_oauth(
    guest: Anybody, provider: Provider, request: Request, cookie: BrowserCookie = None
) -> Response:
    """Begin to sign in with a provider; the code it gives is good for 10 minutes, once."""
    query = queries.read(request, AuthorizeQuery)
    async with guest.writing() as services:
        begun = await services.identities.begin(provider, query.redirect_uri, browser=cookie)
    response = AUTHORIZATION.ok(begun)
    browsers.keep(response, request, begun.browser)
    return response


@router.post(
    "/{provider}/callback",
    response_model=TokenPairRead,
    responses=problems(
        IdentityProviderNotFound,
        IdentityRefused,
        IdentityEmailNotVerified,
        InvalidCredentials,
        MfaRequired,
        IdentityProviderUnavailable,
    ),
)
async def end_oauth(
    guest: Anybody, provider: Provider, body: OauthCallback, cookie: BrowserCookie = None
) -> Response:
    """Be signed in by the code and the state that the provider sent.

    A browser must bring the cookie it was given when it began.
    """
    browser = browsers.secret_of(guest.request, cookie)
    async with guest.writing() as services:
        person = await services.identities.prove(
            provider, body.code, body.state, issuer=body.iss, browser=browser
        )

    async def enter() -> TokenPair:
        async with guest.writing() as services:
            return await services.identities.enter(person, spoken=guest.locale, device=body.device)

    # Again without the provider, if the database undid it: the code was good once.
    return handed_over(guest.request, await persist(enter), in_cookie=body.cookie)
