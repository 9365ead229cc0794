"""What has had its time: done bit by bit by the worker, and all at once by `banister cleanup`."""

from typing import Final

from app.bootstrap import Doors, Services
from app.tasks.schedule import UseCase, every


@every("* * * * *")
async def expire_holds(services: Services) -> int:
    return await services.bookings.expire_holds()


@every("7 * * * *")
async def forget_requests(services: Services) -> int:
    return await services.idempotency.forget_old()


@every("17 * * * *")
async def forget_sessions(services: Services) -> int:
    return await services.sessions.forget_ended()


@every("27 * * * *")
async def forget_verifications(services: Services) -> int:
    return await services.verifications.forget_old()


@every("37 * * * *")
async def forget_jobs(services: Services) -> int:
    return await services.jobs.forget_history()


CLEANUP: Final[tuple[UseCase, ...]] = (
    expire_holds,
    forget_requests,
    forget_sessions,
    forget_verifications,
    forget_jobs,
)


async def clean_up(doors: Doors) -> dict[str, int]:
    """Do all of it until nothing is left; return how much each of them did."""
    done = {}
    for use_case in CLEANUP:
        total = 0
        while some := await doors.perform(use_case):
            total += some
        done[use_case.__name__] = total
    return done
