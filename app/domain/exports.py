"""The vocabulary of being told all that is kept of oneself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
Place = tuple[Any, ...]
"""Where in a section a batch ended."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a section, and where it goes on; None when that was all."""

    rows: Sequence[Row]
    next: Place | None
