"""Where a request came from."""

from dataclasses import dataclass
from typing import Final

LONGEST_AGENT: Final = 300


@dataclass(frozen=True, slots=True)
class Origin:
    """`ip` is the client's, as the trusted proxies tell it; all is None for the command line."""

    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


NOWHERE: Final = Origin()
