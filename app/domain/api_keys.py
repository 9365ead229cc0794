"""The vocabulary of keys for programs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.core.errors import Conflict, Invalid, NotFound, Unauthenticated

MARK: Final = "bk_"
"""What every key begins with, so that one that leaked can be found by what it looks like."""
SHOWN: Final = 8
"""Characters after the mark that are kept and shown, to tell keys apart."""
NOTED_EVERY: Final = timedelta(minutes=1)
"""How exactly the last use is known."""
MOST_KEYS: Final = 25
KEPT_EXPIRED: Final = timedelta(days=30)
"""How long a key that has expired stays in the list, for its owner to see why it stopped."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Acts for its owner, within `scopes`, until `expires_at`. The key itself is not kept."""

    id: UUID
    user_id: UUID
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """A key as it was made: `secret`, the whole of it, is told this once."""

    key: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ApiKeyFilter:
    user_id: UUID


class ApiKeySort(StrEnum):
    NAME = "name"
    NAME_DOWN = "-name"
    OLDEST = "created_at"
    NEWEST = "-created_at"


class InvalidApiKey(Unauthenticated):
    """The API key is not valid, or no longer."""


class ApiKeyNotFound(NotFound):
    """There is no such API key."""


class TooManyApiKeys(Conflict):
    """You have as many API keys as one may have; delete one first."""


class ScopeNotHeld(Invalid):
    """A key can do no more than you may yourself."""

    pointer = "#/scopes/0"


class ExpiryPassed(Invalid):
    """The key would have expired already."""

    pointer = "#/expires_at"
