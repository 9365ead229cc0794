"""Having another e-mail address, which both addresses have to confirm."""

import asyncio

import pytest
from sqlalchemy import select

from app.core.statements import Query
from app.domain.email_changes import EmailChangeAsked
from app.domain.users import UserStatus
from app.models import EmailChanges, EmailVerifications, Jobs, Users
from tests.factories.accounts import make_user, sign_in
from tests.factories.auth import ADA, PASSWORD, bearer, outcome, registered, tokens
from tests.factories.clock import NOW
from tests.factories.jobs import announced
from tests.factories.mail import letters, token_in
from tests.factories.races import at_once, until_somebody_waits

OLD, NEW = ADA["email"], "ada.new@example.com"
EMAILS = Query(select(Users.email).order_by(Users.created_at, Users.id), str)
LAST = Query(select(EmailVerifications.expires_at), lambda at: at)
UNDER_WAY = Query(select(EmailChanges.email).where(EmailChanges.ended_at.is_(None)), str)


@pytest.fixture
async def me(client, doors) -> dict[str, str]:
    return bearer(await registered(client, doors))


async def ask(client, me: dict, email: str = NEW, **more):
    body = {"new_email": email, "password": PASSWORD} | more
    return await client.post("/auth/email/change", json=body, headers=me)


async def confirm(client, token: str):
    return await client.post("/auth/email/confirm", json={"token": token})


async def both_tokens(client, doors, me: dict, email: str = NEW, old: str = OLD) -> tuple[str, str]:
    """Ask for a change; return what the old and the new address are sent."""
    assert (await ask(client, me, email)).status_code == 202
    await letters(doors)
    return token_in((await letters(doors, old))[0]), token_in((await letters(doors, email))[0])


async def emails(client, me: dict) -> tuple[str, str | None]:
    profile = (await client.get("/profile", headers=me)).json()
    return profile["email"], profile["pending_email"]


@pytest.mark.parametrize("first", ["old", "new"])
async def test_the_address_changes_once_both_have_confirmed_in_any_order(client, doors, me, first):
    asked = await ask(client, me, "Ada.New@Example.com")
    await letters(doors)
    sent = {side: token_in((await letters(doors, to))[0]) for side, to in SIDES.items()}
    last = "new" if first == "old" else "old"

    assert asked.json() == {
        "new_email": NEW,
        "waiting_for": ["old", "new"],
        "expires_at": "2030-03-01T13:00:00Z",
    }
    assert await emails(client, me) == (OLD, NEW)
    once = await confirm(client, sent[first])
    assert (once.status_code, once.json()["waiting_for"]) == (200, [last])
    assert await emails(client, me) == (OLD, NEW)
    both = await confirm(client, sent[last])
    assert (both.status_code, both.json()["waiting_for"]) == (200, [])
    assert await emails(client, me) == (NEW, None)
    await tokens(client, "/auth/login", {"email": NEW, "password": PASSWORD})
    assert outcome(await client.post("/auth/login", json=ADA)) == (401, "invalid-credentials")


SIDES = {"old": OLD, "new": NEW}


async def test_a_change_of_the_profile_shows_it_too(client, me):
    await ask(client, me)

    changed = await client.patch("/profile", json={"full_name": "Ada"}, headers=me)

    assert changed.json()["pending_email"] == NEW


@pytest.mark.parametrize("side", SIDES)
async def test_one_side_alone_changes_nothing_however_often(client, doors, me, side):
    sent = dict(zip(SIDES, await both_tokens(client, doors, me), strict=True))

    answers = [await confirm(client, sent[side]) for _ in range(3)]

    assert {answer.status_code for answer in answers} == {200}
    assert await emails(client, me) == (OLD, NEW)


async def test_the_token_of_one_side_is_none_of_the_other(client, doors, me, adapters):
    old, _ = await both_tokens(client, doors, me)
    change_id, _, signature = old.rpartition(".")
    forged = adapters.signer.token("reset-password", change_id)

    for token in (forged, f"{change_id}.{signature[::-1]}", signature, "x.y", "é.é"):
        assert outcome(await confirm(client, token)) == (422, "invalid-code")
    assert (await confirm(client, old)).json()["waiting_for"] == ["new"]


async def test_other_sessions_end_and_the_one_that_asked_stays(client, doors, me):
    other = await tokens(client, "/auth/login", ADA)
    for token in await both_tokens(client, doors, me):
        await confirm(client, token)

    assert (await client.get("/profile", headers=me)).status_code == 200
    assert (await client.get("/profile", headers=bearer(other))).status_code == 401


