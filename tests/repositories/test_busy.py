"""Busy times are read by the range that is asked for, not by the year that is kept."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.database import Database
from app.repositories.availability import BUSY
from tests.factories.accounts import make_user
from tests.factories.catalog import make_offering, make_provider

PROVIDERS = 5
YEAR = 365
A_DAY = 4  # bookings of each provider
SINCE = datetime(2030, 3, 4, tzinfo=UTC)
ADD_A_YEAR = """
INSERT INTO bookings (id, kind, status, customer_id, service_id, provider_id, title, timezone,
    starts_at, starts_local, ends_at, blocked_from, blocked_until, seats, price_amount,
    price_currency, payment_status, free_until_minutes, late_fee_percent, created_at, updated_at)
SELECT gen_random_uuid(), 'appointment', status, $1, $2, $3, 'Haircut', 'UTC', starts_at,
    to_char(starts_at, 'YYYY-MM-DD"T"HH24:MI:SS'), ends_at, starts_at - interval '5 minutes',
    ends_at, 1, 4500, 'EUR', 'not_required', 0, 0, starts_at, starts_at
FROM generate_series(0, $4::int - 1) AS n,
LATERAL (
    SELECT $5::timestamptz + n * interval '1 day' / $6::int AS starts_at,
        $5::timestamptz + n * interval '1 day' / $6::int + interval '1 hour' AS ends_at,
        CASE WHEN n % 5 = 0 THEN 'cancelled' ELSE 'confirmed' END AS status
) AS a_day"""


@pytest.fixture
async def raw(database: Database) -> Any:
    return await database._pool.acquire()


@pytest.fixture
async def booked(raw, connection):
    """Return providers with a year of bookings behind and before them."""
    customer, found = await make_user(connection), []
    for _ in range(PROVIDERS):
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider)
        begin = SINCE - timedelta(days=YEAR // 2)
        ids = (customer.id, offering.id, provider.id)
        await raw.execute(ADD_A_YEAR, *ids, YEAR * A_DAY, begin, A_DAY)
        found.append(provider.id)
    await raw.execute("ANALYZE bookings")
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes(below)


def read(plan: dict[str, Any]) -> float:
    """Return how many rows of the table or its indexes a plan went through."""
    counted = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
    return sum(
        node.get(name, 0) * node["Actual Loops"]
        for node in nodes(plan)
        if "Scan" in node["Node Type"]
        for name in counted
    )


def most(days: int) -> int:
    """Return how many rows may be read: a bitmap and the rows it leads to count twice."""
    inside = PROVIDERS * (days * A_DAY + 2)
    return 2 * inside


async def explained(raw: Any, provider_ids: list[Any], days: int) -> dict[str, Any]:
    given = {
        "provider_ids": provider_ids,
        "since": SINCE,
        "until": SINCE + timedelta(days=days),
        "now": SINCE,
        "but": None,
    }
    sql = f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {BUSY.sql}"
    told = json.loads(await raw.fetchval(sql, *BUSY.arguments(given)))
    plan: dict[str, Any] = told[0]["Plan"]
    return plan


@pytest.mark.parametrize("days", [1, 7])
@pytest.mark.parametrize("generic", [False, True])
async def test_no_row_is_read_beyond_the_range(raw, booked, days, generic):
    if generic:
        await raw.execute("SET LOCAL plan_cache_mode = force_generic_plan")

    plan = await explained(raw, booked, days)

    assert plan["Actual Rows"] == PROVIDERS
    assert PROVIDERS <= read(plan) <= most(days)


async def test_control_without_the_index_the_whole_year_is_read(raw, booked):
    for way in ("enable_indexscan", "enable_bitmapscan"):
        await raw.execute(f"SET LOCAL {way} = off")

    plan = await explained(raw, booked, 1)

    assert plan["Actual Rows"] == PROVIDERS
    assert read(plan) == PROVIDERS * YEAR * A_DAY
