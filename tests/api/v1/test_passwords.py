"""Having another password: with the old one, or by a letter."""

from time import perf_counter

import pytest
from sqlalchemy import func, select

from app.core.statements import Query
from app.domain.notices import NoticeKind, SecurityNotice
from app.domain.password_resets import PasswordForgotten
from app.domain.users import UserStatus
from app.models import Jobs, PasswordResets, Users
from tests.factories.accounts import make_user, sign_in
from tests.factories.auth import ADA, PASSWORD, bearer, outcome, registered, tokens
from tests.factories.jobs import announced, deliver_all
from tests.factories.mail import letters, token_in
from tests.factories.races import at_once
from tests.factories.timing import quickest, ratio

NEW = "a staple of nine volts"
RESETS = Query(select(func.count()).select_from(PasswordResets), int)
HASHES = Query(select(Users.password_hash), lambda hash_: hash_)


async def forget(client, email: str = ADA["email"], **headers):
    return await client.post("/auth/password/forgot", json={"email": email}, headers=headers)


async def token_sent(client, doors, email: str = ADA["email"]) -> str:
    assert (await forget(client, email)).status_code == 202
    return token_in((await letters(doors, email))[0])


async def reset(client, token: str, password: str = NEW):
    body = {"token": token, "new_password": password}
    return await client.post("/auth/password/reset", json=body)


async def change(client, me: dict, current: str = PASSWORD, new: str = NEW):
    body = {"current_password": current, "new_password": new}
    return await client.post("/auth/password/change", json=body, headers=me)


async def can_log_in(client, password: str) -> bool:
    answer = await client.post("/auth/login", json=ADA | {"password": password})
    return answer.status_code == 200


# By a letter


async def test_a_letter_lets_choose_a_new_password_and_ends_every_session(client, doors):
    pair = await registered(client, doors)
    other = await tokens(client, "/auth/login", ADA)

    answer = await reset(client, await token_sent(client, doors))

    assert (answer.status_code, answer.content) == (204, b"")
    for each in (pair, other):
        assert (await client.get("/profile", headers=bearer(each))).status_code == 401
        refreshed = await client.post(
            "/auth/refresh", json={"refresh_token": each["refresh_token"]}
        )
        assert outcome(refreshed) == (401, "invalid-token")
    assert not await can_log_in(client, PASSWORD)
    assert await can_log_in(client, NEW)


async def test_the_owner_is_told_that_the_password_was_changed(client, doors):
    await registered(client, doors)
    await reset(client, await token_sent(client, doors))

    letter = (await letters(doors, ADA["email"]))[0]

    assert letter.subject == "The password of your account was changed"
    assert "http://test/forgot-password" in letter.text


async def test_known_and_unknown_addresses_are_answered_alike(client, doors, connection):
    user = await make_user(connection)
    answers, jobs = [], []
    for email in (user.email, "nobody@example.com"):
        answers.append(await forget(client, email, **{"Accept-Language": "uk"}))
        jobs.append([type(job) for job in await announced(connection)])
        await deliver_all(doors)

    known, unknown = answers
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.headers.keys() == unknown.headers.keys()
    assert jobs == [[PasswordForgotten]] * 2
    assert len(await letters(doors)) == 1


async def test_known_and_unknown_addresses_cost_the_same_statements(client, database, connection):
    user = await make_user(connection)
    raw, seen = await database._pool.acquire(), []
    for email in (user.email, "nobody@example.com"):
        asked = []
        with raw.query_logger(lambda query, asked=asked: asked.append(query.query)):
            await forget(client, email)
        seen.append(asked)

    known, unknown = ([q for q in asked if "SAVEPOINT" not in q] for asked in seen)
    assert known == unknown
    assert len(known) == 3


async def test_known_and_unknown_addresses_take_the_same_time(client, connection):
    async def timed(email: str) -> float:
        began = perf_counter()  # not of this process alone: the database may tell them apart, too
        await forget(client, email)
        return perf_counter() - began

    async def known(_: int) -> float:
        return await timed((await make_user(connection)).email)

    async def unknown(number: int) -> float:
        return await timed(f"nobody-{number}@example.com")

    for sample in (known, unknown):
        await sample(-1)

    alike = (0.8, 1.25)
    assert alike[0] < await ratio(known, unknown, within=alike, of=quickest, least=40) < alike[1]


