"""Staying in by the cookie of a browser, and whose pages may use it."""

import pytest

from app.core.config import Environment
from tests.conftest import client_of
from tests.factories.auth import ADA, bearer, outcome, registered, tokens
from tests.factories.races import at_once


def by_body(pair, **headers):
    return {"json": {"refresh_token": pair["refresh_token"]}, "headers": headers}


def with_cookie(client, pair, **headers):
    """Return what a browser sends that was given this token."""
    client.cookies.clear()
    return {"headers": {"Cookie": f"refresh_token={pair['refresh_token']}", **headers}}


def cookie_of(answer):
    return answer.headers["Set-Cookie"].split(";")[0]


async def test_two_tabs_that_show_the_cookie_get_the_same_new_one(client, doors, clock):
    pair = await registered(client, doors)
    first = await client.post("/auth/refresh", **with_cookie(client, pair))
    clock.forward(seconds=10)

    second = await client.post("/auth/refresh", **with_cookie(client, pair))

    assert (first.status_code, second.status_code) == (200, 200)
    assert cookie_of(first) == cookie_of(second)
    for answer in (first, second):
        assert (await client.get("/profile", headers=bearer(answer.json()))).status_code == 200


async def test_of_ten_tabs_at_once_all_get_the_same_new_cookie(real_client, real_doors):
    pair = await registered(real_client, real_doors)

    answers = await at_once(
        real_doors,
        *(real_client.post("/auth/refresh", **with_cookie(real_client, pair)) for _ in range(10)),
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({cookie_of(answer) for answer in answers}) == 1


async def test_a_cookie_shown_again_later_ends_the_session(client, doors, clock):
    pair = await registered(client, doors)
    first = await client.post("/auth/refresh", **with_cookie(client, pair))
    clock.forward(seconds=11)

    reused = await client.post(
        "/auth/refresh", **with_cookie(client, pair, **{"Idempotency-Key": "attempt-1"})
    )

    assert outcome(reused) == (401, "token-reused")
    assert (await client.get("/profile", headers=bearer(first.json()))).status_code == 401


async def test_a_cookie_whose_successor_was_used_ends_the_session(client, doors):
    pair = await registered(client, doors)
    first = await client.post("/auth/refresh", **with_cookie(client, pair))
    successor = {"refresh_token": cookie_of(first).partition("=")[2]}
    assert (await client.post("/auth/refresh", **with_cookie(client, successor))).status_code == 200

    reused = await client.post("/auth/refresh", **with_cookie(client, pair))

    assert outcome(reused) == (401, "token-reused")


async def test_who_has_a_used_token_gains_nothing_by_calling_it_a_cookie(client, doors):
    pair = await registered(client, doors)
    await client.post("/auth/refresh", **by_body(pair))

    reused = await client.post("/auth/refresh", **with_cookie(client, pair))

    assert outcome(reused) == (401, "token-reused")


async def test_nor_by_taking_it_out_of_the_cookie(client, doors):
    pair = await registered(client, doors)
    await client.post("/auth/refresh", **with_cookie(client, pair))

    client.cookies.clear()
    reused = await client.post("/auth/refresh", **by_body(pair, **{"Idempotency-Key": "cookie"}))

    assert outcome(reused) == (401, "token-reused")


OURS = ["http://test", "https://app.example"]
THEIRS = [
    "https://evil.example",
    "http://test.evil.example",
    "http://eviltest",
    "http://test:8001",
    "https://app.example:8443",
    "http://app.example",
    "https://app.example.evil.example",
    "null",
    "*",
    "",
    "test",
    "://test",
    "http://test, http://test",
    b"http://t\xe9st",
]


@pytest.fixture
async def at_home(doors, settings, monkeypatch):
    monkeypatch.setattr(settings, "cors_origins", ["*", "https://app.example"])
    async with client_of(doors) as client:
        yield client


@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout"])
@pytest.mark.parametrize("origin", OURS)
async def test_the_cookie_is_for_our_own_pages(at_home, doors, path, origin):
    pair = await registered(at_home, doors)

    answer = await at_home.post(path, **with_cookie(at_home, pair, Origin=origin))

    assert answer.status_code in (200, 204)


@pytest.mark.parametrize("path", ["/auth/refresh", "/auth/logout"])
@pytest.mark.parametrize("origin", THEIRS)
async def test_and_for_nobody_elses(at_home, doors, path, origin):
    pair = await registered(at_home, doors)

    refused = await at_home.post(path, **with_cookie(at_home, pair, Origin=origin))

    assert outcome(refused) == (403, "cross-site-request")
    assert (await at_home.get("/profile", headers=bearer(pair))).status_code == 200
    at_home.cookies.clear()
    await tokens(at_home, "/auth/refresh", {"refresh_token": pair["refresh_token"]})


async def test_two_origins_are_not_better_than_the_worse(client, doors):
    pair = await registered(client, doors)
    sent = [("Cookie", f"refresh_token={pair['refresh_token']}")]
    sent += [("Origin", "http://test"), ("Origin", "https://evil.example")]

    assert outcome(await client.post("/auth/refresh", headers=sent))[0] == 403


@pytest.mark.parametrize(
    ("public", "origin", "status"),
    [
        ("https://book.example", "https://book.example", 200),
        ("https://book.example/salon", "https://book.example", 200),
        ("https://book.example", "https://test", 200),
        ("https://book.example", "http://test", 403),
        ("https://book.example", "http://book.example", 403),
        ("http://book.example", "http://test", 200),
        ("http://book.example", "https://test", 200),
    ],
)
async def test_our_own_site_is_the_public_address_and_the_host_that_was_asked(
    client, doors, settings, monkeypatch, public, origin, status
):
    pair = await registered(client, doors)
    monkeypatch.setattr(settings, "public_url", public)

    answer = await client.post("/auth/refresh", **with_cookie(client, pair, Origin=origin))

    assert answer.status_code == status


async def test_a_token_in_the_body_says_enough_whatever_page_it_is_from(client, doors):
    pair = await registered(client, doors)

    answer = await client.post("/auth/refresh", **by_body(pair, Origin="https://evil.example"))

    assert answer.status_code == 200


async def test_a_browser_gets_its_refresh_token_as_a_cookie_alone(client, doors):
    await registered(client, doors)

    answer = await client.post("/auth/login", json=ADA | {"cookie": True})

    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    given, *attributes = answer.headers["Set-Cookie"].split("; ")
    assert given.startswith("refresh_token=")
    assert {attribute.lower() for attribute in attributes} == {
        "httponly",
        "max-age=2592000",
        "path=/api/v1/auth",
        "samesite=strict",
    }
    renewed = await client.post("/auth/refresh")
    assert renewed.json().keys() == {"access_token", "token_type", "expires_in"}
    assert renewed.headers["Set-Cookie"].split(";")[0] != given
    out = await client.post("/auth/logout", headers=bearer(renewed.json()))
    assert out.status_code == 204
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert outcome(await client.post("/auth/refresh")) == (401, "unauthenticated")


async def test_in_production_the_cookie_travels_over_tls_alone(
    client, doors, settings, monkeypatch
):
    await registered(client, doors)
    monkeypatch.setattr(settings, "environment", Environment.PRODUCTION)

    async with client_of(doors) as client:
        answer = await client.post("/auth/login", json=ADA | {"cookie": True})

    assert "; Secure" in answer.headers["Set-Cookie"]


async def test_the_token_of_the_body_comes_before_that_of_the_cookie(client, doors):
    pair = await registered(client, doors)
    await client.post("/auth/login", json=ADA | {"cookie": True})

    answer = await client.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})

    assert "refresh_token" in answer.json()
    assert "Set-Cookie" not in answer.headers
    assert (await client.post("/auth/refresh", json={})).status_code == 200


