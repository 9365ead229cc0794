"""Conditional requests (RFC 9110, 13)."""

import pytest

from app.api.conditions import matches, tag_of

ECHO = "/api/v1/echoes/0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"


@pytest.fixture
async def tag(http) -> str:
    return (await http.get(ECHO)).headers["ETag"]


async def test_a_tag_is_strong_and_of_the_very_bytes(http, tag):
    response = await http.get(ECHO)

    assert tag == tag_of(response.content)
    assert tag[0] == tag[-1] == '"'


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*", ' "x" ,W/{} ', '"a,b", {}'])
async def test_what_you_have_already_is_a_304(http, tag, form):
    response = await http.get(ECHO, headers={"If-None-Match": form.format(tag)})

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == tag
    assert "Content-Type" not in response.headers


@pytest.mark.parametrize("form", ['"other"', "other", '"a", "b"', "", ","])
async def test_what_you_do_not_have_is_sent(http, form):
    assert (await http.get(ECHO, headers={"If-None-Match": form})).status_code == 200


@pytest.mark.parametrize("form", ["{}", '"other", {}', "*"])
async def test_a_change_of_what_you_saw_is_made(http, tag, form):
    response = await http.patch(ECHO, headers={"If-Match": form.format(tag)})

    assert (response.status_code, response.headers["ETag"]) == (200, tag)


async def test_a_change_without_a_condition_is_made(http):
    assert (await http.patch(ECHO)).status_code == 200


@pytest.mark.parametrize("form", ['"other"', "W/{}", '"a", "b"', ",", "nonsense"])
async def test_a_change_of_something_else_is_a_412(http, tag, form):
    """A weak tag never matches here (RFC 9110, 13.1.1)."""
    response = await http.patch(ECHO, headers={"If-Match": form.format(tag)})

    assert (response.status_code, response.json()["code"]) == (412, "precondition-failed")


async def test_a_header_longer_than_any_list_of_tags_is_a_422(http):
    response = await http.get(ECHO, headers={"If-None-Match": '"a",' * 300})

    assert response.status_code == 422
    assert response.json()["errors"][0]["location"] == "header"


def test_a_tag_inside_another_is_not_it():
    assert not matches('"abc"', '"b"')
    assert not matches('""abc""', '"abc"')
