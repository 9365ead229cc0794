"""Routes: strict about what they read, documented by their docstring, found by first segment.

FastAPI scans its routes one by one, which costs 200 us once there are 300 of them. Routers are
flat here and looked up by the first segment of the path.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from app.api.json import read_json

API: Final = "/api/v1"
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
Handler = Callable[[Request], Awaitable[Response]]


class StrictRequest(Request):
    """A request whose JSON was read once, strictly, before the endpoint."""

    document: Any = None

    async def json(self) -> Any:
        return self.document


class StrictRoute(APIRoute):
    """A route that refuses what it does not know: query parameters, media types, loose JSON."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        lines = (endpoint.__doc__ or "").strip().splitlines()
        if lines and not options.get("summary"):
            options["summary"] = lines[0].rstrip(".")
        super().__init__(path, endpoint, **options)
        extra = (self.openapi_extra or {}).get("parameters", [])
        declared = {parameter["name"] for parameter in extra if parameter["in"] == "query"}
        self.known_parameters = declared | {field.alias for field in self.dependant.query_params}

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        reads_json = self.body_field is not None and not self._reads_a_form()

        async def strict(request: Request) -> Response:
            if request.scope["query_string"]:
                self._ensure_known(request)
            if reads_json:
                request = StrictRequest(request.scope, request.receive)
                request.document = await read_json(request)
            return await handle(request)

        return strict

    def _reads_a_form(self) -> bool:
        info = self.body_field.field_info if self.body_field else None
        return getattr(info, "media_type", "") in FORMS

    def _ensure_known(self, request: Request) -> None:
        unknown = [name for name in request.query_params if name not in self.known_parameters]
        if unknown:
            raise RequestValidationError(
                [
                    {
                        "type": "extra_forbidden",
                        "loc": ("query", name),
                        "msg": "Extra inputs are not permitted",
                    }
                    for name in unknown
                ]
            )


def stem(name: str, *, prefix: str | None = None) -> APIRouter:
    """Return the router of a stem: its paths, its tag and its manners."""
    path = f"{API}/{name}" if prefix is None else prefix
    return APIRouter(prefix=path, tags=[name], route_class=StrictRoute)


def install(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """Put the routes of all routers into the application, flat, and look them up by segment."""
    for router in routers:
        app.router.routes.extend(router.routes)
    app.router.redirect_slashes = False
    app.router.middleware_stack = Dispatch(app)


def segment(path: str) -> str:
    """Return what a path is looked up by: its first segment, after the API's own prefix."""
    return path.removeprefix(API).lstrip("/").partition("/")[0]


class Dispatch:
    """Finds the route of a request among the few that share its first segment."""

    def __init__(self, app: FastAPI) -> None:
        self._router = app.router
        self._routes: defaultdict[str, list[BaseRoute]] = defaultdict(list)
        self._indexed = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._router.app(scope, receive, send)
        scope.setdefault("router", self._router)
        allowed: set[str] = set()
        for route in self._candidates(scope["path"]):
            match, child = route.matches(scope)
            if match is Match.FULL:
                scope.update(child)
                return await route.handle(scope, receive, send)
            if match is Match.PARTIAL:
                allowed |= set(getattr(route, "methods", None) or ())
        if not allowed:
            raise HTTPException(404)
        allow = {"Allow": ", ".join(sorted(_with_implied(allowed)))}
        if scope["method"] == "OPTIONS":
            return await Response(status_code=204, headers=allow)(scope, receive, send)
        raise HTTPException(405, headers=allow)

    def _candidates(self, path: str) -> list[BaseRoute]:
        if self._indexed != len(self._router.routes):
            self._index()
        return self._routes.get(segment(path), [])

    def _index(self) -> None:
        self._routes.clear()
        for route in self._router.routes:
            self._routes[segment(getattr(route, "path", ""))].append(route)
        self._indexed = len(self._router.routes)


def _with_implied(methods: set[str]) -> set[str]:
    return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
