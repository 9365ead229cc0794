"""Signing in with accounts elsewhere: a real provider, spoken to over HTTP."""

import logging
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Text, bindparam, cast, func, literal_column, select, update

from app.core.config import Settings
from app.core.statements import Command, Query
from app.domain.notices import NoticeKind, SecurityNotice
from app.domain.roles import Role
from app.domain.users import UserStatus
from app.models import Identities, OauthFlows, Sessions, Users
from app.tasks.cleanup import clean_up
from tests.factories.accounts import make_user
from tests.factories.auth import ADA, bearer, outcome, registered
from tests.factories.jobs import announced
from tests.factories.mail import code_in, letters
from tests.factories.mfa import turn_on
from tests.factories.oidc import MISSING, OidcServer
from tests.factories.oidc_server import CLIENT_SECRET
from tests.factories.races import at_once

REDIRECT = "http://test/oauth/callback"
REFUSED = (401, "identity-refused")
IDENTITIES = Query(
    select(Identities.provider, Identities.subject, Users.email)
    .join(Users, Users.id == Identities.user_id)
    .order_by(Identities.provider, Identities.subject),
    lambda *row: row,
)
EMAILS = Query(select(Users.email).order_by(Users.email), str)
SESSIONS = Query(select(func.count()).select_from(Sessions), int)
FLOWS = Query(select(cast(literal_column("oauth_flows", Text), Text)).select_from(OauthFlows), str)
CHANGE_STATUS = Command(
    update(Users).where(Users.email == bindparam("email")).values(status=bindparam("status"))
)


@pytest.fixture
def settings(settings: Settings, oidc: OidcServer) -> Settings:
    google = oidc.client("google", "good-google")
    return settings.model_copy(
        update={
            "oidc_providers": [
                oidc.client("acme"),
                oidc.client("other", "good-other"),
                oidc.client("impostor", "impostor"),
            ],
            "google_client_id": google.client_id,
            "google_client_secret": google.client_secret,
            "google_issuer": google.issuer,
        }
    )


async def begun(client, provider="acme", **headers) -> dict:
    response = await client.get(
        f"/auth/oauth/{provider}/authorize", params={"redirect_uri": REDIRECT}, headers=headers
    )
    assert response.status_code == 200, response.text
    return response.json()


async def back_from(client, oidc, provider="acme", **said) -> dict:
    """Return what the front end posts of somebody who has signed in elsewhere."""
    sent = await oidc.sign_in((await begun(client, provider))["authorization_url"], **said)
    return {"code": sent["code"], "state": sent["state"]}


async def ended(client, body, provider="acme", **headers):
    return await client.post(f"/auth/oauth/{provider}/callback", json=body, headers=headers)


async def signed_in(client, oidc, provider="acme", **said):
    return await ended(client, await back_from(client, oidc, provider, **said), provider)


async def profile(client, response) -> dict:
    assert response.status_code == 200, response.text
    return (await client.get("/profile", headers=bearer(response.json()))).json()


async def test_a_sign_in_begins_with_an_address_for_it_alone(client, oidc):
    first, second = await begun(client), await begun(client)
    asked = {k: v for k, (v,) in parse_qs(urlsplit(first["authorization_url"]).query).items()}

    assert first["authorization_url"].startswith(oidc.issuer() + "/authorize?")
    assert first["expires_at"] == "2030-03-01T12:10:00Z"
    assert asked["state"] == first["state"]
    assert (asked["response_type"], asked["redirect_uri"]) == ("code", REDIRECT)
    assert asked["scope"] == "openid email profile"
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    again = parse_qs(urlsplit(second["authorization_url"]).query)
    for name in ("state", "nonce", "code_challenge"):
        assert again[name] != [asked[name]]


@pytest.mark.parametrize("provider", ["acme", "google"])
async def test_who_comes_from_a_provider_for_the_first_time_has_an_account(
    client, oidc, connection, provider
):
    response = await signed_in(client, oidc, provider)
    me = await profile(client, response)

    assert response.json().keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (me["email"], me["email_verified"]) == ("ada@example.com", True)
    assert (me["full_name"], me["locale"], me["roles"]) == ("Ada Lovelace", "uk", ["customer"])
    assert await connection.all(IDENTITIES) == [(provider, "ada", "ada@example.com")]
    assert await announced(connection) == []  # nobody is told of an account that was just made


