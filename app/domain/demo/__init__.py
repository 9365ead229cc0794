"""The demo: a salon in two cities, with its people, its catalog and a calendar that is lived in.

Every id follows from a name, so that loading it again finds what is there.
"""

from app.core.errors import Conflict, Forbidden
from app.domain.demo.calendar import calendar
from app.domain.demo.catalog import CATEGORIES, OFFERINGS, PERFORMANCES
from app.domain.demo.events import EventSeats, events
from app.domain.demo.people import ACCOUNTS, PASSWORD, PROVIDERS, SCHEDULES, DemoAccount, accounts
from app.domain.demo.reviews import reviews


class DemoRefused(Forbidden):
    """Demo accounts have a password that everybody knows; they exist only in development."""


class DemoClash(Conflict):
    """An account or a category of yours has an address or a slug that the demo needs."""


__all__ = [
    "ACCOUNTS",
    "CATEGORIES",
    "OFFERINGS",
    "PASSWORD",
    "PERFORMANCES",
    "PROVIDERS",
    "SCHEDULES",
    "DemoAccount",
    "DemoClash",
    "DemoRefused",
    "EventSeats",
    "accounts",
    "calendar",
    "events",
    "reviews",
]