@pytest.mark.parametrize("status", [UserStatus.DEACTIVATED, UserStatus.PENDING])
async def test_who_may_not_come_in_gets_no_such_letter(client, doors, connection, status):
    user = await make_user(connection, status=status, email_verified_at=None)

    assert (await forget(client, user.email)).status_code == 202

    subjects = [letter.subject for letter in await letters(doors)]
    assert subjects == ["Confirm your e-mail address"] * (status is UserStatus.PENDING)
    assert await connection.all(RESETS) == [0]


async def test_a_pending_account_gets_its_code_no_oftener_than_by_asking_for_it(client, doors):
    await client.post("/auth/register", json=ADA)
    before = await letters(doors)

    await forget(client)

    assert await letters(doors) == before


async def test_an_account_gets_one_letter_a_minute(client, doors, connection, clock):
    user = await make_user(connection)
    counts = []
    for seconds in (0, 59, 1):
        clock.forward(seconds=seconds)
        await forget(client, user.email)
        await forget(client, user.email.upper())
        counts.append(len(await letters(doors, user.email)))

    assert counts == [1, 1, 2]


async def test_who_has_no_password_gets_one_by_letter(client, doors, connection):
    await make_user(connection, email=ADA["email"], password_hash=None)

    assert (await reset(client, await token_sent(client, doors))).status_code == 204

    assert await can_log_in(client, NEW)


async def test_a_token_works_once(client, doors):
    await registered(client, doors)
    token = await token_sent(client, doors)
    await reset(client, token)

    again = await reset(client, token, "another nine volts")

    assert outcome(again) == (422, "invalid-code")
    assert await can_log_in(client, NEW)


@pytest.mark.parametrize(("minutes", "status"), [(29, 204), (30, 422)])
async def test_a_token_lasts_half_an_hour(client, doors, clock, minutes, status):
    await registered(client, doors)
    token = await token_sent(client, doors)
    clock.forward(minutes=minutes)

    assert (await reset(client, token)).status_code == status


async def test_wrong_used_and_old_tokens_are_refused_alike(client, doors, clock, adapters):
    await registered(client, doors)
    used = await token_sent(client, doors)
    await reset(client, used)
    clock.forward(minutes=1)
    old = await token_sent(client, doors)
    clock.forward(minutes=30)
    subject = old.partition(".")[0]
    wrong = [adapters.signer.token(purpose, subject) for purpose in ("verify-email", "mfa")]

    answers = [await reset(client, token) for token in (used, old, *wrong, "x.y", "é", "x")]

    assert {outcome(answer) for answer in answers} == {(422, "invalid-code")}
    assert len({str(answer.json() | {"request_id": ""}) for answer in answers}) == 1


async def test_one_that_was_used_makes_the_others_worthless(client, doors, clock):
    await registered(client, doors)
    first = await token_sent(client, doors)
    clock.forward(minutes=1)
    second = await token_sent(client, doors)

    # A newer letter does not take the older one's worth: a stranger could ask for it all the time.
    assert (await reset(client, first)).status_code == 204
    assert outcome(await reset(client, second, "another nine volts")) == (422, "invalid-code")


@pytest.mark.parametrize("weak", ["password123", "short", f"xx {ADA['email']}", "y7" * 100])
async def test_a_weak_password_is_refused_and_the_token_still_good(client, doors, weak):
    await registered(client, doors)
    token = await token_sent(client, doors)

    refused = await reset(client, token, weak)

    assert outcome(refused) == (422, "weak-password")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/new_password"]
    assert (await reset(client, token)).status_code == 204


async def test_a_deactivated_account_is_not_opened_by_a_letter_from_before(
    client, doors, connection, database
):
    user = await make_user(connection)
    token = await token_sent(client, doors, user.email)
    raw = await database._pool.acquire()
    await raw.execute("UPDATE users SET status = 'deactivated'")

    assert outcome(await reset(client, token)) == (422, "invalid-code")
    assert await connection.all(HASHES) == [None]


async def test_of_ten_with_one_token_at_once_one_wins(real_client, real_doors):
    await registered(real_client, real_doors)
    token = await token_sent(real_client, real_doors)
    passwords = [f"{NEW} and {number}" for number in range(10)]

    answers = await at_once(
        real_doors, *(reset(real_client, token, password) for password in passwords)
    )

    assert sorted(answer.status_code for answer in answers) == [204] + [422] * 9
    winner = next(p for p, answer in zip(passwords, answers, strict=True) if not answer.content)
    assert await can_log_in(real_client, winner)
    async with real_doors.database.read() as connection:
        notices = [one for one in await announced(connection) if isinstance(one, SecurityNotice)]
    assert [notice.kind for notice in notices] == [NoticeKind.PASSWORD_CHANGED]


