"""Staying in and going out, over HTTP."""

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from app.core.crypto import Signer
from app.core.statements import Command, Query
from app.domain.sessions import SUCCESSOR
from app.domain.users import UserStatus
from app.models import RefreshTokens, Sessions, Users
from tests.factories.accounts import sign_in
from tests.factories.auth import ADA, PASSWORD, bearer, outcome, registered, tokens
from tests.factories.mail import code_in, letters, token_in
from tests.factories.races import at_once


def tuple_of(*columns):
    return columns


# Going on


async def test_a_refresh_token_is_exchanged_once(client, doors, connection, clock):
    pair = await registered(client, doors)
    clock.forward(minutes=20)
    assert (await client.get("/profile", headers=bearer(pair))).status_code == 401

    renewed = await tokens(client, "/auth/refresh", {"refresh_token": pair["refresh_token"]})

    assert renewed["refresh_token"] != pair["refresh_token"]
    assert (await client.get("/profile", headers=bearer(renewed))).status_code == 200
    used = Query(select(Sessions.last_used_at), tuple_of)
    assert await connection.all(used) == [(clock.now,)]


async def test_a_used_refresh_token_ends_the_session_for_whoever_has_it(client, doors):
    pair = await registered(client, doors)
    other = await tokens(client, "/auth/login", ADA)
    renewed = await tokens(client, "/auth/refresh", {"refresh_token": pair["refresh_token"]})

    reused = await client.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})

    assert outcome(reused) == (401, "token-reused")
    assert (await client.get("/profile", headers=bearer(renewed))).status_code == 401
    dead = await client.post("/auth/refresh", json={"refresh_token": renewed["refresh_token"]})
    assert outcome(dead) == (401, "invalid-token")
    assert (await client.get("/profile", headers=bearer(other))).status_code == 200


async def test_of_ten_refreshes_at_once_one_wins_and_the_copies_end_the_session(
    real_client, real_doors
):
    pair = await registered(real_client, real_doors)

    answers = await at_once(
        real_doors,
        *(
            real_client.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})
            for _ in range(10)
        ),
    )

    assert sorted(outcome(answer)[0] for answer in answers) == [200] + [401] * 9
    assert {outcome(answer)[1] for answer in answers} == {"", "token-reused"}
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert (await real_client.get("/profile", headers=bearer(winner))).status_code == 401


@pytest.mark.parametrize("token", ["x", "\u00e9", "x" * 200])
async def test_a_made_up_refresh_token_is_refused(client, token):
    response = await client.post("/auth/refresh", json={"refresh_token": token})

    assert outcome(response) == (401, "invalid-token")


async def test_an_access_token_is_no_refresh_token_nor_the_other_way_round(client, doors):
    pair = await registered(client, doors)

    refreshed = await client.post("/auth/refresh", json={"refresh_token": pair["access_token"]})
    read = await client.get(
        "/profile", headers={"Authorization": f"Bearer {pair['refresh_token']}"}
    )

    assert outcome(refreshed)[0] in (401, 422)
    assert outcome(read) == (401, "unauthenticated")


async def test_a_session_ends_after_thirty_days_whatever_it_does(client, doors, clock):
    pair = await registered(client, doors)
    for _ in range(3):
        clock.forward(days=9)
        pair = await tokens(client, "/auth/refresh", {"refresh_token": pair["refresh_token"]})
    clock.forward(days=3)

    over = await client.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})

    assert outcome(over) == (401, "invalid-token")


async def test_no_refresh_token_is_kept_but_its_hash(client, doors, connection):
    pair = await registered(client, doors)

    (kept,) = await connection.all(Query(select(RefreshTokens.hash), bytes))
    assert len(kept) == 32
    assert pair["refresh_token"].encode() not in kept


async def test_tokens_are_not_stored_on_their_way(client, doors):
    pair = await registered(client, doors)

    answer = await client.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})

    assert answer.headers["Cache-Control"] == "no-store"


# An answer that was lost


