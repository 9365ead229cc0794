"""Offerings, those who perform them, and their hours."""

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command
from app.domain.captures import CaptureMode
from app.domain.categories import Category
from app.domain.offerings import Offering, OfferingStatus, PaymentTerms, Performance
from app.domain.providers import Provider, ProviderStatus, Schedule
from app.domain.roles import Role
from app.models import Categories, Offerings, ProviderOfferings, Providers, Schedules
from app.repositories.base import values
from tests.factories.accounts import make_user
from tests.factories.clock import NOW

EVERY_DAY = [[day, 0, 1440] for day in range(7)]
NINE_TO_FIVE = [[day, 540, 1020] for day in range(5)]


async def make_category(connection: Connection, **changes: Any) -> Category:
    id_ = new_id()
    made: dict[str, Any] = {
        "id": id_,
        "parent_id": None,
        "name": "Hair",
        "slug": f"hair-{id_.hex}",
        "description": None,
        "position": 0,
        "created_at": NOW,
        "updated_at": NOW,
    }
    category = Category(**{**made, **changes})
    await connection.run(Command(insert(Categories).values(values(category))))
    return category


async def make_provider(
    connection: Connection,
    *,
    weekly: list[list[int]] | None = None,
    **changes: Any,
) -> Provider:
    """Make a provider with an account and, unless `weekly` is empty, hours (every day, UTC)."""
    user_id: UUID = changes.pop("user_id", None) or (await make_user(connection, Role.PROVIDER)).id
    made: dict[str, Any] = {
        "id": new_id(),
        "user_id": user_id,
        "name": "Vera Barber",
        "bio": None,
        "timezone": "UTC",
        "location": None,
        "latitude": None,
        "longitude": None,
        "photo_id": None,
        "status": ProviderStatus.ACTIVE,
        "rating_average": 0.0,
        "rating_count": 0,
        "created_at": NOW,
        "updated_at": NOW,
    }
    provider = Provider(**{**made, **changes})
    await connection.run(Command(insert(Providers).values(values(provider))))
    hours = EVERY_DAY if weekly is None else weekly
    if hours:
        await make_schedule(connection, provider, weekly=hours)
    return provider


async def make_schedule(
    connection: Connection, provider: Provider, *, weekly: list[list[int]], **changes: Any
) -> Schedule:
    made: dict[str, Any] = {
        "id": new_id(),
        "provider_id": provider.id,
        "timezone": provider.timezone,
        "effective_from": NOW.date().replace(year=2020),
        "weekly": weekly,
    }
    schedule = Schedule(**{**made, **changes})
    await connection.run(Command(insert(Schedules).values(values(schedule))))
    return schedule


async def make_offering(connection: Connection, *providers: Provider, **changes: Any) -> Offering:
    """Make an active offering of an hour, performed by these providers (or a new one)."""
    performed_by = providers or (await make_provider(connection),)
    offering = an_offering(**{"owner_id": performed_by[0].user_id, **changes})
    await connection.run(Command(insert(Offerings).values(values(offering))))
    for provider in performed_by:
        row = values(Performance(offering.id, provider.id, None, None))
        await connection.run(Command(insert(ProviderOfferings).values(row)))
    return offering


def an_offering(**changes: Any) -> Offering:
    """Return an active offering of an hour, which is in no table."""
    made: dict[str, Any] = {
        "id": new_id(),
        "owner_id": new_id(),
        "category_id": None,
        "name": "Haircut",
        "description": None,
        "tags": [],
        "duration_minutes": 60,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "slot_step_minutes": 30,
        "min_notice_minutes": 0,
        "max_horizon_days": 60,
        "price_amount": 4500,
        "price_currency": "EUR",
        "payment": PaymentTerms.ON_SITE,
        "approval_required": False,
        "free_until_minutes": 0,
        "late_fee_percent": 0,
        "no_show_fee_percent": None,
        "no_show_fee_amount": None,
        "no_show_fee_currency": None,
        "reminder_minutes": [1440, 120],
        "deposit_percent": None,
        "deposit_amount": None,
        "deposit_currency": None,
        "deposit_rest": None,
        "capture": CaptureMode.AUTOMATIC,
        "status": OfferingStatus.ACTIVE,
        "rating_average": 0.0,
        "rating_count": 0,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Offering(**{**made, **changes})
