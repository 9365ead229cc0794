"""Lines of a log, written by a thread, so that a slow reader of them holds nobody up."""

import atexit
import threading
from collections import deque
from contextlib import suppress
from typing import IO, Final

INTERVAL: Final = 0.2
MOST: Final = 50_000
"""Lines kept while nobody takes them; the oldest go first, and how many is told."""


class Lines:
    """Writes to a stream in batches: a line costs its caller the append to a queue.

    Whoever can't wait for the next batch, as a program about to end, calls `flush`.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._waiting: deque[bytes] = deque()
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._lost = 0
        atexit.register(self.flush)

    def write(self, line: bytes) -> None:
        if len(self._waiting) >= MOST:
            self._waiting.popleft()
            self._lost += 1
        self._waiting.append(line)
        if self._thread is None:
            self._start()

    def flush(self) -> None:
        """Write what is waiting, now and in this thread."""
        with self._writing:
            lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if self._lost:
                lines.append(b"%d lines of the log were lost here" % self._lost)
                self._lost = 0
            if lines:
                with suppress(OSError, ValueError):  # nobody reads any more; nobody can be told
                    self._stream.write(b"\n".join(lines) + b"\n")
                    self._stream.flush()

    def _start(self) -> None:
        """Begin with the first line, since a thread doesn't outlive a fork before it."""
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        tick = threading.Event()
        while True:
            tick.wait(INTERVAL)
            self.flush()
