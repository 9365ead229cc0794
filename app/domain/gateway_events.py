"""What gateways told: every delivery whose signature was good, once, as it came."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from app.core.errors import NotFound
from app.domain.payments import GatewayName

HIDDEN: Final = "[hidden]"
SECRETS: Final = r"client_secret|pg_sig|pg_card_pan|pg_card_token"
# As JSON, as a form, as XML.
SECRET: Final = re.compile(
    rf"""("(?:{SECRETS})"\s*:\s*")[^"]*|((?:^|&)(?:{SECRETS})=)[^&]*|(<(?:{SECRETS})>)[^<]*"""
)

# What tells of somebody, or of their card: of no use to us, so it is not kept.
PRIVATE: Final = frozenset(
    {
        *("billing_details", "card", "client_secret", "email", "payment_method_details", "phone"),
        *("message", "receipt_email", "shipping"),
    }
)
PRIVATE_FIELDS: Final = ("pg_card", "pg_user")


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """`failure` is why it had no effect; `target` and `headers` are not kept: it was believed."""

    id: UUID
    gateway: GatewayName
    event_id: str
    kind: str
    payment_id: UUID | None
    body: bytes
    received_at: datetime
    failure: str | None


class GatewayEventSort(StrEnum):
    OLDEST = "received_at"
    NEWEST = "-received_at"


@dataclass(frozen=True, slots=True)
class GatewayEventFilter:
    """Which deliveries to list; None means any."""

    gateway: GatewayName | None = None
    payment_id: UUID | None = None
    received_from: datetime | None = None
    failed: bool | None = None


class GatewayEventNotFound(NotFound):
    """There is no such delivery."""


class GatewayUnknown(NotFound):
    """Nobody takes payments that way here."""


def without_people(body: bytes) -> bytes:
    """Return a delivery, a JSON document or a form, without what tells of who paid with what."""
    try:
        return json.dumps(_stripped(json.loads(body))).encode()
    except (ValueError, RecursionError):
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return urlencode([one for one in fields if not one[0].startswith(PRIVATE_FIELDS)]).encode()


def _stripped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _stripped(part) for key, part in value.items() if key not in PRIVATE}
    return [_stripped(part) for part in value] if isinstance(value, list) else value


def readable(body: bytes) -> str:
    """Return a delivery as text, without what somebody could pay or sign with."""
    text = body.decode("utf-8", "replace")
    return SECRET.sub(lambda found: f"{found[1] or found[2] or found[3]}{HIDDEN}", text)
