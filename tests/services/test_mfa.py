"""The second factor: what is held meanwhile, and what stands after a refusal."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from app.bootstrap import Doors
from app.core.crypto import PasswordHasher
from app.core.database import Database, open_pool
from app.core.errors import Contention, Unauthenticated
from app.core.statements import Command, Query
from app.domain.actors import Actor, StepUpRequired
from app.domain.limits import RateLimited
from app.domain.mfa import MfaAlreadyOn, MfaRequired, WrongCode, WrongPassword
from app.domain.users import UserStatus
from app.models import RecoveryCodes, Users
from tests.factories.accounts import make_user
from tests.factories.mail import other_than
from tests.factories.mfa import App
from tests.factories.races import SOON, until_somebody_waits

PASSWORD = "correct horse battery"
LIVE_CODES = Query(
    select(func.count()).select_from(RecoveryCodes).where(RecoveryCodes.used_at.is_(None)), int
)
REHASH = Command(update(Users).values(password_hash="$argon2id$another"))
DEACTIVATE = Command(update(Users).values(status=UserStatus.DEACTIVATED))


class Gated(PasswordHasher):
    """Tells when it is asked, and works when it is let."""

    def __init__(self) -> None:
        super().__init__(memory=8, passes=1)
        self.asked, self.let = asyncio.Event(), asyncio.Event()
        self.let.set()

    async def _run(self, work):
        self.asked.set()
        await self.let.wait()
        return await super()._run(work)


async def signed_in(doors, user) -> Actor:
    """Return who somebody is in a session that has just begun."""
    pair = await doors.perform(lambda services: services.sessions.start(user))
    claims = doors.adapters.tokens.verify(pair.access)
    return await doors.perform(lambda services: services.actor(claims))


async def turned_on(doors, user, clock) -> tuple[App, list[str]]:
    actor = await signed_in(doors, user)
    password = None if user.password_hash is None else PASSWORD
    enrolment = await once(doors, lambda mfa: mfa.set_up(actor, password))
    app = App(enrolment.secret, clock)
    codes = await once(doors, lambda mfa: mfa.activate(actor, app.code()))
    clock.forward(seconds=30)
    return app, codes


async def once(doors, use_case):
    async with doors.writing() as services:
        return await use_case(services.mfa)


async def set_up(doors, user, clock):
    actor = await signed_in(doors, user)
    return actor, lambda mfa: mfa.set_up(actor, PASSWORD)


async def step_up(doors, user, clock):
    actor = await signed_in(doors, user)
    return actor, lambda mfa: mfa.step_up_by_password(actor, PASSWORD)


async def turn_off(doors, user, clock):
    app, _ = await turned_on(doors, user, clock)
    actor = await signed_in(doors, user)
    return actor, lambda mfa: mfa.turn_off(actor, password=PASSWORD, code=app.code())


@pytest.fixture(params=[set_up, step_up, turn_off], ids=lambda use_case: use_case.__name__)
async def narrow(url, adapters, real_database, clock, request):
    """Doors with a single connection behind them; somebody whose password is being checked."""
    passwords = Gated()
    pool = await open_pool(url, size=1)
    doors = Doors(Database(pool), replace(adapters, passwords=passwords))
    async with doors.database.read() as connection:
        user = await make_user(connection, password_hash=await passwords.hash(PASSWORD))
    actor, use_case = await request.param(doors, user, clock)
    passwords.asked.clear()
    passwords.let.clear()
    waiting = asyncio.create_task(once(doors, use_case))
    await passwords.asked.wait()
    yield doors, passwords, actor, waiting
    passwords.close()
    await pool.close()


async def is_on(doors, actor) -> bool:
    return await doors.perform(lambda services: services.mfa.is_on(actor.user_id))


async def test_while_the_password_is_checked_no_connection_is_held(narrow):
    doors, passwords, _, waiting = narrow

    async with asyncio.timeout(SOON), doors.reading() as services:
        assert await services.health.ready()

    passwords.let.set()
    await waiting


@pytest.mark.parametrize("change", [REHASH, DEACTIVATE], ids=["password", "status"])
async def test_a_password_that_changed_while_it_was_checked_is_no_proof(narrow, change):
    doors, passwords, actor, waiting = narrow
    before = await is_on(doors, actor)
    async with doors.database.read() as connection:
        await connection.run(change)

    passwords.let.set()

    with pytest.raises(Contention):
        await waiting
    assert await is_on(doors, actor) == before


async def test_a_session_that_ended_while_the_password_was_checked_does_nothing(narrow):
    doors, passwords, actor, waiting = narrow
    before = await is_on(doors, actor)
    await doors.perform(lambda services: services.sessions.end_all(actor))

    passwords.let.set()

    with pytest.raises(Unauthenticated):
        await waiting
    assert await is_on(doors, actor) == before


@pytest.mark.parametrize("narrow", [set_up], indirect=True)
async def test_a_factor_turned_on_while_another_is_set_up_stays(narrow, real_doors, clock):
    _, passwords, actor, waiting = narrow
    enrolment = await once(real_doors, lambda mfa: mfa.set_up(actor, PASSWORD))
    app = App(enrolment.secret, clock)
    await once(real_doors, lambda mfa: mfa.activate(actor, app.code()))

    passwords.let.set()

    with pytest.raises(MfaAlreadyOn):
        await waiting
    await once(real_doors, lambda mfa: mfa.step_up_by_code(actor, app.code(steps=1)))


async def test_of_two_sets_of_codes_made_at_once_the_later_one_is_left(
    real_doors, real_database, clock
):
    """Without the lock on the account, the second would not see what it must forget."""
    async with real_database.read() as connection:
        user = await make_user(connection)
    app, codes = await turned_on(real_doors, user, clock)
    actor = await signed_in(real_doors, user)

    async with real_doors.writing() as services:
        await services.mfa.renew_codes(actor, codes[0])
        second = asyncio.create_task(
            once(real_doors, lambda mfa: mfa.renew_codes(actor, app.code()))
        )
        await until_somebody_waits(real_doors)
    left = await second

    async with real_database.read() as connection:
        assert await connection.all(LIVE_CODES) == [10]
    await once(real_doors, lambda mfa: mfa.step_up_by_code(actor, left[0]))


async def test_a_hash_made_anew_stands_though_a_code_is_asked_for(
    doors, connection, adapters, clock
):
    old = PasswordHasher(memory=16, passes=1)
    user = await make_user(connection, password_hash=await old.hash(PASSWORD))
    old.close()
    app, _ = await turned_on(doors, user, clock)

    with pytest.raises(MfaRequired) as asked:
        await doors.perform(lambda services: services.auth.log_in(user.email, PASSWORD))
    async with doors.reading() as services:
        now = await services.users.users.get(user.id)
    pair = await doors.perform(
        lambda services: services.admission.complete(asked.value.context["mfa_token"], app.code())
    )

    assert not adapters.passwords.is_outdated(now.password_hash)
    assert pair.access


async def test_who_comes_from_elsewhere_is_asked_for_a_code_too(doors, connection, clock):
    user = await make_user(connection)
    app, _ = await turned_on(doors, user, clock)

    with pytest.raises(MfaRequired) as asked:
        await doors.perform(lambda services: services.admission.admit(user, device="Telephone"))

    token = asked.value.context["mfa_token"]
    await doors.perform(lambda services: services.admission.complete(token, app.code()))


async def test_an_account_without_a_password_is_not_stepped_up_by_one(doors, connection, clock):
    actor = await signed_in(doors, await make_user(connection))
    clock.forward(minutes=11)

    with pytest.raises(WrongPassword):
        await once(doors, lambda mfa: mfa.step_up_by_password(actor, ""))
    with pytest.raises(StepUpRequired):
        await once(doors, lambda mfa: mfa.set_up(actor, None))


async def test_guesses_at_a_code_are_counted_together_wherever_they_are_made(
    doors, connection, adapters, clock
):
    user = await make_user(connection)
    app, _ = await turned_on(doors, user, clock)
    actor = await signed_in(doors, user)
    with pytest.raises(MfaRequired) as asked:
        await doors.perform(lambda services: services.admission.admit(user))
    token = asked.value.context["mfa_token"]

    for _ in range(10):  # the one that turned it on may count too
        with pytest.raises((WrongCode, RateLimited)):
            await once(doors, lambda mfa: mfa.step_up_by_code(actor, other_than(app.code())))

    with pytest.raises(RateLimited):
        await doors.perform(lambda services: services.admission.complete(token, app.code()))