async def test_who_comes_again_is_known_by_the_provider_s_word_for_them(client, oidc):
    mine = await profile(client, await signed_in(client, oidc))

    moved = await signed_in(client, oidc, claims={"email": "new@example.com", "name": "Eve"})
    silent = await signed_in(client, oidc, claims={"email": MISSING, "email_verified": False})

    assert await profile(client, moved) == await profile(client, silent) == mine


async def test_who_is_known_to_one_provider_is_not_known_to_another(client, oidc):
    mine = await profile(client, await signed_in(client, oidc))

    other = await signed_in(client, oidc, "other", claims={"email": "eve@example.com"})

    assert (await profile(client, other))["id"] != mine["id"]


async def test_an_account_speaks_the_language_of_the_front_end_if_the_provider_tells_none(
    client, oidc
):
    body = await back_from(client, oidc, claims={"locale": "fr"})

    me = await profile(client, await ended(client, body, **{"Accept-Language": "ru"}))

    assert me["locale"] == "ru"


async def test_the_account_of_a_verified_address_is_opened_and_its_owner_told(
    client, oidc, doors, connection
):
    pair = await registered(client, doors, full_name="Ada")
    mine = (await client.get("/profile", headers=bearer(pair))).json()

    theirs = await profile(client, await signed_in(client, oidc, claims={"name": "Eve"}))

    assert theirs == mine
    (notice,) = await announced(connection)
    assert isinstance(notice, SecurityNotice)
    assert (str(notice.user_id), notice.kind) == (mine["id"], NoticeKind.IDENTITY_LINKED)
    assert len(await letters(doors, ADA["email"])) == 2
    assert (await client.post("/auth/login", json=ADA)).status_code == 200

    await signed_in(client, oidc)

    assert await announced(connection) == []


async def test_a_provider_s_address_is_ours_in_whatever_case(client, oidc, doors):
    pair = await registered(client, doors)
    mine = (await client.get("/profile", headers=bearer(pair))).json()

    theirs = await signed_in(client, oidc, claims={"email": "ADA@EXAMPLE.com"})

    assert (await profile(client, theirs))["id"] == mine["id"]


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": MISSING},
        {"email": "Ada"},
    ],
)
async def test_an_address_that_nobody_verified_opens_and_makes_nothing(
    client, oidc, connection, claims
):
    await make_user(connection, email="ada@example.com")

    known = await signed_in(client, oidc, claims=claims)
    new = await signed_in(client, oidc, claims={**claims, "email": "new@example.com"})

    assert outcome(known) == (403, "identity-email-not-verified")
    if claims != {"email": "Ada"}:
        assert outcome(new) == outcome(known)
        assert await connection.all(EMAILS) == ["ada@example.com"]
        assert await connection.all(IDENTITIES) == []


async def test_who_registered_the_address_before_and_waited_is_out(client, oidc, doors, connection):
    await client.post("/auth/register", json=ADA | {"password": "eve was here first"})
    (letter,) = await letters(doors)

    me = await profile(client, await signed_in(client, oidc))

    assert me["full_name"] == "Ada Lovelace"
    by_code = {"email": ADA["email"], "code": code_in(letter)}
    assert outcome(await client.post("/auth/verify-email", json=by_code)) == (422, "invalid-code")
    log_in = ADA | {"password": "eve was here first"}
    assert outcome(await client.post("/auth/login", json=log_in)) == (401, "invalid-credentials")
    assert await announced(connection) == []


async def test_a_deactivated_account_is_refused_as_by_login(client, oidc, connection):
    await make_user(connection, email="ada@example.com", status=UserStatus.DEACTIVATED)
    await signed_in(client, oidc, "other", claims={"sub": "eve", "email": "eve@example.com"})
    await connection.run(CHANGE_STATUS, email="eve@example.com", status=UserStatus.DEACTIVATED)

    by_address = await signed_in(client, oidc)
    by_identity = await signed_in(client, oidc, "other", claims={"sub": "eve"})

    assert outcome(by_address) == outcome(by_identity) == (401, "invalid-credentials")
    assert await connection.all(IDENTITIES) == [("other", "eve", "eve@example.com")]
    assert await connection.first(SESSIONS) == 1


async def test_a_second_factor_is_asked_for_all_the_same(client, oidc, clock):
    headers = bearer((await signed_in(client, oidc)).json())
    app, _ = await turn_on(client, headers, clock, password=None)
    body = await back_from(client, oidc)

    response = await ended(client, body)

    assert outcome(response) == (401, "mfa-required")
    token = {"mfa_token": response.json()["mfa_token"], "code": app.code()}
    assert (await client.post("/auth/login/mfa", json=token)).status_code == 200
    assert outcome(await ended(client, body)) == REFUSED


