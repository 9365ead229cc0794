"""Looking at the queue, and taking the dead in hand."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer

from app.bootstrap import Services
from app.cli.surroundings import at_hand, perform, read_settings
from app.core.listing import PageRequest
from app.domain.jobs import Job, JobSort

Result = TypeVar("Result")
JobId = Annotated[int, typer.Argument(help="As `list` shows it.", min=1)]

jobs = typer.Typer(help="Look at the queue, and take dead jobs in hand.", no_args_is_help=True)


def ask(use_case: Callable[[Services], Awaitable[Result]]) -> Result:
    with at_hand(read_settings()) as settings:
        return perform(settings, lambda doors: doors.perform(use_case))


@jobs.command("list")
def list_jobs(
    dead: Annotated[bool, typer.Option("--dead", help="Those that failed for good.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    after: Annotated[str | None, typer.Option(help="Where the last page ended.")] = None,
) -> None:
    """List what waits or runs, the oldest first; or the dead, the newest first."""
    request = PageRequest(JobSort.NEWEST if dead else JobSort.OLDEST, limit, after)
    page = ask(lambda services: services.jobs.page(request, dead=dead))
    for job in page.items:
        print(line(job))
    if page.next_cursor:
        print(f"there are more: --after {page.next_cursor}")


@jobs.command("show")
def show(job_id: JobId) -> None:
    """Show a job, what is in it, and how it last failed."""
    job = ask(lambda services: services.jobs.get(job_id))
    print(line(job))
    print(f"announced {job.created_at:%F %T}Z, due {job.due_at:%F %T}Z")
    print(job.body)
    if job.error:
        print(job.error)


@jobs.command("retry")
def retry(
    job_id: Annotated[int | None, typer.Argument(help="As `list` shows it.", min=1)] = None,
    every: Annotated[bool, typer.Option("--all", help="All dead jobs.")] = False,
) -> None:
    """Try a dead job again, or all of them, as if for the first time."""
    if (job_id is None) is not every:
        raise typer.BadParameter("name one job, or say --all")
    if job_id is None:
        print(f"{ask(lambda services: services.jobs.retry_all())} are tried again")
    else:
        ask(lambda services: services.jobs.retry(job_id))
        print(f"{job_id} is tried again")


@jobs.command("drop")
def drop(job_id: JobId) -> None:
    """Give up a job that is dead or waiting."""
    ask(lambda services: services.jobs.drop(job_id))
    print(f"{job_id} is dropped")


def line(job: Job) -> str:
    reason = f"  {job.error.splitlines()[0]}" if job.error else ""
    status = f"{job.status.name.lower():8} {job.tries} tries"
    return f"{job.id:>8}  {job.created_at:%F %T}Z  {status}  {job.entrypoint}{reason}"
