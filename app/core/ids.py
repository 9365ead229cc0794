"""Ids that sort by the time they were made (UUIDv7, RFC 9562)."""

import secrets
import time
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

NAMESPACE: Final = UUID("6f0f4f5e-27c2-5d0e-9a55-8f0f6a7f3d11")


def new_id() -> UUID:
    """Return a UUIDv7: 48 bits of milliseconds, then 74 of noise."""
    milliseconds, noise = time.time_ns() // 1_000_000, secrets.randbits(74)
    high, low = noise >> 62, noise & (1 << 62) - 1
    return UUID(int=milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def made_at(id_: UUID) -> datetime:
    """Return when a UUIDv7 was made, to the millisecond."""
    return datetime.fromtimestamp((id_.int >> 80) / 1000, UTC)


def named_id(name: str) -> UUID:
    """Return the same id for the same name, for data that is loaded again and again."""
    return uuid5(NAMESPACE, name)
