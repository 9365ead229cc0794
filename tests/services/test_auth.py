"""Registering and logging in: what is held meanwhile, and what it costs whom."""

import asyncio
from contextlib import suppress
from dataclasses import replace

import asyncpg
import pytest
from sqlalchemy import Boolean, String, bindparam, func, select, update

from app.bootstrap import Doors
from app.core.crypto import PasswordHasher
from app.core.database import SESSION, Database, open_pool, speak_json
from app.core.i18n import Locale
from app.core.statements import Command, Query
from app.domain.passwords import WeakPassword
from app.domain.sessions import InvalidCredentials
from app.domain.users import Registration, UserStatus
from app.models import Users
from app.repositories.verifications import ADDRESS
from tests.conftest import OneConnection
from tests.factories.accounts import make_user
from tests.factories.jobs import announced
from tests.factories.races import SOON

PASSWORD = "correct horse battery"
REHASH = Command(update(Users).values(password_hash=bindparam("new")))
HASHES = Query(select(Users.password_hash), str)


class Gated(PasswordHasher):
    """Tells when it is asked, and works when it is let."""

    def __init__(self) -> None:
        super().__init__(memory=8, passes=1)
        self.asked, self.let = asyncio.Event(), asyncio.Event()
        self.worked = 0

    async def _run(self, work):
        self.asked.set()
        await self.let.wait()
        self.worked += 1
        return await super()._run(work)


@pytest.fixture
async def passwords():
    gated = Gated()
    gated.let.set()
    yield gated
    gated.close()


def ada(**changes) -> Registration:
    wanted = Registration(email="ada@example.com", password=PASSWORD, locale=Locale.EN)
    return replace(wanted, **changes)


@pytest.fixture
async def narrow(url, adapters, passwords, real_database):
    """Doors with a single connection behind them, whose hashes wait."""
    pool = await open_pool(url, size=1)
    doors = Doors(Database(pool), replace(adapters, passwords=passwords))
    async with doors.database.read() as connection:
        await make_user(
            connection, email="eve@example.com", password_hash=await passwords.hash(PASSWORD)
        )
    passwords.asked.clear()
    passwords.let.clear()
    yield doors
    await pool.close()


@pytest.mark.parametrize(
    "use_case",
    [
        lambda services: services.auth.log_in("eve@example.com", PASSWORD),
        lambda services: services.auth.register(ada()),
        lambda services: services.users.create_staff("a@b.test", PASSWORD, "admin"),
    ],
    ids=["login", "register", "staff"],
)
async def test_while_a_password_is_hashed_no_connection_is_held(narrow, passwords, use_case):
    """Or a storm of logins would leave none for anybody else."""
    waiting = asyncio.create_task(narrow.perform(use_case))
    await passwords.asked.wait()

    async with asyncio.timeout(SOON), narrow.reading() as services:
        assert await services.health.ready()

    passwords.let.set()
    await waiting


async def test_a_password_changed_while_it_is_checked_opens_nothing(narrow, passwords):
    login = asyncio.create_task(
        narrow.perform(lambda services: services.auth.log_in("eve@example.com", PASSWORD))
    )
    await passwords.asked.wait()
    async with narrow.database.read() as connection:
        await connection.run(REHASH, new="$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$" + "A" * 43)

    passwords.let.set()

    with pytest.raises(InvalidCredentials):
        await login


async def test_who_is_deactivated_while_logging_in_stays_out(narrow, passwords):
    login = asyncio.create_task(
        narrow.perform(lambda services: services.auth.log_in("eve@example.com", PASSWORD))
    )
    await passwords.asked.wait()
    async with narrow.database.read() as connection:
        await connection.run(Command(update(Users).values(status=UserStatus.DEACTIVATED)))

    passwords.let.set()

    with pytest.raises(InvalidCredentials):
        await login