async def test_the_refresh_token_goes_into_a_cookie_where_that_is_wanted(client, oidc):
    body = await back_from(client, oidc) | {"cookie": True, "device": "Ada's browser"}

    response = await ended(client, body)

    assert "refresh_token" not in response.json()
    assert response.cookies["refresh_token"]
    found = (await client.get("/auth/sessions", headers=bearer(response.json()))).json()
    assert [session["device"] for session in found["items"]] == ["Ada's browser"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("nowhere", 404), ("..", 404), ("acme%2F", 404), ("Acme", 422), ("acme%00", 422)],
)
async def test_a_provider_that_is_not_set_is_not_found(client, path, status):
    query = {"redirect_uri": REDIRECT}
    body = {"code": "c", "state": "s"}

    first = await client.get(f"/auth/oauth/{path}/authorize", params=query)
    second = await client.post(f"/auth/oauth/{path}/callback", json=body)

    assert (first.status_code, second.status_code) == (status, status)
    if path == "nowhere":
        assert outcome(first) == outcome(second) == (404, "identity-provider-not-found")


@pytest.mark.parametrize(
    "uri",
    [
        "http://test/oauth/callback/",
        "http://test/oauth/callback?next=/",
        "http://test/oauth/callback#",
        "HTTP://test/oauth/callback",
        "http://test/oauth",
        "http://test.evil.example/oauth/callback",
        "http://test@evil.example/oauth/callback",
        "javascript:alert(1)",
        "/oauth/callback",
    ],
)
async def test_nobody_is_sent_anywhere_but_where_the_settings_say(client, connection, uri):
    response = await client.get("/auth/oauth/acme/authorize", params={"redirect_uri": uri})

    assert outcome(response) == (422, "redirect-not-allowed")
    assert await connection.all(FLOWS) == []


async def test_a_state_is_good_once(client, oidc):
    body = await back_from(client, oidc)
    await ended(client, body)

    assert outcome(await ended(client, body)) == REFUSED
    again = await back_from(client, oidc)
    assert outcome(await ended(client, again | {"state": body["state"]})) == REFUSED


async def test_a_state_is_used_up_by_a_wrong_code_too(client, oidc):
    body = await back_from(client, oidc)

    assert outcome(await ended(client, body | {"code": "guessed"})) == REFUSED
    assert outcome(await ended(client, body)) == REFUSED


async def test_a_code_is_good_once_with_whatever_state(client, oidc):
    body = await back_from(client, oidc)
    await ended(client, body)
    fresh = await begun(client)

    assert outcome(await ended(client, body | {"state": fresh["state"]})) == REFUSED


async def test_a_code_of_one_flow_is_worth_nothing_in_another(client, oidc):
    """The verifier is another's (PKCE), so the provider refuses it."""
    mine, stolen = await back_from(client, oidc), await back_from(client, oidc)

    assert outcome(await ended(client, mine | {"code": stolen["code"]})) == REFUSED


async def test_a_token_of_one_flow_is_worth_nothing_in_another(client, oidc):
    assert outcome(await signed_in(client, oidc, claims={"nonce": "n" * 64})) == REFUSED


async def test_a_state_of_one_provider_is_worth_nothing_with_another(client, oidc):
    body = await back_from(client, oidc)

    assert outcome(await ended(client, body, "other")) == REFUSED
    assert (await ended(client, body)).status_code == 200


async def test_a_state_is_good_for_ten_minutes(client, oidc, clock):
    lasting = {"exp": clock().timestamp() + 3600}
    early = await back_from(client, oidc, claims=lasting)
    late = await back_from(client, oidc, claims=lasting)

    clock.forward(minutes=9, seconds=59)
    assert (await ended(client, early)).status_code == 200
    clock.forward(seconds=1)
    assert outcome(await ended(client, late)) == REFUSED


@pytest.mark.parametrize("change", [str.upper, str.swapcase, lambda s: s[:-1], lambda s: "x" + s])
async def test_a_state_that_was_not_made_here_is_refused(client, oidc, change):
    body = await back_from(client, oidc)

    assert outcome(await ended(client, body | {"state": change(body["state"])})) == REFUSED


