"""Whether this program can do its work here, part by part."""

import asyncio
import socket
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from app.bootstrap import Doors, Services, identity_providers, messengers, telegram_bot
from app.cli.migrations import look
from app.cli.programs import EmbeddedPostgresError
from app.cli.surroundings import at_hand, perform
from app.core.config import Settings, SettingsError
from app.core.errors import AppError
from app.domain.books import Mistake
from app.domain.drifts import Drift, Drifts
from app.domain.gateways import GatewayUnavailable
from app.domain.health import DatabaseState
from app.domain.messengers import MessengerRefused
from app.domain.payment_checks import Disagreement, GatewayAnswers
from app.domain.payments import GatewayName
from app.domain.reviews import Miscount

PATIENCE: Final = 5.0  # seconds
TOGETHER: Final = {  # settings of which one is worth nothing without the others
    "Google": ("google_client_id", "google_client_secret"),
    "Stripe": ("stripe_secret_key", "stripe_webhook_secret"),
    "FreedomPay": ("freedompay_merchant_id", "freedompay_secret_key"),
    "Twilio": ("twilio_account_sid", "twilio_auth_token"),
    "Telegram": ("telegram_bot_token", "telegram_webhook_secret"),
    "S3": ("s3_endpoint_url", "s3_bucket", "s3_access_key_id", "s3_secret_access_key"),
}


GATEWAYS: Final = {"Stripe": GatewayName.STRIPE, "FreedomPay": GatewayName.FREEDOMPAY}


@dataclass(frozen=True, slots=True)
class Finding:
    part: str
    says: str
    is_fine: bool = True

    def __str__(self) -> str:
        return f"{'ok' if self.is_fine else 'WRONG':<6}{self.part}: {self.says}"


@dataclass(frozen=True, slots=True)
class Kept:
    drifts: Drifts
    mistakes: list[Mistake]
    disagreements: list[Disagreement]
    told: dict[GatewayName, GatewayAnswers | None]  # None: it doesn't answer
    miscounts: list[Miscount]
    overdue: int


def examine(settings: Settings) -> bool:
    """Print what was found of each part; tell whether all of them are fine."""
    fine = True
    for finding in _findings(settings):
        print(finding, flush=True)
        fine &= finding.is_fine
    return fine


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding("settings", settings.environment)
    yield from _database(settings)
    yield _mail(settings)
    for name, group in TOGETHER.items():
        yield _complete(settings, name, group)
    if settings.twilio_account_sid and not settings.twilio_sender:
        missing = "TWILIO_FROM or TWILIO_MESSAGING_SERVICE_SID missing"
        yield Finding("Twilio", missing, is_fine=False)
    yield _redis(settings)
    yield from asyncio.run(_messengers(settings))
    yield from asyncio.run(_webhook(settings))
    for name, provider in identity_providers(settings).items():
        yield asyncio.run(_identity(name, provider.check()))


def _database(settings: Settings) -> Iterator[Finding]:
    kind = "set" if settings.database_url.get_secret_value() else "embedded"
    try:
        with at_hand(settings) as complete:
            state, kept = perform(complete, _look)
    except (AppError, EmbeddedPostgresError, SettingsError) as error:
        yield Finding("database", " ".join(str(error.__cause__ or error).split()), is_fine=False)
        return
    yield Finding("database", f"PostgreSQL {state.major}, {kind}")
    missing = ", ".join(state.missing_extensions)
    yield Finding("extensions", f"missing: {missing}" if missing else "there", not missing)
    said = f"at {state.migration or 'none'}"
    advice = "" if state.is_migrated else f" of {state.newest_migration}: run `banister migrate`"
    yield Finding("migrations", said + advice, state.is_migrated)
    if kept is not None:
        yield _appointments(kept.drifts)
        yield _books(kept.mistakes)
        yield _payments(kept.disagreements)
        for name, answers in kept.told.items():
            yield _gateway(name, answers)
        yield _ratings(kept.miscounts)
        yield _notifications(kept.overdue)


async def _look(doors: Doors) -> tuple[DatabaseState, Kept | None]:
    """Return the state of the database, and of what is kept in it where that can be read."""
    state = await look(doors)
    if not state.is_migrated:
        return state, None
    settings = doors.adapters.settings
    names = [name for part, name in GATEWAYS.items() if _is_complete(settings, TOGETHER[part])]
    async with doors.reading() as services:
        return state, Kept(
            await services.drifts.found(),
            await services.books.mistakes(),
            await services.payment_checks.disagreements(),
            {name: await _asked(services, name) for name in names},
            await services.review_totals.miscounts(),
            await services.notification_deliveries.overdue(),
        )


async def _asked(services: Services, name: GatewayName) -> GatewayAnswers | None:
    with suppress(GatewayUnavailable):
        return await services.payment_checks.asked_of(name)
    return None


def _appointments(drifts: Drifts) -> Finding:
    """Tell which no longer are when they were agreed to be, for what their zones are now.

    Nothing moves them by itself: who booked may have been told the old instant.
    """
    if not drifts.count:
        return Finding("appointments", "at the wall times that were agreed")
    said = (
        f"{drifts.count} would no longer start at the wall time that was agreed, as time zones"
        " are now: move each with POST /bookings/{id}/reschedule to the instant that it means now"
    )
    return Finding("appointments", "\n".join([said, *map(_drift, drifts.first)]), is_fine=False)


def _books(mistakes: list[Mistake]) -> Finding:
    """Tell where the books are wrong. Nothing of ours can do that: somebody was in the tables."""
    if not mistakes:
        return Finding("books", "balanced, and every account is the sum of its postings")
    said = f"{len(mistakes)} mistakes or more, which no entry of ours can make"
    return Finding("books", "\n".join([said, *map(_mistake, mistakes)]), is_fine=False)