async def test_of_two_tokens_at_once_one_wins(real_client, real_doors, clock):
    await registered(real_client, real_doors)
    first = await token_sent(real_client, real_doors)
    clock.forward(minutes=1)
    second = await token_sent(real_client, real_doors)

    answers = await at_once(real_doors, *(reset(real_client, token) for token in (first, second)))

    assert sorted(answer.status_code for answer in answers) == [204, 422]


async def test_asked_for_many_times_at_once_it_is_one_letter(real_client, real_doors):
    await registered(real_client, real_doors)
    async with real_doors.database.read() as connection:
        user_id = await connection.first(Query(select(Users.id), lambda id_: id_))
    asked = PasswordForgotten(user_id)

    await at_once(
        real_doors,
        *(real_doors.perform(lambda s: s.password_resets.issue(asked.user_id)) for _ in range(8)),
    )

    async with real_doors.database.read() as connection:
        assert await connection.all(RESETS) == [1]


async def test_nobody_keeps_a_session_begun_with_the_old_password_meanwhile(
    real_client, real_doors
):
    await registered(real_client, real_doors)
    token = await token_sent(real_client, real_doors)

    answers = await at_once(
        real_doors,
        *(real_client.post("/auth/login", json=ADA) for _ in range(5)),
        reset(real_client, token),
        *(real_client.post("/auth/login", json=ADA) for _ in range(5)),
    )

    assert answers[5].status_code == 204
    for begun in (answer.json() for answer in answers if answer.status_code == 200):
        assert (await real_client.get("/profile", headers=bearer(begun))).status_code == 401


async def test_neither_the_queue_nor_a_table_holds_the_token(client, doors, connection, adapters):
    await registered(client, doors)
    await forget(client)
    jobs = await announced(connection)
    await doors.perform(lambda services: services.password_resets.issue(jobs[0].user_id))
    (reset_id,) = await connection.all(Query(select(PasswordResets.id), str))
    secret = adapters.signer.token("reset-password", reset_id).partition(".")[2]

    payloads = await connection.all(Query(select(Jobs.c.payload), bytes))
    columns = Query(select(*PasswordResets.__table__.c), lambda *row: str(row))
    rows = await connection.all(columns)

    assert len(payloads) == 2
    assert all(secret.encode() not in payload for payload in payloads)
    assert all(secret not in row for row in rows)
    assert (await token_sent(client, doors)).partition(".")[2] == secret


async def test_the_link_leads_to_the_address_of_the_settings_whatever_the_host(client, doors):
    await registered(client, doors)
    evil = {
        "Host": "evil.test",
        "X-Forwarded-Host": "evil.test",
        "Forwarded": "host=evil.test",
        "Origin": "http://evil.test",
    }
    await forget(client, **evil)

    letter = (await letters(doors, ADA["email"]))[0]

    assert "http://test/reset-password?token=" in letter.text
    assert "evil" not in letter.text + letter.html


@pytest.mark.parametrize(
    "email",
    [
        "ada@example.com\nBcc: eve@example.com",
        "ada@example.com\r\nSubject: x",
        "ada@example.com, eve@example.com",
        "Ada <ada@example.com>",
        "ada@example.com\0",
        "аda@example.com",
    ],
)
async def test_what_is_no_single_address_is_a_422(client, connection, email):
    answer = await forget(client, email)

    assert outcome(answer) == (422, "validation-failed")
    assert await announced(connection) == []


# By the old one


async def test_the_old_password_lets_choose_a_new_one_and_ends_every_other_session(client, doors):
    pair = await registered(client, doors)
    other = await tokens(client, "/auth/login", ADA)

    answer = await change(client, bearer(pair))

    assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get("/profile", headers=bearer(pair))).status_code == 200
    assert (await client.get("/profile", headers=bearer(other))).status_code == 401
    await tokens(client, "/auth/refresh", {"refresh_token": pair["refresh_token"]})
    assert not await can_log_in(client, PASSWORD)
    assert await can_log_in(client, NEW)
    subject = (await letters(doors, ADA["email"]))[0].subject
    assert subject == "The password of your account was changed"