@pytest.mark.parametrize(
    "state", ["x", ".", "a.b", "a.b.c", "é.é.é", "\t", f"{'0' * 36}.{'0' * 64}"]
)
async def test_what_is_no_state_is_refused(client, state):
    assert outcome(await ended(client, {"code": "c", "state": state})) == REFUSED


async def test_a_token_that_was_made_for_something_else_is_no_state(client, oidc, adapters):
    body = await back_from(client, oidc)
    subject = body["state"].rpartition(".")[0]

    for purpose in ("verify-email", "oauth-nonce"):
        forged = {"state": adapters.signer.token(purpose, subject)}
        assert outcome(await ended(client, body | forged)) == REFUSED


async def test_an_answer_of_another_issuer_is_refused(client, oidc):
    """The mix-up of RFC 9207: a provider of ours gets hold of a code of another."""
    body = await back_from(client, oidc)

    assert outcome(await ended(client, body | {"iss": oidc.issuer("good-other")})) == REFUSED
    assert (await ended(client, body | {"iss": oidc.issuer()})).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "missing"),
        ({"code": "c"}, "missing"),
        ({"code": "", "state": "s"}, "string-too-short"),
        ({"code": "c" * 5000, "state": "s"}, "string-too-long"),
        ({"code": 1, "state": "s"}, "string-type"),
        ({"code": "c", "state": "s", "nonce": "n"}, "extra-forbidden"),
        ({"code": "c", "state": "s", "cookie": 1}, "bool-type"),
    ],
)
async def test_a_body_of_another_form_is_refused(client, body, code):
    response = await ended(client, body)

    assert response.status_code == 422
    assert response.json()["errors"][0]["code"] == code


BROWSER = {"Origin": "http://test"}


async def test_a_browser_must_be_the_one_that_began(client, oidc):
    """Somebody else's link signs nobody in to that somebody's account."""
    eve = await back_from(client, oidc)
    client.cookies.clear()

    assert outcome(await ended(client, eve, **BROWSER)) == REFUSED
    await begun(client)  # so that it has a cookie, of another flow
    assert outcome(await ended(client, eve, **BROWSER)) == REFUSED


async def test_a_browser_that_was_refused_has_not_used_up_the_state(client, oidc):
    body = await back_from(client, oidc)
    kept = dict(client.cookies)
    client.cookies.clear()
    await ended(client, body, **BROWSER)

    client.cookies.update(kept)

    assert (await ended(client, body, **BROWSER)).status_code == 200


async def test_the_tabs_of_a_browser_do_not_disturb_each_other(client, oidc):
    first, second = await back_from(client, oidc), await back_from(client, oidc)

    assert (await ended(client, first, **BROWSER)).status_code == 200
    assert (await ended(client, second, **BROWSER)).status_code == 200


async def test_a_program_needs_no_cookie(client, oidc):
    body = await back_from(client, oidc)
    client.cookies.clear()

    assert (await ended(client, body)).status_code == 200


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    response = await client.get("/auth/oauth/acme/authorize", params={"redirect_uri": REDIRECT})
    told = response.headers["Set-Cookie"]

    assert {part.strip().lower() for part in told.split(";")[1:]} == {
        "httponly",
        "max-age=600",
        "path=/api/v1/auth/oauth",
        "samesite=strict",
    }
    assert response.headers["Cache-Control"] == "no-store"
    assert client.cookies["oauth_browser"] not in response.text


@pytest.mark.parametrize("cookie", ["x" * 101, ""])
async def test_a_cookie_that_was_not_made_here_is_no_way_in(client, oidc, cookie):
    body = await back_from(client, oidc)
    client.cookies.clear()
    client.cookies.set("oauth_browser", cookie)

    response = await ended(client, body, **BROWSER)

    assert response.status_code in (401, 422)


@pytest.mark.parametrize("fault", ["broken", "text", "tokenless"])
async def test_a_provider_that_fails_is_unavailable(client, oidc, connection, fault):
    response = await signed_in(client, oidc, fault=fault)

    assert outcome(response) == (503, "identity-provider-unavailable")
    assert response.headers["Retry-After"]
    assert await connection.all(EMAILS) == []


async def test_a_provider_that_can_not_be_asked_has_no_sign_ins(client, connection):
    response = await client.get("/auth/oauth/impostor/authorize", params={"redirect_uri": REDIRECT})

    assert outcome(response) == (503, "identity-provider-unavailable")
    assert await connection.all(FLOWS) == []


