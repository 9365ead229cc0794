"""Routes: strict about what they read, documented by their docstring, found by first segment.

FastAPI scans its routes one by one, which costs 200 us once there are 300 of them. Routers are
flat here and looked up by the first segment of the path.
"""

import inspect
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_body_to_args, request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic_core import PydanticUndefined
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from app.api import forms, queries
from app.api.json import read_json
from app.api.messages import refuse_fields

API: Final = "/api/v1"
ID: Final = len("00000000-0000-0000-0000-000000000000")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Read = tuple[dict[str, Any], list[Any]]
# What an endpoint may ask for and FastAPI alone knows how to give.
RARE: Final = (
    *("query_params", "cookie_params", "security_scopes_param_name", "background_tasks_param_name"),
    *("response_param_name", "http_connection_param_name", "websocket_param_name"),
)


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
        in_path = self.dependant.path_params
        self.ids = [field.alias for field in in_path if field.field_info.annotation is UUID]

    def get_route_handler(self) -> Handler:
        reads_form = self._reads_a_form()
        is_direct = not reads_form and _is_common(self.dependant)
        handle = _direct(self.dependant) if is_direct else super().get_route_handler()
        reads_json = self.body_field is not None and not reads_form
        known_fields = forms.fields_of(self.body_field) if reads_form else frozenset()
        # Asked again by the endpoint, for nothing: whoever is nobody is told so before their body
        # is read.
        sends = reads_json or reads_form
        asking: list[Any] = [
            one.call
            for one in self.dependant.dependencies
            if sends and _asks_for_the_request_alone(one)
        ]

        async def strict(request: Request) -> Response:
            if request.scope["query_string"]:
                queries.ensure_readable(request)
                self._ensure_known(request)
            self._ensure_canonical(request)
            for ask in asking:
                await ask(request)
            if reads_json:
                request = StrictRequest(request.scope, request.receive)
                request.document = await read_json(request)
            elif reads_form:
                await forms.ensure_readable(request, known_fields)
            return await handle(request)

        return strict

    def _reads_a_form(self) -> bool:
        info = self.body_field.field_info if self.body_field else None
        return getattr(info, "media_type", "") in forms.TYPES

    def _ensure_known(self, request: Request) -> None:
        unknown = [name for name in request.query_params if name not in self.known_parameters]
        refuse_fields("query", unknown, "extra_forbidden")

    def _ensure_canonical(self, request: Request) -> None:
        """Refuse the other ways to write a UUID: one thing has one address."""
        given = request.path_params
        broken = [name for name in self.ids if len(given[name]) != ID]
        refuse_fields("path", broken, "uuid_parsing")


def _is_common(asked: Dependant) -> bool:
    """Tell whether all that an endpoint asks for stands in path, headers and one JSON body.

    And whether it makes its own Response, and its dependencies ask for the request alone.
    """
    made = inspect.signature(asked.call).return_annotation if asked.call else None
    return (
        isinstance(made, type)
        and issubclass(made, Response)
        and len(asked.body_params) <= 1
        and all(_has_one_name(field) for field in (*asked.path_params, *asked.header_params))
        and not any(getattr(asked, name) for name in RARE)
        and all(_asks_for_the_request_alone(one) for one in asked.dependencies)
    )


def _has_one_name(field: ModelField) -> bool:
    return field.field_info.validation_alias in (None, field.alias)


def _asks_for_the_request_alone(asked: Dependant) -> bool:
    others = ("path_params", "header_params", "body_params", "dependencies", *RARE)
    call = asked.call if inspect.isfunction(asked.call) else getattr(asked.call, "__call__", None)  # noqa: B004  # what stands there is asked about
    is_simple = not any(getattr(asked, name) for name in others)
    return is_simple and bool(asked.request_param_name) and inspect.iscoroutinefunction(call)


def _read(fields: Sequence[ModelField], given: Mapping[str, str]) -> Read:
    """Return values by name, and errors.

    FastAPI, which finds out each time what a field might be, is asked where something is wrong.
    """
    values: dict[str, Any] = {}
    for field in fields:
        text, wrong = given.get(field.alias), None
        if text is not None:
            values[field.name], wrong = field.validate(text, {}, loc=(field.alias,))
        elif not field.field_info.is_required() and field.default is None:
            values[field.name] = None
        if wrong or field.name not in values:
            return request_params_to_args(fields, given)
    return values, []


def _direct(asked: Dependant) -> Handler:
    """Return what calls a common endpoint as FastAPI would, and 50 us sooner.

    Left out are the exit stacks, spans and caches around it, which our endpoints don't use; and
    `dependency_overrides`.
    """
    endpoint: Any = asked.call
    dependencies: list[tuple[Any, Any]] = [(one.name, one.call) for one in asked.dependencies]

    async def call(request: Request) -> Response:
        values = {name: await depended(request) for name, depended in dependencies}
        found = [
            _read(asked.path_params, request.path_params),
            _read(asked.header_params, request.headers),
        ]
        if asked.body_params:
            body = await request.json() if await request.body() else PydanticUndefined
            found.append(await request_body_to_args(asked.body_params, body, False))
        if errors := [error for _, wrong in found for error in wrong]:
            raise RequestValidationError(errors)
        for read, _ in found:
            values.update(read)
        if asked.request_param_name:
            values[asked.request_param_name] = request
        response: Response = await endpoint(**values)
        return response

    return call


def stem(name: str, *, prefix: str | None = None) -> APIRouter:
    """Return the router of a stem: its paths, its tag and its manners."""
    path = f"{API}/{name}" if prefix is None else prefix
    return APIRouter(
        prefix=path,
        tags=[name],
        route_class=StrictRoute,
        generate_unique_id_function=lambda route: route.name,
    )


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
