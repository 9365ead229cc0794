"""What replaces weekly hours, as it stands in the tables."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command
from app.domain.closures import Closure
from app.domain.overrides import Override
from app.domain.providers import Provider
from app.domain.time_off import TimeOff
from app.models import Closures, Overrides
from app.models import TimeOff as Absences
from app.repositories.base import values
from tests.factories.clock import NOW

FAR = date(2031, 1, 1)


async def make_override(connection: Connection, provider: Provider, **changes: Any) -> Override:
    """Close a day on which nothing is booked, unless another day or windows are given."""
    made: dict[str, Any] = {
        "id": new_id(),
        "provider_id": provider.id,
        "day": FAR,
        "windows": [],
        "created_at": NOW,
    }
    override = Override(**{**made, **changes})
    await connection.run(Command(insert(Overrides).values(values(override))))
    return override


async def make_time_off(connection: Connection, provider: Provider, **changes: Any) -> TimeOff:
    """Let a provider be away a year from now, for a day."""
    made: dict[str, Any] = {
        "id": new_id(),
        "provider_id": provider.id,
        "starts_at": NOW + timedelta(days=365),
        "ends_at": NOW + timedelta(days=366),
        "reason": None,
        "created_at": NOW,
    }
    away = TimeOff(**{**made, **changes})
    await connection.run(Command(insert(Absences).values(values(away))))
    return away


async def make_closure(connection: Connection, **changes: Any) -> Closure:
    made: dict[str, Any] = {
        "id": new_id(),
        "first_day": FAR,
        "last_day": FAR,
        "name": "New Year",
        "created_at": NOW,
    }
    closure = Closure(**{**made, **changes})
    await connection.run(Command(insert(Closures).values(values(closure))))
    return closure
