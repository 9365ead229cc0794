"""Two who add the last calendar at the same moment."""

import asyncio

import pytest

from app.domain.external_calendars import MOST_CALENDARS
from app.repositories.external_calendars import ExternalCalendarRepository
from app.repositories.providers import ProviderRepository
from tests.factories.accounts import sign_in
from tests.factories.calendars import make_external_calendar
from tests.factories.catalog import make_provider

BODY = {"name": "x", "url": "https://calendar.example/basic.ics"}
AT_ONCE = 8


async def added_at_once(client, doors) -> int:
    async with doors.database.transaction() as connection:
        provider = await make_provider(connection)
        me = await sign_in(connection, doors.adapters, user_id=provider.user_id)
        for _ in range(MOST_CALENDARS - 1):
            await make_external_calendar(connection, provider)
    path = f"/providers/{provider.id}/calendars"
    answers = await asyncio.gather(
        *(client.post(path, json=BODY, headers=me) for _ in range(AT_ONCE))
    )
    assert {answer.status_code for answer in answers} <= {201, 409}
    return [answer.status_code for answer in answers].count(201)


async def test_of_several_who_add_the_last_calendar_exactly_one_does(real_client, real_doors):
    assert await added_at_once(real_client, real_doors) == 1


async def test_control_without_the_lock_there_are_too_many(real_client, real_doors, monkeypatch):
    everybody, counted = asyncio.Barrier(AT_ONCE), ExternalCalendarRepository.count

    async def count_together(self, provider_id):
        count = await counted(self, provider_id)
        await everybody.wait()
        return count

    monkeypatch.setattr(ProviderRepository, "lock", ProviderRepository.get)
    monkeypatch.setattr(ExternalCalendarRepository, "count", count_together)

    with pytest.raises(AssertionError):
        assert await added_at_once(real_client, real_doors) == 1
