"""`banister`, the program: one command each for what is done with it on a machine."""

import json
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from app.cli import (
    accounts,
    backup,
    dev,
    doctor,
    dumps,
    jobs,
    migrations,
    seed,
    serve,
    signals,
    telegram,
    worker,
)
from app.cli.programs import EmbeddedPostgresError
from app.cli.surroundings import at_hand, perform, read_settings
from app.core.config import SettingsError
from app.core.errors import AppError, Unavailable
from app.main import create_app
from app.tasks.cleanup import clean_up

WRONG_SETTINGS, FAILED = 2, 1
FAILURES = (EmbeddedPostgresError, serve.AddressInUse, backup.BackupError, dumps.DumpError)

program = typer.Typer(
    name="banister",
    help="The backend of a booking business.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
program.add_typer(backup.backup, name="backup")
program.add_typer(backup.restore, name="restore")
program.add_typer(jobs.jobs, name="jobs")
program.add_typer(telegram.telegram, name="telegram")
accounts.add_commands(program)


def run() -> None:
    """Run a command; what whoever started it can put right is told them on one line."""
    signals.end_on_sigterm()
    try:
        program()
    except SettingsError as error:
        end(f"settings: {error}", WRONG_SETTINGS)
    except AppError as error:
        cause = error.__cause__ if isinstance(error, Unavailable) else None
        end(f"{error} ({cause})" if cause else str(error), FAILED)
    except FAILURES as error:
        end(str(error), FAILED)


def end(line: str, code: int) -> NoReturn:
    print(f"banister: {' '.join(line.split())}", file=sys.stderr)
    sys.exit(code)


@program.command("dev")
def run_dev() -> None:
    """Run everything on this machine: the database, the API and the worker."""
    dev.run(read_settings())


@program.command("serve")
def run_serve(
    workers: Annotated[int, typer.Option(min=1, help="How many processes.")] = 1,
    limit_concurrency: Annotated[
        int, typer.Option(min=1, help="Connections and tasks per process; more are refused.")
    ] = 1000,
) -> None:
    """Serve the API in production: needs DATABASE_URL and SECRET_KEY."""
    serve.serve(read_settings(), workers=workers, limit_concurrency=limit_concurrency)


@program.command("worker")
def run_worker() -> None:
    """Do background and periodic jobs; as many workers as wanted."""
    with signals.ending_is_success(), at_hand(read_settings()) as settings:
        worker.work(settings)


@program.command("migrate")
def run_migrate(
    demo: Annotated[
        bool, typer.Option(help="Load the demo data too, in development, if nobody is there yet.")
    ] = False,
) -> None:
    """Bring the database to the newest tables; safe when several start it at once."""
    with at_hand(read_settings()) as settings:
        migrations.bring_up_to_date(settings)
        if demo:
            perform(settings, seed.seed_if_new)


@program.command("seed")
def run_seed() -> None:
    """Load the demo data; again and again with the same result."""
    with at_hand(read_settings()) as settings:
        migrations.bring_up_to_date(settings)
        perform(settings, seed.seed)


@program.command("cleanup")
def run_cleanup() -> None:
    """Delete what has expired: holds, tokens, idempotency keys. The worker does it too."""
    with at_hand(read_settings()) as settings:
        for name, done in perform(settings, clean_up).items():
            print(f"{name}: {done}")


@program.command("doctor")
def run_doctor() -> None:
    """Check the settings, the database, the mail and each gateway; say what is wrong."""
    if not doctor.examine(read_settings()):
        raise typer.Exit(FAILED)


@program.command("openapi")
def run_openapi(
    file: Annotated[Path | None, typer.Argument(help="Standard output if not given.")] = None,
) -> None:
    """Write the OpenAPI document."""
    document = json.dumps(create_app(read_settings()).openapi(), ensure_ascii=False, indent=2)
    if file is None:
        print(document)
    else:
        file.write_text(f"{document}\n", encoding="utf-8")