def _payments(found: list[Disagreement]) -> Finding:
    """Tell where payments, bookings and the books disagree; each can be right."""
    if not found:
        return Finding("payments", "agree with bookings and with the books")
    said = f"{len(found)} disagreements or more with bookings or with the books"
    return Finding("payments", "\n".join([said, *map(_disagreement, found)]), is_fine=False)


def _gateway(name: GatewayName, answers: GatewayAnswers | None) -> Finding:
    """Tell whether a gateway answers, and has its newest payments as we have them."""
    part = f"gateway {name}"
    if answers is None:
        return Finding(part, "does not answer, or does not know us", is_fine=False)
    if not answers.disagreements:
        return Finding(part, f"answers, and has {answers.asked} newest payments as we have them")
    said = (
        f"{len(answers.disagreements)} of {answers.asked} newest payments stand otherwise there:"
        " the worker asks again by itself, replaying a delivery of one asks at once"
    )
    lines = [said, *map(_disagreement, answers.disagreements)]
    return Finding(part, "\n".join(lines), is_fine=False)


def _ratings(found: list[Miscount]) -> Finding:
    """Tell where stars are counted otherwise than reviews give them; nothing of ours does."""
    if not found:
        return Finding("ratings", "are what the reviews add up to")
    said = f"{len(found)} totals or more are not what their reviews add up to"
    return Finding("ratings", "\n".join([said, *map(_miscount, found)]), is_fine=False)


def _miscount(one: Miscount) -> str:
    found, expected = list(one.found.histogram), list(one.expected.histogram)
    return f"      {one.subject.kind} {one.subject.id}: {found}, must be {expected}"


def _notifications(overdue: int) -> Finding:
    """Tell whether people are told what they are to be told."""
    if not overdue:
        return Finding("notifications", "on their way in time")
    said = f"{overdue} are late: is a worker running? `banister jobs list --dead` tells what failed"
    return Finding("notifications", said, is_fine=False)


def _disagreement(one: Disagreement) -> str:
    return f"      {one.kind} {one.subject_id}: {one.found}, must be {one.expected}"


def _mistake(mistake: Mistake) -> str:
    where = f"{mistake.kind} {mistake.subject_id}"
    return f"      {where}: {mistake.found} {mistake.currency}, must be {mistake.expected}"


def _drift(drift: Drift) -> str:
    agreed = drift.agreed
    means = "no instant" if drift.means is None else drift.means.isoformat()
    where = f"{agreed.starts_local} {agreed.timezone}"
    return f"      {agreed.id}: {where} is kept as {agreed.starts_at.isoformat()}, means {means}"


def _mail(settings: Settings) -> Finding:
    if not settings.smtp_host:
        where = f"no SMTP_HOST: letters are kept in {settings.data_dir}"
        return Finding("mail", where, is_fine=not settings.is_production)
    return _reached("mail", settings.smtp_host, settings.smtp_port)


def _redis(settings: Settings) -> Finding:
    url = urlsplit(settings.redis_url.get_secret_value())
    if not url.hostname:
        return Finding("Redis", "not used")
    return _reached("Redis", url.hostname, url.port or 6379)


async def _identity(name: str, checked: Awaitable[None]) -> Finding:
    part = f"sign-in with {name}"
    try:
        await checked
    except AppError as error:
        said = " ".join(str(error.__cause__ or error).split()) or type(error.__cause__).__name__
        return Finding(part, said, is_fine=False)
    return Finding(part, "answers")


async def _messengers(settings: Settings) -> list[Finding]:
    """Ask each that is set up whether it lets us in; nothing is sent."""
    findings = []
    for name, sender in messengers(settings).items():
        try:
            await sender.check()
        except (AppError, MessengerRefused) as error:
            findings.append(Finding(name, " ".join(str(error).split()), is_fine=False))
        else:
            findings.append(Finding(name, "lets us in"))
        finally:
            await sender.close()
    return findings


async def _webhook(settings: Settings) -> list[Finding]:
    """Tell whether what people say to the bot is told to us; who doesn't let us in was told."""
    bot = telegram_bot(settings)
    if bot is None:
        return []
    part, ours = "webhook of Telegram", bot.callback
    try:
        told_at = await bot.subscribed()
    except (AppError, MessengerRefused):
        return []
    finally:
        await bot.close()
    if told_at == ours:
        return [Finding(part, f"set to {ours}")]
    said = f"set to {told_at or 'nothing'}, not {ours}: run `banister telegram set-webhook`"
    return [Finding(part, said, is_fine=False)]


def _reached(part: str, host: str, port: int) -> Finding:
    try:
        with socket.create_connection((host, port), timeout=PATIENCE):
            return Finding(part, f"{host}:{port} answers")
    except OSError as error:
        return Finding(part, f"{host}:{port}: {error}", is_fine=False)


def _complete(settings: Settings, name: str, group: tuple[str, ...]) -> Finding:
    missing = [setting.upper() for setting in group if not _is_set(settings, setting)]
    if len(missing) == len(group):
        return Finding(name, "not used")
    if missing:
        return Finding(name, f"{', '.join(missing)} missing", is_fine=False)
    return Finding(name, "configured")


def _is_complete(settings: Settings, group: tuple[str, ...]) -> bool:
    return all(_is_set(settings, name) for name in group)


def _is_set(settings: Settings, name: str) -> bool:
    value = getattr(settings, name)
    return bool(value.get_secret_value() if isinstance(value, SecretStr) else value)