async def test_a_hash_of_old_costs_is_replaced_at_the_next_login(doors, connection, adapters):
    old = PasswordHasher(memory=16, passes=1)
    before = await old.hash(PASSWORD)
    old.close()
    user = await make_user(connection, password_hash=before)

    await doors.perform(lambda services: services.auth.log_in(user.email, PASSWORD))

    (after,) = await connection.all(HASHES)
    assert after != before
    assert not adapters.passwords.is_outdated(after)
    assert await adapters.passwords.verify(PASSWORD, after)


class Counting:
    """A connection that counts what it is asked."""

    def __init__(self, raw) -> None:
        self._raw, self.asked = raw, 0

    def __getattr__(self, name):
        if name in ("fetch", "fetchrow", "execute"):
            self.asked += 1
        return getattr(self._raw, name)


@pytest.fixture
async def counted(url, adapters, passwords):
    raw = await asyncpg.connect(url, server_settings=SESSION)
    await speak_json(raw)
    outer = raw.transaction()
    await outer.start()
    counting = Counting(raw)
    doors = Doors(Database(OneConnection(counting)), replace(adapters, passwords=passwords))
    yield doors, counting, passwords
    await outer.rollback()
    await raw.close()


async def work(counted, use_case) -> tuple[int, int]:
    """Return how many statements and how many hashes a use case takes."""
    doors, connection, passwords = counted
    statements, hashes = connection.asked, passwords.worked
    with suppress(InvalidCredentials):
        await doors.perform(use_case)
    return connection.asked - statements, passwords.worked - hashes


def registering(wanted: Registration):
    return lambda services: services.auth.register(wanted)


async def test_registering_a_known_address_is_the_same_work_as_a_new_one(counted):
    doors, *_ = counted
    async with doors.database.read() as connection:
        await make_user(connection, email="known@example.com")
        for wanted in (ada(), ada(username="ada", phone="+12025550143")):
            new, pending, known = [
                await work(counted, registering(replace(wanted, email=email)))
                for email in ("new@example.com", "new@example.com", "known@example.com")
            ]
            assert new == pending == known
            assert new[1] == 2  # the hash, and whether it is the one from before
        assert len(await announced(connection)) == 6


async def test_asking_for_a_code_is_the_same_work_for_everybody(counted):
    doors, *_ = counted
    async with doors.database.read() as connection:
        await make_user(connection, email="known@example.com")
        await make_user(connection, email="pending@example.com", status=UserStatus.PENDING)
        costs = [
            await work(counted, lambda services, to=to: services.verifications.ask_again(to))
            for to in ("known@example.com", "pending@example.com", "nobody@example.com")
        ]
        jobs = await announced(connection)

    assert len(set(costs)) == 1
    assert len({type(job) for job in jobs}) == 1


async def test_an_unknown_address_costs_a_login_as_much_as_a_wrong_password(counted, passwords):
    doors, *_ = counted
    async with doors.database.read() as connection:
        await make_user(
            connection, email="known@example.com", password_hash=await passwords.hash(PASSWORD)
        )
    await passwords.verify("x", None)  # nobody's hash is made once

    known, unknown = [
        await work(counted, lambda services, to=to: services.auth.log_in(to, "wrong horse"))
        for to in ("known@example.com", "nobody@example.com")
    ]

    assert known == unknown == (2, 1)


async def test_a_weak_password_is_refused_before_it_is_hashed(doors, passwords):
    doors = replace(doors, adapters=replace(doors.adapters, passwords=passwords))

    with pytest.raises(WeakPassword):
        await doors.perform(lambda services: services.auth.register(ada(password="password123")))

    assert passwords.worked == 0


IS_FREE = Query(
    select(
        func.pg_try_advisory_xact_lock(
            func.hashtextextended(bindparam("email", type_=String), ADDRESS), type_=Boolean
        )
    ),
    bool,
)


async def test_while_an_address_changes_hands_nobody_else_can_take_it(real_doors):
    """Or two who do so at once could lock each other's rows and wait a second for it to end."""
    async with real_doors.writing() as services, real_doors.database.read() as another:
        await services.auth.register(ada())

        assert not await another.first(IS_FREE, email="ada@example.com")
        assert await another.first(IS_FREE, email="eve@example.com")
