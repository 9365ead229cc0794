"""What every operation answers by the conventions: problems, headers, 304, 401, 412 and so on."""

from http import HTTPStatus
from typing import Any, Final

from pydantic import TypeAdapter

from app.api import cookies, errors
from app.api.deps import API_KEY, OPTIONAL_BEARER, SCOPED
from app.api.forms import MalformedForm
from app.api.json import MalformedJson
from app.api.limits import UNLIMITED
from app.api.openapi.schemas import REFERENCE, Json, pascal, reference
from app.api.queries import MalformedQuery
from app.core.errors import Forbidden, PreconditionFailed, Unauthenticated
from app.domain.actors import MfaSetupRequired, SessionRequired
from app.domain.api_keys import InvalidApiKey
from app.domain.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from app.domain.limits import RateLimited
from app.schemas.problems import SOME_REQUEST, Problem

JSON: Final = "application/json"
HEADERS: Final = {
    "ETag": ("Send it as If-None-Match or If-Match.", '"5d41402abc4b2a76b9719d91"'),
    "Idempotency-Replayed": ("`true` when this is the first answer, given again.", "true"),
    "Location": ("Where that which was made can be found.", "/api/v1/bookings/0197a6c2-7c1e"),
    "RateLimit": ("What is left: `r` requests, for `t` seconds.", '"writes";r=299;t=60'),
    "RateLimit-Policy": ("What is allowed: `q` requests in `w` seconds.", '"writes";q=300;w=60'),
    "Retry-After": ("Wait so many seconds.", "1"),
    "WWW-Authenticate": ("How to sign in.", "Bearer"),
    "X-Request-ID": ("The name of this request in our logs.", SOME_REQUEST),
}

LIMITS: Final = ("RateLimit", "RateLimit-Policy")


def schemas() -> Json:
    """Return the schemas of a problem document."""
    described = TypeAdapter(Problem).json_schema(ref_template=REFERENCE + "{model}")
    return {**described.pop("$defs"), "Problem": described}


def shared() -> Json:
    """Return what operations refer to: an example of each problem, and the headers."""
    return {
        "examples": {code: {"value": _example(code)} for code in sorted(errors.known())},
        "headers": {
            name: {"description": text, "schema": {"type": "string"}, "example": example}
            for name, (text, example) in HEADERS.items()
        },
        "responses": {},
    }


def security(components: Json) -> Json:
    schemes: Json = components.get("securitySchemes", {})
    bearer = next((scheme for scheme in schemes.values()), None)
    key = {"type": "apiKey", "in": "header", "name": API_KEY}
    cookie = {"type": "apiKey", "in": "cookie", "name": cookies.NAME}
    return {"bearer": bearer, "apiKey": key, cookies.SCHEME: cookie} if bearer else {}


def complete(path: str, method: str, operation: Json, components: Json) -> None:
    """Add to an operation what it answers because of how it is asked."""
    limited = not path.startswith(UNLIMITED)
    responses, asked = operation["responses"], _headers_asked(operation)
    if "HTTPValidationError" in str(responses.get("422")):  # FastAPI's own shape, not sent here
        del responses["422"]
    found = _problems(method, operation, asked, _secure(operation))
    if limited:
        found[429] = [RateLimited.code]
    for status, response in responses.items():
        response["description"] = HTTPStatus(int(status)).phrase
        if status.startswith("2"):
            response["headers"] = _headers(
                *_headers_of_success(method, status, asked), *(LIMITS if limited else ())
            )
    if "If-None-Match" in asked:
        responses["304"] = {
            "description": "Nothing has changed",
            "headers": _headers("ETag", *LIMITS),
        }
    for status, codes in found.items():
        name = "Or".join(pascal(code) for code in codes)
        components["responses"][name] = _refusal(status, codes)
        responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
    operation["responses"] = dict(sorted(responses.items()))


