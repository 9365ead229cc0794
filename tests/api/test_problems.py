"""Refusals as problem documents (RFC 9457): their fields and their languages."""

import pytest
import structlog

from app.api import errors
from app.api.middleware import LastResort
from app.core.i18n import Locale, translate
from app.domain.bookings import SlotUnavailable

OPEN = "/api/v1/echoes/open"


async def test_a_refusal_is_a_problem_document_with_every_field(http, me):
    response = await http.post(
        "/api/v1/echoes/",
        json={"text": "refuse", "at": "2030-03-04T10:00:00+01:00"},
        headers={**me, "X-Request-ID": "abc"},
    )

    assert response.status_code == 409
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Content-Language"] == "en"
    assert response.json() == {
        "type": "/problems/slot-unavailable",
        "title": SlotUnavailable.title,
        "status": 409,
        "detail": SlotUnavailable.title,
        "instance": "/api/v1/echoes",
        "code": "slot-unavailable",
        "request_id": "abc",
        "alternatives": ["2030-03-04T09:00:00Z"],
    }


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("PUT", OPEN, 405),
        ("POST", OPEN, 422),
    ],
)
async def test_whatever_is_refused_has_a_detail(http, method, path, status):
    response = await http.request(method, path, headers={"Accept-Language": "uk"})

    told = response.json()
    assert (response.status_code, told["detail"]) == (status, told["title"])


async def test_a_422_tells_every_field_and_where_it_is(http):
    body = {"text": "", "count": 6, "colour/ü~": 1, "price": {"amount": 1.5, "currency": "EUR"}}

    response = await http.post(OPEN, json=body)

    assert response.json()["code"] == "validation-failed"
    told = {(one["pointer"], one["code"], one["message"]) for one in response.json()["errors"]}
    assert told == {
        ("#/text", "string-too-short", "This must have at least 1 characters."),
        ("#/count", "less-than-equal", "This must be 5 or less."),
        ("#/price/amount", "int-type", "This must be a whole number."),
        ("#/colour~1%C3%BC~0", "extra-forbidden", "This field is not known here."),
    }
    assert {one["location"] for one in response.json()["errors"]} == {"body"}


@pytest.mark.parametrize(
    ("path", "location", "pointer"),
    [
        ("/api/v1/echoes?limit=0", "query", "#/limit"),
        ("/api/v1/echoes?colour=red", "query", "#/colour"),
        ("/api/v1/echoes/7", "path", "#/echo_id"),
    ],
)
async def test_a_field_problem_says_which_part_of_the_request_it_means(
    http, path, location, pointer
):
    (told,) = (await http.get(path)).json()["errors"]

    assert (told["location"], told["pointer"]) == (location, pointer)


@pytest.mark.parametrize(
    ("accepted", "locale"),
    [
        ("", "en"),
        ("ru", "ru"),
        ("uk-UA,uk;q=0.9,en;q=0.8", "uk"),
        ("de, ru; q=0.4, en; q=0.3", "ru"),
        ("en;q=0.1, uk;q=0.2", "uk"),
        ("ru;q=0, *", "en"),
        ("ru;q=nonsense", "en"),
        ("RU-ru", "ru"),
        ("xx" * 5000, "en"),
        (";;;q=,,,", "en"),
    ],
)
async def test_the_reader_chooses_the_language(http, accepted, locale):
    response = await http.post(OPEN, json={}, headers={"Accept-Language": accepted})

    title, message = errors.INVALID[1], "This field is required."
    assert response.headers["Content-Language"] == locale
    assert response.json()["title"] == translate(title, Locale(locale))
    assert response.json()["errors"][0]["message"] == translate(message, Locale(locale))


async def test_a_problem_stays_small_whatever_was_sent(http):
    fields = {f"{number}{'ш' * 1000}": 1 for number in range(150)}

    response = await http.post(OPEN, json=fields, headers={"Accept-Language": "ru"})

    assert response.status_code == 422
    assert len(response.content) < 4096
    assert len((await http.get("/" + "a/" * 30_000)).content) < 4096


async def test_a_bug_is_a_500_that_says_nothing_and_the_next_request_works(http):
    with structlog.testing.capture_logs() as logs:
        response = await http.get("/api/v1/echoes/crash", headers={"Accept-Language": "ru"})

    assert (response.status_code, response.json()["code"]) == (500, "internal-error")
    assert "canary" not in response.text
    assert "Zero" not in response.text
    assert response.headers["X-Request-ID"] == response.json()["request_id"]
    assert [entry["event"] for entry in logs] == ["request failed", "request"]
    assert (await http.get("/health/live")).status_code == 200


async def test_a_bug_after_the_answer_began_ends_it_and_nothing_is_raised():
    events: list[str] = []

    async def broken(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ZeroDivisionError

    async def send(event):
        events.append(event["type"])

    await LastResort(broken)({"type": "http", "method": "GET"}, None, send)
    assert events == ["http.response.start"]


async def test_a_lost_database_is_a_503_that_says_when_to_come_back(http_nowhere, me):
    response = await http_nowhere.post("/api/v1/echoes", json={"text": "a"}, headers=me)

    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert response.json()["code"] == "database-unavailable"


def test_what_http_refuses_shares_no_code_with_a_refusal_of_ours_but_404():
    protocol = {code for code, _ in errors.PROTOCOL.values()}
    refused = {refusal.code for refusal in errors.refusals()}

    assert protocol & refused == {"not-found"}
