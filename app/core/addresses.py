"""Under which address this program is reached, for answers that name a whole one."""

from contextvars import ContextVar
from typing import Final

base: Final[ContextVar[str]] = ContextVar("base", default="")
"""Without a slash at its end; set for each request from the settings, never from its Host."""
