"""What `banister doctor` finds."""

import socket

import pytest

from app.cli.doctor import examine
from app.core.config import Settings, load_settings


@pytest.fixture
def settings(url, tmp_path) -> Settings:
    return load_settings(_env_file=None, database_url=url, data_dir=tmp_path, secret_key="k" * 32)


def changed(settings: Settings, **given: object) -> Settings:
    return load_settings(**(settings.model_dump() | {"_env_file": None} | given))


def test_a_machine_that_needs_nothing_is_fine(settings, capsys):
    assert examine(settings)

    said = capsys.readouterr().out
    assert "ok    database: PostgreSQL 1" in said
    assert "WRONG" not in said


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"stripe_secret_key": "sk"}, "Stripe: STRIPE_WEBHOOK_SECRET missing"),
        (
            {"s3_endpoint_url": "http://s3", "s3_bucket": "b"},
            "S3: S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY missing",
        ),
        ({"redis_url": "redis://127.0.0.1:1"}, "Redis: 127.0.0.1:1: "),
        ({"smtp_host": "127.0.0.1", "smtp_port": 1}, "mail: 127.0.0.1:1: "),
        ({"database_url": "postgresql://127.0.0.1:1/x"}, "database: "),
        ({"environment": "production", "secret_key": "k" * 40}, "mail: no SMTP_HOST"),
    ],
)
def test_what_is_wrong_is_named(settings, capsys, given, found):
    assert not examine(changed(settings, **given))

    (wrong,) = [line for line in capsys.readouterr().out.splitlines() if "WRONG" in line]
    assert wrong.startswith(f"WRONG {found}")


def test_a_mail_server_that_answers_is_fine(settings, capsys):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        assert examine(changed(settings, smtp_host="127.0.0.1", smtp_port=port))


def test_those_whom_people_sign_in_with_are_asked(settings, capsys, oidc):
    clients = [oidc.client("acme"), oidc.client("other", "impostor"), oidc.client("far", "keyless")]

    assert not examine(changed(settings, oidc_providers=clients))

    said = capsys.readouterr().out
    assert "ok    sign-in with acme: answers" in said
    assert "WRONG sign-in with other: says that it is another issuer" in said
    assert "WRONG sign-in with far: offers no set of keys" in said
