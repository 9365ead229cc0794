"""Being asked to end: SIGTERM becomes an exception, so that what was started is ended too."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

ASKED: Final = (signal.SIGINT, signal.SIGTERM)


class Terminated(SystemExit):
    """Somebody asked us to end; uncaught, it ends the process the way shells expect."""


def _terminate(number: int, _: FrameType | None) -> None:
    raise Terminated(128 + number)


def end_on_sigterm() -> None:
    signal.signal(signal.SIGTERM, _terminate)


@contextmanager
def ending_is_success() -> Iterator[None]:
    """Return as if all was done when asked to end; a service has no other end."""
    try:
        yield
    except (KeyboardInterrupt, Terminated):
        return