def _problems(
    method: str, operation: Json, asked: set[str], of_signing_in: list[tuple[int, str]]
) -> dict[int, list[str]]:
    """Return the codes of each status: those declared, and those of the conventions."""
    found: dict[int, list[str]] = {500: [errors.CRASHED[0]]}
    for status, response in operation["responses"].items():
        if codes := response.pop("codes", None):
            found[int(status)] = list(codes)
    implied: list[tuple[int, str]] = [(400, MalformedQuery.code), (422, errors.INVALID[0])]
    implied += of_signing_in
    if method != "get":
        implied.append((413, errors.PROTOCOL[413][0]))
    if body := operation.get("requestBody"):
        malformed = MalformedJson if JSON in body["content"] else MalformedForm
        implied += [(400, malformed.code), (415, errors.PROTOCOL[415][0])]
    if "Idempotency-Key" in asked:
        implied += [(409, IdempotencyKeyInUse.code), (422, IdempotencyKeyReused.code)]
    if "If-Match" in asked:
        implied.append((412, PreconditionFailed.code))
    for status, code in implied:
        found.setdefault(status, []).append(code)
    return {status: sorted(set(codes)) for status, codes in found.items()}


def _secure(operation: Json) -> list[tuple[int, str]]:
    """Say in which ways one may sign in; return the problems that brings along."""
    asked = [name for scheme in operation.get("security", ()) for name in scheme]
    if not asked:
        return []
    if OPTIONAL_BEARER in asked:
        operation["security"] = [{}, {"bearer": []}, {"apiKey": []}]
        return [(401, Unauthenticated.code), (401, InvalidApiKey.code)]
    scopes = [name.removeprefix(SCOPED) for name in asked if name.startswith(SCOPED)]
    if not scopes:
        return [(401, Unauthenticated.code), (403, SessionRequired.code)]
    operation["security"] = [{"bearer": []}, {"apiKey": []}]
    told = operation.get("description") or operation["summary"]
    operation["description"] = f"{told}\n\nAn API key needs the scope `{scopes[0]}`."
    return [
        (401, Unauthenticated.code),
        (401, InvalidApiKey.code),
        (403, Forbidden.code),
        (403, MfaSetupRequired.code),
    ]


def _refusal(status: int, codes: list[str]) -> Json:
    known = errors.known()
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    return {
        "description": "\n\n".join(f"`{code}`: {known[code][1]}" for code in codes),
        "content": {errors.PROBLEM: {"schema": reference("Problem"), "examples": examples}},
        "headers": _headers(*_headers_of_problem(status)),
    }


def _example(code: str) -> Json:
    status, title = errors.known()[code]
    example: dict[str, Any] = {
        **errors.example_of(code),
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": title,
        "instance": "/api/v1/bookings",
        "code": code,
        "request_id": HEADERS["X-Request-ID"][1],
    }
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        example["errors"] = [
            {
                "location": "body",
                "pointer": errors.pointer_of(code),
                "code": code if code != errors.INVALID[0] else "missing",
                "message": title if code != errors.INVALID[0] else "This field is required.",
            }
        ]
    return example


def _headers_asked(operation: Json) -> set[str]:
    parameters = operation.get("parameters", ())
    return {parameter["name"] for parameter in parameters if parameter["in"] == "header"}


def _headers_of_problem(status: int) -> list[str]:
    more = {401: ["WWW-Authenticate"], 429: ["Retry-After", *LIMITS], 503: ["Retry-After"]}
    return ["X-Request-ID", *more.get(status, [])]


def _headers_of_success(method: str, status: str, asked: set[str]) -> list[str]:
    return [
        "X-Request-ID",
        *(["ETag"] if asked & {"If-None-Match", "If-Match"} and status != "204" else []),
        *(["Idempotency-Replayed"] if "Idempotency-Key" in asked else []),
        *(["Location"] if method == "post" and status == "201" else []),
    ]


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
