"""Settings: read once, refused in one line, secret where they are secrets."""

import pytest

from app.core.config import Environment, Settings, SettingsError, load_settings

SECRET = "7c1e7a558d5e3f1c9a0b2d4e0197a6c2"
PRODUCTION = {
    "environment": "production",
    "secret_key": SECRET,
    "database_url": "postgresql://banister:hunter2@db/banister",
}


def loaded(**given) -> Settings:
    return load_settings(_env_file=None, **given)


def refused(**given) -> str:
    with pytest.raises(SettingsError) as error:
        loaded(**given)
    return str(error.value)


def test_nothing_needs_to_be_set_for_development():
    settings = loaded()

    assert settings.environment is Environment.DEVELOPMENT
    assert settings.is_development
    assert not settings.is_production
    assert settings.booking_hold_seconds == 900


def test_settings_come_from_the_environment_and_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("LOG_LEVEL", "debug")
    monkeypatch.setenv("SMTP_HOST", "")  # empty is not set
    (tmp_path / ".env").write_text(
        "PORT=1\nHOST=0.0.0.0\nCORS_ORIGINS=https://a.test, https://b.test\n"
    )

    settings = load_settings(_env_file=tmp_path / ".env")

    assert (settings.port, settings.host, settings.log_level) == (9000, "0.0.0.0", "DEBUG")
    assert settings.cors_origins == ["https://a.test", "https://b.test"]
    assert settings.smtp_host == ""


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"port": "80a"}, "PORT: "),
        ({"port": 65536}, "PORT: "),
        ({"environment": "staging"}, "ENVIRONMENT: "),
        ({"booking_hold_seconds": 1}, "BOOKING_HOLD_SECONDS: "),
        ({"log_format": "xml"}, "LOG_FORMAT: "),
        ({"database_url": "mysql://db"}, "DATABASE_URL: "),
    ],
)
def test_a_malformed_setting_is_named_in_one_line(given, told):
    message = refused(**given)

    assert told in message
    assert "\n" not in message


def test_an_unknown_setting_in_the_file_is_refused(tmp_path):
    (tmp_path / ".env").write_text("DATABSE_URL=postgresql://u:hunter2@db/x\n")

    with pytest.raises(SettingsError) as error:
        load_settings(_env_file=tmp_path / ".env")

    assert "DATABSE_URL" in str(error.value)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"secret_key": ""}, "SECRET_KEY"),
        ({"secret_key": "short"}, "32 bytes"),
        ({"secret_key": "change-me-change-me-change-me-change-me"}, "example"),
        ({"database_url": ""}, "DATABASE_URL"),
        ({"rate_limits": "off"}, "RATE_LIMITS"),
        ({"stripe_secret_key": "sk_live_x"}, "STRIPE_WEBHOOK_SECRET"),
    ],
)
def test_production_does_not_start_half_configured(change, told):
    assert loaded(**PRODUCTION).is_production
    assert told in refused(**{**PRODUCTION, **change})


@pytest.mark.parametrize("name", ["freedompay_merchant_id", "freedompay_secret_key"])
def test_who_we_are_at_freedompay_is_said_as_a_whole(name):
    assert "go together" in refused(**{name: "x"})


def test_no_secret_is_shown():
    given = dict.fromkeys(
        ("smtp_password", "stripe_secret_key", "stripe_webhook_secret"), "hunter2"
    )
    shown = repr(loaded(**PRODUCTION, **given))

    assert SECRET not in shown
    assert "hunter2" not in shown


def test_no_secret_is_told_when_it_is_refused():
    message = refused(**{**PRODUCTION, "database_url": "postgresql://u:hunter2@db:port/x"})

    assert "hunter2" not in message
    assert SECRET not in message


def test_addresses_begin_with_the_public_one():
    assert loaded(public_url="https://salon.example/").base_url == "https://salon.example"
    assert loaded(host="127.0.0.1", port=8000).base_url == "http://127.0.0.1:8000"


def test_counting_in_redis_wants_its_address():
    assert "REDIS_URL must be set" in refused(rate_limit_store="redis")
    assert loaded(rate_limit_store="redis", redis_url="redis://r").rate_limit_store == "redis"
