"""Refusals: the errors a caller can act on. Anything else is a bug and becomes a 500.

The hierarchy, by what the caller should do next:

* AppError
  + Malformed           repair the request
  + Unauthenticated     sign in
  + Forbidden           ask someone else
  + NotFound            look elsewhere
  + Conflict            reload and try again
  + PreconditionFailed  fetch the current version
  + Invalid             change the request
  + TooMany             wait as long as it says
  + Unavailable         wait and retry
"""

import re
from collections.abc import Mapping
from typing import ClassVar, Self


class AppError(Exception):
    """The request was understood and refused."""

    code: ClassVar[str] = "app-error"
    title: ClassVar[str] = "The request was understood and refused."
    keeps_changes: ClassVar[bool] = False
    """Whether what was written before the refusal stands: a counted try, an ended session."""

    example: ClassVar[Mapping[str, object]] = {}
    """What it may tell beside its title, for the documentation."""

    def __init_subclass__(cls) -> None:
        if "code" not in cls.__dict__:
            cls.code = re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        cls.title = (cls.__doc__ or cls.__name__).strip().splitlines()[0]

    def __init__(self, detail: str | None = None, **context: object) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.context = context


class Malformed(AppError):
    """The request cannot be read."""


class Unauthenticated(AppError):
    """Sign in first."""


class Forbidden(AppError):
    """You may see this but not do that."""


class NotFound(AppError):
    """There is nothing here that you may see."""


class Conflict(AppError):
    """The current state does not allow it."""


class PreconditionFailed(AppError):
    """It has changed since you last saw it."""


class Invalid(AppError):
    """The request contradicts a business rule."""

    pointer: str = "#"
    """The JSON pointer of the field to change, as a fragment."""

    def at(self, pointer: str) -> Self:
        """Name the field where it differs from one refusal to the next: `#/items/3`."""
        self.pointer = pointer
        return self


class TooMany(AppError):
    """You have asked too often."""

    def __init__(self, detail: str | None = None, *, retry_after: int = 1) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(AppError):
    """Something we depend on is not answering."""


class DatabaseUnavailable(Unavailable):
    """The database is not answering; try again in a moment."""


class Busy(Unavailable):
    """Too many are changing the same thing; try again in a moment."""


class TransactionNeeded(Exception):
    """Not a failure: what was begun at once needs a transaction, and is begun again in one."""


class Contention(Exception):
    """The database undid this transaction; the whole use case may simply be run again."""
