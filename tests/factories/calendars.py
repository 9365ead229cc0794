"""Calendars elsewhere, and what they hold."""

from dataclasses import fields
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command
from app.domain.external_calendars import ExternalCalendar
from app.domain.providers import Provider
from app.models import ExternalCalendars
from tests.factories.clock import NOW


async def make_external_calendar(
    connection: Connection, provider: Provider, **changes: Any
) -> ExternalCalendar:
    """Make one that was never read."""
    made: dict[str, Any] = {
        "id": new_id(),
        "provider_id": provider.id,
        "name": "At home",
        "url": "https://calendar.example/private-5f0c2a9e/basic.ics",
        "etag": None,
        "created_at": NOW,
        "fetched_at": None,
        "failed_at": None,
        "failure": None,
    }
    calendar = ExternalCalendar(**{**made, **changes})
    row = {field.name: getattr(calendar, field.name) for field in fields(calendar)}
    await connection.run(Command(insert(ExternalCalendars).values(row)))
    return calendar


def calendar_file(*events: str, before: str = "") -> bytes:
    """Return a file with these events, each given as its lines with spaces between them."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Elsewhere//EN", *before.split()]
    for number, event in enumerate(events):
        named = [] if "UID:" in event else [f"UID:{number}"]
        lines += ["BEGIN:VEVENT", *named, "DTSTAMP:20300101T000000Z", *event.split(), "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()
