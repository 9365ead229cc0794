"""Registering, confirming the address and logging in, over HTTP."""

from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.core.statements import Query
from app.domain.users import UserStatus
from app.models import EmailVerifications, Providers, Sessions, Users
from tests.factories.accounts import make_user
from tests.factories.auth import ADA, PASSWORD, bearer, outcome, registered, tokens
from tests.factories.jobs import announced
from tests.factories.mail import code_in, code_sent_to, letters, other_than, token_in
from tests.factories.races import at_once

USERS = Query(select(func.count()).select_from(Users), int)
TRIES = Query(select(EmailVerifications.tries), int)


def tuple_of(*columns):
    return columns


# Registering


async def test_an_account_is_opened_confirmed_and_used(client, doors):
    made = await client.post(
        "/auth/register",
        json={
            "email": "Ada@Example.com",
            "password": PASSWORD,
            "full_name": " Ada Lovelace ",
            "username": "Ada",
            "phone": "(202) 555-0143",
            "timezone": "Europe/Kyiv",
        },
        headers={"Accept-Language": "uk"},
    )

    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "email": "ada@example.com",
        "username": "ada",
        "full_name": "Ada Lovelace",
        "phone": "+12025550143",
        "roles": ["customer"],
        "email_verified": False,
        "locale": "uk",
        "timezone": "Europe/Kyiv",
        "photo_url": None,
        "created_at": "2030-03-01T12:00:00Z",
    }
    code = await code_sent_to(doors, "ada@example.com")
    pair = await tokens(client, "/auth/verify-email", {"email": "ADA@example.com", "code": code})
    assert (pair["token_type"], pair["expires_in"]) == ("bearer", 900)
    again = await tokens(client, "/auth/login", ADA)
    for each in (pair, again):
        profile = await client.get("/profile", headers=bearer(each))
        assert profile.json()["id"] == made.json()["id"]
        assert profile.json()["email_verified"] is True


async def test_the_link_of_the_letter_confirms_too_and_once(client, doors):
    await client.post("/auth/register", json=ADA)
    token = token_in((await letters(doors))[0])

    pair = await tokens(client, "/auth/verify-email", {"token": token})
    again = await client.post("/auth/verify-email", json={"token": token})

    assert (await client.get("/profile", headers=bearer(pair))).status_code == 200
    assert outcome(again) == (422, "invalid-code")


@pytest.mark.parametrize(
    ("account_type", "roles", "providers"),
    [
        ("customer", ["customer"], 0),
        ("provider", ["customer", "provider"], 1),
        ("organizer", ["customer", "organizer"], 0),
    ],
)
async def test_an_account_has_the_role_it_was_opened_for(
    client, doors, connection, account_type, roles, providers
):
    pair = await registered(client, doors, account_type=account_type, timezone="Asia/Bishkek")

    profile = (await client.get("/profile", headers=bearer(pair))).json()
    assert profile["roles"] == roles
    found = await connection.all(
        Query(select(Providers.id, Providers.name, Providers.timezone, Providers.status), tuple_of)
    )
    assert len(found) == providers
    if providers:
        assert found == [(UUID(profile["provider_id"]), "ada", "Asia/Bishkek", "active")]
    assert (profile["organizer_id"] == profile["id"]) == (account_type == "organizer")


@pytest.mark.parametrize("account_type", ["customer", "provider", "organizer"])
async def test_where_accounts_are_approved_by_hand_everybody_begins_as_a_customer(
    client, doors, connection, settings, monkeypatch, account_type
):
    monkeypatch.setattr(settings, "account_approval", "manual")

    pair = await registered(client, doors, account_type=account_type)

    profile = (await client.get("/profile", headers=bearer(pair))).json()
    assert profile["roles"] == ["customer"]
    assert profile["provider_id"] is profile["organizer_id"] is None
    assert await connection.all(Query(select(Providers.id), tuple_of)) == []
    wishes = await connection.all(Query(select(Users.requested_role), tuple_of))
    assert wishes == [(None if account_type == "customer" else account_type,)]