def again(pair, **headers):
    return {"json": {"refresh_token": pair["refresh_token"]}, "headers": headers}


KEYED = {"Idempotency-Key": "attempt-1"}


async def test_a_lost_answer_is_given_again_to_who_names_the_attempt(client, doors, clock):
    pair = await registered(client, doors)
    first = await client.post("/auth/refresh", **again(pair, **KEYED))
    clock.forward(seconds=60)

    second = await client.post("/auth/refresh", **again(pair, **KEYED))

    assert second.status_code == 200
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.json()["refresh_token"] == first.json()["refresh_token"]
    assert second.json()["access_token"] != first.json()["access_token"]
    assert (await client.get("/profile", headers=bearer(second.json()))).status_code == 200
    await tokens(client, "/auth/refresh", {"refresh_token": second.json()["refresh_token"]})


@pytest.mark.parametrize(
    ("first", "second", "seconds"),
    [
        ({}, {}, 0),
        ({}, KEYED, 0),
        (KEYED, {}, 0),
        (KEYED, {"Idempotency-Key": "attempt-2"}, 0),
        (KEYED, KEYED, 61),
    ],
    ids=["no key", "a key too late", "a key once", "another key", "after a minute"],
)
async def test_anything_else_is_a_copy_in_other_hands(client, doors, clock, first, second, seconds):
    pair = await registered(client, doors)
    renewed = await client.post("/auth/refresh", **again(pair, **first))
    clock.forward(seconds=seconds)

    reused = await client.post("/auth/refresh", **again(pair, **second))

    assert outcome(reused) == (401, "token-reused")
    assert (await client.get("/profile", headers=bearer(renewed.json()))).status_code == 401
    dead = await client.post("/auth/refresh", **again(renewed.json()))
    assert outcome(dead) == (401, "invalid-token")


async def test_once_the_new_token_was_used_nobody_lost_the_answer(client, doors):
    pair = await registered(client, doors)
    renewed = await client.post("/auth/refresh", **again(pair, **KEYED))
    latest = await client.post("/auth/refresh", **again(renewed.json(), **KEYED))

    reused = await client.post("/auth/refresh", **again(pair, **KEYED))

    assert (latest.status_code, outcome(reused)) == (200, (401, "token-reused"))
    assert outcome(await client.post("/auth/refresh", **again(latest.json()))) == (
        401,
        "invalid-token",
    )


async def test_no_answer_is_given_again_once_the_session_has_ended(client, doors, connection):
    pair = await registered(client, doors)
    renewed = await client.post("/auth/refresh", **again(pair, **KEYED))
    await client.post("/auth/logout", headers=bearer(renewed.json()))

    lost = await client.post("/auth/refresh", **again(pair, **KEYED))

    assert outcome(lost) == (401, "token-reused")


async def test_of_those_deactivated_no_answer_is_given_again(client, doors, connection):
    pair = await registered(client, doors)
    await client.post("/auth/refresh", **again(pair, **KEYED))
    await connection.run(Command(update(Users).values(status=UserStatus.DEACTIVATED)))

    assert (await client.post("/auth/refresh", **again(pair, **KEYED))).status_code == 401


async def test_ten_who_name_one_attempt_at_once_are_given_one_token(real_client, real_doors):
    pair = await registered(real_client, real_doors)

    answers = await at_once(
        real_doors,
        *(real_client.post("/auth/refresh", **again(pair, **KEYED)) for _ in range(10)),
    )

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers].count(None) == 1
    async with real_doors.database.read() as connection:
        assert len(await connection.all(Query(select(RefreshTokens.hash), bytes))) == 2


async def test_neither_tokens_nor_keys_of_attempts_are_kept(client, doors, connection):
    pair = await registered(client, doors)
    renewed = (await client.post("/auth/refresh", **again(pair, **KEYED))).json()

    kept = await connection.all(Query(select(RefreshTokens.__table__), lambda *row: str(row)))

    for secret in (pair["refresh_token"], renewed["refresh_token"], "attempt-1"):
        assert not [row for row in kept if secret in row]


