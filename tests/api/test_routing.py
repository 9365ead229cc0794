"""Addresses and methods: how a request finds its endpoint, and what it costs."""

import time

import pytest
from fastapi import APIRouter, FastAPI, Response
from fastapi.routing import APIRoute
from starlette.routing import Match

from app.api import routing
from app.api.openapi import operations
from app.api.routing import API, Dispatch, stem
from tests.factories.timing import ratio

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


@pytest.mark.parametrize("path", ["/health/live/", "/health/live//", "/openapi.json/", "/docs/"])
async def test_a_slash_at_the_end_means_the_same(http, path):
    response = await http.get(path)

    assert (response.status_code, response.history) == (200, [])


async def test_a_slash_at_the_end_means_the_same_for_a_post(http):
    assert (await http.post("/api/v1/echoes/open/", json={"text": "a"})).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/v1",
        "/nowhere",
        "//health/live",
        "/api/v1health/live",
        "/API/V1/echoes",
        "/api/v1//echoes",
        "/api/v2/echoes",
        "/health/live/more",
        "/docs-assets",
        "/%00",
        "/%ff",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "HEAD"])
async def test_an_address_that_leads_nowhere_is_a_404(http, method, path):
    response = await http.request(method, path)

    assert response.status_code == 404
    assert method == "HEAD" or response.json()["code"] == "not-found"


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "..%2f..%2fetc/passwd", "nothing.js"]
)
async def test_there_is_nothing_among_the_assets_but_assets(http, path):
    response = await http.get(f"/docs-assets/{path}")

    assert (response.status_code, response.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/health/live", 200),
        (f"/api/v1/echoes/{SOME_ID}", 200),
        ("/docs", 200),
        ("/openapi.json", 200),
        ("/problems/not-found", 200),
        ("/nowhere", 404),
        ("/api/v1/echoes/7", 422),
        ("/api/v1/echoes/crash", 500),
        ("/api/v1/echoes/open", 422),
    ],
)
async def test_head_is_get_without_its_body(http, path, status):
    full, head = await http.get(path), await http.head(path)

    assert (full.status_code, head.status_code, head.content) == (status, status, b"")
    told = {"content-type", "etag", "content-length", "content-language", "vary"}
    assert {name: full.headers.get(name) for name in told} == {
        name: head.headers.get(name) for name in told
    }


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/health/live", "GET, HEAD, OPTIONS"),
        ("/api/v1/echoes", "GET, HEAD, OPTIONS, POST"),
        (f"/api/v1/echoes/{SOME_ID}", "GET, HEAD, OPTIONS, PATCH"),
        ("/api/v1/echoes/form", "GET, HEAD, OPTIONS, PATCH, POST"),  # form could be an id
        ("/docs", "GET, HEAD, OPTIONS"),
    ],
)
@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "FOO", "PROPFIND"])
async def test_other_methods_are_told_every_one_that_is_allowed(http, method, path, allowed):
    response = await http.request(method, path)

    assert response.headers["Allow"] == allowed
    assert response.status_code == (204 if method == "OPTIONS" else 405)
    assert method == "OPTIONS" or response.json()["code"] == "method-not-allowed"


@pytest.mark.parametrize(
    "host", ["evil.example", "test/api/v1/echoes/crash?", "a/../../", "@", "[::1", "", "a b"]
)
async def test_a_hostile_host_leads_nowhere_else(http, host):
    response = await http.get("/health/live", headers={"Host": host})
    lost = await http.get("/nowhere", headers={"Host": host})

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert (lost.status_code, lost.json()["instance"]) == (404, "/nowhere")


def test_every_operation_of_the_document_is_found(app):
    dispatch = Dispatch(app)
    for path, method, operation in operations(app.openapi()):
        asked = path.replace("{", "").replace("}", "")
        scope = {"type": "http", "method": method.upper(), "path": asked, "headers": []}
        found = [
            route for route in dispatch._candidates(asked) if route.matches(scope)[0] is Match.FULL
        ]
        assert found[0].name == operation["operationId"], (method, path)


def crowded(routers: int, each: int) -> FastAPI:
    app, made = FastAPI(), []
    for number in range(routers):
        router = stem(f"stem{number}")
        for item in range(each):
            router.add_api_route(f"/{{id}}/thing{item}", thing, name=f"thing_{number}_{item}")
        made.append(router)
    routing.install(app, made)
    return app


async def thing(id: str) -> Response:  # noqa: A002
    return Response(b"{}")


async def test_the_last_of_300_routes_costs_what_the_first_does():
    app = crowded(30, 10)

    async def cost(path: str) -> float:
        async def send(event):
            pass

        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
        started = time.process_time()
        for _ in range(200):
            await app(dict(scope), None, send)
        return time.process_time() - started

    first, last = f"{API}/stem0/1/thing0", f"{API}/stem29/1/thing9"
    await cost(first), await cost(last)
    found = await ratio(
        lambda _: cost(last), lambda _: cost(first), within=(0, 2), of=min, least=7, most=70
    )

    assert found < 2


def test_control_fastapis_own_routing_asks_every_route_before_the_right_one(monkeypatch):
    app, matches, asked = FastAPI(), APIRoute.matches, []
    for number in range(30):
        router = APIRouter(prefix=f"/stem{number}")
        for item in range(10):
            router.add_api_route(f"/{{id}}/thing{item}", thing)
        app.include_router(router)

    def count(path: str) -> int:
        asked.clear()
        scope = {"type": "http", "method": "GET", "path": path, "headers": []}
        next(r for r in app.router.routes if r.matches(scope)[0] is Match.FULL)
        return len(asked)

    def counted(self, scope):
        asked.append(self)
        return matches(self, scope)

    monkeypatch.setattr(APIRoute, "matches", counted)

    assert (count("/stem0/1/thing0"), count("/stem29/1/thing9")) == (1, 300)
