"""Coming in, staying in, going out."""

from typing import Annotated

from fastapi import Form, Request, Response, status

from app.api import cookies
from app.api.answers import Answers
from app.api.cookies import RefreshCookie
from app.api.deps import Anybody, Visitor
from app.api.errors import problems
from app.api.routing import stem
from app.core.errors import Unauthenticated
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


@router.post("/verify-email", response_model=TokenPairRead, responses=problems(InvalidCode))
async def verify_email(guest: Anybody, body: VerifyEmail) -> Response:
    """Confirm the address by code or by link, and be logged in."""
    async with guest.writing() as services:
        if body.token is not None:
            pair = await services.auth.verify_link(body.token)
        else:
            assert body.email is not None
            assert body.code is not None
            pair = await services.auth.verify_code(body.email, body.code)
        return _handed_over(guest.request, pair, in_cookie=False)


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
    responses=problems(InvalidCredentials, EmailNotVerified),
)
async def log_in(guest: Anybody, body: LogIn) -> Response:
    """Begin a session."""
    async with guest.writing() as services:
        pair = await services.auth.log_in(body.email, body.password, device=body.device)
        return _handed_over(guest.request, pair, in_cookie=body.cookie)


@router.post(
    "/token",
    response_model=TokenPairRead,
    responses=problems(InvalidCredentials, EmailNotVerified),
)
async def log_in_by_form(guest: Anybody, form: Annotated[PasswordForm, Form()]) -> Response:
    """Begin a session by an OAuth2 password form."""
    async with guest.writing() as services:
        pair = await services.auth.log_in(form.username, form.password)
        return _handed_over(guest.request, pair, in_cookie=False)


@router.post(
    "/refresh",
    response_model=TokenPairRead,
    responses=problems(Unauthenticated, InvalidToken, TokenReused),
)
async def refresh_tokens(
    guest: Anybody, body: RefreshTokens | None = None, cookie: RefreshCookie = None
) -> Response:
    """Exchange the refresh token of the body, or of the cookie, for a new pair."""
    given = body.refresh_token if body else None
    token = given or cookie
    if token is None:
        raise Unauthenticated
    async with guest.writing() as services:
        pair = await services.sessions.refresh(token)
        return _handed_over(guest.request, pair, in_cookie=given is None)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT, responses=problems(InvalidToken))
async def log_out(visitor: Visitor) -> Response:
    """End this session."""
    async with visitor.writing() as caller:
        await caller.services.sessions.end(visitor.claims.session_id)
        return _gone(visitor.request)


@router.post(
    "/logout-all", status_code=status.HTTP_204_NO_CONTENT, responses=problems(InvalidToken)
)
async def log_out_everywhere(visitor: Visitor) -> Response:
    """End every session of this account, on all devices."""
    async with visitor.writing() as caller:
        await caller.services.sessions.end_all(caller.actor)
        return _gone(visitor.request)


def _handed_over(request: Request, pair: TokenPair, *, in_cookie: bool) -> Response:
    response = (ACCESS if in_cookie else PAIR).ok(pair)
    if in_cookie:
        cookies.keep(response, request, pair)
    return response


def _gone(request: Request) -> Response:
    response = Response(status_code=status.HTTP_204_NO_CONTENT)
    cookies.forget(response, request)
    return response
