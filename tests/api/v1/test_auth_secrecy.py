"""Registering for somebody else: who has an account is nobody's business."""

from dataclasses import replace
from time import process_time

import pytest
from sqlalchemy import func, select

from app.bootstrap import Doors
from app.core.crypto import PasswordHasher
from app.core.statements import Query
from app.domain.users import UserStatus
from app.models import Users
from tests.conftest import client_of
from tests.factories.accounts import make_user
from tests.factories.auth import ADA, bearer, outcome, registered, tokens
from tests.factories.jobs import announced
from tests.factories.mail import code_in, code_sent_to, letters, token_in
from tests.factories.races import at_once
from tests.factories.timing import ratio

USERS = Query(select(func.count()).select_from(Users), int)
NAMES = Query(select(Users.username).where(Users.username.is_not(None)), str)
STATES = Query(select(Users.status).order_by(Users.created_at), UserStatus)


async def test_who_registers_a_known_address_sees_nothing_and_its_owner_is_told(
    client, doors, connection
):
    await registered(client, doors, locale="ru")
    anonymous = dict.fromkeys(("id", "request_id"))

    known = await client.post("/auth/register", json=ADA | {"password": "eve was here, too"})
    known_jobs = await announced(connection)
    letter = (await letters(doors, ADA["email"]))[0]
    new = await client.post(
        "/auth/register", json=ADA | {"email": "new@example.com", "password": "eve was here, too"}
    )
    new_jobs = await announced(connection)

    assert known.status_code == new.status_code == 201
    assert known.headers.keys() == new.headers.keys()
    assert known.json() | anonymous == new.json() | anonymous | {"email": ADA["email"]}
    assert [type(job) for job in known_jobs] == [type(job) for job in new_jobs]
    assert "token=" not in letter.text
    assert outcome(
        await client.post("/auth/login", json=ADA | {"password": "eve was here, too"})
    ) == (401, "invalid-credentials")
    await tokens(client, "/auth/login", ADA)


async def test_the_code_of_such_an_attempt_lets_nobody_in(client, doors, adapters, connection):
    await registered(client, doors)
    await client.post("/auth/register", json=ADA | {"password": "eve was here, too"})
    attempt = (await announced(connection))[0]
    code = adapters.signer.code("verify-email", str(attempt.verification_id))
    token = adapters.signer.token("verify-email", str(attempt.verification_id))

    by_code = await client.post("/auth/verify-email", json={"email": ADA["email"], "code": code})
    by_link = await client.post("/auth/verify-email", json={"token": token})

    assert outcome(by_code) == outcome(by_link) == (422, "invalid-code")


async def test_the_owner_is_told_once_an_hour(client, doors, clock):
    await registered(client, doors)
    counts = []
    for minutes in (1, 1, 61):
        clock.forward(minutes=minutes)
        await client.post("/auth/register", json=ADA)
        counts.append(len(await letters(doors, ADA["email"])))

    assert counts == [2, 2, 3]


async def test_an_unconfirmed_registration_gives_way_to_a_newer_one(client, doors, connection):
    """Whoever registers somebody else's address is out as soon as that person comes."""
    eve = ADA | {"password": "eve was here first", "username": "eve", "full_name": "Eve"}
    hers = await client.post("/auth/register", json=eve)
    (letter,) = await letters(doors)

    mine = await client.post("/auth/register", json=ADA)

    assert mine.json()["id"] != hers.json()["id"]
    for proof in (
        {"email": ADA["email"], "code": code_in(letter)},
        {"token": token_in(letter)},
    ):
        refused = await client.post("/auth/verify-email", json=proof)
        assert outcome(refused) == (422, "invalid-code")
    code = await code_sent_to(doors, ADA["email"])
    pair = await tokens(client, "/auth/verify-email", {"email": ADA["email"], "code": code})
    profile = (await client.get("/profile", headers=bearer(pair))).json()
    assert (profile["id"], profile["full_name"]) == (mine.json()["id"], None)
    assert profile["username"] is None
    refused = await client.post("/auth/login", json=eve_login(eve))
    assert outcome(refused) == (401, "invalid-credentials")
    assert await connection.all(STATES) == [UserStatus.ACTIVE]


def eve_login(eve: dict) -> dict:
    return {"email": eve["email"], "password": eve["password"]}


async def test_a_username_does_not_tell_whether_an_address_is_known(client, doors):
    """If a pending account held its username, only an unknown address would take it."""
    await registered(client, doors)
    answers = []
    for address, name in ((ADA["email"], "probe-one"), ("new@example.com", "probe-two")):
        await client.post("/auth/register", json=ADA | {"email": address, "username": name})
        probe = await client.post(
            "/auth/register", json=ADA | {"email": "eve@example.com", "username": name}
        )
        answers.append(probe.status_code)

    assert answers == [201, 201]


