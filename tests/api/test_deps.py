"""Who is asking: what is taken for a credential, and what is not."""

from datetime import timedelta
from uuid import uuid4

import pytest

from app.core.tokens import Claims

ECHOES = "/api/v1/echoes"
LOOKED = "/api/v1/echoes/looked"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_read_in_any_case(http, me, scheme):
    token = me["Authorization"].partition(" ")[2]

    answer = await http.post(
        ECHOES, json={"text": "a"}, headers={"Authorization": f"{scheme} {token}"}
    )

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "credentials",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "{}",
        "Bearer {} {}",
        "Bearer {}, Bearer {}",
        "Token {}",
        "Bearer x.y.z",
        "Bearer " + "x" * 5_000,
        "Bearer \xff",
    ],
)
async def test_anything_else_is_a_401_that_says_how_to_sign_in(http, me, credentials):
    token = me["Authorization"].partition(" ")[2]
    given = {"Authorization": credentials.replace("{}", token).encode("latin-1")}

    for answer in (
        await http.post(ECHOES, json={"text": "a"}, headers=given),
        await http.get(LOOKED, headers=given),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.json()["code"] == "unauthenticated"


async def test_two_credentials_are_none(http, me):
    both = [("Authorization", me["Authorization"])] * 2

    assert (await http.post(ECHOES, json={"text": "a"}, headers=both)).status_code == 401


async def test_a_good_token_of_no_session_is_nobodys(http, adapters):
    token = adapters.tokens.sign(Claims(uuid4(), uuid4()), lasts=timedelta(minutes=5))
    given = {"Authorization": f"Bearer {token}"}

    assert (await http.post(ECHOES, json={"text": "a"}, headers=given)).status_code == 401
    assert (await http.get(LOOKED, headers=given)).status_code == 401


async def test_where_anybody_may_look_it_is_known_who_is_signed_in(http, me):
    assert (await http.get(LOOKED)).json()["text"] == "nobody"
    assert (await http.get(LOOKED, headers=me)).json()["text"] == "somebody"
