"""Devices, codes for a number and links to a chat, where two come at the same moment.

The second one always comes while the first has not committed; and each time it is shown what would
happen without what holds.
"""

import asyncio

import pytest
from sqlalchemy import exists, func, null, select, update

from app.bootstrap import Services
from app.core.statements import Query
from app.domain.devices import MOST, Platform
from app.domain.phones import MOST_TRIES
from app.domain.telegram import TelegramUpdate
from app.models import Devices, PhoneVerifications, TelegramLinks, Users
from app.repositories import phones, telegram
from app.repositories.users import UserRepository
from tests.factories.accounts import make_user, sign_in
from tests.factories.races import until_somebody_waits

PHONE = "+77010000001"
TOKEN = "a-token-that-is-long-enough-{}"
KEPT = Query(select(func.count()).select_from(Devices), int)
LIVE = Query(select(func.count()).select_from(PhoneVerifications).where(phones.IS_LIVE), int)


async def one_while_the_other(doors, first, second):
    """Let the second come before the first has committed; return what each was told."""
    async with doors.writing() as services:
        told = await first(services)
        coming = asyncio.create_task(doors.perform(second))
        waiting = asyncio.create_task(until_somebody_waits(doors))
        await asyncio.wait({coming, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
    return told, await coming


@pytest.fixture
async def ada(real_doors):
    async with real_doors.database.transaction() as connection:
        user = await make_user(connection, phone=PHONE)
        headers = await sign_in(connection, real_doors.adapters, user_id=user.id)
        claims = real_doors.adapters.tokens.verify(headers["Authorization"].split()[1])
        return await Services(connection, real_doors.adapters).actor(claims)


async def unlocked(users, user_id):
    return await users.get(user_id)


async def register_one_more_twice(doors, ada):
    def registering(number):
        return lambda services: services.devices.register(
            ada, platform=Platform.ANDROID, token=TOKEN.format(number), name=None
        )

    for number in range(MOST):
        await doors.perform(registering(number))
    await one_while_the_other(doors, registering(MOST), registering(MOST + 1))
    async with doors.database.read() as connection:
        return await connection.first(KEPT)


async def test_two_devices_at_once_are_not_one_too_many(real_doors, ada):
    assert await register_one_more_twice(real_doors, ada) == MOST


async def test_without_the_lock_they_are(real_doors, ada, monkeypatch):
    monkeypatch.setattr(UserRepository, "lock", unlocked)

    assert await register_one_more_twice(real_doors, ada) == MOST + 1


async def ask_twice(doors, ada, clock):
    await one_while_the_other(
        doors, lambda services: services.phones.ask(ada), lambda services: services.phones.ask(ada)
    )
    async with doors.database.read() as connection:
        return await connection.first(LIVE, now=clock())


async def test_of_two_codes_asked_for_at_once_one_opens(real_doors, ada, clock):
    assert await ask_twice(real_doors, ada, clock) == 1


async def test_without_the_lock_both_do(real_doors, ada, clock, monkeypatch):
    monkeypatch.setattr(UserRepository, "lock", unlocked)

    assert await ask_twice(real_doors, ada, clock) == 2


async def guess_twice_with_one_guess_left(doors, ada, clock):
    def guess(services):
        return services.phones.phones.take_try(ada.user_id, now=clock())

    await doors.perform(lambda services: services.phones.ask(ada))
    for _ in range(MOST_TRIES - 1):
        await doors.perform(guess)
    told = await one_while_the_other(doors, guess, guess)
    return sum(one is not None for one in told)


async def test_the_last_guess_is_one(real_doors, ada, clock):
    assert await guess_twice_with_one_guess_left(real_doors, ada, clock) == 1


LOOKED_BEFORE = (
    select(PhoneVerifications.id)
    .where(
        PhoneVerifications.user_id == phones.USER,
        phones.IS_LIVE,
        PhoneVerifications.tries < MOST_TRIES,
    )
    .scalar_subquery()
)
COUNTED_AFTER = Query(
    update(PhoneVerifications)
    .where(PhoneVerifications.id == LOOKED_BEFORE)
    .values(tries=PhoneVerifications.tries + 1)
    .returning(PhoneVerifications.id),
    lambda id_: id_,
)


async def test_if_it_is_looked_at_before_waiting_it_is_two(real_doors, ada, clock, monkeypatch):
    monkeypatch.setattr(phones, "TAKE_TRY", COUNTED_AFTER)

    assert await guess_twice_with_one_guess_left(real_doors, ada, clock) == 2


async def open_a_link_twice(doors, ada):
    linking = await doors.perform(lambda services: services.telegram.begin(ada))
    code = linking.url.partition("start=")[2]

    def opening(number):
        said = TelegramUpdate(number, 100 + number, "start", code, "en", is_blocked=False)
        return lambda services: services.telegram.hear(said)

    told = await one_while_the_other(doors, opening(1), opening(2))
    return sum("from now on" in reply.text for reply in told)


async def test_a_link_opens_once(real_doors, ada):
    assert await open_a_link_twice(real_doors, ada) == 1


KNOWN_BEFORE = exists().where(
    TelegramLinks.code_hash == telegram.CODE, TelegramLinks.code_expires_at > telegram.NOW
)
USED_AFTER = Query(
    update(TelegramLinks)
    .where(Users.id == TelegramLinks.user_id, select(KNOWN_BEFORE).scalar_subquery())
    .values(code_hash=null(), code_expires_at=null())
    .returning(TelegramLinks.user_id, Users.locale),
    lambda user_id, locale: (user_id, locale),
)


async def test_if_it_is_looked_up_before_waiting_it_opens_twice(real_doors, ada, monkeypatch):
    monkeypatch.setattr(telegram, "TAKE", USED_AFTER)

    assert await open_a_link_twice(real_doors, ada) == 2