async def test_a_wrong_password_changes_nothing_and_does_not_look_like_a_dead_session(
    client, doors, connection
):
    pair = await registered(client, doors)
    other = await tokens(client, "/auth/login", ADA)

    refused = await change(client, bearer(pair), "wrong horse battery")

    assert outcome(refused) == (422, "wrong-password")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/current_password"]
    for each in (pair, other):
        assert (await client.get("/profile", headers=bearer(each))).status_code == 200
    assert await announced(connection) == []
    assert await can_log_in(client, PASSWORD)


async def test_who_has_no_password_can_t_show_one(client, connection, adapters):
    me = await sign_in(connection, adapters)

    assert outcome(await change(client, me)) == (422, "wrong-password")


async def test_a_weak_new_password_is_refused(client, doors):
    pair = await registered(client, doors)

    for weak in ("password123", "short", f"xx {ADA['email']}"):
        refused = await change(client, bearer(pair), new=weak)
        assert outcome(refused) == (422, "weak-password")
        assert refused.json()["errors"][0]["pointer"] == "#/new_password"
    assert await can_log_in(client, PASSWORD)


async def test_a_change_makes_letters_from_before_worthless(client, doors):
    pair = await registered(client, doors)
    token = await token_sent(client, doors)
    await change(client, bearer(pair))

    assert outcome(await reset(client, token, "another nine volts")) == (422, "invalid-code")


async def test_of_two_changes_at_once_the_second_finds_the_password_wrong(real_client, real_doors):
    pair = await registered(real_client, real_doors)
    wanted = ("nine volts of one kind", "nine volts of another")

    answers = await at_once(
        real_doors, *(change(real_client, bearer(pair), new=new) for new in wanted)
    )

    assert sorted(answer.status_code for answer in answers) == [204, 422]
    winner = next(new for new, answer in zip(wanted, answers, strict=True) if not answer.content)
    assert await can_log_in(real_client, winner)


async def test_a_session_that_ends_while_the_password_is_hashed_changes_nothing(
    real_client, real_doors, adapters, monkeypatch
):
    """Somebody who has the password and a stolen session loses to the owner who ends it."""
    pair = await registered(real_client, real_doors)
    hashing = adapters.passwords.hash

    async def slowly(password: str) -> str:
        await real_client.post("/auth/logout-all", headers=bearer(pair))
        return await hashing(password)

    monkeypatch.setattr(adapters.passwords, "hash", slowly)
    answer = await change(real_client, bearer(pair))
    monkeypatch.undo()

    assert outcome(answer) == (401, "unauthenticated")
    assert await can_log_in(real_client, PASSWORD)


@pytest.mark.parametrize("path", ["reset", "change"])
async def test_while_a_password_is_hashed_no_connection_is_held(
    client, doors, database, adapters, monkeypatch, path
):
    pair = await registered(client, doors)
    token = await token_sent(client, doors)
    held = 0
    acquire, release = database._pool.acquire, database._pool.release

    async def counting_acquire():
        nonlocal held
        held += 1
        return await acquire()

    async def counting_release(connection):
        nonlocal held
        held -= 1
        await release(connection)

    monkeypatch.setattr(database._pool, "acquire", counting_acquire)
    monkeypatch.setattr(database._pool, "release", counting_release)
    during = []
    for name in ("hash", "verify"):
        work = getattr(adapters.passwords, name)

        async def watched(*arguments, work=work):
            during.append(held)
            return await work(*arguments)

        monkeypatch.setattr(adapters.passwords, name, watched)

    answer = await (reset(client, token) if path == "reset" else change(client, bearer(pair)))

    assert answer.status_code == 204
    assert during == [0] * len(during)
    assert len(during) == (1 if path == "reset" else 2)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"current_password": PASSWORD},
        {"new_password": NEW},
        {"current_password": "", "new_password": NEW},
        {"current_password": PASSWORD, "new_password": 1},
        {"current_password": PASSWORD, "new_password": NEW, "user_id": "x"},
    ],
)
async def test_a_change_that_can_t_be_right_is_a_422(client, connection, adapters, body):
    me = await sign_in(connection, adapters)

    answer = await client.post("/auth/password/change", json=body, headers=me)

    assert outcome(answer) == (422, "validation-failed")


async def test_nobody_changes_a_password_without_a_session(client):
    assert outcome(await change(client, {})) == (401, "unauthenticated")