async def test_nobody_performs_services_before_their_address_is_confirmed(client, connection):
    await client.post("/auth/register", json=ADA | {"account_type": "provider"})

    assert await connection.all(Query(select(Providers.id), tuple_of)) == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": "ada"}, "#/email"),
        ({"email": "a@x.kz\nBcc: v@y.kz"}, "#/email"),
        ({"email": f"{'a' * 250}@x.kz"}, "#/email"),
        ({"email": None}, "#/email"),
        ({"password": "y7" * 513}, "#/password"),
        ({"password": 1234567890}, "#/password"),
        ({"phone": "12"}, "#/phone"),
        ({"username": "a b"}, "#/username"),
        ({"full_name": ""}, "#/full_name"),
        ({"full_name": "x" * 101}, "#/full_name"),
        ({"full_name": "Ada\r\nBcc: v@y.kz"}, "#/full_name"),
        ({"full_name": "Ada\0"}, "#/full_name"),
        ({"account_type": "admin"}, "#/account_type"),
        ({"locale": "de"}, "#/locale"),
        ({"timezone": "Mars/Base"}, "#/timezone"),
        ({"id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"}, "#/id"),
        ({"roles": ["super_admin"]}, "#/roles"),
        ({"role": "admin"}, "#/role"),
        ({"status": "active"}, "#/status"),
        ({"email_verified": True}, "#/email_verified"),
        ({"email_verified_at": "2030-01-01T00:00:00Z"}, "#/email_verified_at"),
        ({"password_hash": "x"}, "#/password_hash"),
    ],
)
async def test_what_nobody_can_register_with_is_a_422_of_its_field(
    client, connection, change, pointer
):
    response = await client.post("/auth/register", json=ADA | change)

    assert outcome(response) == (422, "validation-failed")
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert (await connection.all(USERS), await announced(connection)) == ([0], [])


@pytest.mark.parametrize(
    "password", ["password123", "          ", "xx ada@example.com xx", "k7#Qz", "y7" * 65]
)
async def test_a_password_that_is_easily_guessed_is_refused(client, connection, password):
    response = await client.post("/auth/register", json=ADA | {"password": password})

    assert outcome(response) == (422, "weak-password")
    assert response.json()["errors"][0]["pointer"] == "#/password"
    assert await connection.all(USERS) == [0]


async def test_a_username_is_one_person_s(client, doors):
    await registered(client, doors, username="ada")

    taken = await client.post(
        "/auth/register", json=ADA | {"email": "eve@example.com", "username": "ADA"}
    )

    assert outcome(taken) == (409, "username-taken")


async def test_a_username_belongs_to_who_confirms_first(client, doors):
    for name in ("ada", "eve"):
        made = await client.post(
            "/auth/register", json=ADA | {"email": f"{name}@example.com", "username": "countess"}
        )
        assert made.json()["username"] == "countess"

    names = []
    for name in ("eve", "ada"):
        code = await code_sent_to(doors, f"{name}@example.com")
        pair = await tokens(
            client, "/auth/verify-email", {"email": f"{name}@example.com", "code": code}
        )
        names.append((await client.get("/profile", headers=bearer(pair))).json()["username"])

    assert names == ["countess", None]


# Confirming


async def test_wrong_used_and_old_codes_are_refused_alike(client, doors, clock):
    await client.post("/auth/register", json=ADA)
    code = await code_sent_to(doors, ADA["email"])

    wrong = await client.post(
        "/auth/verify-email", json={"email": ADA["email"], "code": other_than(code)}
    )
    unknown = await client.post(
        "/auth/verify-email", json={"email": "nobody@example.com", "code": code}
    )
    clock.forward(minutes=15)
    old = await client.post("/auth/verify-email", json={"email": ADA["email"], "code": code})

    refusals = [wrong, unknown, old]
    assert {outcome(refusal) for refusal in refusals} == {(422, "invalid-code")}
    bodies = [{**refusal.json(), "request_id": ""} for refusal in refusals]
    assert bodies[0] == bodies[1] == bodies[2]