async def test_of_many_who_confirm_one_username_at_once_one_gets_it(real_client, real_doors):
    bodies = []
    for address in (f"ada-{number}@example.com" for number in range(8)):
        await real_client.post(
            "/auth/register", json=ADA | {"email": address, "username": "countess"}
        )
        bodies.append({"email": address, "code": await code_sent_to(real_doors, address)})

    answers = await at_once(
        real_doors, *(real_client.post("/auth/verify-email", json=body) for body in bodies)
    )

    assert {answer.status_code for answer in answers} == {200}
    async with real_doors.database.read() as connection:
        assert await connection.all(NAMES) == ["countess"]


async def test_an_address_registered_many_times_at_once_is_one_account(real_client, real_doors):
    answers = await at_once(
        real_doors, *(real_client.post("/auth/register", json=ADA) for _ in range(20))
    )

    async with real_doors.database.read() as connection:
        assert await connection.all(USERS) == [1]
    assert {answer.status_code for answer in answers} == {201}


async def test_who_registers_after_the_owner_gains_nothing_by_it(client, doors):
    await client.post("/auth/register", json=ADA)
    other = ADA | {"password": "the thief's own secret"}
    await client.post("/auth/register", json=other)
    code = await code_sent_to(doors, ADA["email"])

    entered = await tokens(client, "/auth/verify-email", {"email": ADA["email"], "code": code})

    for body in (ADA, other):
        login = {"email": ADA["email"], "password": body["password"]}
        refused = await client.post("/auth/login", json=login)
        assert outcome(refused) == (401, "invalid-credentials")
    link = token_in((await letters(doors, ADA["email"]))[0])
    chosen = {"token": link, "new_password": "chosen by who reads the letters"}
    assert (await client.get("/profile", headers=bearer(entered))).status_code == 200
    assert (await client.post("/auth/password/reset", json=chosen)).status_code == 204
    login = {"email": ADA["email"], "password": chosen["new_password"]}
    await tokens(client, "/auth/login", login)


@pytest.mark.parametrize("minutes", [1, 16])
async def test_who_registers_again_with_the_same_password_or_later_has_theirs(
    client, doors, clock, minutes
):
    await client.post("/auth/register", json=ADA)
    clock.forward(minutes=minutes)
    again = ADA if minutes == 1 else ADA | {"password": "another of the owner's"}
    await client.post("/auth/register", json=again)
    code = await code_sent_to(doors, ADA["email"])

    await tokens(client, "/auth/verify-email", {"email": ADA["email"], "code": code})

    login = {"email": ADA["email"], "password": again["password"]}
    await tokens(client, "/auth/login", login)


class HastyHasher(PasswordHasher):
    """Sees that there is no hash, and saves itself the work."""

    async def verify(self, password, hashed):
        return hashed is not None and await super().verify(password, hashed)


@pytest.fixture
async def known_to_unknown(database, adapters, connection):
    """What tells how much longer a login takes of whom there is than of whom there is not.

    It is the time of the processor, all threads together: what else the machine does is not in
    it. What the database does for either is compared in the test after this.
    """
    hashers = []

    async def measure(hasher: PasswordHasher, *, within: tuple[float, float], most: int) -> float:
        hashers.append(hasher)
        hashed = await hasher.hash(ADA["password"])
        async with client_of(Doors(database, replace(adapters, passwords=hasher))) as client:

            async def log_in(email: str) -> float:
                began = process_time()
                refused = await client.post("/auth/login", json={"email": email, **WRONG})
                assert outcome(refused) == (401, "invalid-credentials")
                return process_time() - began

            async def known(_: int) -> float:  # another each time, or there would be too many
                return await log_in((await make_user(connection, password_hash=hashed)).email)

            async def unknown(number: int) -> float:
                return await log_in(f"nobody-{number}@example.com")

            for sample in (known, unknown):
                await sample(-1)
            return await ratio(known, unknown, within=within, most=most)

    yield measure
    for hasher in hashers:
        hasher.close()


WRONG = {"password": "not the one of anybody"}
ALIKE = (0.9, 1.1)


async def test_a_login_takes_as_long_whether_or_not_the_address_is_known(known_to_unknown):
    found = await known_to_unknown(PasswordHasher(), within=ALIKE, most=200)

    assert ALIKE[0] < found < ALIKE[1]


async def test_control_it_shows_when_no_work_is_done_for_the_unknown(known_to_unknown):
    assert await known_to_unknown(HastyHasher(), within=ALIKE, most=20) > 2


async def test_a_login_asks_the_same_whether_or_not_the_address_is_known(
    client, database, adapters, connection
):
    hashed = await adapters.passwords.hash(ADA["password"])
    user = await make_user(connection, password_hash=hashed)
    raw, seen = await database._pool.acquire(), []
    for email in (user.email, "nobody@example.com"):
        asked = []
        with raw.query_logger(lambda query, asked=asked: asked.append(query.query)):
            await client.post("/auth/login", json={"email": email, **WRONG})
        seen.append([query for query in asked if "SAVEPOINT" not in query])

    known, unknown = seen
    assert known == unknown != []
