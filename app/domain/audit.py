"""The vocabulary of what those who work here did."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.domain.actors import Actor

HIDDEN: Final = "[personal]"
# What says who somebody is, or what they wrote. It may have to be erased, and this log can't be.
PERSONAL: Final = frozenset(
    {
        "attendee_email",
        "attendee_name",
        "bio",
        "cancel_reason",
        "customer_name",
        "description",
        "email",
        "full_name",
        "latitude",
        "location",
        "longitude",
        "name",
        "note",
        "notes",
        "online_url",
        "password_hash",
        "phone",
        "photo_id",
        "reason",
        "tags",
        "text",
        "title",
        "username",
    }
)
IMPERSONAL: Final[frozenset[str]] = frozenset()
"""What is personal of a thing that has nothing to do with people."""
UNTOLD: Final = frozenset({"created_at", "updated_at", "last_login_at", "searched"})


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. `before` and `after` hold the fields that changed; None where there was nothing."""

    id: UUID
    created_at: datetime
    actor_id: UUID | None
    actor_roles: list[str]
    action: str
    target_kind: str
    target_id: UUID | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    ip: str | None
    request_id: str | None


class AuditSort(StrEnum):
    OLDEST = "created_at"
    NEWEST = "-created_at"


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries to list; None means any."""

    actor_id: UUID | None = None
    action: str | None = None
    target_kind: str | None = None
    target_id: UUID | None = None
    noted_from: datetime | None = None
    noted_before: datetime | None = None


def changed(
    before: Any, after: Any, *, personal: frozenset[str] = PERSONAL
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return what differs between two values of a dataclass; all of one, where the other is None.

    Of a `personal` field it is told that it changed, and not to what.
    """
    old, new = _told(before, personal), _told(after, personal)
    if before is None or after is None:
        return old, new
    assert old is not None
    assert new is not None
    differ = [name for name in old if getattr(before, name) != getattr(after, name)]
    return {name: old[name] for name in differ}, {name: new[name] for name in differ}


def acts_as_staff(actor: Actor | None) -> bool:
    """Tell whether what they do is kept: those who work here, and the command line."""
    return actor is None or actor.is_staff


def _told(value: Any, personal: frozenset[str]) -> dict[str, Any] | None:
    if value is None:
        return None
    named = {field.name: getattr(value, field.name) for field in fields(value)}
    return {
        name: HIDDEN if name in personal and each is not None else _plain(each)
        for name, each in named.items()
        if name not in UNTOLD
    }


def _plain(value: Any) -> Any:
    """Return what JSON can hold."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return value.isoformat() if isinstance(value, datetime) else str(value)
