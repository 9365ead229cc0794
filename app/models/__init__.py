"""Every table, imported once so that Alembic sees all of them.

Columns, named constraints and indexes: the promises are kept here. A class is named for its
table, in the plural: `Bookings` is the table, `domain.Booking` a row. Nothing here is ever
instantiated, and there are no relationships.
"""

from app.models.base import Model
from app.models.bookings import Bookings
from app.models.categories import Categories
from app.models.idempotency import IdempotencyRecords
from app.models.jobs import JobLog, Jobs
from app.models.offerings import Offerings, ProviderOfferings
from app.models.providers import Providers, Schedules
from app.models.sessions import RefreshTokens, Sessions
from app.models.users import EmailVerifications, Users

__all__ = [
    "Bookings",
    "Categories",
    "EmailVerifications",
    "IdempotencyRecords",
    "JobLog",
    "Jobs",
    "Model",
    "Offerings",
    "ProviderOfferings",
    "Providers",
    "RefreshTokens",
    "Schedules",
    "Sessions",
    "Users",
]
