"""What surrounds every request: its name, its size, its headers, its line in the log."""

import asyncio
import json

import pytest
import structlog

from app.api.middleware import MEGABYTE, Persistence
from app.core.config import Settings
from app.core.errors import Contention
from app.main import create_app
from tests.api.conftest import client_of_app

OPEN = "/api/v1/echoes/open"
PLAIN = {"Content-Type": "application/json"}


@pytest.mark.parametrize("given", ["abc", "A-b_c.9", "x" * 128])
async def test_a_request_keeps_the_name_it_came_with(http, given):
    response = await http.get("/health/live", headers={"X-Request-ID": given})

    assert response.headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", [None, "", "x" * 129, "a b", "a;b", "ü".encode(), b"a\tb"])
async def test_a_request_without_a_good_name_gets_one(http, given):
    headers = {} if given is None else {"X-Request-ID": given}
    made = [(await http.get("/nowhere", headers=headers)).headers["X-Request-ID"] for _ in "ab"]

    assert len(set(made)) == 2
    assert all(len(name) == 36 for name in made)


SECURE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


@pytest.mark.parametrize(
    ("method", "path", "status", "cached"),
    [
        ("GET", "/health/live", 200, "no-store"),
        ("GET", "/nowhere", 404, "no-store"),
        ("FOO", "/health/live", 405, "no-store"),
        ("OPTIONS", "/health/live", 204, "no-store"),
        ("GET", "/api/v1/echoes/crash", 500, "no-store"),
        ("POST", OPEN, 422, "no-store"),
        ("GET", "/api/v1/echoes/0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e", 200, "no-cache"),
        ("GET", "/openapi.json", 200, "no-cache"),
    ],
)
async def test_every_answer_carries_the_headers_that_protect(http, method, path, status, cached):
    response = await http.request(method, path)

    assert response.status_code == status
    assert response.headers.items() >= {k.lower(): v for k, v in SECURE.items()}.items()
    assert response.headers["Cache-Control"] == cached
    assert "Strict-Transport-Security" not in response.headers
    assert all(response.headers.get_list(name) == [SECURE[name]] for name in SECURE)


async def test_in_production_browsers_are_told_to_stay_with_https(doors):
    settings = Settings(
        _env_file=None,
        environment="production",
        secret_key="7c1e7a558d5e3f1c9a0b2d4e0197a6c2",
        database_url="postgresql://nowhere",
    )

    async with client_of_app(create_app(settings), doors) as http:
        response = await http.get("/health/live")

    assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


async def pieces(size: int, *, of: int = 65_536):
    while size > 0:
        yield b" " * min(of, size)
        size -= of


@pytest.mark.parametrize("path", [OPEN, "/api/v1/echoes/form", "/nowhere", "/health/live"])
async def test_a_body_that_says_it_is_too_large_is_not_read(http, path):
    read = []

    async def body():
        async for piece in pieces(2 * MEGABYTE):
            read.append(piece)
            yield piece

    headers = {**PLAIN, "Content-Length": str(2 * MEGABYTE)}
    response = await http.post(path, content=body(), headers=headers)

    assert (response.status_code, response.json()["code"]) == (413, "body-too-large")
    assert (await http.post(OPEN, json={"text": "a"})).status_code == 200


@pytest.mark.parametrize(
    ("path", "kind"),
    [(OPEN, "application/json"), ("/api/v1/echoes/form", "application/x-www-form-urlencoded")],
)
@pytest.mark.parametrize("declared", [{}, {"Content-Length": "5"}], ids=["chunked", "lying"])
async def test_a_body_is_read_up_to_the_limit_and_no_further(app, doors, path, kind, declared):
    heard = 0

    async def receive():
        nonlocal heard
        heard += 65_536
        assert heard < 2 * MEGABYTE
        return {"type": "http.request", "body": b" " * 65_536, "more_body": True}

    status, body = await call(
        app, doors, receive, path=path, headers={"Content-Type": kind, **declared}
    )

    assert (status, json.loads(body)["code"]) == (413, "body-too-large")
    assert heard <= MEGABYTE + 65_536


@pytest.mark.parametrize(("size", "status"), [(MEGABYTE, 422), (MEGABYTE + 1, 413)])
async def test_the_limit_itself_is_allowed(http, size, status):
    body = b'{"text": "' + b"a" * (size - 12) + b'"}'

    assert (await http.post(OPEN, content=body, headers=PLAIN)).status_code == status


async def test_a_client_that_hangs_up_is_no_failure_of_ours(app, doors):
    messages = iter(
        [
            {"type": "http.request", "body": b'{"te', "more_body": True},
            {"type": "http.disconnect"},
        ]
    )

    async def receive():
        return next(messages)

    with structlog.testing.capture_logs() as logs:
        sent = await events(app, doors, receive, path=OPEN, headers=PLAIN)

    assert sent == []
    assert [entry["event"] for entry in logs] == ["client went away", "request"]


