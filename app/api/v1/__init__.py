"""Version 1 of the API: one line per stem."""

from app.api.v1 import health, problems

ROUTERS = [
    health.router,
    problems.router,
]
