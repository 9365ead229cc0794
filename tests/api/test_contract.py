"""Controls of `tests.contract`: what it must not let pass."""

import httpx
import pytest

from tests.conftest import client_of
from tests.contract import ensure_documented


def answer(status: int, body: object, *, path: str = "/health/live", media: str | None = None):
    response = httpx.Response(status, json=body, request=httpx.Request("GET", f"http://test{path}"))
    if media:
        response.headers["Content-Type"] = media
    return response


NOT_FOUND = {"code": "not-found", "status": 404}
INVALID = {
    "type": "/problems/validation-failed",
    "title": "t",
    "status": 422,
    "detail": "d",
    "instance": "/",
    "code": "validation-failed",
    "request_id": "r",
}


@pytest.mark.parametrize(
    "response",
    [
        answer(200, {"status": "ok"}),
        answer(200, {"status": "ok", "more": 1}),
        answer(200, {"anything": 1}, path="/nowhere"),
        answer(422, INVALID, media="application/problem+json"),
    ],
)
async def test_what_is_documented_passes(response):
    await ensure_documented(response)


@pytest.mark.parametrize(
    "response",
    [
        answer(404, NOT_FOUND),
        answer(201, {"status": "ok"}),
        answer(200, {"status": "fine"}),
        answer(200, {}),
        answer(200, {"status": None}),
        answer(200, {"status": "ok"}, media="text/plain"),
        answer(422, INVALID),
        answer(422, {**INVALID, "code": "slot-unavailable"}, media="application/problem+json"),
        answer(422, {**INVALID, "status": "422"}, media="application/problem+json"),
    ],
)
async def test_what_is_not_documented_does_not_pass(response):
    with pytest.raises(Exception, match=r"document|is not|required"):
        await ensure_documented(response)


async def test_every_client_of_the_tests_is_held_to_it(doors, monkeypatch):
    monkeypatch.setattr("app.api.v1.health.HEALTH._shape", lambda _: {"status": "fine"})

    async with client_of(doors, base="") as client:
        with pytest.raises(Exception, match="is not one of"):
            await client.get("/health/live")
