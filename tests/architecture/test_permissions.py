"""Each operation, asked by each kind of person, answers what the table says."""

from typing import Any

import httpx
import pytest

from app.api.openapi import operations
from app.core.config import Settings
from app.core.database import Database
from app.main import create_app
from tests.architecture.conftest import ask
from tests.architecture.permissions import NEVER_MADE, PEOPLE, TABLE, Row
from tests.conftest import SECRET

OPERATIONS = {
    operation["operationId"]: operation
    for _, _, operation in operations(
        create_app(Settings(_env_file=None, environment="test", secret_key=SECRET)).openapi()
    )
}


@pytest.fixture
def database(standing_database: Database) -> Database:
    return standing_database


def test_every_operation_has_a_row_and_every_row_an_operation():
    assert {name.partition("/")[0] for name in TABLE} == OPERATIONS.keys()


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("name", TABLE)
async def test_each_person_is_answered_as_the_table_says(client, world, name, person):
    row = TABLE[name]

    response = await ask(client, world, row, world.people[person])

    assert response.status_code == row.expected(person), response.text


HIDDEN = [
    (name, person)
    for name, row in TABLE.items()
    for person in PEOPLE
    if row.expected(person) == 404 and "{" in row.path
]


@pytest.mark.parametrize(("name", "person"), HIDDEN)
async def test_what_is_anothers_is_answered_like_what_was_never_made(client, world, name, person):
    row = TABLE[name]
    there = await ask(client, world, row, world.people[person])
    world.things = {
        name: thing if "email" in name else NEVER_MADE for name, thing in world.things.items()
    }

    nowhere = await ask(client, world, row, world.people[person])

    assert _told(nowhere) == _told(there)


def _told(response: httpx.Response) -> tuple[int, dict[str, Any]]:
    body = response.json()
    return response.status_code, {**body, "instance": None, "request_id": None}


ASKING = [
    name for name in TABLE if "/" not in name and {} not in OPERATIONS[name].get("security", [{}])
]


@pytest.mark.parametrize("name", ASKING)
async def test_whoever_is_nobody_is_told_so_before_what_they_sent_is_looked_at(client, world, name):
    row = TABLE[name]
    bare = Row(row.method, row.path, 401, row.may)

    response = await ask(client, world, bare, {})

    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