async def test_after_five_wrong_tries_the_right_code_is_wrong_too(client, doors, connection):
    await client.post("/auth/register", json=ADA)
    (letter,) = await letters(doors)
    code = code_in(letter)
    for _ in range(5):
        await client.post(
            "/auth/verify-email", json={"email": ADA["email"], "code": other_than(code)}
        )

    sixth = await client.post("/auth/verify-email", json={"email": ADA["email"], "code": code})

    assert outcome(sixth) == (422, "invalid-code")
    assert await connection.all(TRIES) == [5]
    # The link can't be guessed, so that a stranger's guesses keep nobody out.
    await tokens(client, "/auth/verify-email", {"token": token_in(letter)})


async def test_however_many_codes_are_sent_a_day_has_25_guesses(client, doors, clock):
    for _ in range(5):
        await client.post("/auth/register", json=ADA)
        code = await code_sent_to(doors, ADA["email"])
        for _ in range(5):
            await client.post(
                "/auth/verify-email", json={"email": ADA["email"], "code": other_than(code)}
            )
    await client.post("/auth/register", json=ADA)
    code = await code_sent_to(doors, ADA["email"])

    refused = await client.post("/auth/verify-email", json={"email": ADA["email"], "code": code})
    clock.forward(days=1, minutes=1)
    await client.post("/auth/register", json=ADA)
    code = await code_sent_to(doors, ADA["email"])

    assert outcome(refused) == (422, "invalid-code")
    await tokens(client, "/auth/verify-email", {"email": ADA["email"], "code": code})


async def test_of_twenty_guesses_at_once_five_are_looked_at(real_client, real_doors):
    await real_client.post("/auth/register", json=ADA)
    code = await code_sent_to(real_doors, ADA["email"])
    answers = await at_once(
        real_doors,
        *(
            real_client.post(
                "/auth/verify-email", json={"email": ADA["email"], "code": other_than(code)}
            )
            for _ in range(20)
        ),
    )

    assert {outcome(answer) for answer in answers} == {(422, "invalid-code")}
    async with real_doors.database.read() as connection:
        assert await connection.all(TRIES) == [5]


async def test_of_ten_with_the_right_code_at_once_one_comes_in(real_client, real_doors):
    await real_client.post("/auth/register", json=ADA)
    code = await code_sent_to(real_doors, ADA["email"])

    answers = await at_once(
        real_doors,
        *(
            real_client.post("/auth/verify-email", json={"email": ADA["email"], "code": code})
            for _ in range(10)
        ),
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [422] * 9
    async with real_doors.database.read() as connection:
        assert len(await connection.all(Query(select(Sessions.id), tuple_of))) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": ADA["email"]},
        {"code": "123456"},
        {"email": ADA["email"], "code": "12345"},
        {"email": ADA["email"], "code": "١٢٣٤٥٦"},
        {"email": ADA["email"], "code": 123456},
        {"email": ADA["email"], "code": "123456", "token": "x"},
        {"token": "x" * 201},
    ],
)
async def test_a_proof_is_a_code_with_its_address_or_a_token_alone(client, body):
    response = await client.post("/auth/verify-email", json=body)

    assert outcome(response) == (422, "validation-failed")


@pytest.mark.parametrize("token", ["x", "x.y", "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e.00", "é.é"])
async def test_a_made_up_token_is_refused(client, token):
    response = await client.post("/auth/verify-email", json={"token": token})

    assert outcome(response) == (422, "invalid-code")


async def test_another_code_is_sent_once_a_minute_and_the_one_before_dies(client, doors, clock):
    await client.post("/auth/register", json=ADA)
    assert len(await letters(doors)) == 1

    await client.post("/auth/verify-email/resend", json={"email": ADA["email"]})
    assert len(await letters(doors)) == 1
    clock.forward(minutes=1)
    answer = await client.post("/auth/verify-email/resend", json={"email": ADA["email"]})
    assert answer.status_code == 202
    assert len(await letters(doors)) == 2
    newer, older = await letters(doors)

    for proof in ({"email": ADA["email"], "code": code_in(older)}, {"token": token_in(older)}):
        refused = await client.post("/auth/verify-email", json=proof)
        assert outcome(refused) == (422, "invalid-code")
    await tokens(client, "/auth/verify-email", {"email": ADA["email"], "code": code_in(newer)})