# Going out


async def test_a_browser_whose_access_token_has_expired_logs_out_by_its_cookie(
    client, doors, clock
):
    pair = await registered(client, doors)
    clock.forward(hours=1)
    assert (await client.post("/auth/logout", headers=bearer(pair))).status_code == 401

    out = await client.post("/auth/logout", **with_cookie(client, pair))

    assert (out.status_code, out.content) == (204, b"")
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert outcome(await client.post("/auth/refresh", **by_body(pair))) == (401, "invalid-token")


async def test_a_cookie_that_was_exchanged_by_another_tab_logs_out_as_well(client, doors):
    pair = await registered(client, doors)
    renewed = await client.post("/auth/refresh", **with_cookie(client, pair))

    out = await client.post("/auth/logout", **with_cookie(client, pair))

    assert out.status_code == 204
    assert (await client.get("/profile", headers=bearer(renewed.json()))).status_code == 401


@pytest.mark.parametrize("token", ["x", "x" * 4000])
async def test_a_cookie_that_means_nothing_is_taken_away(client, doors, token):
    pair = await registered(client, doors)

    out = await client.post("/auth/logout", **with_cookie(client, {"refresh_token": token}))

    assert out.status_code == 204
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert (await client.get("/profile", headers=bearer(pair))).status_code == 200


async def test_who_names_themselves_is_not_taken_for_the_cookie_s_owner(client, doors):
    here, there = await registered(client, doors), await tokens(client, "/auth/login", ADA)

    wrong = with_cookie(client, here, Authorization="Bearer nonsense")
    refused = await client.post("/auth/logout", **wrong)
    out = await client.post("/auth/logout", **with_cookie(client, here, **bearer(there)))

    assert (refused.status_code, out.status_code) == (401, 204)
    assert (await client.get("/profile", headers=bearer(here))).status_code == 200
    assert (await client.get("/profile", headers=bearer(there))).status_code == 401
