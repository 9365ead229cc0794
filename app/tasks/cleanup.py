"""What has had its time: done bit by bit by the worker, and all at once by `banister cleanup`."""

from typing import Final

from app.bootstrap import Doors, Services
from app.tasks.schedule import UseCase, every


@every("* * * * *")
async def expire_holds(services: Services) -> int:
    return await services.booking_changes.expire_holds()


@every("* * * * *")
async def settle_events(services: Services) -> int:
    return await services.seating.settle_all()


@every("*/5 * * * *")
async def complete_over(services: Services) -> int:
    return await services.booking_changes.complete_over()


@every("*/5 * * * *")
async def complete_events(services: Services) -> int:
    return await services.event_changes.complete_over()


@every("*/5 * * * *")
async def earn_some(services: Services) -> int:
    return await services.earnings.earn_some()


@every("7 * * * *")
async def forget_requests(services: Services) -> int:
    return await services.idempotency.forget_old()


@every("12 * * * *")
async def forget_api_keys(services: Services) -> int:
    return await services.api_keys.forget_expired()


@every("17 * * * *")
async def forget_sessions(services: Services) -> int:
    return await services.sessions.forget_ended()


@every("27 * * * *")
async def forget_verifications(services: Services) -> int:
    return await services.verifications.forget_old()


@every("32 * * * *")
async def drop_photos(services: Services) -> int:
    return await services.photos.drop_unseen()


@every("22 * * * *")
async def drop_files(services: Services) -> int:
    return await services.file_sweeps.drop_unwanted()


@every("52 3 * * *")
async def drop_bereft_files(services: Services) -> int:
    return await services.file_sweeps.drop_bereft()


@every("42 3 * * *")
async def drop_unknown_files(services: Services) -> int:
    return await services.file_sweeps.drop_unknown()


@every("*/10 * * * *")
async def forget_limits(services: Services) -> int:
    return await services.limits.forget_over()


@every("37 * * * *")
async def forget_jobs(services: Services) -> int:
    return await services.jobs.forget_history()


@every("47 * * * *")
async def forget_password_resets(services: Services) -> int:
    return await services.password_resets.forget_old()


@every("52 * * * *")
async def forget_sign_ins(services: Services) -> int:
    return await services.identities.forget_old()


@every("57 * * * *")
async def forget_email_changes(services: Services) -> int:
    return await services.email_changes.forget_old()


@every("*/5 * * * *")
async def forget_frames(services: Services) -> int:
    return await services.realtime.forget_old()


@every("*/5 * * * *")
async def forget_tickets(services: Services) -> int:
    return await services.realtime_tickets.forget_lapsed()


@every("22 * * * *")
async def forget_devices(services: Services) -> int:
    return await services.devices.forget_over()


@every("42 * * * *")
async def forget_phone_codes(services: Services) -> int:
    return await services.phones.forget_old()


@every("43 * * * *")
async def forget_telegram_updates(services: Services) -> int:
    return await services.telegram.forget_old()


@every("44 * * * *")
async def forget_text_reports(services: Services) -> int:
    return await services.text_reports.forget_old()


@every("42 * * * *")
async def forget_complaints(services: Services) -> int:
    return await services.chat_reports.forget_words()


@every("42 * * * *")
async def forget_notifications(services: Services) -> int:
    return await services.notifications.forget_old()


CLEANUP: Final[tuple[UseCase, ...]] = (
    expire_holds,
    settle_events,
    complete_over,
    earn_some,
    complete_events,
    forget_requests,
    forget_api_keys,
    forget_sessions,
    forget_verifications,
    forget_password_resets,
    forget_email_changes,
    forget_sign_ins,
    forget_limits,
    drop_photos,
    drop_files,
    drop_bereft_files,
    drop_unknown_files,
    forget_devices,
    forget_phone_codes,
    forget_telegram_updates,
    forget_text_reports,
    forget_complaints,
    forget_notifications,
    forget_jobs,
    forget_frames,
    forget_tickets,
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
