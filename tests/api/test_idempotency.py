"""The same request, sent twice, has one effect and one answer."""

import asyncio
from contextlib import suppress
from hashlib import sha256
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.core.statements import Query
from app.domain.roles import Role
from app.models import IdempotencyRecords
from tests.api.conftest import COUNT, client_of_app
from tests.factories.accounts import sign_in

ECHOES = "/api/v1/echoes"
BODY = {"text": "a"}


@pytest.fixture
def effects(connection):
    async def count() -> int:
        return await connection.first(COUNT)

    return count


def keyed(headers: dict[str, str], key: str = "k1") -> dict[str, str]:
    return {**headers, "Idempotency-Key": key}


async def test_the_first_answer_is_given_again(http, me, effects):
    first = await http.post(ECHOES, json=BODY, headers=keyed(me))
    again = await http.post(f"{ECHOES}/", json=BODY, headers=keyed(me))

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert await effects() == 1


async def test_without_a_key_a_request_is_done_as_often_as_it_is_sent(http, me, effects):
    for _ in range(2):
        await http.post(ECHOES, json=BODY, headers=me)

    assert await effects() == 2


@pytest.mark.parametrize(
    ("path", "body"), [(ECHOES, {"text": "b"}), (ECHOES, {"text": "a", "count": 1})]
)
async def test_a_key_with_another_body_is_a_422(http, me, effects, path, body):
    await http.post(ECHOES, json=BODY, headers=keyed(me))

    response = await http.post(path, json=body, headers=keyed(me))

    assert (response.status_code, response.json()["code"]) == (422, "idempotency-key-reused")
    assert await effects() == 1


async def test_another_users_key_is_their_own(http, connection, adapters, me, effects):
    stranger = await sign_in(connection, adapters, Role.CUSTOMER)

    mine = await http.post(ECHOES, json=BODY, headers=keyed(me))
    theirs = await http.post(ECHOES, json=BODY, headers=keyed(stranger))

    assert theirs.headers["Location"] != mine.headers["Location"]
    assert await effects() == 2


@pytest.mark.parametrize(
    ("body", "status"), [({"text": "refuse"}, 409), ({"text": ""}, 422), ({"text": "crash"}, 500)]
)
async def test_a_request_that_was_refused_leaves_its_key_free(http, me, effects, body, status):
    refused = await http.post(ECHOES, json=body, headers=keyed(me))
    free = await http.post(ECHOES, json=BODY, headers=keyed(me))

    assert (refused.status_code, free.status_code) == (status, 201)
    assert await effects() == 1


@pytest.mark.parametrize("key", ["!", "~" * 255, "9c3bd1f6-6d5c-4c0e-9f5f-2d1f6c1d3b7a", '"a"'])
async def test_a_key_is_visible_ascii(http, me, key):
    assert (await http.post(ECHOES, json=BODY, headers=keyed(me, key))).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "a\tb", b"\xfc", "ключ".encode(), b"\x00"])
async def test_anything_else_is_no_key(http, me, effects, key):
    response = await http.post(ECHOES, json=BODY, headers=keyed(me, key))

    assert response.status_code == 422
    assert response.json()["errors"][0]["location"] == "header"
    assert await effects() == 0


async def test_who_is_not_signed_in_claims_no_key(http):
    assert (await http.post(ECHOES, json=BODY, headers=keyed({}))).status_code == 401


@pytest.fixture
async def world(app, real_doors):
    """A client whose requests really commit, somebody signed in, and how much was done."""
    async with real_doors.database.transaction() as transaction:
        headers = await sign_in(transaction, real_doors.adapters)

    async def count() -> int:
        async with real_doors.database.read() as connection:
            return await connection.first(COUNT)

    async with client_of_app(app, real_doors) as http:
        yield http, headers, count


async def test_the_twin_of_a_running_request_is_told_so_at_once(world, real_doors):
    http, me, count = world
    claims = real_doors.adapters.tokens.verify(me["Authorization"].removeprefix("Bearer "))

    with suppress(ZeroDivisionError):
        async with real_doors.writing() as running:
            await running.idempotency.enter(
                claims.session_id, user_id=claims.user_id, key="k1", fingerprint=b""
            )
            twin = await http.post(ECHOES, json=BODY, headers=keyed(me))
            raise ZeroDivisionError

    assert (twin.status_code, twin.json()["code"]) == (409, "idempotency-key-in-use")
    assert await count() == 0


async def test_of_ten_at_once_one_takes_effect_and_all_who_hear_201_hear_the_same(world):
    http, me, count = world

    answers = await asyncio.gather(
        *(http.post(ECHOES, json=BODY, headers=keyed(me)) for _ in range(10))
    )

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({a.headers["Location"] for a in answers if a.status_code == 201}) == 1
    assert await count() == 1


async def test_control_ten_at_once_without_a_key_are_ten(world):
    http, me, count = world

    await asyncio.gather(*(http.post(ECHOES, json=BODY, headers=me) for _ in range(10)))

    assert await count() == 10


async def test_a_crash_after_the_commit_doubles_nothing(app, real_doors, world):
    _, me, count = world
    key = keyed(me, str(uuid4()))

    async def die(event):
        if event["type"] == "http.response.start" and event["status"] == 201:
            raise ConnectionResetError

    async with client_of_app(app, real_doors, watch=die) as dying:
        with pytest.raises(AssertionError):  # httpx's, of an answer that never came
            await dying.post(ECHOES, json=BODY, headers=key)
    async with client_of_app(app, real_doors) as http:
        again = await http.post(ECHOES, json=BODY, headers=key)

    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert await count() == 1


async def test_what_is_kept_of_a_request_is_no_bare_hash_of_it(http, me, connection):
    sent = b'{"text": "a"}'
    headers = {**me, "Idempotency-Key": "k", "Content-Type": "application/json"}
    await http.post(ECHOES, content=sent, headers=headers)
    bare = sha256(f"POST {ECHOES}\n".encode() + sent).digest()

    kept = await connection.all(Query(select(IdempotencyRecords.fingerprint), bytes))

    assert len(kept) == 1
    assert bare not in kept
