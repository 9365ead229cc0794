"""What is offered instead of a time that is not free."""

from datetime import datetime, timedelta

from app.bootstrap import Services
from app.core.database import Connection
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW

MONDAY = datetime.fromisoformat("2030-03-04T00:00:00Z")


async def alternatives(services: Services, connection: Connection, weekly: list[list[int]]):
    """Return the starts that are offered instead of NOW, a Friday at noon."""
    provider = await make_provider(connection, weekly=weekly)
    made = await make_offering(connection, provider)
    slots = await services.availability.alternatives(made, None, NOW)
    return [slot.starts_at for slot in slots]


async def test_alternatives_are_days_away_where_nothing_nearer_is_free(services, connection):
    found = await alternatives(services, connection, weekly=[[0, 540, 720]])

    assert found == [MONDAY + timedelta(hours=9, minutes=30 * n) for n in range(5)]


async def test_what_is_near_but_scarce_is_filled_up_with_what_is_far(services, connection):
    found = await alternatives(services, connection, weekly=[[4, 780, 840], [0, 540, 720]])

    near = NOW + timedelta(hours=1)
    assert found == [near, *(MONDAY + timedelta(hours=9, minutes=30 * n) for n in range(4))]


async def test_nothing_is_offered_where_nothing_is_free_for_two_weeks(services, connection):
    assert await alternatives(services, connection, weekly=[]) == []
