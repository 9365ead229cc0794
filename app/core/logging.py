"""Logs: one event per line, a static name with its facts, no secret in any of them."""

import logging
import logging.config
import re
import sys
from typing import Final, Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN: Final = "[hidden]"
SECRET_NAMES: Final = re.compile(
    r"password|passwd|secret|token|authorization|cookie|api[-_]?key|\bcode\b|credential|dsn|"
    r"database_url|redis_url",
    re.IGNORECASE,
)
SECRET_VALUES: Final = re.compile(
    r"(?P<jwt>eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"
    r"|(?P<bearer>[Bb]earer\s+[\w.~+/=-]+)"
    r"|(?P<login>(?<=://)[^/\s:@]*:[^/\s@]+(?=@))"
    r"|(?P<hash>\$argon2\w*\$\S+)"
)


def redacted(value: object, name: str = "") -> object:
    """Return the value with everything that could be a secret put out of sight."""
    if name and SECRET_NAMES.search(name) and value is not None:
        return HIDDEN
    if isinstance(value, str):
        return SECRET_VALUES.sub(HIDDEN, value)
    if isinstance(value, dict):
        return {key: redacted(item, str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [redacted(item) for item in value]
    return value


def _redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {key: redacted(value, key if key != "event" else "") for key, value in event.items()}


def configure(*, level: str, format_: Literal["console", "json"]) -> None:
    """Send the program's and its libraries' logs to standard error, the same way."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if format_ == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,  # the other one shows variables
        )
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, quieter in (("uvicorn.access", "ERROR"), ("pgqueuer", "WARNING"), ("httpx", "WARNING")):
        logging.getLogger(name).setLevel(quieter)
    for name in ("uvicorn", "uvicorn.error"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = True
