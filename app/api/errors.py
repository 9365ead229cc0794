"""Refusals become RFC 9457 problem documents here, and nowhere else."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.types import Scope

from app.api.deps import Replayed
from app.api.messages import explained, kind_of
from app.core import errors
from app.core.i18n import Locale, negotiated, translate
from app.schemas.problems import FieldProblem, ProblemLocation

PROBLEM: Final = "application/problem+json"
INVALID: Final = ("validation-failed", "The request is not valid.")
CRASHED: Final = ("internal-error", "Something broke on our side.")
STATUS: Final[dict[type[errors.AppError], HTTPStatus]] = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
# What HTTP itself refuses, before anything of ours was asked: status, code, title.
PROTOCOL: Final = {
    400: ("bad-request", "The request cannot be read."),
    404: (errors.NotFound.code, errors.NotFound.title),
    405: ("method-not-allowed", "This address does not answer that method."),
    413: ("body-too-large", "The body is larger than allowed."),
    415: ("unsupported-media-type", "The body has a type or coding that is not read here."),
}
ALWAYS: Final[tuple[type[errors.AppError], ...]] = (errors.DatabaseUnavailable, errors.Busy)
HEADERS: Final = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},
}
LONGEST_ECHO: Final = 200
"""Characters that are told again of what a client sent."""
MOST_TOLD: Final = 1500
"""Bytes of field problems in one document; the rest can wait for the next try."""


def status_of(error: type[errors.AppError]) -> HTTPStatus:
    """Return the status of the nearest category in the error's ancestry."""
    return next(STATUS[parent] for parent in error.__mro__ if parent in STATUS)


def refusals(parent: type[errors.AppError] = errors.AppError) -> Iterator[type[errors.AppError]]:
    """Yield every refusal there is, the categories too, which are given as they are."""
    for refusal in parent.__subclasses__():
        yield refusal
        yield from refusals(refusal)


@cache
def known() -> Mapping[str, tuple[int, str]]:
    """Return status and title of every problem code; asked first when all modules are loaded."""
    found = {code: (status, title) for status, (code, title) in PROTOCOL.items()}
    found[INVALID[0]] = (422, INVALID[1])
    found[CRASHED[0]] = (500, CRASHED[1])
    for refusal in refusals():
        found[refusal.code] = (int(status_of(refusal)), refusal.title)
    return found


def pointer_of(code: str) -> str:
    """Return where the field problem of a 422 points to."""
    for refusal in refusals(errors.Invalid):
        if issubclass(refusal, errors.Invalid) and refusal.code == code:
            return refusal.pointer
    return "#/starts_at"


def example_of(code: str) -> Mapping[str, object]:
    """Return what a refusal tells beside what every problem does."""
    return next((refusal.example for refusal in refusals() if refusal.code == code), {})


def documented(*refused: type[errors.AppError]) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of an endpoint; `openapi.answers` makes documents of the codes."""
    responses: dict[int | str, dict[str, Any]] = {}
    for refusal in refused:
        entry = responses.setdefault(int(status_of(refusal)), {"codes": []})
        entry["codes"].append(refusal.code)
    return responses


def problems(*refused: type[errors.AppError]) -> dict[int | str, dict[str, Any]]:
    """Document the refusals of an endpoint that asks the database."""
    return documented(*refused, *ALWAYS)


def locale_of(scope: Scope) -> Locale:
    found = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    return negotiated(found.decode("latin-1"))


def problem(scope: Scope, status: int, *, code: str, title: str, **more: object) -> Response:
    locale = locale_of(scope)
    body = {
        **more,
        "detail": translate(str(more.get("detail", title)), locale),
        "type": f"/problems/{code}",
        "title": translate(title, locale),
        "status": int(status),
        "instance": _echoed(scope["path"], "/"),
        "code": code,
        "request_id": scope.get("request_id", ""),
    }
    headers: Mapping[str, str] = HEADERS.get(HTTPStatus(status), {})
    content = to_json(body, inf_nan_mode="null")
    return Response(
        content, status, {**headers, "Content-Language": str(locale)}, media_type=PROBLEM
    )


def refused(scope: Scope, error: errors.AppError) -> Response:
    status, more = status_of(type(error)), dict(error.context)
    if isinstance(error, errors.Invalid) and "errors" not in more:
        message = translate(error.detail, locale_of(scope))
        more["errors"] = [_field(ProblemLocation.BODY, error.pointer, error.code, message)]
    response = problem(
        scope, status, code=error.code, title=error.title, detail=error.detail, **more
    )
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def protocol(scope: Scope, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """Answer what HTTP itself refuses."""
    phrase = HTTPStatus(status).phrase
    code, title = PROTOCOL.get(status, (phrase.lower().replace(" ", "-"), phrase))
    response = problem(scope, status, code=code, title=title)
    response.headers.update(headers or {})
    return response


def crashed(scope: Scope) -> Response:
    code, title = CRASHED
    return problem(scope, HTTPStatus.INTERNAL_SERVER_ERROR, code=code, title=title)


def pointer(path: Iterable[str | int]) -> str:
    """Return a JSON pointer (RFC 6901, 6) as the fragment of an address."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in path]
    return "#" + "".join("/" + _echoed(part) for part in parts)


def _echoed(text: str, also: str = "") -> str:
    return quote(text[:LONGEST_ECHO], safe=f"~!$&'()*+,;=:@{also}", errors="replace")


def _field(location: str, where: str, code: str, message: str) -> FieldProblem:
    return {
        "location": ProblemLocation(location),
        "pointer": where,
        "code": code,
        "message": message,
    }


def _invalid_fields(found: Iterable[Mapping[str, Any]], locale: Locale) -> list[FieldProblem]:
    told: list[FieldProblem] = []
    left = MOST_TOLD
    for entry in found:
        location, *path = entry["loc"]
        code = kind_of(entry).replace("_", "-")
        told.append(_field(location, pointer(path), code, explained(entry, locale)))
        left -= len(to_json(told[-1]))
        if left < 0:
            break
    return told


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.AppError)
    return refused(request.scope, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = _invalid_fields(error.errors(), locale_of(request.scope))
    code, title = INVALID
    return problem(request.scope, 422, code=code, title=title, errors=found)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return protocol(request.scope, error.status_code, error.headers)


async def _replay(_: Request, error: Exception) -> Response:
    assert isinstance(error, Replayed)
    headers = {"Idempotency-Replayed": "true"}
    if error.answer.location:
        headers["Location"] = error.answer.location
    body, status = error.answer.body, error.answer.status
    return Response(body, status, headers, media_type="application/json")


def install(app: FastAPI) -> None:
    app.add_exception_handler(errors.AppError, _refusal)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Replayed, _replay)
