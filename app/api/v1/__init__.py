"""Version 1 of the API: one line per stem."""

from app.api.v1 import (
    auth,
    bookings,
    categories,
    health,
    offerings,
    problems,
    profile,
    providers,
    schedules,
    slots,
    tags,
)

ROUTERS = [
    auth.router,
    profile.router,
    offerings.router,
    categories.router,
    providers.router,
    schedules.router,
    tags.router,
    bookings.router,
    slots.router,
    health.router,
    problems.router,
]
