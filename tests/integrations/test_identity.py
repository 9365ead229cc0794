"""Providers of identities, asked over HTTP: what they say is believed when all of it is right."""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace

import pytest

from app.core.config import Settings
from app.core.crypto import new_secret
from app.core.i18n import Locale
from app.domain.identities import Asked, IdentityProviderUnavailable, IdentityRefused, Person
from app.integrations.identity.oidc import Client, OidcProvider
from tests.factories.clock import NOW, Clock
from tests.factories.oidc import MISSING, OidcServer

T = NOW.timestamp()
ASKED = Asked("https://app.example/in?from=here", nonce="n" * 40, verifier="v" * 64)


def provider_of(oidc: OidcServer, clock: Clock, issuer: str = "good", **more) -> OidcProvider:
    given = oidc.client("acme", issuer)
    client = Client(
        name=given.name,
        issuer=given.issuer,
        client_id=given.client_id,
        secret=given.client_secret.get_secret_value(),
        scopes=tuple(given.scopes),
    )
    return OidcProvider(replace(client, **more), clock)


@pytest.fixture
def provider(oidc: OidcServer, clock: Clock) -> OidcProvider:
    return provider_of(oidc, clock)


async def signed_in(oidc: OidcServer, provider: OidcProvider, **said) -> Person:
    """Return who the provider says signed in."""
    back = await oidc.sign_in(await provider.authorization_url(ASKED, state="s"), **said)
    assert back["state"] == "s"
    return await provider.person(back["code"], ASKED)


async def test_who_signed_in_is_known_by_what_the_provider_signed(oidc, provider):
    person = await signed_in(oidc, provider)

    assert person == Person("acme", "ada", "ada@example.com", "Ada Lovelace", Locale.UK)


@pytest.mark.parametrize("signed", ["RS256", "PS256", "RS512", "ES256"])
async def test_asymmetric_signatures_are_believed(oidc, provider, signed):
    assert (await signed_in(oidc, provider, signed=signed)).subject == "ada"


async def test_the_secret_goes_where_the_provider_takes_it(oidc, clock):
    assert (await signed_in(oidc, provider_of(oidc, clock, "in-body"))).subject == "ada"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["banister"]},
        {"aud": ["banister", "another"], "azp": "banister"},
        {"azp": "banister"},
        {"iat": T + 30, "nbf": T + 30},  # its clock may be wrong by a minute
        {"exp": T - 30},
        {"iat": T + 0.5},
        {"sub": "x" * 255},
        {"unheard_of": {"a": [1]}},
    ],
)
async def test_what_the_standard_allows_is_believed(oidc, provider, claims):
    assert (await signed_in(oidc, provider, claims=claims)).email == "ada@example.com"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": MISSING},
        {"iss": "https://accounts.google.com"},
        {"iss": None},
        {"aud": MISSING},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": []},
        {"aud": {"banister": True}},
        {"aud": "banister2"},
        {"aud": ["banister", "another"]},  # and nobody says which of them asked
        {"aud": ["banister", "another"], "azp": "another"},
        {"azp": "another"},
        {"azp": ["banister"]},
        {"nonce": MISSING},
        {"nonce": "m" * 40},
        {"nonce": ""},
        {"nonce": None},
        {"nonce": ["n" * 40]},
        {"nonce": "\ud800"},
        {"exp": MISSING},
        {"exp": None},
        {"exp": T - 61},
        {"exp": str(T + 300)},
        {"exp": True},
        {"exp": 10**400},
        {"exp": [T + 300]},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"iat": MISSING},
        {"iat": T + 61},
        {"iat": None},
        {"iat": "now"},
        {"iat": -1},
        {"nbf": T + 61},
        {"nbf": None},
        {"sub": MISSING},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 256},
        {"sub": "a\0da"},
        {"sub": "а"},  # a look-alike
        {"sub": "\ud800"},
    ],
    ids=lambda claims: ascii(claims)[:40],
)
async def test_a_token_whose_claims_are_wrong_is_refused(oidc, provider, claims):
    with pytest.raises(IdentityRefused):
        await signed_in(oidc, provider, claims=claims)


