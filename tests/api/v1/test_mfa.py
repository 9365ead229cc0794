"""The second factor and stepping up, over HTTP."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from sqlalchemy import Text, bindparam, cast, func, literal_column, select, update

from app.bootstrap import Adapters
from app.core.crypto import fingerprint, new_secret
from app.core.ids import new_id
from app.core.statements import Command, Query
from app.core.tokens import Claims
from app.domain.notices import SecurityNotice
from app.domain.roles import Role
from app.domain.users import UserStatus
from app.integrations.limiting.protocol import Unlimited
from app.models import ApiKeys, AuditLog, RecoveryCodes, Sessions, TotpFactors, Users
from tests.factories.accounts import make_user, sign_in
from tests.factories.auth import ADA, PASSWORD, bearer, outcome, registered, tokens
from tests.factories.clock import NOW
from tests.factories.jobs import announced
from tests.factories.mail import other_than
from tests.factories.mfa import App, mfa_token, set_up, turn_on
from tests.factories.races import at_once

TOTP, ACTIVATE = "/auth/mfa/totp", "/auth/mfa/totp/activate"
CODES, LOGIN, STEP_UP = "/auth/mfa/recovery-codes", "/auth/login/mfa", "/auth/step-up"
EMAIL = bindparam("email")
LIVE_CODES = Query(
    select(func.count()).select_from(RecoveryCodes).where(RecoveryCodes.used_at.is_(None)), int
)


def whole(table) -> Query[str]:
    row = cast(literal_column(table.__tablename__, Text), Text)
    return Query(select(row).select_from(table), str)


async def kinds_of_notices(connection) -> list[str]:
    messages = await announced(connection)
    return [message.kind for message in messages if isinstance(message, SecurityNotice)]


async def change_user(connection, **changes) -> None:
    await connection.run(
        Command(update(Users).values(**{k: bindparam(k) for k in changes})), **changes
    )


async def log_in(client, token: str, code: str, **more):
    return await client.post(LOGIN, json={"mfa_token": token, "code": code, **more})


async def turn_off(client, headers, **body):
    return await client.request("DELETE", TOTP, json=body, headers=headers)


@pytest.fixture
def adapters(adapters: Adapters) -> Adapters:
    """Without limits: more codes are shown here than anybody may guess."""
    return replace(adapters, limiter=Unlimited())


@pytest.fixture
async def ada(client, doors) -> dict[str, str]:
    """The headers of somebody with a password and no second factor."""
    return bearer(await registered(client, doors))


@pytest.fixture
async def protected(client, ada, clock) -> tuple[dict[str, str], App, list[str]]:
    """The same with a second factor: headers, app, recovery codes."""
    return ada, *(await turn_on(client, ada, clock))


# Setting up


async def test_a_factor_is_set_up_turned_on_asked_for_and_turned_off(client, ada, clock):
    assert (await client.get("/profile", headers=ada)).json()["mfa_enabled"] is False
    app = await set_up(client, ada, clock)
    assert (await client.get("/profile", headers=ada)).json()["mfa_enabled"] is False
    await tokens(client, "/auth/login", ADA)  # nothing is asked before it is turned on

    shown = await tokens_of(client, ACTIVATE, {"code": app.code()}, ada)

    assert (await client.get("/profile", headers=ada)).json()["mfa_enabled"] is True
    assert len(set(shown["recovery_codes"])) == 10
    clock.forward(seconds=30)
    answer = await log_in(client, await mfa_token(client, ADA), app.code())
    assert answer.status_code == 200
    again = bearer(answer.json())
    assert (await client.get("/profile", headers=again)).json()["mfa_enabled"] is True
    clock.forward(seconds=30)
    gone = await turn_off(client, again, password=PASSWORD, code=app.code())
    assert gone.status_code == 204
    await tokens(client, "/auth/login", ADA)
    assert (await client.get("/profile", headers=ada)).json()["mfa_enabled"] is False


async def tokens_of(client, path, body, headers) -> dict:
    response = await client.post(path, json=body, headers=headers)
    assert response.status_code == 200, response.text
    return response.json()


async def test_an_app_gets_160_bits_by_hand_by_uri_and_by_qr_code(client, ada):
    given = await tokens_of(client, TOTP, {"password": PASSWORD}, ada)

    assert re.fullmatch("[A-Z2-7]{32}", given["secret"])
    assert given["otpauth_uri"] == (
        f"otpauth://totp/Banister:ada%40example.com?secret={given['secret']}&issuer=Banister"
    )
    drawing = ElementTree.fromstring(given["qr_svg"])  # it is our own
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"


async def test_recovery_codes_have_50_bits_of_letters_that_are_not_misread(protected):
    _, _, codes = protected

    for code in codes:
        assert re.fullmatch("[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}", code)


async def test_no_table_and_no_job_holds_a_secret_or_a_code(connection, protected):
    _, app, codes = protected
    kept = [
        *await connection.all(whole(TotpFactors)),
        *await connection.all(whole(RecoveryCodes)),
        *map(str, await announced(connection)),
    ]

    assert len(kept) > 10
    for secret in (app.secret, *codes, *(code.replace("-", "") for code in codes)):
        for form in (secret, secret.encode().hex()):
            assert not any(form in text for text in kept)
    hashes = await connection.all(Query(select(RecoveryCodes.hash), bytes))
    guesses = [fingerprint(code.replace("-", "")) for code in codes]
    assert not set(hashes) & set(guesses), "a thief of the table could try all 50 bits"


@pytest.mark.parametrize("password", ["wrong horse battery", None])
async def test_who_sets_up_shows_the_password(client, connection, ada, password):
    refused = await client.post(TOTP, json={"password": password}, headers=ada)

    assert outcome(refused) == (422, "wrong-password")
    assert refused.json()["errors"][0]["pointer"] == "#/password"
    assert await connection.all(Query(select(TotpFactors.id), str)) == []


async def test_an_account_without_a_password_must_have_signed_in_just_now(
    client, connection, adapters, clock
):
    headers = await sign_in(connection, adapters, Role.CUSTOMER)

    given = await client.post(TOTP, json={}, headers=headers)
    guessed = await client.post(TOTP, json={"password": PASSWORD}, headers=headers)
    clock.forward(minutes=10, seconds=1)
    late = await client.post(TOTP, json={}, headers=headers)

    assert given.status_code == 200
    assert outcome(guessed) == (422, "wrong-password")
    assert outcome(late) == (403, "step-up-required")


async def test_an_app_that_was_not_turned_on_is_replaced(client, ada, clock):
    first = await set_up(client, ada, clock)
    second = await set_up(client, ada, clock)

    refused = await client.post(ACTIVATE, json={"code": first.code()}, headers=ada)

    assert first.secret != second.secret
    assert outcome(refused) == (422, "wrong-code")
    await tokens_of(client, ACTIVATE, {"code": second.code()}, ada)


async def test_a_factor_that_is_on_is_not_replaced(client, protected):
    headers, app, _ = protected

    again = await client.post(TOTP, json={"password": PASSWORD}, headers=headers)
    activated = await client.post(ACTIVATE, json={"code": app.code()}, headers=headers)

    assert outcome(again) == (409, "mfa-already-on")
    assert outcome(activated) == (409, "mfa-already-on")
    answer = await log_in(client, await mfa_token(client, ADA), app.code())
    assert answer.status_code == 200


async def test_only_what_was_set_up_within_half_an_hour_is_turned_on(client, ada, clock):
    nothing = await client.post(ACTIVATE, json={"code": "123456"}, headers=ada)
    app = await set_up(client, ada, clock)
    wrong = await client.post(ACTIVATE, json={"code": other_than(app.code())}, headers=ada)
    clock.forward(minutes=30)
    pair = await tokens(client, "/auth/login", ADA)
    late = await client.post(ACTIVATE, json={"code": app.code()}, headers=bearer(pair))

    assert outcome(nothing) == (409, "mfa-not-set-up")
    assert outcome(wrong) == (422, "wrong-code")
    assert wrong.json()["errors"][0]["pointer"] == "#/code"
    assert outcome(late) == (409, "mfa-not-set-up")


# Logging in


async def test_a_login_with_a_second_factor_begins_no_session(client, connection, protected):
    before = await connection.all(Query(select(func.count()).select_from(Sessions), int))

    asked = await client.post("/auth/login", json=ADA)
    by_form = await client.post(
        "/auth/token", data={"username": ADA["email"], "password": PASSWORD}
    )
    wrong = await client.post("/auth/login", json=ADA | {"password": "wrong horse battery"})

    for answer in (asked, by_form):
        assert outcome(answer) == (401, "mfa-required")
        assert answer.json()["mfa_token"]
        assert "set-cookie" not in answer.headers
    assert outcome(wrong) == (401, "invalid-credentials")
    assert await connection.all(Query(select(func.count()).select_from(Sessions), int)) == before


async def test_a_wrong_code_leaves_the_mfa_token_as_good_as_it_was(client, protected):
    _, app, _ = protected
    token = await mfa_token(client, ADA)

    for _ in range(2):
        refused = await log_in(client, token, other_than(app.code()))
        assert outcome(refused) == (422, "wrong-code")

    assert (await log_in(client, token, app.code())).status_code == 200


async def test_a_browser_gets_its_cookie_with_the_code(client, connection, protected):
    _, app, _ = protected

    answer = await log_in(
        client, await mfa_token(client, ADA), app.code(), cookie=True, device="Ada's laptop"
    )

    assert answer.status_code == 200
    assert "refresh_token" not in answer.json()
    cookie = answer.headers["set-cookie"]
    assert "refresh_token=" in cookie
    assert "HttpOnly" in cookie
    devices = Query(select(Sessions.device).order_by(Sessions.created_at.desc()), lambda d: d)
    assert (await connection.all(devices))[0] == "Ada's laptop"


async def test_an_mfa_token_lasts_five_minutes(client, clock, protected):
    _, app, _ = protected
    token = await mfa_token(client, ADA)

    clock.forward(minutes=4, seconds=59)
    wrong = await log_in(client, token, other_than(app.code()))
    clock.forward(seconds=1)
    late = await log_in(client, token, app.code())

    assert outcome(wrong) == (422, "wrong-code")
    assert outcome(late) == (401, "invalid-token")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"password_hash": "$argon2id$another"}, (401, "invalid-token")),
        ({"password_hash": None}, (401, "invalid-token")),
        ({"status": UserStatus.DEACTIVATED}, (401, "invalid-token")),
        ({"email_verified_at": None}, (403, "email-not-verified")),
    ],
    ids=["reset", "taken-away", "deactivated", "unverified"],
)
async def test_an_mfa_token_dies_with_the_password_and_the_account(
    client, connection, protected, changes, refusal
):
    _, app, _ = protected
    token = await mfa_token(client, ADA)

    await change_user(connection, **changes)

    assert outcome(await log_in(client, token, app.code())) == refusal


async def test_with_the_factor_gone_an_mfa_token_is_worth_nothing(client, protected, clock):
    headers, app, codes = protected
    token = await mfa_token(client, ADA)
    assert (await turn_off(client, headers, password=PASSWORD, code=app.code())).status_code == 204

    clock.forward(seconds=30)

    for code in (app.code(), codes[0]):
        assert outcome(await log_in(client, token, code)) == (401, "invalid-token")


async def test_an_mfa_token_opens_nothing_and_an_access_token_is_none(
    client, adapters, protected, clock
):
    headers, app, _ = protected
    token, access = await mfa_token(client, ADA), headers["Authorization"].partition(" ")[2]

    as_access = await client.get("/profile", headers={"Authorization": f"Bearer {token}"})
    as_refresh = await client.post("/auth/refresh", json={"refresh_token": token})
    stranger = adapters.tokens.sign(Claims(new_id(), new_id()), lasts=clock.now - NOW)

    assert outcome(as_access) == (401, "unauthenticated")
    assert outcome(as_refresh) == (422, "validation-failed")
    for not_one in (access, stranger, token[:-2] + "AA", "x", "..", "\N{KELVIN SIGN}", " " + token):
        assert outcome(await log_in(client, not_one, app.code())) == (401, "invalid-token")


@pytest.mark.parametrize(
    "change",
    [{"mfa_token": ""}, {"mfa_token": None}, {"code": ""}, {"code": 204918}, {"user_id": "x"}],
)
async def test_a_login_by_code_that_can_t_be_right_is_a_422(client, change):
    response = await client.post(LOGIN, json={"mfa_token": "x", "code": "204918"} | change)

    assert outcome(response) == (422, "validation-failed")


# Codes


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 200), (0, 200), (1, 200), (2, 422)])
async def test_the_clock_of_an_app_may_be_half_a_minute_wrong(client, ada, clock, steps, status):
    app, _ = await turn_on(client, ada, clock)
    clock.forward(minutes=2)

    answer = await log_in(client, await mfa_token(client, ADA), app.code(steps=steps))

    assert answer.status_code == status


async def test_no_code_is_taken_twice_wherever_it_was_shown(client, ada, clock):
    app = await set_up(client, ada, clock)
    await tokens_of(client, ACTIVATE, {"code": app.code()}, ada)

    async def refusals(code) -> set:
        return {
            outcome(await log_in(client, await mfa_token(client, ADA), code)),
            outcome(await client.post(STEP_UP, json={"code": code}, headers=ada)),
            outcome(await client.post(CODES, json={"code": code}, headers=ada)),
            outcome(await turn_off(client, ada, password=PASSWORD, code=code)),
        }

    assert await refusals(app.code()) == {(422, "wrong-code")}
    clock.forward(seconds=30)
    token = await mfa_token(client, ADA)
    assert (await log_in(client, token, app.code())).status_code == 200
    assert await refusals(app.code()) == {(422, "wrong-code")}
    clock.forward(seconds=30)
    await tokens_of(client, STEP_UP, {"code": app.code()}, ada)
    assert await refusals(app.code()) == {(422, "wrong-code")}
    clock.forward(seconds=30)
    await tokens_of(client, CODES, {"code": app.code()}, ada)
    assert await refusals(app.code()) == {(422, "wrong-code")}


async def test_after_a_later_code_no_earlier_one_is_taken(client, protected):
    headers, app, _ = protected
    await tokens_of(client, STEP_UP, {"code": app.code(steps=1)}, headers)

    earlier = await client.post(STEP_UP, json={"code": app.code()}, headers=headers)

    assert outcome(earlier) == (422, "wrong-code")


HOSTILE = {
    "arabic-digits": lambda code: code.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    "full-width": lambda code: code.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "signed": lambda code: f"+{code}",
    "decimal": lambda code: f"{code}.0",
    "hex": lambda code: hex(int(code)),
    "longer": lambda code: code + code[0],
    "shorter": lambda code: code[:-1],
    "zero-padded": lambda code: f"0{code}",
    "underscored": lambda code: f"{code[:3]}_{code[3:]}",
    "with-a-hidden-space": lambda code: f"{code[:3]}\u200b{code[3:]}",
    "blank": lambda code: "   ",
    "hyphens": lambda code: "------",
    "sql": lambda code: "' OR 1=1 --",
    "kelvin": lambda code: "\N{KELVIN SIGN}" * 10,
    "dotless": lambda code: "ı" * 10,
    "long": lambda code: "9" * 40,
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_only_looks_like_a_code_is_none(client, protected, name):
    headers, app, _ = protected

    refused = await client.post(STEP_UP, json={"code": HOSTILE[name](app.code())}, headers=headers)

    assert outcome(refused) == (422, "wrong-code")


@pytest.mark.parametrize("code", [None, "", "1" * 41, 204918, ["204918"], "20491\0", "\ud800"])
async def test_what_is_no_text_of_a_code_s_length_is_refused_by_its_form(client, protected, code):
    headers, *_ = protected

    refused = await client.post(
        CODES,
        content=json.dumps({"code": code}),
        headers=headers | {"Content-Type": "application/json"},
    )

    assert refused.status_code in (400, 422)
    assert refused.json()["code"] in ("malformed-json", "validation-failed")


@pytest.mark.parametrize(
    "typed", [lambda c: f" {c[:3]} {c[3:]} ", lambda c: f"{c[:3]}\N{NO-BREAK SPACE}{c[3:]}"]
)
async def test_spaces_in_a_code_don_t_count(client, protected, typed):
    headers, app, _ = protected

    await tokens_of(client, STEP_UP, {"code": typed(app.code())}, headers)


# Recovery codes


async def test_a_recovery_code_stands_in_for_the_app_once_and_the_owner_is_told(
    client, connection, protected
):
    _, _, codes = protected
    token = await mfa_token(client, ADA)

    first = await log_in(client, token, codes[3])
    again = await log_in(client, token, codes[3])
    other = await log_in(client, token, codes[4])

    assert [first.status_code, outcome(again), other.status_code] == [200, (422, "wrong-code"), 200]
    assert (await kinds_of_notices(connection)).count("recovery_code_used") == 2
    assert await connection.all(LIVE_CODES) == [8]


@pytest.mark.parametrize(
    "typed",
    [
        str.upper,
        lambda code: code.replace("-", ""),
        lambda code: f" {code.replace('-', ' ')} ",
        lambda code: code.replace("0", "O").replace("1", "l"),
        lambda code: code.replace("0", "o").replace("1", "I"),
    ],
)
async def test_a_recovery_code_is_read_as_people_write_it(client, protected, typed):
    headers, _, codes = protected

    for code in codes:
        await tokens_of(client, STEP_UP, {"code": typed(code)}, headers)


async def test_a_recovery_code_is_one_person_s(client, connection, adapters, clock, protected):
    _, _, codes = protected
    eve = await sign_in(connection, adapters, Role.CUSTOMER)
    app, _ = await turn_on(client, eve, clock, password=None)

    refused = await client.post(STEP_UP, json={"code": codes[0]}, headers=eve)

    assert outcome(refused) == (422, "wrong-code")
    await tokens_of(client, STEP_UP, {"code": app.code()}, eve)


async def test_new_recovery_codes_kill_the_old_ones(client, connection, protected):
    headers, app, codes = protected
    wrong = await client.post(CODES, json={"code": other_than(app.code())}, headers=headers)

    renewed = (await tokens_of(client, CODES, {"code": app.code()}, headers))["recovery_codes"]

    assert outcome(wrong) == (422, "wrong-code")
    assert await connection.all(LIVE_CODES) == [10]
    for code in codes:
        refused = await client.post(STEP_UP, json={"code": code}, headers=headers)
        assert outcome(refused) == (422, "wrong-code")
    by_code = (await tokens_of(client, CODES, {"code": renewed[0]}, headers))["recovery_codes"]
    await tokens_of(client, STEP_UP, {"code": by_code[9]}, headers)


async def test_a_recovery_code_turns_no_app_on(client, connection, ada, clock):
    app, codes = await turn_on(client, ada, clock)
    await connection.run(Command(update(TotpFactors).values(activated_at=None)))

    refused = await client.post(ACTIVATE, json={"code": codes[0]}, headers=ada)

    assert outcome(refused) == (422, "wrong-code")
    assert await connection.all(LIVE_CODES) == [10]
    await tokens_of(client, ACTIVATE, {"code": app.code()}, ada)


# Turning off


async def test_it_takes_password_and_code_to_turn_it_off(client, connection, protected, clock):
    headers, app, codes = protected

    refusals = [
        await turn_off(client, headers, password="wrong horse battery", code=app.code()),
        await turn_off(client, headers, code=app.code()),
        await turn_off(client, headers, password=PASSWORD, code=other_than(app.code())),
        await turn_off(client, headers, password=PASSWORD),
    ]

    assert [outcome(refusal) for refusal in refusals] == [
        (422, "wrong-password"),
        (422, "wrong-password"),
        (422, "wrong-code"),
        (422, "validation-failed"),
    ]
    assert await connection.all(LIVE_CODES) == [10]
    gone = await turn_off(client, headers, password=PASSWORD, code=codes[0])
    assert gone.status_code == 204
    assert await connection.all(LIVE_CODES) == [0]
    again = await turn_off(client, headers, password=PASSWORD, code=codes[1])
    assert outcome(again) == (409, "mfa-not-on")
    assert await kinds_of_notices(connection) == ["mfa_on", "recovery_code_used", "mfa_off"]


async def test_without_a_password_it_takes_a_fresh_step_up_and_another_code(
    client, connection, adapters, clock
):
    headers = await sign_in(connection, adapters, Role.CUSTOMER)
    app, _ = await turn_on(client, headers, clock, password=None)
    clock.forward(minutes=11)

    stale = await turn_off(client, headers, code=app.code())
    await tokens_of(client, STEP_UP, {"code": app.code()}, headers)
    replayed = await turn_off(client, headers, code=app.code())
    clock.forward(seconds=30)
    gone = await turn_off(client, headers, code=app.code())

    assert outcome(stale) == (403, "step-up-required")
    assert outcome(replayed) == (422, "wrong-code")
    assert gone.status_code == 204


async def test_what_is_not_on_has_no_codes_to_check_or_renew(client, ada, clock):
    await set_up(client, ada, clock)

    for answer in (
        await turn_off(client, ada, password=PASSWORD, code="123456"),
        await client.post(CODES, json={"code": "123456"}, headers=ada),
        await client.post(STEP_UP, json={"code": "123456"}, headers=ada),
    ):
        assert outcome(answer) == (409, "mfa-not-on")


# Stepping up


async def proofs(connection) -> list:
    return await connection.all(
        Query(select(Sessions.proved_at).order_by(Sessions.created_at, Sessions.id), lambda at: at)
    )


async def test_a_password_or_a_code_is_good_for_ten_minutes_in_this_session_alone(
    client, connection, protected, clock
):
    headers, app, _ = protected
    begun = await proofs(connection)
    other = await log_in(client, await mfa_token(client, ADA), app.code())
    assert other.status_code == 200

    clock.forward(minutes=5)
    by_password = await tokens_of(client, STEP_UP, {"password": PASSWORD}, headers)
    first = await proofs(connection)
    clock.forward(minutes=1)
    by_code = await tokens_of(client, STEP_UP, {"code": app.code()}, headers)
    second = await proofs(connection)

    assert by_password == {"expires_at": "2030-03-01T12:15:30Z"}
    assert by_code == {"expires_at": "2030-03-01T12:16:30Z"}
    assert begun[0] < first[0] < second[0] == clock.now
    assert first[1] == second[1] < first[0]


@pytest.mark.parametrize(
    "body", [{}, {"password": PASSWORD, "code": "123456"}, {"password": None, "code": None}]
)
async def test_a_step_up_is_by_password_or_by_code(client, ada, body):
    refused = await client.post(STEP_UP, json=body, headers=ada)

    assert outcome(refused) == (422, "validation-failed")


async def test_a_failed_step_up_signs_nobody_out_and_proves_nothing(
    client, connection, protected, clock
):
    headers, app, _ = protected
    before = await proofs(connection)
    clock.forward(minutes=1)

    by_password = await client.post(
        STEP_UP, json={"password": "wrong horse battery"}, headers=headers
    )
    by_code = await client.post(STEP_UP, json={"code": other_than(app.code())}, headers=headers)

    assert outcome(by_password) == (422, "wrong-password")
    assert outcome(by_code) == (422, "wrong-code")
    assert await proofs(connection) == before
    assert (await client.get("/profile", headers=headers)).status_code == 200


async def test_a_session_that_ended_is_not_stepped_up(client, ada):
    await client.post("/auth/logout", headers=ada)

    assert outcome(await client.post(STEP_UP, json={"password": PASSWORD}, headers=ada)) == (
        401,
        "unauthenticated",
    )


# Those who work here


async def api_key(connection, user_id, *scopes: str) -> dict[str, str]:
    key = f"bk_{new_secret()}"
    row = {
        "id": new_id(),
        "user_id": user_id,
        "name": "Till",
        "prefix": key[:11],
        "hash": fingerprint(key),
        "scopes": list(scopes),
        "created_at": NOW,
        "expires_at": None,
        "last_used_at": None,
    }
    await connection.run(Command(ApiKeys.__table__.insert().values(row)))
    return {"X-API-Key": key}


@pytest.fixture
def required(settings, monkeypatch) -> None:
    monkeypatch.setattr(settings, "staff_mfa", "required")


async def arrange(client, headers) -> tuple[int, str]:
    return outcome(await client.post("/categories", json={"name": "Nails"}, headers=headers))


async def test_where_staff_need_a_factor_it_is_the_activation_that_lets_them_work(
    client, connection, adapters, clock, required
):
    admin = await make_user(connection, Role.ADMIN)
    session, other = [await sign_in(connection, adapters, user_id=admin.id) for _ in range(2)]
    key = await api_key(connection, admin.id, "categories:manage")
    ways = (session, other, key)

    before = [await arrange(client, headers) for headers in ways]
    app = await set_up(client, session, clock, password=None)
    waiting = [await arrange(client, headers) for headers in ways]
    own = await client.get("/profile", headers=session)
    await tokens_of(client, ACTIVATE, {"code": app.code()}, session)
    after = [await arrange(client, headers) for headers in ways]

    assert before == waiting == [(403, "mfa-setup-required")] * 3
    assert own.status_code == 200, "what a customer may waits for nothing"
    assert [status for status, _ in after] == [201, 401, 201], "the other session is over"


async def test_where_it_is_required_staff_can_t_turn_it_off(
    client, connection, adapters, clock, required
):
    admin = await sign_in(connection, adapters, Role.ADMIN)
    customer = await sign_in(connection, adapters, Role.CUSTOMER)
    answers = []
    for headers in (admin, customer):
        app, _ = await turn_on(client, headers, clock, password=None)
        answers.append(await turn_off(client, headers, code=app.code()))

    assert outcome(answers[0]) == (409, "mfa-required-for-staff")
    assert answers[1].status_code == 204
    assert (await arrange(client, admin))[0] == 201


async def test_whoever_lost_the_factor_waits_again_at_once(
    client, connection, adapters, clock, required
):
    admin = await sign_in(connection, adapters, Role.ADMIN)
    await turn_on(client, admin, clock, password=None)
    assert (await arrange(client, admin))[0] == 201

    await connection.run(Command(TotpFactors.__table__.delete()))

    assert await arrange(client, admin) == (403, "mfa-setup-required")


async def test_where_it_is_not_required_staff_work_without(client, connection, adapters, clock):
    admin = await sign_in(connection, adapters, Role.ADMIN)
    assert (await arrange(client, admin))[0] == 201
    app, _ = await turn_on(client, admin, clock, password=None)

    assert (await turn_off(client, admin, code=app.code())).status_code == 204
    actions = Query(select(AuditLog.action).order_by(AuditLog.id), str)
    assert [a for a in await connection.all(actions) if a.startswith("mfa")] == [
        "mfa.turned_on",
        "mfa.turned_off",
    ]


@pytest.mark.parametrize("path", [TOTP, ACTIVATE, CODES, STEP_UP])
async def test_no_api_key_reaches_the_second_factor(client, connection, path):
    user = await make_user(connection)
    key = await api_key(connection, user.id, "profile:read", "profile:write")
    body = {} if path == TOTP else {"code": "123456"}

    assert outcome(await client.post(path, json=body, headers=key)) == (403, "session-required")


async def test_an_api_key_sees_in_the_profile_that_the_factor_is_on(client, connection, protected):
    (user_id,) = await connection.all(Query(select(Users.id), lambda id_: id_))
    key = await api_key(connection, user_id, "profile:read")

    assert (await client.get("/profile", headers=key)).json()["mfa_enabled"] is True


# Races


async def of_ada(real_client, real_doors, clock):
    headers = bearer(await registered(real_client, real_doors))
    return headers, *(await turn_on(real_client, headers, clock))


async def test_of_eight_logins_with_one_code_at_once_one_comes_in(real_client, real_doors, clock):
    _, app, codes = await of_ada(real_client, real_doors, clock)
    token = await mfa_token(real_client, ADA)

    for code in (app.code(), codes[0]):
        answers = await at_once(real_doors, *(log_in(real_client, token, code) for _ in range(8)))

        assert sorted(answer.status_code for answer in answers) == [200] + [422] * 7


async def test_of_eight_step_ups_with_one_code_at_once_one_is_made(real_client, real_doors, clock):
    headers, app, codes = await of_ada(real_client, real_doors, clock)

    for code in (app.code(), codes[0]):
        answers = await at_once(
            real_doors,
            *(real_client.post(STEP_UP, json={"code": code}, headers=headers) for _ in range(8)),
        )

        assert sorted(answer.status_code for answer in answers) == [200] + [422] * 7


async def test_of_eight_activations_at_once_one_shows_the_codes(real_client, real_doors, clock):
    headers = bearer(await registered(real_client, real_doors))
    app = await set_up(real_client, headers, clock)

    answers = await at_once(
        real_doors,
        *(
            real_client.post(ACTIVATE, json={"code": app.code(steps=n % 3 - 1)}, headers=headers)
            for n in range(8)
        ),
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    async with real_doors.database.read() as connection:
        assert await connection.all(LIVE_CODES) == [10]


async def test_however_many_ask_for_new_codes_at_once_ten_are_left(real_client, real_doors, clock):
    headers, app, codes = await of_ada(real_client, real_doors, clock)

    answers = await at_once(
        real_doors,
        *(
            real_client.post(CODES, json={"code": code}, headers=headers)
            for code in (app.code(), *codes[:5])
        ),
    )

    assert {answer.status_code for answer in answers} <= {200, 422}
    async with real_doors.database.read() as connection:
        assert await connection.all(LIVE_CODES) == [10]


async def test_turning_it_on_ends_the_sessions_that_were_begun_without(client, doors, clock):
    mine = bearer(await registered(client, doors))
    other = bearer(await tokens(client, "/auth/login", {**ADA, "device": "another"}))

    await turn_on(client, mine, clock)

    assert (await client.get("/profile", headers=other)).status_code == 401
    assert (await client.get("/profile", headers=mine)).status_code == 200
