"""Settings, read once at start from the environment and `.env`; `.env.example` lists them all."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.core.service_accounts import (
    ServiceAccount,
    read_service_account,
    service_account_text,
)

SECRET_BYTES: Final = 32
SCHEMES: Final = ("postgresql", "postgres")
EXAMPLES: Final = ("change-me", "changeme", "example", "secret-key", "insecure")
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
GOOGLE: Final = "google"
LONGEST_REDIRECT: Final = 500


class Environment(StrEnum):
    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


class SettingsError(Exception):
    """The settings can't be used; the message is one line for the person who starts it."""


class OidcClient(BaseModel):
    """Who we are with a provider that people sign in with; `name` is what it is called here."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,39}$")]
    issuer: str
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: Annotated[SecretStr, Field(min_length=1)]
    scopes: list[str] = ["openid", "email", "profile"]


class Settings(BaseSettings):
    """One field per setting; the variable is the field's name in capitals."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="forbid", env_ignore_empty=True, hide_input_in_errors=True
    )

    environment: Environment = Environment.DEVELOPMENT
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    data_dir: Path = Path(".data")
    public_url: str = ""
    secret_key: SecretStr = SecretStr("")
    cors_origins: Annotated[list[str], NoDecode] = []
    trusted_proxies: Annotated[list[str], NoDecode] = []

    database_url: SecretStr = SecretStr("")
    database_replica_url: SecretStr = SecretStr("")
    database_pool_size: Annotated[int, Field(ge=2, le=200)] = 8  # one is the worker's own
    redis_url: SecretStr = SecretStr("")

    smtp_host: str = ""
    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    mail_from: str = "Banister <no-reply@localhost>"

    google_client_id: str = ""
    google_client_secret: SecretStr = SecretStr("")
    google_issuer: str = "https://accounts.google.com"
    oidc_providers: Annotated[list[OidcClient], NoDecode] = []
    oauth_redirect_uris: Annotated[list[str], NoDecode] = []

    stripe_secret_key: SecretStr = SecretStr("")
    stripe_webhook_secret: SecretStr = SecretStr("")
    stripe_api_base: str = ""
    freedompay_merchant_id: str = ""
    freedompay_secret_key: SecretStr = SecretStr("")
    freedompay_api_base: str = "https://api.freedompay.kg"

    twilio_account_sid: str = ""
    twilio_auth_token: SecretStr = SecretStr("")
    twilio_from: str = ""
    twilio_messaging_service_sid: str = ""
    twilio_api_base: str = "https://api.twilio.com"
    fcm_service_account: SecretStr = SecretStr("")
    fcm_api_base: str = "https://fcm.googleapis.com"
    telegram_bot_token: SecretStr = SecretStr("")
    telegram_webhook_secret: SecretStr = SecretStr("")
    telegram_api_base: str = "https://api.telegram.org"

    s3_endpoint_url: str = ""
    s3_bucket: str = ""
    s3_region: str = "us-east-1"
    s3_access_key_id: str = ""
    s3_secret_access_key: SecretStr = SecretStr("")

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] | None = None
    otel_exporter_otlp_endpoint: str = ""

    booking_hold_seconds: Annotated[int, Field(ge=30, le=86_400)] = 900
    deposit_rest_notice_hours: Annotated[int, Field(ge=1, le=2160)] = 72
    waitlist_offer_seconds: Annotated[int, Field(ge=60, le=604_800)] = 86_400
    chat_digest_after_seconds: Annotated[int, Field(ge=60, le=604_800)] = 900
    chat_digest_every_seconds: Annotated[int, Field(ge=60, le=604_800)] = 14_400
    commission_percent: Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)] = Decimal(0)
    realtime_keep_seconds: Annotated[int, Field(ge=60, le=604_800)] = 3_600
    realtime_connections: Annotated[int, Field(ge=1, le=100_000)] = 5_000
    realtime_connections_per_user: Annotated[int, Field(ge=1, le=10_000)] = 256
    wallet_transfers_per_day: Annotated[int, Field(ge=0, le=1000)] = 20
    wallet_daily_limit: Annotated[int, Field(ge=0, le=10**9)] = 10_000
    wallet_step_up_above: Annotated[int, Field(ge=0, le=10**9)] = 500
    wallet_top_up_least: Annotated[int, Field(ge=1, le=10**9)] = 1
    wallet_top_up_most: Annotated[int, Field(ge=1, le=10**9)] = 10_000
    account_approval: Literal["none", "manual"] = "none"
    review_moderation: Literal["after", "before"] = "after"
    review_blocked_words: Annotated[list[str], NoDecode] = []
    staff_mfa: Literal["optional", "required"] = "optional"
    rate_limits: Literal["on", "off"] = "on"
    rate_limit_store: Literal["memory", "postgres", "redis"] = "memory"
    files_per_user: Annotated[int, Field(ge=1, le=1_000_000)] = 1000
    file_megabytes_per_user: Annotated[int, Field(ge=1, le=1_000_000)] = 500
    backup_keep_days: Annotated[int, Field(ge=1, le=3650)] = 14

    @field_validator(
        "cors_origins",
        "oauth_redirect_uris",
        "review_blocked_words",
        "trusted_proxies",
        mode="before",
    )
    @classmethod
    def _from_commas(cls, value: object) -> object:
        """Read `a, b` as a list of two."""
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _of_networks(cls, value: list[str]) -> list[str]:
        """Refuse what the server would take for a name, and so trust nobody or everybody."""
        for network in value:
            try:
                ip_network(network)
            except ValueError:
                raise ValueError("must be addresses and networks: 10.0.0.2, 10.0.0.0/8") from None
        return value

    @field_validator("oauth_redirect_uris")
    @classmethod
    def _of_whole_addresses(cls, value: list[str]) -> list[str]:
        """Refuse what a provider would refuse too (RFC 6749, 3.1.2); an app's own scheme may be."""
        for uri in value:
            if ":/" not in uri or "#" in uri or len(uri) > LONGEST_REDIRECT:
                raise ValueError(
                    "must be whole addresses without a fragment: https://example.com/in"
                )
        return value

    @field_validator("oidc_providers", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:  # its words could quote a secret
            raise ValueError("must be a JSON list of objects") from None

    @field_validator("oidc_providers")
    @classmethod
    def _of_different_names(cls, value: list[OidcClient]) -> list[OidcClient]:
        names = [GOOGLE, *(client.name for client in value)]
        if len(set(names)) < len(names):
            raise ValueError(f"must have names that differ, and none of them {GOOGLE!r}")
        if any("openid" not in client.scopes for client in value):
            raise ValueError("must have 'openid' among their scopes")
        return value

    @field_validator("fcm_service_account")
    @classmethod
    def _of_google(cls, value: SecretStr) -> SecretStr:
        """Read the file where a path is given, so that whatever is wrong is told at the start."""
        text = service_account_text(value.get_secret_value())
        if text:
            read_service_account(text)
        return SecretStr(text)

    @field_validator("telegram_webhook_secret")
    @classmethod
    def _as_telegram_takes_it(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch("[A-Za-z0-9_-]{0,256}", value.get_secret_value()):
            raise ValueError("must be of up to 256 letters a to z, digits, _ and -")
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("database_url", "database_replica_url")
    @classmethod
    def _of_postgresql(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        try:
            parts = urlsplit(url)
            is_right = not url or (parts.scheme in SCHEMES and (parts.port or 1) > 0)
        except ValueError:  # its words could quote the password
            is_right = False
        if not is_right:
            raise ValueError("must look like postgresql://user:password@host:5432/database")
        return value

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @model_validator(mode="after")
    def _with_what_is_chosen(self) -> Self:
        if self.rate_limit_store == "redis" and not self.redis_url.get_secret_value():
            raise ValueError("REDIS_URL must be set where RATE_LIMIT_STORE is redis")
        return self

    @model_validator(mode="after")
    def _with_providers_that_can_be_believed(self) -> Self:
        """Refuse whom anybody on the way could pretend to be; a double on this machine may be."""
        for client in self.oidc_clients:
            parts = urlsplit(client.issuer)
            is_double = parts.scheme == "http" and parts.hostname in LOOPBACK
            if not parts.hostname or parts.query or parts.fragment:
                raise ValueError(f"the issuer of {client.name} must look like https://example.com")
            if parts.scheme != "https" and (self.is_production or not is_double):
                raise ValueError(f"the issuer of {client.name} must begin with https://")
            if not f"{client.client_id}{client.client_secret.get_secret_value()}".isascii():
                raise ValueError(f"id and secret of {client.name} must be ASCII (RFC 6749, A.1)")
        return self

    @model_validator(mode="after")
    def _with_whole_gateways(self) -> Self:
        if bool(self.freedompay_merchant_id) != bool(self.freedompay_secret_key.get_secret_value()):
            raise ValueError("FREEDOMPAY_MERCHANT_ID and FREEDOMPAY_SECRET_KEY go together")
        has_key = bool(self.stripe_secret_key.get_secret_value())
        if self.is_production and has_key and not self.stripe_webhook_secret.get_secret_value():
            raise ValueError("STRIPE_SECRET_KEY needs STRIPE_WEBHOOK_SECRET in production")
        return self

    @model_validator(mode="after")
    def _ready_for_production(self) -> Self:
        if self.is_production:
            secret = self.secret_key.get_secret_value()
            if not secret or not self.database_url.get_secret_value():
                raise ValueError("SECRET_KEY and DATABASE_URL must be set in production")
            if len(secret.encode()) < SECRET_BYTES:
                raise ValueError(f"SECRET_KEY must have {SECRET_BYTES} bytes or more")
            if any(example in secret.lower() for example in EXAMPLES):
                raise ValueError("SECRET_KEY still has an example value")
            if self.rate_limits == "off":
                raise ValueError("RATE_LIMITS=off is refused in production")
        return self

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def is_development(self) -> bool:
        return self.environment is Environment.DEVELOPMENT

    @property
    def staff_need_mfa(self) -> bool:
        """Whether those who work here may do so with a second factor alone."""
        return self.staff_mfa == "required"

    @property
    def commission_basis_points(self) -> int:
        return int(self.commission_percent * 100)

    @property
    def oidc_clients(self) -> list[OidcClient]:
        """Return who we are with each provider that people can sign in with."""
        if not self.google_client_id or not self.google_client_secret.get_secret_value():
            return self.oidc_providers
        google = OidcClient(
            name=GOOGLE,
            issuer=self.google_issuer,
            client_id=self.google_client_id,
            client_secret=self.google_client_secret,
        )
        return [google, *self.oidc_providers]

    @property
    def twilio_sender(self) -> str:
        """Return whom texts are from: a service that chooses a number, or a number."""
        return self.twilio_messaging_service_sid or self.twilio_from

    @property
    def fcm_account(self) -> ServiceAccount | None:
        """Return who we are with Firebase."""
        text = self.fcm_service_account.get_secret_value()
        return read_service_account(text) if text else None

    @property
    def oauth_redirects(self) -> list[str]:
        """Return where somebody may be sent back to who signed in elsewhere."""
        return self.oauth_redirect_uris or [f"{self.base_url}/oauth/callback"]

    def secrets(self) -> Iterator[str]:
        """Yield all that no log may show."""
        given = [getattr(self, name) for name in type(self).model_fields]
        given += [client.client_secret for client in self.oidc_providers]
        yield from (value.get_secret_value() for value in given if isinstance(value, SecretStr))

    @property
    def base_url(self) -> str:
        """Return the address clients and letters use, without a slash at its end."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def host_name(self) -> str:
        """Return the host of that address: what ids of ours are unique within, for others."""
        return urlsplit(self.base_url).hostname or "localhost"


def load_settings(**given: object) -> Settings:
    """Return the settings; refuse what is unknown or malformed with one line."""
    try:
        return Settings(**given)  # type: ignore[arg-type]  # the fields are checked by pydantic
    except ValidationError as error:
        problems = [_told(found) for found in error.errors(include_input=False, include_url=False)]
        raise SettingsError("; ".join(problems)) from None


def _told(found: ErrorDetails) -> str:
    name = ".".join(str(part) for part in found["loc"]).upper()
    if found["type"] == "extra_forbidden":
        return f"{name}: there is no such setting"
    said = found["msg"].removeprefix("Value error, ")
    return f"{name}: {said}" if name else said