async def test_the_owner_is_told_at_both_addresses(client, doors, me):
    for token in await both_tokens(client, doors, me):
        await confirm(client, token)
    await letters(doors)

    told = [(await letters(doors, to))[0] for to in (OLD, NEW)]

    assert {letter.subject for letter in told} == {"The e-mail address of your account was changed"}
    assert NEW in told[0].text
    assert all("token=" not in letter.text for letter in told)


async def test_what_was_sent_before_opens_nothing_any_more(client, doors, me):
    await client.post("/auth/password/forgot", json={"email": OLD})
    reset = token_in((await letters(doors, OLD))[0])
    sent = await both_tokens(client, doors, me)
    for token in sent:
        await confirm(client, token)

    body = {"token": reset, "new_password": "a staple of nine volts"}
    assert outcome(await client.post("/auth/password/reset", json=body)) == (422, "invalid-code")
    for token in sent:
        assert outcome(await confirm(client, token)) == (422, "invalid-code")


async def test_it_lasts_an_hour(client, doors, me, clock):
    old, new = await both_tokens(client, doors, me)
    clock.forward(minutes=59)
    assert (await confirm(client, old)).status_code == 200
    clock.forward(minutes=1)

    assert outcome(await confirm(client, new)) == (422, "invalid-code")
    pair = await tokens(client, "/auth/login", ADA)
    assert await emails(client, bearer(pair)) == (OLD, None)


async def test_a_newer_change_takes_the_place_of_the_one_under_way(client, doors, me, connection):
    first = await both_tokens(client, doors, me)
    await confirm(client, first[0])
    second = await both_tokens(client, doors, me, "ada.third@example.com")

    for token in first:
        assert outcome(await confirm(client, token)) == (422, "invalid-code")
    assert await connection.all(UNDER_WAY) == ["ada.third@example.com"]
    for token in second:
        assert (await confirm(client, token)).status_code == 200
    assert await emails(client, me) == ("ada.third@example.com", None)


