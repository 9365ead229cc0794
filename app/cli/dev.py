"""Everything on one machine: the database, the web application and the worker beside it."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import FastAPI
from uvicorn import Config, Server

from app.bootstrap import open_doors
from app.cli.migrations import bring_up_to_date
from app.cli.postgres import EmbeddedPostgres
from app.cli.programs import EmbeddedPostgresError
from app.cli.seed import seed_if_new
from app.cli.serve import configured, listen
from app.cli.signals import ASKED, ending_is_success
from app.cli.surroundings import completed
from app.core.config import Settings, SettingsError
from app.domain.demo import ACCOUNTS
from app.main import create_app
from app.tasks.courier import carrying
from app.tasks.worker import run_worker

DRAINED_WITHIN: Final = 5  # seconds
WATCHED_EVERY: Final = 1.0
PAGES: Final = {
    "/docs": "Swagger",
    "/admin": "Admin",
    "/dev/mail": "Mail",
    "/dev/realtime": "Realtime",
}


class AnnouncedServer(Server):
    """Tells when it is ready, and leaves signals to us, who have more to end than it."""

    def __init__(self, config: Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def ask_to_end(self, number: int) -> None:
        """Let it answer what it has begun; a second Ctrl-C cuts that short."""
        self.force_exit = self.should_exit and number == signal.SIGINT
        self.should_exit = True


def run(settings: Settings) -> None:
    """Run until asked to end; return when all of it has ended."""
    if settings.is_production:
        raise SettingsError("ENVIRONMENT: production is for `banister serve` and `banister worker`")
    with ending_is_success(), listen(settings.host, settings.port) as listener:
        update = {"port": listener.getsockname()[1]}
        with database(settings) as (url, has_ended):
            complete = completed(settings, url).model_copy(update=update)
            bring_up_to_date(complete)
            app = create_app(complete)
            config = configured(
                app, complete, log_level="warning", timeout_graceful_shutdown=DRAINED_WITHIN
            )
            server = AnnouncedServer(config, lambda: announce(app, complete))
            with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
                runner.run(run_both(complete, server, listener, has_ended))


@contextmanager
def database(settings: Settings) -> Iterator[tuple[str, Callable[[], bool]]]:
    """Yield the address of the database that is set, or of one that is ours to start and end.

    With it comes how to ask whether it has ended by itself, which only ours can be asked.
    """
    if given := settings.database_url.get_secret_value():
        yield given, lambda: False
        return
    server = EmbeddedPostgres(settings.data_dir / "postgres")
    with server as url:
        yield url, lambda: server.has_ended


async def run_both(
    settings: Settings,
    server: AnnouncedServer,
    listener: socket.socket,
    has_ended: Callable[[], bool],
) -> None:
    """Run the server and the worker; the worker ends second, for what the last requests asked."""
    for number in ASKED:
        asyncio.get_running_loop().add_signal_handler(number, server.ask_to_end, number)
    stopping = asyncio.Event()
    async with open_doors(settings) as doors, carrying(doors), asyncio.TaskGroup() as group:
        await seed_if_new(doors)
        group.create_task(run_worker(doors, stopping=stopping))
        watching = group.create_task(watch(has_ended, server))
        await server.serve(sockets=[listener])
        watching.cancel()
        stopping.set()
    if has_ended():
        raise EmbeddedPostgresError("PostgreSQL was ended by somebody else; start again")


async def watch(has_ended: Callable[[], bool], server: AnnouncedServer) -> None:
    """End the server when the database under it is gone: its next start repairs both."""
    while not has_ended():  # noqa: ASYNC110  # a process of the system tells no event
        await asyncio.sleep(WATCHED_EVERY)
    server.should_exit = True


def announce(app: FastAPI, settings: Settings) -> None:
    """Print where everything is that this program has."""
    paths = {getattr(route, "path", "") for route in app.routes}
    print(f"\nBanister is ready on {settings.base_url}\n")
    for path, name in PAGES.items():
        if path in paths:
            print(f"  {name:<12}{settings.base_url}{path}")
    for account in ACCOUNTS if settings.is_development else ():
        print(f"  {account.title:<12}{account.email}  {account.password}")
    print("\nCtrl-C ends it.\n", flush=True)