async def test_no_connection_is_held_while_the_provider_is_asked(client, oidc, doors, monkeypatch):
    body, acme = await back_from(client, oidc), doors.adapters.identity["acme"]
    held = []
    transaction = doors.database.transaction

    def noted():
        made = transaction()
        held.append(made)
        return made

    async def looked(*given):
        held[:] = [one._raw for one in held]
        return await type(acme).person(acme, *given)

    monkeypatch.setattr(doors.database, "transaction", noted)
    monkeypatch.setattr(acme, "person", looked)
    await ended(client, body)

    assert held[0] is None


async def test_no_secret_stands_in_a_table_or_a_log(client, oidc, connection, caplog, capsys):
    started = await begun(client)
    asked = parse_qs(urlsplit(started["authorization_url"]).query)
    back = await oidc.sign_in(started["authorization_url"])
    rows = await connection.all(FLOWS)
    caplog.clear()
    caplog.set_level(logging.DEBUG)
    capsys.readouterr()

    body = {"code": back["code"], "state": back["state"]}
    pair = (await ended(client, body)).json()
    refused = await ended(client, body)
    broken = await signed_in_quietly(client, oidc, caplog)

    logged = caplog.text + "".join(capsys.readouterr())
    secrets = [
        CLIENT_SECRET,
        back["code"],
        back["state"],
        asked["nonce"][0],
        client.cookies["oauth_browser"],
        pair["access_token"],
        pair["refresh_token"],
    ]
    assert (outcome(refused), broken.status_code) == (REFUSED, 503)
    assert "identity provider is no use" in logged
    assert len(rows) == 1
    for secret in secrets:
        assert secret not in logged
        assert secret not in rows[0]


async def signed_in_quietly(client, oidc, caplog):
    """As `signed_in`, without what is logged by the browser that goes to the provider."""
    started = await begun(client)
    with caplog.filtering(lambda record: False):
        back = await oidc.sign_in(started["authorization_url"], fault="broken")
    return await ended(client, {"code": back["code"], "state": back["state"]})


async def test_flows_are_forgotten_when_their_time_is_over(client, doors, connection, clock):
    await begun(client)
    clock.forward(minutes=5)
    await begun(client)
    clock.forward(minutes=5, seconds=1)

    done = await clean_up(doors)

    assert done["forget_sign_ins"] == 1
    assert len(await connection.all(FLOWS)) == 1


async def test_of_those_who_bring_one_state_back_at_once_exactly_one_is_let_in(
    real_client, real_doors, oidc
):
    body = await back_from(real_client, oidc)

    answers = await at_once(real_doors, *(ended(real_client, body) for _ in range(5)))

    assert sorted(map(outcome, answers)) == [(200, ""), *[REFUSED] * 4]


async def test_of_two_who_come_for_the_first_time_at_once_one_account_is_made(
    real_client, real_doors, oidc
):
    bodies = [await back_from(real_client, oidc) for _ in range(5)]

    answers = await at_once(real_doors, *(ended(real_client, body) for body in bodies))

    assert [answer.status_code for answer in answers] == [200] * 5
    async with real_doors.database.read() as connection:
        assert await connection.all(EMAILS) == ["ada@example.com"]
        assert await connection.all(IDENTITIES) == [("acme", "ada", "ada@example.com")]


async def test_of_two_addresses_that_one_identity_brings_at_once_one_has_an_account(
    real_client, real_doors, oidc
):
    bodies = [
        await back_from(real_client, oidc, claims={"email": f"{name}@example.com"})
        for name in ("ada", "eve")
    ]

    answers = await at_once(real_doors, *(ended(real_client, body) for body in bodies))

    assert [answer.status_code for answer in answers] == [200, 200]
    async with real_doors.database.read() as connection:
        assert len(await connection.all(EMAILS)) == 1


async def test_an_account_is_linked_once_though_two_come_at_once(real_client, real_doors, oidc):
    async with real_doors.database.read() as connection:
        await make_user(connection, Role.CUSTOMER, email="ada@example.com")
    bodies = [await back_from(real_client, oidc, name) for name in ("acme", "other", "acme")]

    answers = await at_once(
        real_doors,
        *(
            ended(real_client, body, name)
            for body, name in zip(bodies, ("acme", "other", "acme"), strict=True)
        ),
    )

    assert [answer.status_code for answer in answers] == [200] * 3
    async with real_doors.database.read() as connection:
        assert [row[0] for row in await connection.all(IDENTITIES)] == ["acme", "other"]
        assert [message.kind for message in await announced(connection)] == ["identity_linked"] * 2
