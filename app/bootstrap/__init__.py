"""The composition root: the only place that knows which adapter is behind a protocol.

Adapters are built once per process, services once per unit of work; HTTP, the worker and the
command line come in through the same doors.
"""

from app.bootstrap.adapters import Adapters, build_adapters, identity_providers
from app.bootstrap.doors import Doors, open_doors, persist
from app.bootstrap.messengers import messengers, telegram_bot
from app.bootstrap.services import Services

__all__ = [
    "Adapters",
    "Doors",
    "Services",
    "build_adapters",
    "identity_providers",
    "messengers",
    "open_doors",
    "persist",
    "telegram_bot",
]
