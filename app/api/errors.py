"""Refusals become RFC 9457 problem documents here, and nowhere else."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.types import Scope
from typing_extensions import NotRequired, TypedDict

from app.api.deps import Replayed
from app.core import errors
from app.core.i18n import Locale, negotiated, translate

PROBLEM: Final = "application/problem+json"
INVALID: Final = ("validation-failed", "The request is not valid.")
CRASHED: Final = ("internal-error", "Something broke on our side.")
STATUS: Final = {
    errors.Malformed: HTTPStatus.BAD_REQUEST,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
# What HTTP itself refuses, before anything of ours was asked: status, code, title.
PROTOCOL: Final = {
    400: ("bad-request", "The request cannot be read."),
    404: ("not-found", "There is nothing here that you may see."),
    405: ("method-not-allowed", "This address does not answer that method."),
    413: ("body-too-large", "The body is larger than allowed."),
    415: ("unsupported-media-type", "The body must be plain application/json."),
}
ALWAYS: Final[tuple[type[errors.AppError], ...]] = (errors.DatabaseUnavailable, errors.Busy)
HEADERS: Final = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": "Bearer"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},
}


class FieldProblem(TypedDict):
    """What is wrong with one field of the request."""

    pointer: str
    code: str
    message: str


class Problem(TypedDict):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: NotRequired[str]
    instance: str
    code: str
    request_id: str
    errors: NotRequired[list[FieldProblem]]


def status_of(error: type[errors.AppError]) -> HTTPStatus:
    """Return the status of the nearest category in the error's ancestry."""
    return next(STATUS[parent] for parent in error.__mro__ if parent in STATUS)


def refusals(parent: type[errors.AppError] = errors.AppError) -> Iterator[type[errors.AppError]]:
    """Yield every refusal there is; `problems` pages and tests read them."""
    for refusal in parent.__subclasses__():
        yield refusal
        yield from refusals(refusal)


def problems(*refused: type[errors.AppError]) -> dict[int | str, dict[str, Any]]:
    """Document the refusals of an endpoint, grouped by status."""
    documented: dict[int | str, dict[str, Any]] = {}
    for refusal in (*refused, *ALWAYS):
        entry = documented.setdefault(int(status_of(refusal)), {"description": "", "codes": []})
        entry["description"] += f"`{refusal.code}`: {refusal.title}\n\n"
        entry["codes"].append(refusal.code)
    return documented


def locale_of(scope: Scope) -> Locale:
    found = next((value for name, value in scope["headers"] if name == b"accept-language"), b"")
    return negotiated(found.decode("latin-1"))


def problem(scope: Scope, status: HTTPStatus, *, code: str, title: str, **more: object) -> Response:
    locale = locale_of(scope)
    if "detail" in more:
        more["detail"] = translate(str(more["detail"]), locale)
    body = {
        "type": f"/problems/{code}",
        "title": translate(title, locale),
        "status": status.value,
        "instance": scope["path"],
        "code": code,
        "request_id": scope.get("request_id", ""),
        **more,
    }
    headers: Mapping[str, str] = HEADERS.get(status, {})
    content = to_json(body, inf_nan_mode="null")
    return Response(
        content, status, {**headers, "Content-Language": str(locale)}, media_type=PROBLEM
    )


def refused(scope: Scope, error: errors.AppError) -> Response:
    status, more = status_of(type(error)), dict(error.context)
    if isinstance(error, errors.Invalid) and "errors" not in more:
        message = translate(error.detail, locale_of(scope))
        more["errors"] = [{"pointer": error.pointer, "code": error.code, "message": message}]
    return problem(scope, status, code=error.code, title=error.title, detail=error.detail, **more)


def crashed(scope: Scope) -> Response:
    code, title = CRASHED
    return problem(scope, HTTPStatus.INTERNAL_SERVER_ERROR, code=code, title=title)


def pointer(location: tuple[str | int, ...]) -> str:
    """Return a JSON pointer (RFC 6901) as a fragment, without lone surrogates."""
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in location[1:]]
    return ("#/" + "/".join(parts)).encode("utf-8", "replace").decode()


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.AppError)
    return refused(request.scope, error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    locale = locale_of(request.scope)
    found = [
        {
            "pointer": pointer(entry["loc"]),
            "code": entry["type"].replace("_", "-"),
            "message": _explained(entry, locale),
        }
        for entry in error.errors()[:20]
    ]
    code, title = INVALID
    return problem(
        request.scope, HTTPStatus.UNPROCESSABLE_ENTITY, code=code, title=title, errors=found
    )


def _explained(entry: Mapping[str, Any], locale: Locale) -> str:
    message: str = entry["msg"]
    return translate(message.removeprefix("Value error, "), locale)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    phrase = status.phrase.lower().replace(" ", "-")
    code, title = PROTOCOL.get(status, (phrase, status.description or status.phrase))
    response = problem(request.scope, status, code=code, title=title)
    response.headers.update(error.headers or {})
    return response


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
