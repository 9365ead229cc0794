"""Many who use one code at the same time."""

from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest

from app.bootstrap import Doors
from app.domain.offerings import PaymentTerms
from app.domain.roles import Role
from app.repositories import promo_uses as repository
from app.repositories.promo_uses import PromoUseRepository
from app.tasks.cleanup import settle_events
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import ensure_counted, make_event, ticket_type
from tests.factories.promo_codes import make_code, uses_of
from tests.factories.races import at_once, meeting

PLACES = 8


@dataclass
class World:
    doors: Doors
    client: httpx.AsyncClient
    bodies: list[dict[str, Any]]
    people: list[dict[str, str]]

    async def book(self, who: int, what: int = 0) -> httpx.Response:
        body = self.bodies[what] | {"promo_code": "spring"}
        return await self.client.post("/bookings", json=body, headers=self.people[who])

    async def cancel(self, who: int, booking: dict[str, Any]) -> httpx.Response:
        path = f"/bookings/{booking['id']}/cancel"
        return await self.client.post(path, headers=self.people[who])

    async def uses(self) -> int:
        async with self.doors.database.read() as connection:
            await ensure_counted(connection)
            return await uses_of(connection)


@pytest.fixture
def world(real_doors, real_client, adapters):
    """Events and providers of which each is another, so that nothing but the code is shared."""

    async def make(people: int = PLACES, **limits: Any) -> World:
        bodies: list[dict[str, Any]] = []
        async with real_doors.database.transaction() as transaction:
            organizer = await make_user(transaction, Role.ORGANIZER)
            for number in range(PLACES // 2):
                event, _ = await make_event(
                    transaction, organizer.id, now=NOW, types=[ticket_type("Seat", 1000)]
                )
                bodies.append({"event_id": str(event.id), "seats": 1})
                provider = await make_provider(transaction)
                offering = await make_offering(
                    transaction, provider, payment=PaymentTerms.PREPAID, price_amount=1000
                )
                starts_at = at(6000 + 120 * number).isoformat()
                bodies.append({"service_id": str(offering.id), "starts_at": starts_at})
            headers = [await sign_in(transaction, adapters) for _ in range(people)]
            await make_code(transaction, **limits)
        return World(real_doors, real_client, bodies, headers)

    return make


def statuses(answers) -> list[int]:
    return sorted(answer.status_code for answer in answers)


@pytest.fixture
async def unguarded(url):
    """A database that lets a code be used more often than it may."""
    connection = await asyncpg.connect(url)
    found = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1"
    guard = await connection.fetchval(found, "ck_promo_codes_uses")
    await connection.execute("ALTER TABLE promo_codes DROP CONSTRAINT ck_promo_codes_uses")
    yield
    await connection.execute("SET session_replication_role = replica")  # what is append-only too
    await connection.execute("TRUNCATE promo_codes CASCADE")
    await connection.execute(f"ALTER TABLE promo_codes ADD CONSTRAINT ck_promo_codes_uses {guard}")
    await connection.close()


async def all_at_once(one: World, *, by: int = PLACES) -> list[httpx.Response]:
    return await at_once(one.doors, *(one.book(who % by, who) for who in range(PLACES)))


async def test_of_many_who_use_the_last_use_one_does(world, monkeypatch):
    monkeypatch.setattr(PromoUseRepository, "count", meeting(PromoUseRepository.count, PLACES))
    one = await world(max_uses=1)

    answers = await all_at_once(one)

    assert statuses(answers) == [201] + [409] * (PLACES - 1)
    refused = {one.json()["code"] for one in answers if one.status_code == 409}
    assert refused == {"promo-code-exhausted"}
    assert await one.uses() == 1


async def test_control_without_the_guard_all_do(world, unguarded, monkeypatch):
    monkeypatch.setattr(PromoUseRepository, "count", meeting(PromoUseRepository.count, PLACES))
    monkeypatch.setattr(repository, "COUNT", repository.counting(repository.IS_OPEN))
    one = await world(max_uses=1)

    assert statuses(await all_at_once(one)) == [201] * PLACES
    assert await one.uses() == PLACES


async def test_of_the_many_uses_of_one_person_as_many_are_as_may_be(world, monkeypatch):
    monkeypatch.setattr(PromoUseRepository, "count", meeting(PromoUseRepository.count, 2))
    one = await world(people=2, max_uses_per_user=2)

    answers = await all_at_once(one, by=2)

    assert statuses(answers) == [201] * 4 + [409] * (PLACES - 4)
    assert await one.uses() == 4


async def test_control_without_asking_how_many_they_have_all_are(world, monkeypatch):
    monkeypatch.setattr(repository, "NOTE", repository.noting())
    one = await world(people=2, max_uses_per_user=2)

    assert statuses(await all_at_once(one, by=2)) == [201] * PLACES


async def test_a_use_comes_back_once_however_many_give_it_up(world, clock):
    one = await world(people=1, max_uses=3)
    booking = (await one.book(0)).json()
    (await one.book(0, 2)).raise_for_status()

    answers = await at_once(
        one.doors, *(one.cancel(0, booking) for _ in range(4)), one.doors.perform(settle_events)
    )

    assert statuses(answers[:4]) == [200, 409, 409, 409]
    assert await one.uses() == 1
