"""A process can die anywhere while somebody is told: they are told once all the same."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.core.errors import DatabaseUnavailable
from app.core.statements import Query
from app.domain.messengers import Receipt
from app.domain.notification_deliveries import DeliveryDue, DeliveryLeased, DeliveryState
from app.domain.notification_preferences import usual
from app.domain.notifications import Channel, Facts, Kind
from app.models import NotificationDeliveries as Deliveries
from app.models import Notifications
from app.repositories.notification_preferences import NotificationPreferenceRepository
from app.repositories.notifications import NotificationRepository
from app.repositories.telegram import TelegramRepository
from app.tasks.delivery import deliver
from tests.conftest import client_of
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.jobs import announced
from tests.factories.races import at_once
from tests.services.test_paying_broken_off import FORGET, Points, dying

__all__ = ["dying"]
CHANNELS = (Channel.EMAIL, Channel.SMS, Channel.PUSH, Channel.TELEGRAM)
STATES = Query(select(Deliveries.state).order_by(Deliveries.id), DeliveryState)
TOLD = Query(select(func.count()).select_from(Notifications), int)
CHAT = 777
MOST = 6


@dataclass
class Vendor:
    """Takes what is sent, under its key; can be where a process dies.

    Of what was tried before it is asked whether it has it, as that of text messages is.
    """

    points: Points = field(default_factory=Points)
    taken: Counter[str] = field(default_factory=Counter)

    async def send(self, message: Any) -> Receipt:
        self.points("before a call")
        if message.key not in self.taken or getattr(message, "tried_at", None) is None:
            self.taken[message.key] += 1
        self.points("after a call")
        return Receipt(f"taken-{message.key}")


def by(doors, vendor):
    """Have everything sent by one vendor."""
    vendors = {"mailer": vendor, "sms": vendor, "push": vendor, "telegram": vendor}
    return replace(doors, adapters=replace(doors.adapters, **vendors))


async def reachable(doors, connection):
    """Return somebody who can be reached by every channel, and wants to be."""
    user = await make_user(connection, phone="+12025550143", phone_verified_at=NOW)
    me = await sign_in(connection, doors.adapters, user_id=user.id)
    async with client_of(doors) as client:
        body = {"platform": "ios", "token": "token-of-a-telephone"}
        assert (await client.post("/devices", headers=me, json=body)).status_code == 201
    links = TelegramRepository(connection)
    await links.begin(user.id, code_hash=user.id.bytes, expires_at=NOW + timedelta(days=1))
    await links.link(user.id, CHAT, now=NOW)
    preferences = replace(usual(user.id), choices={Kind.MESSAGE: {Channel.SMS: True}})
    await NotificationPreferenceRepository(connection).put(preferences)
    return user


async def again(clock, act):
    """Do it as the queue does: once more, some time after whatever broke."""
    for _ in range(MOST):
        try:
            return await act()
        except (DatabaseUnavailable, DeliveryLeased):
            clock.forward(minutes=2)
    raise AssertionError("it dies for ever")


async def told(doors, connection, clock, user, channel):
    """Tell them, as a business transaction would, and do all that follows."""

    async def tell(services):
        facts = Facts(text="We open at ten.")
        await services.notifications.tell(
            Kind.MESSAGE, user.id, key="opening", facts=facts, by=channel
        )

    await again(clock, lambda: doors.perform(tell))
    for message in await announced(connection):
        await again(clock, lambda message=message: deliver(doors, message))
    return await connection.all(STATES)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_wherever_it_dies_they_are_told_once(doors, database, clock, dying, channel):
    async def lived(points):
        dying[0], clock.now, vendor = Points(), NOW, Vendor(points)
        mine = by(doors, vendor)
        async with database.read() as connection:
            await connection.first(TOLD)
            savepoint = connection._raw.transaction()
            await savepoint.start()
            await connection.run(FORGET)
            try:
                user = await reachable(mine, connection)
                await connection.run(FORGET)
                dying[0] = points
                return vendor, await told(mine, connection, clock, user, channel)
            finally:
                dying[0] = Points()
                await savepoint.rollback()

    whole = Points()
    vendor, states = await lived(whole)
    assert states == [DeliveryState.SENT]
    assert list(vendor.taken.values()) == [1]
    assert {"before a call", "after a call", "before a commit", "after a commit"} <= {*whole.passed}

    for place, name in enumerate(whole.passed, start=1):
        vendor, states = await lived(Points(place))
        assert states == [DeliveryState.SENT], (place, name)
        assert len(vendor.taken) == 1, (place, name)  # the same key, for who looks at keys
        most = 1 if channel is Channel.SMS else 2
        assert vendor.taken.total() <= most, (place, name)


@pytest.fixture
async def opened(real_doors):
    async with real_doors.database.read() as connection:
        return await make_user(connection)


async def told_by_two(doors, user):
    async def tell(services):
        facts = Facts(text="We open at ten.")
        return await services.notifications.tell(
            Kind.MESSAGE, user.id, key="opening", facts=facts, by=Channel.EMAIL
        )

    made = await at_once(doors, *(doors.perform(tell) for _ in range(5)))
    async with doors.database.read() as connection:
        due = [one for one in await announced(connection) if isinstance(one, DeliveryDue)]
        return len([one for one in made if one is not None]), len(due)


async def test_what_several_announce_at_once_is_told_once(real_doors, opened):
    assert await told_by_two(real_doors, opened) == (1, 1)


async def test_without_a_key_of_the_fact_each_would_be_told(real_doors, opened, monkeypatch):
    add, numbers = NotificationRepository.add, iter(range(100))

    async def by_another_name(self, one):
        return await add(self, replace(one, key=f"{one.key}/{next(numbers)}"))

    monkeypatch.setattr(NotificationRepository, "add", by_another_name)

    assert await told_by_two(real_doors, opened) == (5, 5)
