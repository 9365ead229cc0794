"""The lists of the catalog are served by indexes, not by reading the tables."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import pytest

from app.core.database import Database
from app.domain.accounts import AccountFilter
from app.domain.events import EventFilter, EventStatus
from app.domain.offerings import OfferingFilter, OfferingStatus
from app.domain.places import around
from app.domain.providers import ProviderFilter, ProviderStatus
from app.repositories import accounts, events, offerings, providers
from app.repositories.base import values
from tests.factories.accounts import make_user
from tests.factories.clock import NOW

MANY = 2000
ADD_OFFERINGS = """
INSERT INTO offerings (id, owner_id, name, description, tags, duration_minutes, slot_step_minutes,
    max_horizon_days, price_amount, price_currency, payment, status, rating_average, created_at)
SELECT gen_random_uuid(), $1, md5(n::text), md5((n + 1)::text), ARRAY['t' || n % 500], 60, 30,
    60, n, 'EUR', 'on_site', CASE WHEN n % 10 = 0 THEN 'draft' ELSE 'active' END, n % 50 / 10.0,
    $2::timestamptz + n * interval '1 minute'
FROM generate_series(1, $3::int) n"""
ADD_PROVIDERS = """
WITH users AS (
    INSERT INTO users (id, email, roles, status, locale, timezone)
    SELECT gen_random_uuid(), n || '@example.com', '{provider}', 'active', 'en', 'UTC'
    FROM generate_series(1, $1::int) n RETURNING id
)
INSERT INTO providers (id, user_id, name, bio, timezone, status, rating_average)
SELECT gen_random_uuid(), id, md5(id::text), md5(id::text || 'bio'), 'UTC', 'active', 4.5
FROM users"""

ADD_EVENTS = """
WITH events AS (
    INSERT INTO events (id, organizer_id, title, description, tags, status, timezone, starts_at,
        starts_local, ends_at, location, latitude, longitude, max_participants, price_amount,
        price_currency, created_at)
    SELECT gen_random_uuid(), $1, md5(n::text), md5((n + 1)::text), ARRAY['t' || n % 500],
        CASE WHEN n % 10 = 0 THEN 'draft' ELSE 'published' END, 'UTC',
        $2::timestamptz + n * interval '1 hour', '2030-01-01T00:00:00',
        $2::timestamptz + (n + 2) * interval '1 hour', 'Here', random() * 170 - 85,
        random() * 360 - 180, 10, 0, 'EUR', $2::timestamptz - n * interval '1 minute'
    FROM generate_series(1, $3::int) n RETURNING id
)
INSERT INTO event_capacity (event_id, capacity) SELECT id, 10 FROM events"""


@pytest.fixture
async def raw(database: Database) -> Any:
    return await database._pool.acquire()


async def plan(raw: Any, listing: Any, wanted: Any, sort: str, **facts: Any) -> str:
    """Return how PostgreSQL would find the first page."""
    given: Mapping[str, Any] = {
        name: value for name, value in values(wanted).items() if value is not None
    }
    query = listing._query(frozenset(given), sort, False, 21)
    lines = await raw.fetch(f"EXPLAIN {query.sql}", *query.arguments({**given, **facts}))
    return "\n".join(line[0] for line in lines)


async def settle(raw: Any, table: str) -> None:
    """Leave the table as autovacuum would."""
    await raw.execute(f"SELECT gin_clean_pending_list('ix_{table}_searched')")
    await raw.execute(f"ANALYZE {table}")


async def test_lists_of_services_read_indexes(raw, connection):
    owner = await make_user(connection)
    await raw.execute(ADD_OFFERINGS, owner.id, NOW, MANY)
    await settle(raw, "offerings")
    active = OfferingFilter(status=OfferingStatus.ACTIVE)

    for sort, index in (
        ("name", "ix_offerings_named"),
        ("-name", "ix_offerings_named"),
        ("price", "ix_offerings_priced"),
        ("-price", "ix_offerings_priced"),
        ("-rating", "ix_offerings_rated"),
        ("-created_at", "ix_offerings_created"),
    ):
        found = await plan(raw, offerings.MATCHING, active, sort)
        assert f"using {index}" in found
        assert "Seq Scan on offerings" not in found
        assert "Sort Key: offerings" not in found

    for q in ("hiarcut", "стришка", "50% off"):
        found = await plan(raw, offerings.MATCHING, replace(active, q=q), "relevance")
        assert found.count("Bitmap Index Scan on ix_offerings_searched") == 2
        assert "Seq Scan on offerings" not in found

    found = await plan(raw, offerings.MATCHING, replace(active, tag="t7"), "name")
    assert "ix_offerings_tags" in found


async def test_lists_of_providers_read_indexes(raw):
    await raw.execute(ADD_PROVIDERS, MANY)
    await settle(raw, "providers")
    active = ProviderFilter(status=ProviderStatus.ACTIVE)

    for wanted, sort, index in (
        (active, "name", "Index Scan using ix_providers_named"),
        (active, "-rating", "using ix_providers_rated"),
        (replace(active, q="barbr"), "relevance", "Bitmap Index Scan on ix_providers_searched"),
    ):
        found = await plan(raw, providers.MATCHING, wanted, sort)
        assert index in found
        assert "Seq Scan on providers" not in found


@pytest.mark.parametrize("longitude", [13.405, 179.95])
async def test_who_is_near_is_read_from_the_index_of_places(raw, longitude):
    await raw.execute(ADD_PROVIDERS, MANY)
    await raw.execute(
        "UPDATE providers SET latitude = random() * 170 - 85, longitude = random() * 360 - 180"
    )
    await settle(raw, "providers")
    near = ProviderFilter(
        latitude=52.52, longitude=longitude, radius_km=25.0, status=ProviderStatus.ACTIVE
    )
    boxes = asdict(around(52.52, longitude, 25.0))

    for sort in ("distance", "name"):
        found = await plan(raw, providers.NEAR, near, sort, **boxes)
        assert "ix_providers_place" in found
        assert "Seq Scan on providers" not in found


async def test_lists_of_accounts_read_indexes(raw):
    await raw.execute(ADD_PROVIDERS, MANY)
    await settle(raw, "users")
    everybody = AccountFilter()

    for wanted, sort, index in (
        (everybody, "-created_at", "using ix_users_created"),
        (everybody, "email", "using uq_users_email"),
        (replace(everybody, q="1234"), "-created_at", "Bitmap Index Scan on ix_users_searched"),
    ):
        found = await plan(raw, accounts.MATCHING, wanted, sort)
        assert index in found
        assert "Seq Scan on users" not in found


async def test_lists_of_events_read_indexes(raw, connection):
    organizer = await make_user(connection)
    await raw.execute(ADD_EVENTS, organizer.id, NOW, MANY)
    await settle(raw, "events")
    await raw.execute("ANALYZE event_capacity")
    ahead = EventFilter(status=EventStatus.PUBLISHED, upcoming=True)
    near = replace(ahead, latitude=52.52, longitude=13.4, radius_km=25.0)

    for wanted, sort, index in (
        (ahead, "starts_at", "ix_events_starting"),
        (ahead, "-starts_at", "ix_events_starting"),
        (ahead, "title", "ix_events_titled"),
        (ahead, "-created_at", "ix_events_created"),
        (replace(ahead, starts_after=NOW), "starts_at", "ix_events_starting"),
        (replace(ahead, has_seats=True), "starts_at", "ix_events_starting"),
        (replace(ahead, q="singign"), "relevance", "ix_events_searched"),
        (replace(ahead, tag="t7"), "starts_at", "ix_events_tags"),
    ):
        found = await plan(raw, events.MATCHING, wanted, sort, now=NOW)
        assert index in found, (sort, found)
        assert "Seq Scan on events" not in found
    boxes = asdict(around(52.52, 13.4, 25.0))
    found = await plan(raw, events.NEAR, near, "distance", now=NOW, **boxes)
    assert "ix_events_place" in found
    assert "Seq Scan on events" not in found