@pytest.mark.parametrize(
    "signed",
    [
        "none",
        "HS256 by the public key",
        "HS256 by a key of the set",
        "forged",
        "by a stranger",
        "nameless",  # of several keys
        "changed",
        "in too many brackets",
    ],
)
async def test_a_token_whose_signature_is_wrong_is_refused(oidc, provider, signed):
    with pytest.raises(IdentityRefused):
        await signed_in(oidc, provider, signed=signed)


def part(content: object) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "..",
        "a.b.c",
        "é.é.é",
        f"{part([])}.{part({})}.c2ln",
        f"{part({})}.{part({})}.c2ln",
        f"{part({'alg': 'RS256', 'kid': ['rsa']})}.{part({})}.c2ln",
        f"{part({'alg': ['RS256'], 'kid': 'rsa'})}.{part({})}.c2ln",
        f"{part({'alg': 'RS256', 'kid': 'rsa', 'crit': ['x'], 'x': 1})}.{part({})}.c2ln",
        f"{part({'alg': 'RS256', 'kid': 'rsa', 'b64': False, 'crit': ['b64']})}.x.c2ln",
        f"{part({'alg': 'ES256', 'kid': 'rsa'})}.{part({})}.c2ln",
        f"{part({'alg': 'RS256', 'kid': 'rsa', 'jwk': {'kty': 'oct', 'k': 'eA'}})}.{part({})}.c2ln",
        f"{part({'alg': 'RS256', 'kid': 'rsa'})}.{'A' * 200_000}.c2ln",
        f"{part({'alg': 'RSA-OAEP', 'enc': 'A256GCM'})}.e.e.e.e",
    ],
    ids=lambda token: token[:40],
)
async def test_what_is_no_token_is_refused(oidc, provider, token):
    with pytest.raises(IdentityRefused):
        await signed_in(oidc, provider, id_token=token)


async def test_a_code_is_good_once_and_for_what_was_asked_alone(oidc, provider):
    url = await provider.authorization_url(ASKED, state="s")
    code = (await oidc.sign_in(url))["code"]
    await provider.person(code, ASKED)

    with pytest.raises(IdentityRefused):
        await provider.person(code, ASKED)
    with pytest.raises(IdentityRefused):
        await provider.person("made up\0\n&grant_type=x", ASKED)
    for other in (
        {"verifier": "w" * 64},
        {"nonce": "m" * 40},
        {"redirect_uri": "https://x.example"},
    ):
        code = (await oidc.sign_in(url))["code"]
        with pytest.raises(IdentityRefused):
            await provider.person(code, replace(ASKED, **other))


@pytest.mark.parametrize(
    ("claims", "email"),
    [
        ({"email_verified": False}, None),
        ({"email_verified": "true"}, None),
        ({"email_verified": 1}, None),
        ({"email_verified": MISSING}, None),
        ({"email": "not an address"}, None),
        ({"email": ["ada@example.com"]}, None),
        ({"email": "ada@example.com\nBcc: eve@example.com"}, None),
        ({"email": "аda@example.com"}, None),
        ({"email": "ADA@EXAMPLE.COM"}, "ada@example.com"),
    ],
)
async def test_an_address_counts_when_the_provider_has_verified_it(oidc, provider, claims, email):
    assert (await signed_in(oidc, provider, claims=claims)).email == email


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "  Ada\r\nBcc: eve\0 "}, "AdaBcc: eve"),
        ({"name": "x" * 300}, "x" * 100),
        ({"name": "  "}, None),
        ({"name": ["Ada"]}, None),
        ({"name": MISSING, "given_name": "Ada", "family_name": "King"}, "Ada King"),
        ({"name": MISSING, "family_name": "King"}, "King"),
        ({"name": "\ud800Ada"}, "Ada"),
    ],
)
async def test_a_name_is_a_line_as_in_our_own_forms(oidc, provider, claims, name):
    assert (await signed_in(oidc, provider, claims=claims)).full_name == name


@pytest.mark.parametrize(
    ("tag", "locale"), [("ru", Locale.RU), ("EN_us", Locale.EN), ("fr", None), (7, None)]
)
async def test_a_language_is_taken_if_it_is_spoken_here(oidc, provider, tag, locale):
    assert (await signed_in(oidc, provider, claims={"locale": tag})).locale == locale


