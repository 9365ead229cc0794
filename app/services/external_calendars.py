"""Calendars elsewhere: whose events keep a provider busy, as far as they could be read."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.database import Checkpoint
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.core.periods import Period
from app.domain.actors import Actor
from app.domain.audit import PERSONAL
from app.domain.external_calendars import (
    LARGEST,
    LONGEST_FAILURE,
    MOST_CALENDARS,
    CalendarRefreshWanted,
    ExternalCalendar,
    ExternalCalendarFilter,
    ExternalCalendarNotFound,
    ExternalCalendarSort,
    TooManyCalendars,
    ahead,
)
from app.domain.providers import Provider, ProviderNotFound
from app.integrations.calendars.protocol import Calendars, UnreadableCalendar
from app.integrations.callouts.protocol import CalloutFailed, Callouts, Fetched
from app.policies import providers as policy
from app.repositories.external_calendars import ExternalCalendarRepository
from app.repositories.jobs import JobRepository
from app.repositories.providers import ProviderRepository
from app.services.audit import AuditService

A_BATCH: Final = 500
FIRST: Final = UUID(int=0)
ACCEPT: Final = "text/calendar, */*;q=0.1"
HIDDEN: Final = PERSONAL | {"url", "etag"}


class ExternalCalendarService:
    def __init__(
        self,
        calendars: ExternalCalendarRepository,
        providers: ProviderRepository,
        jobs: JobRepository,
        audit: AuditService,
        callouts: Callouts,
        files: Calendars,
        checkpoint: Checkpoint,
        clock: Clock,
    ) -> None:
        self.calendars = calendars
        self.providers = providers
        self.jobs = jobs
        self.audit = audit
        self.callouts = callouts
        self.files = files
        self.checkpoint = checkpoint
        self.clock = clock

    async def add(
        self, actor: Actor, provider_id: UUID, *, name: str, url: str
    ) -> ExternalCalendar:
        """Have a calendar keep the provider busy, as soon as it was read."""
        _ensure_theirs(actor, await self.providers.lock(provider_id))
        calendar = ExternalCalendar(
            id=new_id(),
            provider_id=provider_id,
            name=name,
            url=self.callouts.checked(url),
            etag=None,
            created_at=self.clock(),
            fetched_at=None,
            failed_at=None,
            failure=None,
        )
        if await self.calendars.count(provider_id) >= MOST_CALENDARS:
            raise TooManyCalendars
        await self.calendars.add(calendar)
        await self._want(calendar.id)
        await self._note(actor, "calendar.added", calendar.id, after=calendar)
        return _shown(actor, calendar)

    async def list(
        self, actor: Actor, provider_id: UUID, request: PageRequest[ExternalCalendarSort]
    ) -> Page[ExternalCalendar]:
        _ensure_theirs(actor, await self.providers.get(provider_id))
        page = await self.calendars.matching(ExternalCalendarFilter(provider_id), request)
        shown = [_shown(actor, calendar) for calendar in page.items]
        return Page(shown, page.next_cursor, page.total)

    async def remove(self, actor: Actor, provider_id: UUID, calendar_id: UUID) -> None:
        """Delete it; what it kept busy is free again."""
        calendar = await self._locked(actor, provider_id, calendar_id)
        await self.calendars.remove(calendar)
        await self._note(actor, "calendar.deleted", calendar_id, before=calendar)

    async def refresh(self, actor: Actor, provider_id: UUID, calendar_id: UUID) -> None:
        """Have it read anew by the worker, whether or not it says that it has changed."""
        await self._locked(actor, provider_id, calendar_id)
        await self.calendars.forget_etag(calendar_id)
        await self._want(calendar_id)

    async def refresh_all(self) -> None:
        """Have all of them asked whether they have changed."""
        after = FIRST
        while some := await self.calendars.some(after=after, most=A_BATCH):
            for calendar_id in some:
                await self._want(calendar_id)
            after = some[-1]

    async def read(self, calendar_id: UUID) -> None:
        """Read it and let it keep its provider busy; if that fails, what was known holds on.

        No transaction is open meanwhile.
        """
        calendar = await self.calendars.get(calendar_id)
        zone = await self.calendars.zone(calendar.provider_id) if calendar else None
        if calendar is None or zone is None:
            return
        await self.checkpoint()
        try:
            fetched = await self._fetch(calendar)
            busy = await self._busy(fetched, zone) if fetched else None
        except (CalloutFailed, UnreadableCalendar) as failure:
            why = str(failure)[:LONGEST_FAILURE]
            await self.calendars.note_failure(calendar_id, why=why, now=self.clock())
            return
        await self._keep(calendar, fetched, busy)

    async def _fetch(self, calendar: ExternalCalendar) -> Fetched | None:
        known = calendar.known(self.clock())
        return await self.callouts.fetch(calendar.url, accept=ACCEPT, most=LARGEST, etag=known)

    async def _busy(self, fetched: Fetched, zone: str) -> Sequence[Period]:
        since, until = ahead(self.clock())
        return await self.files.busy(fetched.content, zone=zone, since=since, until=until)

    async def _keep(
        self, calendar: ExternalCalendar, fetched: Fetched | None, busy: Sequence[Period] | None
    ) -> None:
        """Write down what was read; hours that did not change are left alone.

        The provider is locked before the calendar, as whoever deletes it does.
        """
        if busy is not None and busy != await self.calendars.busy(calendar.id):
            await self.providers.lock(calendar.provider_id)
            if await self.calendars.lock(calendar.id) is None:
                return  # deleted meanwhile
            await self.calendars.replace(calendar, busy)
        etag = fetched.etag if fetched else calendar.etag
        await self.calendars.note_read(calendar.id, etag=etag, now=self.clock())

    async def _locked(self, actor: Actor, provider_id: UUID, calendar_id: UUID) -> ExternalCalendar:
        _ensure_theirs(actor, await self.providers.lock(provider_id))
        calendar = await self.calendars.lock(calendar_id)
        if calendar is None or calendar.provider_id != provider_id:
            raise ExternalCalendarNotFound
        return calendar

    async def _want(self, calendar_id: UUID) -> None:
        """Announce it, unless it is about to be read already."""
        wanted = CalendarRefreshWanted(calendar_id)
        await self.jobs.announce(wanted, dedupe=f"calendar {calendar_id}")

    async def _note(
        self,
        actor: Actor,
        action: str,
        calendar_id: UUID,
        *,
        before: ExternalCalendar | None = None,
        after: ExternalCalendar | None = None,
    ) -> None:
        target = ("calendar", calendar_id)
        await self.audit.note(actor, action, target, before=before, after=after, personal=HIDDEN)


def _ensure_theirs(actor: Actor, provider: Provider | None) -> None:
    if provider is None or not policy.can_see(actor, provider):
        raise ProviderNotFound
    policy.ensure_can_set_hours(actor, provider)


def _shown(actor: Actor, calendar: ExternalCalendar) -> ExternalCalendar:
    """Return it as the actor may see it: the whole address is the provider's own business."""
    if actor.provider_id == calendar.provider_id:
        return calendar
    return replace(calendar, url=calendar.masked_url)
