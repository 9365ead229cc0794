"""A folder of small files that several processes may share: the newest are kept."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.core.ids import new_id

Kept = TypeVar("Kept")
BROKEN_AFTER: Final = 60  # seconds in which a file is written, if it ever is


class KeptFiles(Generic[Kept]):
    """A file appears whole or not at all; one of the same name takes the place of the first."""

    def __init__(self, folder: Path, form: TypeAdapter[Kept], *, most: int) -> None:
        self._folder = folder
        self._form = form
        self._most = most

    def keep(self, name: str, kept: Kept) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f"{new_id()}.unfinished"
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(self._form.dump_json(kept))
        os.replace(unfinished, self._folder / f"{name}.json")
        for path in self._newest_first()[self._most :]:
            path.unlink(missing_ok=True)

    def read(self) -> list[Kept]:
        """Return them, newest first."""
        found = [self._one(path) for path in self._newest_first()]
        return [kept for kept in found if kept is not None]

    def forget(self, is_meant: Callable[[Kept], bool]) -> None:
        """Throw away too what was never finished: nobody can tell whose it was to be."""
        for path in self._newest_first():
            kept = self._one(path)
            if kept is not None and is_meant(kept):
                path.unlink(missing_ok=True)
        for path in self._folder.glob("*.unfinished"):
            if _written_at(path) < time.time_ns() - BROKEN_AFTER * 1_000_000_000:
                path.unlink(missing_ok=True)

    def _newest_first(self) -> list[Path]:
        return sorted(self._folder.glob("*.json"), key=_written_at, reverse=True)

    def _one(self, path: Path) -> Kept | None:
        try:
            return self._form.validate_json(path.read_bytes())
        except (FileNotFoundError, ValidationError):  # thrown away, or of an older form
            return None


def _written_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:  # another process has just thrown it away
        return 0