async def test_what_the_token_does_not_tell_is_asked_for_with_the_access_token(oidc, provider):
    told = {"sub": "ada", "email": "ada@elsewhere.example", "email_verified": True}

    person = await signed_in(oidc, provider, claims={"email": MISSING}, userinfo=told)

    assert person.email == "ada@elsewhere.example"


async def test_what_is_verified_in_one_place_is_not_taken_for_what_stands_in_another(
    oidc, provider
):
    told = {"sub": "ada", "email": "eve@example.com"}

    person = await signed_in(oidc, provider, claims={"email": MISSING}, userinfo=told)

    assert person.email is None


@pytest.mark.parametrize("sub", ["eve", None, "", "\ud800", ["ada"]])
async def test_what_is_told_of_somebody_else_is_refused(oidc, provider, sub):
    with pytest.raises(IdentityRefused):
        await signed_in(oidc, provider, claims={"email": MISSING}, userinfo={"sub": sub})


async def test_configuration_and_keys_are_kept_for_an_hour(oidc, clock):
    issuer = f"good-{new_secret()}"
    provider = provider_of(oidc, clock, issuer)
    for _ in range(3):
        await signed_in(oidc, provider)

    assert await oidc.asked(issuer) == {"configuration": 1, "keys": 1}

    clock.forward(hours=1)
    await signed_in(oidc, provider, now=clock().timestamp())

    assert await oidc.asked(issuer) == {"configuration": 2, "keys": 2}


async def test_a_new_key_is_asked_for_and_an_unknown_one_once_a_minute(oidc, clock):
    issuer = f"good-{new_secret()}"
    provider = provider_of(oidc, clock, issuer)
    await signed_in(oidc, provider, signed="ES256")
    await oidc.rotate(issuer)
    with pytest.raises(IdentityRefused):
        await signed_in(oidc, provider, signed="ES256")

    clock.forward(minutes=1)
    await signed_in(oidc, provider, signed="ES256", now=clock().timestamp())
    for _ in range(3):
        with pytest.raises(IdentityRefused):
            await signed_in(oidc, provider, signed="by a stranger")

    assert (await oidc.asked(issuer))["keys"] == 2


@pytest.mark.parametrize("fault", ["broken", "busy", "text", "huge", "slow", "tokenless"])
async def test_a_provider_that_does_not_answer_is_unavailable(oidc, clock, fault):
    provider = provider_of(oidc, clock, seconds=0.3 if fault == "slow" else 8.0)

    with pytest.raises(IdentityProviderUnavailable):
        await signed_in(oidc, provider, fault=fault)


async def test_a_provider_that_does_not_know_us_is_unavailable(oidc, clock):
    with pytest.raises(IdentityProviderUnavailable):
        await signed_in(oidc, provider_of(oidc, clock, secret="another"))


@pytest.mark.parametrize("issuer", ["impostor", "open", "elsewhere"])
async def test_a_provider_that_is_another_or_lays_itself_open_is_not_used(oidc, clock, issuer):
    provider = provider_of(oidc, clock, issuer)

    with pytest.raises(IdentityProviderUnavailable):
        await provider.authorization_url(ASKED, state="s")
    with pytest.raises(IdentityProviderUnavailable):
        await provider.check()


async def test_a_provider_without_keys_is_found_out_before_anybody_signs_in(oidc, clock):
    with pytest.raises(IdentityProviderUnavailable):
        await provider_of(oidc, clock, "keyless").check()


async def test_a_provider_that_is_not_there_is_unavailable(oidc, clock):
    nobody = provider_of(oidc, clock, issuer="x")
    nobody._client = replace(nobody._client, issuer="http://127.0.0.1:1")

    with pytest.raises(IdentityProviderUnavailable):
        await nobody.check()


async def test_the_secret_is_not_shown_with_the_client(oidc, clock, settings: Settings):
    client = oidc.client("acme")
    secret = client.client_secret.get_secret_value()

    assert secret not in repr(provider_of(oidc, clock)._client)
    assert secret not in repr(client)
    assert secret in list(settings.model_copy(update={"oidc_providers": [client]}).secrets())
