"""Coming in, staying in, going out."""

from typing import Annotated

from fastapi import Form, Header, Request, Response, status

from app.api import cookies
from app.api.answers import Answers
from app.api.cookies import CrossSiteRequest, RefreshCookie
from app.api.deps import Anybody, Visitor, is_named, session_of
from app.api.errors import problems
from app.api.routing import stem
from app.core.errors import Unauthenticated
from app.domain.mfa import MfaRequired
from app.domain.passwords import WeakPassword
from app.domain.sessions import (
    EmailNotVerified,
    InvalidCredentials,
    InvalidToken,
    TokenPair,
    TokenReused,
)
from app.domain.users import UsernameTaken
from app.domain.verifications import InvalidCode
from app.schemas.auth import (
    LogIn,
    PasswordForm,
    RefreshTokens,
    Register,
    ResendVerification,
    SentRead,
    TokenPairRead,
    VerifyEmail,
    access_read,
    sent_read,
    token_pair_read,
)
from app.schemas.users import UserRead, user_read

router = stem("auth")
USER = Answers(user_read)
PAIR = Answers(token_pair_read)
ACCESS = Answers(access_read)
SENT = Answers(sent_read)
AttemptKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[!-~]{1,255}$",
        description="Send the same key to have an answer that was lost again, within 60 seconds.",
        examples=["9c3bd1f6-6d5c-4c0e-9f5f-2d1f6c1d3b7a"],
    ),
]


@router.post(
    "/register",
    response_model=UserRead,
    status_code=status.HTTP_201_CREATED,
    responses=problems(WeakPassword, UsernameTaken),
)
async def register(guest: Anybody, body: Register) -> Response:
    """Open an account; a code to confirm its address goes out by mail."""
    async with guest.writing() as services:
        user = await services.auth.register(body.registration(guest.locale))
        return USER.created(user)


@router.post(
    "/verify-email",
    response_model=TokenPairRead,
    responses=problems(InvalidCode, MfaRequired),
)
async def verify_email(guest: Anybody, body: VerifyEmail) -> Response:
    """Confirm the address by code or by link, and be logged in."""
    async with guest.writing() as services:
        if body.token is not None:
            pair = await services.auth.verify_link(body.token)
        else:
            assert body.email is not None
            assert body.code is not None
            pair = await services.auth.verify_code(body.email, body.code)
        return handed_over(guest.request, pair, in_cookie=False)


@router.post(
    "/verify-email/resend",
    response_model=SentRead,
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(),
)
async def resend_verification(guest: Anybody, body: ResendVerification) -> Response:
    """Send another code, if the address waits for one; at most one a minute."""
    async with guest.writing() as services:
        await services.verifications.ask_again(body.email)
        return SENT.accepted(guest.locale)


@router.post(
    "/login",
    response_model=TokenPairRead,
    responses=problems(InvalidCredentials, EmailNotVerified, MfaRequired),
)
async def log_in(guest: Anybody, body: LogIn) -> Response:
    """Begin a session."""
    async with guest.writing() as services:
        pair = await services.auth.log_in(body.email, body.password, device=body.device)
        return handed_over(guest.request, pair, in_cookie=body.cookie)


@router.post(
    "/token",
    response_model=TokenPairRead,
    responses=problems(InvalidCredentials, EmailNotVerified, MfaRequired),
)
async def log_in_by_form(guest: Anybody, form: Annotated[PasswordForm, Form()]) -> Response:
    """Begin a session by an OAuth2 password form."""
    async with guest.writing() as services:
        pair = await services.auth.log_in(form.username, form.password)
        return handed_over(guest.request, pair, in_cookie=False)


@router.post(
    "/refresh",
    response_model=TokenPairRead,
    responses=problems(Unauthenticated, InvalidToken, TokenReused, CrossSiteRequest),
)
async def refresh_tokens(
    guest: Anybody,
    body: RefreshTokens | None = None,
    cookie: RefreshCookie = None,
    key: AttemptKey = None,
) -> Response:
    """Exchange the refresh token of the body, or of the cookie, for a new pair, once.

    A used token shown again ends the session, with one exception: an answer that was lost. With
    the same Idempotency-Key, within 60 seconds, and as long as the new token was not used, it is
    given again. The cookie needs no key: tabs that share it may show it again for 10 seconds.
    """
    if body is not None and body.refresh_token is not None:
        async with guest.writing() as services:
            pair = await services.sessions.refresh(body.refresh_token, key=key)
            return handed_over(guest.request, pair, in_cookie=False)
    if cookie is None:
        raise Unauthenticated
    cookies.ensure_own_site(guest.request)
    async with guest.writing() as services:
        pair = await services.sessions.refresh_in_cookie(cookie)
        return handed_over(guest.request, pair, in_cookie=True)


@router.post(
    "/logout",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(InvalidToken, CrossSiteRequest),
    openapi_extra={"security": [{"bearer": []}, {cookies.SCHEME: []}]},
)
async def log_out(guest: Anybody, cookie: RefreshCookie = None) -> Response:
    """End this session.

    A browser whose access token has expired may come with its cookie alone.
    """
    if cookie is None or is_named(guest.request):
        async with session_of(guest.request).writing() as caller:
            await caller.services.sessions.end(caller.actor)
            return _gone(guest.request)
    cookies.ensure_own_site(guest.request)
    async with guest.writing() as services:
        await services.sessions.end_of_token(cookie)
        return _gone(guest.request)


@router.post(
    "/logout-all", status_code=status.HTTP_204_NO_CONTENT, responses=problems(InvalidToken)
)
async def log_out_everywhere(visitor: Visitor) -> Response:
    """End every session of this account, on all devices."""
    async with visitor.writing() as caller:
        await caller.services.sessions.end_all(caller.actor)
        return _gone(visitor.request)


def handed_over(request: Request, pair: TokenPair, *, in_cookie: bool) -> Response:
    """Answer with the pair, or put the refresh token into the browser's cookie."""
    response = (ACCESS if in_cookie else PAIR).ok(pair)
    if in_cookie:
        cookies.keep(response, request, pair)
    if pair.repeated:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _gone(request: Request) -> Response:
    response = Response(status_code=status.HTTP_204_NO_CONTENT)
    cookies.forget(response, request)
    return response