async def test_without_the_secret_key_nobody_knows_what_comes_next(client, doors):
    pair = await registered(client, doors)
    renewed = (await client.post("/auth/refresh", **again(pair))).json()

    other = Signer("another secret, long enough for anything")

    assert renewed["refresh_token"] != other.successor(SUCCESSOR, pair["refresh_token"])
    assert len(renewed["refresh_token"]) == len(pair["refresh_token"]) == 43


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", b"\xfc"])
async def test_what_is_no_key_names_no_attempt(client, doors, key):
    pair = await registered(client, doors)

    refused = await client.post("/auth/refresh", **again(pair, **{"Idempotency-Key": key}))

    assert refused.status_code == 422
    await tokens(client, "/auth/refresh", {"refresh_token": pair["refresh_token"]})


# Going out


async def test_logging_out_ends_this_session_alone(client, doors):
    here, there = await registered(client, doors), await tokens(client, "/auth/login", ADA)

    out = await client.post("/auth/logout", headers=bearer(here))

    assert (out.status_code, out.content) == (204, b"")
    assert (await client.get("/profile", headers=bearer(here))).status_code == 401
    dead = await client.post("/auth/refresh", json={"refresh_token": here["refresh_token"]})
    assert outcome(dead) == (401, "invalid-token")
    assert (await client.get("/profile", headers=bearer(there))).status_code == 200
    again = await client.post("/auth/logout", headers=bearer(here))
    assert outcome(again) == (401, "unauthenticated")


async def test_logging_out_everywhere_ends_one_s_own_sessions(client, doors, connection, adapters):
    pairs = [await registered(client, doors), await tokens(client, "/auth/login", ADA)]
    stranger = await sign_in(connection, adapters)

    out = await client.post("/auth/logout-all", headers=bearer(pairs[0]))

    assert out.status_code == 204
    for pair in pairs:
        assert (await client.get("/profile", headers=bearer(pair))).status_code == 401
        dead = await client.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})
        assert outcome(dead) == (401, "invalid-token")
    assert (await client.get("/profile", headers=stranger)).status_code == 200


async def test_who_is_deactivated_is_out_at_once(client, doors, connection):
    pair = await registered(client, doors)
    await connection.run(Command(update(Users).values(status=UserStatus.DEACTIVATED)))

    assert (await client.get("/profile", headers=bearer(pair))).status_code == 401
    dead = await client.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})
    assert outcome(dead) == (401, "invalid-token")


@pytest.mark.parametrize("path", ["/auth/logout", "/auth/logout-all"])
@pytest.mark.parametrize(
    "credentials",
    ["", "Bearer", "Bearer ", "Bearer a b", "Basic YTpi", "Bearer x.y.z", "Token x"],
)
async def test_who_is_not_signed_in_can_t_sign_out(client, path, credentials):
    response = await client.post(path, headers={"Authorization": credentials})

    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_the_scheme_may_be_in_small_letters_and_comes_once(client, doors):
    pair = await registered(client, doors)

    small = await client.get(
        "/profile", headers={"Authorization": f"bearer {pair['access_token']}"}
    )
    twice = await client.get(
        "/profile", headers=[("Authorization", f"Bearer {pair['access_token']}")] * 2
    )

    assert small.status_code == 200
    assert outcome(twice) == (401, "unauthenticated")


async def test_no_secret_is_written_to_the_log(client, doors):
    with capture_logs() as logs:
        pair = await registered(client, doors)
        (letter,) = await letters(doors)
        await client.post("/auth/verify-email", json={"token": token_in(letter)})
        await client.post("/auth/login", json=ADA | {"password": "wrong horse battery"})
        await client.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})
        await client.post("/auth/refresh", json={"refresh_token": pair["refresh_token"]})

    written = str(logs)
    assert "request" in written
    secrets = [PASSWORD, "wrong horse battery", code_in(letter), token_in(letter), ADA["email"]]
    assert not [
        secret
        for secret in [*secrets, pair["access_token"], pair["refresh_token"]]
        if secret in written
    ]
