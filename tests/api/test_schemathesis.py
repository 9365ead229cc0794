"""Whatever a client makes of the document: no 5xx, and nothing the document does not tell.

FUZZ_EXAMPLES says how many requests of each kind an operation gets; the default keeps the suite
fast, some thousands make a night of it.
"""

import asyncio
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx
import pytest
import requests
import schemathesis
from hypothesis import given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks
from sqlalchemy import select

from app.api.openapi import operations
from app.bootstrap import Doors, build_adapters
from app.core.config import Settings
from app.core.crypto import PasswordHasher
from app.core.database import SESSION, Database, speak_json
from app.core.statements import Query
from app.domain.roles import Role
from app.main import create_app
from app.models import Tickets
from tests.conftest import SECRET, OneConnection
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_category, make_offering, make_provider
from tests.factories.clock import NOW, Clock
from tests.factories.events import make_event
from tests.factories.seats import book_seats

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "8"))
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
APP = create_app(
    Settings(_env_file=None, environment="test", secret_key=SECRET, cors_origins="https://a.test")
)
SCHEMA = schemathesis.openapi.from_dict(APP.openapi())
TICKET = Query(select(Tickets.id), lambda id_: id_)


def can_be_wrong(operation: dict[str, Any]) -> bool:
    """Tell whether there is anything to send wrongly; a cookie is believed or not."""
    sent = [one for one in operation.get("parameters", ()) if one["in"] != "cookie"]
    return bool(sent) or "requestBody" in operation


CASES = [
    (operation["operationId"], mode)
    for _, _, operation in operations(APP.openapi())
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or can_be_wrong(operation)
]


@dataclass
class World:
    """The application over one connection, with people and things in it, on a loop of its own."""

    loop: asyncio.AbstractEventLoop
    client: httpx.AsyncClient
    people: list[dict[str, str]]
    ids: dict[str, str]

    def answer(self, case: Any) -> httpx.Response:
        """Send a case as somebody, every other time about something that is there."""
        for name, known in self.ids.items():
            if name in case.path_parameters and random.random() < 0.5:
                case.path_parameters[name] = known
        asked = requests.Request(**case.as_transport_kwargs(base_url="http://test")).prepare()
        headers = {**asked.headers, **random.choice(self.people)}
        sent = self.client.request(asked.method, asked.url, headers=headers, content=asked.body)
        return self.loop.run_until_complete(sent)


@pytest.fixture(scope="module")
def world(url: str) -> Iterator[World]:
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(url, server_settings=SESSION))
    loop.run_until_complete(speak_json(connection))
    outer = connection.transaction()
    loop.run_until_complete(outer.start())
    yield loop.run_until_complete(peopled(loop, Database(OneConnection(connection))))
    loop.run_until_complete(outer.rollback())
    loop.run_until_complete(connection.close())
    loop.close()


async def peopled(loop: asyncio.AbstractEventLoop, database: Database) -> World:
    made = build_adapters(Settings(_env_file=None, secret_key=SECRET), Clock())
    adapters = replace(made, passwords=PasswordHasher(memory=8, passes=1))
    async with database.transaction() as connection:
        provider = await make_provider(connection)
        offering, category = (
            await make_offering(connection, provider),
            await make_category(connection),
        )
        organizer = await make_user(connection, Role.ORGANIZER)
        event, (ticket_type,) = await make_event(connection, organizer.id, now=NOW)
        people = [
            {},
            await sign_in(connection, adapters),
            await sign_in(connection, adapters, Role.ADMIN),
            await sign_in(connection, adapters, user_id=provider.user_id),
            await sign_in(connection, adapters, user_id=organizer.id),
        ]
        user = await make_user(connection)
        booking = await book_seats(connection, event.id, user.id)
        ticket_id = await connection.first(TICKET)

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        doors = Doors(database, adapters)
        scope["state"] = {"doors": doors, "tokens": adapters.tokens}
        await APP(scope, receive, send)

    ids = {"service_id": offering.id, "provider_id": provider.id, "category_id": category.id}
    ids |= {"event_id": event.id, "ticket_type_id": ticket_type.id}
    ids |= {"booking_id": booking.id, "ticket_id": ticket_id}
    return World(
        loop,
        httpx.AsyncClient(transport=httpx.ASGITransport(with_state)),
        people,
        {name: str(id_) for name, id_ in {**ids, "user_id": user.id}.items()},
    )


@pytest.mark.parametrize(
    ("name", "mode"), CASES, ids=lambda value: str(getattr(value, "value", value))
)
def test_an_operation_answers_as_it_is_documented(world, name, mode):
    operation = SCHEMA.find_operation_by_id(name)

    @settings(max_examples=EXAMPLES)
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.validate_response(world.answer(case), checks=CHECKS)

    ask()