async def test_who_is_confirmed_or_unknown_gets_no_code(client, doors, clock):
    await registered(client, doors)
    before = await letters(doors)
    clock.forward(hours=1)

    for email in (ADA["email"], "nobody@example.com"):
        answer = await client.post("/auth/verify-email/resend", json={"email": email})
        assert answer.status_code == 202

    assert await letters(doors) == before


# Logging in


async def test_the_unknown_the_wrong_and_the_deactivated_are_refused_alike(
    client, doors, connection, adapters
):
    await registered(client, doors)
    gone = await make_user(
        connection,
        status=UserStatus.DEACTIVATED,
        password_hash=await adapters.passwords.hash(PASSWORD),
    )
    without = await make_user(connection)

    refusals = [
        await client.post("/auth/login", json={"email": email, "password": password})
        for email, password in (
            ("nobody@example.com", PASSWORD),
            (ADA["email"], "wrong horse battery"),
            (gone.email, PASSWORD),
            (without.email, PASSWORD),
        )
    ]

    assert [outcome(refusal) for refusal in refusals] == [(401, "invalid-credentials")] * 4
    assert len({str({**refusal.json(), "request_id": ""}) for refusal in refusals}) == 1
    names = ("x-request-id", "date", "ratelimit")  # what is left is less each time
    assert (
        len(
            {
                str(sorted((k, v) for k, v in refusal.headers.items() if k not in names))
                for refusal in refusals
            }
        )
        == 1
    )


async def test_only_the_right_password_learns_that_the_address_is_not_confirmed(client):
    await client.post("/auth/register", json=ADA)

    right = await client.post("/auth/login", json=ADA)
    wrong = await client.post("/auth/login", json=ADA | {"password": "wrong horse battery"})

    assert outcome(right) == (403, "email-not-verified")
    assert outcome(wrong) == (401, "invalid-credentials")


@pytest.mark.parametrize(
    "change",
    [
        {"password": ""},
        {"password": "x" * 129},
        {"email": "ada"},
        {"remember": True},
        {"cookie": 1},
    ],
)
async def test_a_login_that_can_t_be_right_is_a_422(client, change):
    assert outcome(await client.post("/auth/login", json=ADA | change)) == (
        422,
        "validation-failed",
    )


async def test_the_form_of_swagger_logs_in_too(client, doors):
    await registered(client, doors)
    form = {"grant_type": "password", "username": "Ada@example.com", "password": PASSWORD}

    answer = await client.post("/auth/token", data=form | {"scope": "", "client_id": ""})
    wrong = await client.post("/auth/token", data=form | {"password": "wrong horse battery"})
    other = await client.post("/auth/token", data=form | {"grant_type": "implicit"})
    as_json = await client.post("/auth/token", json=form)

    assert (answer.status_code, answer.json()["token_type"]) == (200, "bearer")
    assert (await client.get("/profile", headers=bearer(answer.json()))).status_code == 200
    assert outcome(wrong) == (401, "invalid-credentials")
    assert outcome(other) == (422, "validation-failed")
    assert as_json.status_code in (415, 422)


async def test_a_login_is_remembered_with_its_time_and_device(client, doors, connection, clock):
    await registered(client, doors)
    clock.forward(hours=2)

    await tokens(client, "/auth/login", ADA | {"device": "Ada's phone"})

    assert await connection.all(Query(select(Users.last_login_at), tuple_of)) == [(clock.now,)]
    devices = Query(select(Sessions.device).order_by(Sessions.created_at), tuple_of)
    assert await connection.all(devices) == [(None,), ("Ada's phone",)]
