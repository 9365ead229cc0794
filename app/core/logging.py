"""Logs: one event per line, a static name with its facts, no secret in any of them."""

import json
import logging
import logging.config
import re
import sys
import time
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final, Literal

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from app.core.lines import Lines

HIDDEN: Final = "[hidden]"
NAMES: Final = r"password|passwd|secret|token|authorization|cookie|api[-_]?key|credential"
SECRET_NAMES: Final = re.compile(rf"{NAMES}|\bcode\b|dsn|database_url|redis_url", re.IGNORECASE)
SECRET_VALUES: Final = re.compile(
    r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"  # a JWT
    r"|[Bb]earer\s+[\w.~+/=-]+"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # the login in an address
    r"|\$argon2\w*\$\S+"
    r"|\b(?:[srp]k_(?:live|test)|whsec)_\w+"
    r"|(?<=[?&]ticket=)[^&\s\"']+"  # by which a connection is opened
    r"|(?:pi|seti)_\w{1,200}?_secret_\w+"  # by which a customer pays, or saves a card
    rf"|(?i:\b\w*(?:{NAMES})\w*[\"']?\s*[=:]\s*(?:bearer\s+|basic\s+)?)(?:[\"'][^\"'\n]*[\"']?|[^\s,;&)}}\]]+)"
    r"|(?<=input_value=).*?(?=, input_type=)"  # of pydantic
    r"|(?<=invalid input for query argument )\$\d+: .*"  # of asyncpg
    r"|(?<=Failing row contains )\(.*"  # of PostgreSQL, as the next
    r"|(?<=\)=)\([^\n]*\)(?= (?:already exists|is not present|conflicts))"
)
LONG_SEGMENT: Final = re.compile(r"[^/]{41,}")  # of a path: an id has 36, so this is a token
ADDRESS: Final = re.compile(r"[^/@]*@[^/]*")  # and this is somebody's e-mail
request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
LOGGER: Final = "banister.http"
_requests: Final = structlog.get_logger(LOGGER)


class _Sink:
    """Where the lines of this process go, once `configure` was called, and what they hide."""

    lines: Lines | None = None
    as_json: bool = False
    level: int = logging.NOTSET
    known: re.Pattern[str] | None = None


def redacted(value: object, name: str = "") -> object:
    """Return the value with everything that could be a secret put out of sight."""
    if name and SECRET_NAMES.search(name) and value is not None:
        return HIDDEN
    if value is None or isinstance(value, (int, float)):
        return value
    if isinstance(value, dict):
        return {str(key): redacted(item, str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [redacted(item) for item in value]
    text = SECRET_VALUES.sub(HIDDEN, str(value))
    return _Sink.known.sub(HIDDEN, text) if _Sink.known else text


def configure(
    *, level: str, format_: Literal["console", "json"], secrets: Iterable[str] = ()
) -> None:
    """Send the program's and its libraries' logs to standard error, the same way.

    What is in `secrets` is hidden wherever it stands.
    """
    known = sorted({re.escape(secret) for secret in secrets if len(secret) > 5}, key=len)
    _Sink.known = re.compile("|".join(reversed(known))) if known else None
    _Sink.lines = Lines(sys.stderr.buffer)
    _Sink.as_json, _Sink.level = format_ == "json", logging.getLevelName(level)
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = _Handler(_Sink.lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(format_),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn.access", "pgqueuer", "httpx", "httpcore"):
        logging.getLogger(name).setLevel("WARNING")
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True


def request(*, method: str, path: str, status: int, started: float) -> None:
    """Log one request; `started` is what `time.perf_counter()` said then.

    As JSON the line is written here, in 3 us: the processors of structlog take 40.
    """
    if _Sink.level > logging.INFO:
        return
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    path = LONG_SEGMENT.sub(HIDDEN, path if path.isprintable() else ascii(path))
    if "@" in path:
        path = ADDRESS.sub(HIDDEN, path)
    if not _Sink.as_json or _Sink.lines is None:
        _requests.info(
            "request", method=method, path=path, status=status, milliseconds=milliseconds
        )
        return
    event = {
        "event": "request",
        "method": method,
        "path": path,
        "status": status,
        "milliseconds": milliseconds,
        "request_id": request_id.get(),
        "level": "info",
        "logger": LOGGER,
        "timestamp": datetime.now(UTC),
    }
    _Sink.lines.write(_json(event))


class _Handler(logging.Handler):
    """Hands a formatted record on; a warning is written before the program goes on."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.write(self.format(record).encode("utf-8", "backslashreplace"))
        except Exception:
            self.handleError(record)
        if record.levelno >= logging.WARNING:
            self._lines.flush()


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        _name_request,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _say_once,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ]


def _renderer(format_: Literal["console", "json"]) -> Processor:
    if format_ == "json":
        return structlog.processors.JSONRenderer(lambda event, **_: _json(event).decode())
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(),
        exception_formatter=structlog.dev.plain_traceback,  # the other one shows variables
    )


def _say_once(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event.pop("color_message", None)  # uvicorn's second wording of the same
    return event


def _name_request(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if named := request_id.get():
        event.setdefault("request_id", named)
    return event


def _redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {
        key: value if key.startswith("_") else redacted(value, "" if key == "event" else key)
        for key, value in event.items()
    }


def _json(event: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(event, str)
    except TypeError:  # a lone surrogate
        return json.dumps(event, default=str).encode()
