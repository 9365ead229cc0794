"""How a job failed, in a few lines that may be kept: no value, no address, no secret."""

import re
from collections.abc import Iterator
from pathlib import Path
from traceback import FrameSummary, extract_tb
from typing import Final

from app.core.logging import HIDDEN, redacted

ROOT: Final = Path(__file__).parents[2]
FRAMES: Final = 6
CAUSES: Final = 3
LONGEST: Final = 300
PRIVATE: Final = re.compile(r"\?[^\s'\"]+|[\w.+-]+@[\w-]+(\.[\w-]+)+")  # of an address, or one


def told(error: BaseException) -> str:
    """Return the error, where it was raised, and what caused it."""
    frames = extract_tb(error.__traceback__)[-FRAMES:]
    return "\n".join([*map(_summary, _with_causes(error)), *map(_place, frames)])


def _with_causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(CAUSES):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _summary(error: BaseException) -> str:
    """Name the error with its first line: PostgreSQL and pydantic quote values in the others."""
    said = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {PRIVATE.sub(HIDDEN, str(redacted(said)))[:LONGEST]}"


def _place(frame: FrameSummary) -> str:
    _, library, path = frame.filename.rpartition("/site-packages/")
    if not library:
        path = path.removeprefix(f"{ROOT}/")
    return f"  {path}:{frame.lineno} in {frame.name}"