async def test_it_can_be_withdrawn(client, doors, me):
    sent = await both_tokens(client, doors, me)

    answers = [await client.delete("/auth/email/change", headers=me) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert await emails(client, me) == (OLD, None)
    for token in sent:
        assert outcome(await confirm(client, token)) == (422, "invalid-code")


@pytest.mark.parametrize("path", ["change", "reset"])
async def test_a_new_password_ends_a_change_that_was_asked_for_with_the_old_one(
    client, doors, me, path
):
    sent = await both_tokens(client, doors, me)
    body = {"new_password": "a staple of nine volts"}
    if path == "change":
        body["current_password"] = PASSWORD
    else:
        await client.post("/auth/password/forgot", json={"email": OLD})
        body["token"] = token_in((await letters(doors, OLD))[0])
    done = await client.post(f"/auth/password/{path}", json=body, headers=me)

    assert done.status_code == 204
    for token in sent:
        assert outcome(await confirm(client, token)) == (422, "invalid-code")


# Who may ask


@pytest.mark.parametrize("more", [{"password": "wrong horse battery"}, {"password": None}])
async def test_it_takes_the_password(client, me, connection, more):
    refused = await ask(client, me, **more)

    assert outcome(refused) == (422, "wrong-password")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["#/password"]
    assert (await connection.all(UNDER_WAY), await announced(connection)) == ([], [])


async def test_who_has_no_password_must_have_shown_just_now_who_they_are(
    client, connection, adapters, clock
):
    me = await sign_in(connection, adapters)
    clock.forward(minutes=11)

    late = await client.post("/auth/email/change", json={"new_email": NEW}, headers=me)
    clock.now = NOW
    fresh = await client.post("/auth/email/change", json={"new_email": NEW}, headers=me)

    assert outcome(late) == (403, "step-up-required")
    assert fresh.status_code == 202


async def test_the_address_one_has_is_no_new_one(client, me):
    refused = await ask(client, me, "ADA@example.com")

    assert outcome(refused) == (422, "same-email")
    assert refused.json()["errors"][0]["pointer"] == "#/new_email"


async def test_five_changes_a_day_can_be_asked_for(client, me, clock):
    answers = [await ask(client, me, f"ada-{number}@example.com") for number in range(6)]
    clock.forward(days=1)
    pair = await tokens(client, "/auth/login", ADA)
    tomorrow = await ask(client, bearer(pair))

    assert [answer.status_code for answer in answers] == [202] * 5 + [409]
    assert outcome(answers[5]) == (409, "too-many-email-changes")
    assert tomorrow.status_code == 202


@pytest.mark.parametrize(
    "email",
    [
        "ada",
        "new@example.com\nBcc: eve@example.com",
        "new@example.com\r\nSubject: x",
        "new@example.com, eve@example.com",
        "Ada <new@example.com>",
        "new@example.com\0",
        "аda@example.com",
        None,
    ],
)
async def test_what_is_no_single_address_is_a_422(client, me, connection, email):
    refused = await ask(client, me, email)

    assert outcome(refused) == (422, "validation-failed")
    assert await connection.all(UNDER_WAY) == []


async def test_nobody_asks_without_a_session(client):
    assert outcome(await ask(client, {})) == (401, "unauthenticated")
    gone = await client.delete("/auth/email/change")
    assert outcome(gone) == (401, "unauthenticated")


# Addresses of others


@pytest.mark.parametrize("status", UserStatus)
async def test_who_asks_does_not_learn_whose_address_it_is(client, doors, me, connection, status):
    eve = await make_user(connection, status=status)
    answers = []
    for email in (eve.email, "nobody@example.com"):
        asked = await ask(client, me, email)
        jobs = [type(job) for job in await announced(connection)]
        await letters(doors)
        approved = await confirm(client, token_in((await letters(doors, OLD))[0]))
        shown = [str(answer.json()).replace(email, "it") for answer in (asked, approved)]
        pending = (await emails(client, me))[1] == email
        answers.append((asked.status_code, approved.status_code, jobs, shown, pending))

    assert answers[0] == answers[1]
    assert answers[0][2] == [EmailChangeAsked]


async def test_known_and_unknown_addresses_cost_the_same_statements(
    client, doors, database, connection
):
    me, seen = bearer(await registered(client, doors)), []
    raw, eve = await database._pool.acquire(), await make_user(connection)
    await ask(client, me, "first@example.com")
    for email in (eve.email, "nobody@example.com"):
        asked = []
        with raw.query_logger(lambda query, asked=asked: asked.append(query.query)):
            await ask(client, me, email)
        seen.append([query for query in asked if "SAVEPOINT" not in query])

    assert seen[0] == seen[1]
    assert len(seen[0]) > 5


@pytest.mark.parametrize(
    ("status", "subjects"),
    [
        (UserStatus.ACTIVE, ["You already have an account"]),
        (UserStatus.DEACTIVATED, []),
        (UserStatus.PENDING, ["Confirm your new e-mail address"]),
    ],
)
async def test_the_owner_of_the_address_is_told_and_gets_no_token(
    client, doors, me, connection, status, subjects
):
    eve = await make_user(connection, status=status)
    await ask(client, me, eve.email)
    await letters(doors)

    told = await letters(doors, eve.email)

    assert [letter.subject for letter in told] == subjects
    assert all("token=" not in letter.text for letter in told) == (status is not UserStatus.PENDING)
    assert all(OLD not in letter.text + letter.html for letter in told)


async def test_a_pending_account_of_the_address_gives_way(client, doors, me, connection, clock):
    eve = {"email": NEW, "password": "eve was here first"}
    await client.post("/auth/register", json=eve)
    hers = token_in((await letters(doors, NEW))[0])
    for token in await both_tokens(client, doors, me):
        assert (await confirm(client, token)).status_code == 200

    assert await connection.all(EMAILS) == [NEW]
    assert max(await connection.all(LAST)) <= clock.now
    refused = await client.post("/auth/verify-email", json={"token": hers})
    assert outcome(refused) == (422, "invalid-code")
    assert outcome(await client.post("/auth/login", json=eve)) == (401, "invalid-credentials")


@pytest.mark.parametrize("order", [("old", "new"), ("new", "old")])
async def test_an_address_that_somebody_got_meanwhile_is_waited_for_in_vain(
    client, doors, me, connection, database, order
):
    sent = dict(zip(SIDES, await both_tokens(client, doors, me), strict=True))
    await confirm(client, sent[order[0]])
    await make_user(connection, email=NEW)

    last = await confirm(client, sent[order[1]])
    again = await confirm(client, sent["new"])

    for answer in (last, again):
        assert (answer.status_code, answer.json()["waiting_for"]) == (200, ["new"])
    assert await emails(client, me) == (OLD, NEW)
    assert sorted(await connection.all(EMAILS)) == [NEW, OLD]
    raw = await database._pool.acquire()
    await raw.execute("DELETE FROM users WHERE email = $1", NEW)
    free = [(await confirm(client, sent[side])).json()["waiting_for"] for side in SIDES]
    assert free == [["new"], []]


async def test_an_account_that_is_deactivated_does_not_move(client, doors, me, database):
    old, new = await both_tokens(client, doors, me)
    await confirm(client, old)
    raw = await database._pool.acquire()
    await raw.execute("UPDATE users SET status = 'deactivated'")

    assert outcome(await confirm(client, new)) == (422, "invalid-code")


# Letters


async def test_neither_the_queue_nor_a_table_holds_a_token(client, doors, me, connection, adapters):
    await ask(client, me)
    (change_id,) = await connection.all(Query(select(EmailChanges.id), str))
    payloads = await connection.all(Query(select(Jobs.c.payload), bytes))
    columns = Query(select(*EmailChanges.__table__.c), lambda *row: str(row))
    rows = await connection.all(columns)
    await letters(doors)

    for side, to in SIDES.items():
        secret = adapters.signer.token(f"change-email-{side}", change_id).partition(".")[2]
        assert all(secret.encode() not in payload for payload in payloads)
        assert all(secret not in row for row in rows)
        assert token_in((await letters(doors, to))[0]).partition(".")[2] == secret
    assert all(email.encode() not in payload for payload in payloads for email in (OLD, NEW))


async def test_links_lead_to_the_address_of_the_settings_whatever_the_host(client, doors, me):
    evil = {"Host": "evil.test", "X-Forwarded-Host": "evil.test", "Forwarded": "host=evil.test"}
    await ask(client, me | evil)
    await letters(doors)

    for to in (OLD, NEW):
        letter = (await letters(doors, to))[0]
        assert "http://test/confirm-email?token=" in letter.text
        assert "evil" not in letter.text + letter.html


async def test_the_new_address_is_not_told_the_old_one(client, doors, me):
    await ask(client, me)
    await letters(doors)

    (letter,) = await letters(doors, NEW)

    assert OLD not in letter.text + letter.html + letter.subject


# At once


@pytest.mark.parametrize("attempt", range(3))
async def test_when_both_confirm_at_once_the_account_moves_once(real_client, real_doors, attempt):
    me = bearer(await registered(real_client, real_doors))
    sent = await both_tokens(real_client, real_doors, me)

    answers = await at_once(real_doors, *(confirm(real_client, token) for token in sent * 4))

    won = [answer for answer in answers if answer.status_code == 200]
    assert [answer.json()["waiting_for"] for answer in won].count([]) == 1
    assert {outcome(a) for a in answers if a not in won} <= {(422, "invalid-code")}
    assert await emails(real_client, me) == (NEW, None)
    subjects = [letter.subject for letter in await letters(real_doors)]
    assert subjects.count("The e-mail address of your account was changed") == 2


async def test_of_changes_asked_for_at_once_one_is_under_way(real_client, real_doors):
    me = bearer(await registered(real_client, real_doors))

    answers = await at_once(
        real_doors,
        *(ask(real_client, me, f"ada-{number}@example.com") for number in range(8)),
    )

    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [409] * 3
    async with real_doors.database.read() as connection:
        assert len(await connection.all(UNDER_WAY)) == 1


async def test_of_two_accounts_that_want_one_address_at_once_one_gets_it(real_client, real_doors):
    sent = []
    for name in ("ada", "eve"):
        old = f"{name}@example.com"
        me = bearer(await registered(real_client, real_doors, email=old))
        tokens_ = await both_tokens(real_client, real_doors, me, NEW, old)
        await confirm(real_client, tokens_[0])
        sent.append(tokens_[1])

    answers = await at_once(real_doors, *(confirm(real_client, token) for token in sent))

    assert {answer.status_code for answer in answers} == {200}
    assert sorted(len(answer.json()["waiting_for"]) for answer in answers) == [0, 1]
    async with real_doors.database.read() as connection:
        assert (await connection.all(EMAILS)).count(NEW) == 1


async def test_who_registers_the_address_at_the_same_time_never_makes_two_of_it(
    real_client, real_doors
):
    me = bearer(await registered(real_client, real_doors))
    old, new = await both_tokens(real_client, real_doors, me)
    await confirm(real_client, old)
    eve = {"email": NEW, "password": "eve was here, too"}

    moved, *others = await at_once(
        real_doors,
        confirm(real_client, new),
        *(real_client.post("/auth/register", json=eve) for _ in range(6)),
    )

    assert moved.json()["waiting_for"] == []
    assert {answer.status_code for answer in others} == {201}
    async with real_doors.database.read() as connection:
        assert await connection.all(EMAILS) == [NEW]


async def test_an_account_made_past_every_lock_at_the_last_moment_has_the_address(
    real_client, real_doors
):
    """The unique index decides; who moves is waited for in vain, as if it had been there before."""
    me = bearer(await registered(real_client, real_doors))
    old, new = await both_tokens(real_client, real_doors, me)
    await confirm(real_client, old)
    async with real_doors.database.transaction() as other:
        await make_user(other, email=NEW)
        moving = asyncio.create_task(confirm(real_client, new))
        await until_somebody_waits(real_doors)

    answer = await moving

    assert (answer.status_code, answer.json()["waiting_for"]) == (200, ["new"])
    assert await emails(real_client, me) == (OLD, NEW)
