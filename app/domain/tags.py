"""The vocabulary of tags: words that services are found by."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class TagCount:
    """A tag, and how many services that can be booked have it."""

    name: str
    count: int


class TagSort(StrEnum):
    NAME = "name"
    NAME_DOWN = "-name"
    RAREST = "count"
    COMMONEST = "-count"


@dataclass(frozen=True, slots=True)
class TagFilter:
    """Which tags to list: those that begin with `prefix`; None means any."""

    prefix: str | None = None
