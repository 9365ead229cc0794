"""Settings of those whom people sign in with: complete, believable, and refused in one line."""

import json

import pytest

from app.core.config import Settings, SettingsError, load_settings

ACME = {
    "name": "acme",
    "issuer": "https://acme.example/realm",
    "client_id": "banister",
    "client_secret": "hunter2",
}
PRODUCTION = {
    "environment": "production",
    "secret_key": "7c1e7a558d5e3f1c9a0b2d4e0197a6c2",
    "database_url": "postgresql://banister@db/banister",
}


def loaded(**given) -> Settings:
    return load_settings(_env_file=None, **given)


def refused(**given) -> str:
    with pytest.raises(SettingsError) as error:
        loaded(**given)
    return str(error.value)


def test_nobody_is_signed_in_with_if_nothing_is_set():
    assert loaded().oidc_clients == []
    assert loaded(google_client_id="id").oidc_clients == []


def test_google_and_others_are_set_side_by_side(monkeypatch):
    monkeypatch.setenv("OIDC_PROVIDERS", json.dumps([ACME, ACME | {"name": "b-2"}]))

    settings = loaded(google_client_id="id", google_client_secret="hunter3")

    assert [client.name for client in settings.oidc_clients] == ["google", "acme", "b-2"]
    assert settings.oidc_clients[0].issuer == "https://accounts.google.com"
    assert settings.oidc_clients[1].scopes == ["openid", "email", "profile"]
    assert {"hunter2", "hunter3"} <= set(settings.secrets())
    assert "hunter" not in repr(settings)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("{", "OIDC_PROVIDERS: must be a JSON list of objects"),
        ('[{"client_secret": "hunter2"', "OIDC_PROVIDERS: must be a JSON list of objects"),
        ("{}", "OIDC_PROVIDERS: "),
        ("7", "OIDC_PROVIDERS: "),
        ("[7]", "OIDC_PROVIDERS.0: "),
        ([ACME | {"name": "Acme"}], "OIDC_PROVIDERS.0.NAME: "),
        ([ACME | {"name": "a" * 41}], "OIDC_PROVIDERS.0.NAME: "),
        ([ACME | {"name": "a/b"}], "OIDC_PROVIDERS.0.NAME: "),
        ([ACME | {"name": "google"}], "OIDC_PROVIDERS: must have names that differ"),
        ([ACME, ACME], "OIDC_PROVIDERS: must have names that differ"),
        ([ACME | {"secret": "hunter2"}], "OIDC_PROVIDERS.0.SECRET: "),
        ([ACME | {"client_secret": ""}], "OIDC_PROVIDERS.0.CLIENT_SECRET: "),
        ([ACME | {"client_id": ""}], "OIDC_PROVIDERS.0.CLIENT_ID: "),
        ([ACME | {"scopes": ["email"]}], "OIDC_PROVIDERS: must have 'openid'"),
        ([ACME | {"issuer": "acme.example"}], "the issuer of acme must look like"),
        ([ACME | {"issuer": "https://acme.example/?a=b"}], "the issuer of acme must look like"),
        ([ACME | {"issuer": "http://acme.example"}], "the issuer of acme must begin with https://"),
        ([ACME | {"client_secret": "hunter2é"}], "id and secret of acme must be ASCII"),
        ([{"name": "acme"}], "OIDC_PROVIDERS.0.ISSUER: Field required"),
    ],
)
def test_a_malformed_provider_is_named_in_one_line(given, told):
    message = refused(oidc_providers=given)

    assert told in message
    assert "\n" not in message
    assert "hunter2" not in message


def test_an_issuer_without_tls_is_a_double_on_this_machine_and_never_in_production():
    double = {"oidc_providers": [ACME | {"issuer": "http://127.0.0.1:9000"}]}
    google = {"google_client_id": "i", "google_client_secret": "s", "google_issuer": "http://[::1]"}

    assert len(loaded(**double, **google).oidc_clients) == 2
    assert "https://" in refused(**PRODUCTION, **double)
    assert "https://" in refused(**PRODUCTION, **google)


def test_people_are_sent_back_to_the_front_end_unless_it_is_said_where():
    assert loaded(public_url="https://a.example").oauth_redirects == [
        "https://a.example/oauth/callback"
    ]
    given = "https://b.example/in, com.example.app:/oauth"
    assert loaded(oauth_redirect_uris=given).oauth_redirects == [
        "https://b.example/in",
        "com.example.app:/oauth",
    ]


@pytest.mark.parametrize("uri", ["/oauth", "b.example", "https://b.example/#x", "https://b/" * 60])
def test_an_address_to_be_sent_back_to_is_a_whole_one(uri):
    assert "OAUTH_REDIRECT_URIS: " in refused(oauth_redirect_uris=uri)
