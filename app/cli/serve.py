"""The web server: what uvicorn is told, the same for `dev` and for production."""

import multiprocessing
import os
import signal
import socket
from typing import Any, Final

from fastapi import FastAPI
from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from app.cli.protocols import BoundedSockets, EndableStreams
from app.cli.signals import ending_is_success
from app.cli.surroundings import completed, read_settings
from app.cli.tether import end_with
from app.core.config import EXAMPLES, Settings, SettingsError
from app.main import create_app

BACKLOG: Final = 2048
LONGEST_FRAME: Final = 65_536  # bytes of one websocket message
PINGS: Final = {"ws_ping_interval": 20.0, "ws_ping_timeout": 20.0}
"""Seconds between two questions whether a client is still there, and to answer one."""
DRAINED_WITHIN: Final = 25  # seconds, of the 30 most platforms grant
ANSWERING_WITHIN: Final = 30  # seconds; many workers that start at once are slow to


class AddressInUse(Exception):
    """The address can't be listened on; the message is for the person who starts it."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens, so that an address in use is known before anything starts."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        why = (error.strerror or str(error)).partition(" (")[0]
        raise AddressInUse(f"can't listen on {host}:{port}: {why}") from error


def configured(application: FastAPI | str, settings: Settings, **options: Any) -> Config:
    return Config(
        application,
        loop="uvloop",
        http=EndableStreams,
        ws=BoundedSockets,  # websockets-sansio, and what it leaves open
        ws_max_size=LONGEST_FRAME,
        **PINGS | options,
        ws_per_message_deflate=False,  # each client's own, where a frame is written once for all
        log_config=None,  # ours stands
        access_log=False,  # each request is logged by the application, with its id
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
    )


def serve(settings: Settings, *, workers: int, limit_concurrency: int) -> None:
    """Serve until asked to end; refuse without a database and a secret key of our own."""
    if not settings.database_url.get_secret_value():
        raise SettingsError("DATABASE_URL: must be set; `banister dev` needs none")
    ensure_own_secret(settings)
    config = configured(
        f"{__name__}:worker_application",
        settings,
        factory=True,
        workers=workers,
        limit_concurrency=limit_concurrency,
        timeout_graceful_shutdown=DRAINED_WITHIN,
        timeout_worker_healthcheck=ANSWERING_WITHIN,
    )
    with listen(settings.host, settings.port) as listener, ending_is_success():
        if workers == 1:
            Server(config).run(sockets=[listener])
        else:
            Multiprocess(config, sockets=[listener]).run()


def ensure_own_secret(settings: Settings) -> None:
    """Refuse no key and a printed one: the one a machine keeps for itself is for development."""
    key = settings.secret_key.get_secret_value()
    if not key:
        raise SettingsError("SECRET_KEY: must be set")
    if any(example in key.lower() for example in EXAMPLES):
        raise SettingsError("SECRET_KEY: still has an example value")


def worker_application() -> FastAPI:
    """Return the application of one serving process, which ends with the one that started it."""
    if multiprocessing.parent_process() is not None:
        end_with(os.getppid(), signal.SIGTERM)
    settings = read_settings()
    return create_app(completed(settings, settings.database_url.get_secret_value()))