@pytest.mark.parametrize("length", ["-1", "abc", "", "1" * 5000, "١"])
async def test_a_length_that_is_none_does_no_harm(app, doors, length):
    async def receive():
        return {"type": "http.request", "body": b'{"text": "a"}', "more_body": False}

    headers = {**PLAIN, "Content-Length": length.encode()}
    status, _ = await call(app, doors, receive, path=OPEN, headers=headers)

    assert status in (200, 413)


@pytest.mark.parametrize("path", ["/health/live", "/nowhere", "/api/v1/echoes/crash"])
async def test_an_answer_to_head_has_no_body_even_if_nobody_takes_it_off(app, doors, path):
    status, body = await call(app, doors, None, path=path, headers={}, method="HEAD")

    assert (status in (200, 404, 500), body) == (True, b"")


async def call(app, doors, receive, *, path, headers, method="POST"):
    """Send one request by ASGI itself, as no client would; return status and body."""
    sent = await events(app, doors, receive, path=path, headers=headers, method=method)
    return sent[0]["status"], b"".join(event.get("body", b"") for event in sent[1:])


async def events(app, doors, receive, *, path, headers, method="POST"):
    sent = []

    async def send(event):
        sent.append(event)

    raw = [
        (name.lower().encode(), value if isinstance(value, bytes) else value.encode("latin-1"))
        for name, value in headers.items()
    ]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": raw,
        "state": {"doors": doors, "tokens": doors.adapters.tokens},
    }
    await app(scope, receive, send)
    return sent


ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-request-id"}


async def test_a_page_of_ours_may_ask_and_read_the_answer(http):
    ours = {"Origin": "https://app.example"}

    before = await http.options(OPEN, headers={**ours, **ASKED})
    asked = await http.post(OPEN, json={"text": "a"}, headers=ours)
    crashed = await http.get("/api/v1/echoes/crash", headers=ours)

    assert before.status_code == 200
    assert "POST" in before.headers["Access-Control-Allow-Methods"]
    assert before.headers["Access-Control-Allow-Headers"] == "x-request-id"
    for answer in (before, asked, crashed):
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Origin" in answer.headers["Vary"]
    assert "ETag" in asked.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "https://evil.example",
        "https://app.example.evil.example",
        "http://app.example",
        "https://app.example:444",
        "https://xapp.example",
        "",
    ],
)
async def test_a_page_of_others_may_not(http, origin):
    theirs = {"Origin": origin}

    before = await http.options(OPEN, headers={**theirs, **ASKED})
    asked = await http.post(OPEN, json={"text": "a"}, headers=theirs)

    assert (before.status_code, "POST" in before.headers["Allow"]) == (204, True)
    for answer in (before, asked):
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_without_the_setting_there_is_no_cors(doors, settings):
    async with client_of_app(create_app(settings), doors) as http:
        response = await http.get("/health/live", headers={"Origin": "https://app.example"})

    assert not [name for name in response.headers if name.startswith("access-control")]


async def test_with_a_star_any_page_may_ask_but_not_with_cookies(doors, settings):
    open_ = settings.model_copy(update={"cors_origins": ["*"]})

    async with client_of_app(create_app(open_), doors) as http:
        response = await http.get("/health/live", headers={"Origin": "https://any.example"})

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers


async def test_a_request_is_one_line_in_the_log(http):
    with structlog.testing.capture_logs() as logs:
        await http.get("/health/live?x=secret", headers={"X-Request-ID": "abc"})

    (line,) = logs
    assert line.pop("milliseconds") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": "GET",
        "path": "/health/live",
        "status": 422,
    }


async def test_a_line_of_the_log_shows_no_token_of_a_path_and_stays_one(http):
    with structlog.testing.capture_logs() as logs:
        await http.get(f"/calendar/{'t' * 43}.ics")
        await http.get("/a%0a2030-01-01 admin signed in")

    assert [line["path"] for line in logs] == [
        "/calendar/[hidden]",
        r"'/a\n2030-01-01 admin signed in'",
    ]


async def test_what_the_database_undid_is_asked_again_with_the_same_body():
    bodies, sent = [], []

    async def unlucky(scope, receive, send):
        heard = [await receive(), await receive()]
        bodies.append(b"".join(message["body"] for message in heard))
        if len(bodies) < 3:
            raise Contention
        await send({"type": "http.response.start", "status": 201, "headers": []})

    messages = iter(
        [
            {"type": "http.request", "body": b"a", "more_body": True},
            {"type": "http.request", "body": b"b", "more_body": False},
        ]
    )

    async def receive():
        return next(messages)

    async def send(event):
        sent.append(event["status"])

    await Persistence(unlucky)({"type": "http"}, receive, send)
    assert (bodies, sent) == ([b"ab"] * 3, [201])


async def test_names_do_not_mix_between_requests_at_once(http):
    names = [f"request-{number}" for number in range(20)]

    answers = await asyncio.gather(
        *(http.get("/nowhere", headers={"X-Request-ID": name}) for name in names)
    )

    assert [answer.json()["request_id"] for answer in answers] == names
