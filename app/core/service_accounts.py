"""Accounts of programs at Google: the JSON file that its console hands out."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

WRONG: Final = "must be the JSON of a service account, or the path of its file"
NAMES: Final = ("project_id", "client_email", "private_key", "token_uri")


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    project_id: str
    client_email: str
    private_key: str = field(repr=False)
    token_uri: str

    @property
    def key(self) -> RSAKey:
        return RSAKey.import_key(self.private_key)


def service_account_text(given: str) -> str:
    """Return what is given, or where that is the path of a file, what stands there."""
    if not given or given.lstrip().startswith("{"):
        return given
    try:
        return Path(given).read_text()
    except (OSError, ValueError):
        raise ValueError(WRONG) from None


def read_service_account(text: str) -> ServiceAccount:
    """Return the account of such a file; a ValueError says what is wrong, and quotes nothing."""
    try:
        found = json.loads(text)
        account = ServiceAccount(**{name: found[name] for name in NAMES})
        is_private = account.key.is_private
    except (ValueError, LookupError, TypeError, AttributeError, JoseError):
        raise ValueError(WRONG) from None
    if not is_private or not account.token_uri.startswith("http"):
        raise ValueError(WRONG)
    return account
