"""What a provider tells of itself (OpenID Connect Discovery 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from app.core.config import LOOPBACK
from app.integrations.identity.wire import Unusable

PATH: Final = "/.well-known/openid-configuration"
IN_BODY: Final = "client_secret_post"


@dataclass(frozen=True, slots=True)
class Offer:
    """Where what is asked; `userinfo` may be missing. `client_auth` is how we say who we are."""

    authorization: str
    token: str
    keys: str
    userinfo: str | None
    client_auth: str


def address(issuer: str) -> str:
    return f"{issuer.rstrip('/')}{PATH}"


def offer(document: Mapping[str, Any], *, issuer: str) -> Offer:
    """Return what an issuer offers; Unusable where it is another one, or lays itself open."""
    if document.get("issuer") != issuer:
        raise Unusable("says that it is another issuer")
    has_userinfo = document.get("userinfo_endpoint") is not None
    methods = document.get("token_endpoint_auth_methods_supported")
    in_body = isinstance(methods, list) and IN_BODY in methods
    return Offer(
        authorization=_endpoint(document, "authorization_endpoint", issuer),
        token=_endpoint(document, "token_endpoint", issuer),
        keys=_endpoint(document, "jwks_uri", issuer),
        userinfo=_endpoint(document, "userinfo_endpoint", issuer) if has_userinfo else None,
        # In a header, some decode the secret (RFC 6749, 2.3.1) and some don't.
        client_auth=IN_BODY if in_body else "client_secret_basic",
    )


def _endpoint(document: Mapping[str, Any], name: str, issuer: str) -> str:
    url = document.get(name)
    if not isinstance(url, str) or not _is_safe(url, issuer):
        raise Unusable(f"offers no {name} that can be used")
    return url


def _is_safe(url: str, issuer: str) -> bool:
    """Tell whether it has TLS, or is of this machine as its issuer is: the settings allow that."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    return parts.scheme == "http" and issuer.startswith("http://") and host in LOOPBACK
