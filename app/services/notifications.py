"""Telling people something: once, by the channels they want, at an hour that suits them."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.i18n import Locale
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.accounts import UserNotFound
from app.domain.actors import Actor
from app.domain.notification_deliveries import DeliveryDue, queued
from app.domain.notification_words import Reader, words_of
from app.domain.notifications import (
    NOTHING,
    Channel,
    Facts,
    Inbox,
    Kind,
    Notification,
    NotificationFilter,
    NotificationNotFound,
    NotificationSort,
    ShownNotification,
    Unreachable,
    made,
    own,
)
from app.domain.occasions import Occasions
from app.domain.realtime import FrameType
from app.domain.recipients import Recipient
from app.integrations.writing.protocol import Writer
from app.policies import notifications as policy
from app.repositories.jobs import JobRepository
from app.repositories.notification_deliveries import NotificationDeliveryRepository
from app.repositories.notification_preferences import NotificationPreferenceRepository
from app.repositories.notifications import NotificationRepository
from app.repositories.occasions import OccasionRepository
from app.services.audit import AuditService
from app.services.notification_addresses import AddressService
from app.services.realtime import RealtimeService

KEPT_FOR: Final = timedelta(days=180)
BATCH: Final = 500
OUTSIDE: Final = (Channel.EMAIL, Channel.SMS, Channel.PUSH, Channel.TELEGRAM)


class NotificationService:
    def __init__(
        self,
        notifications: NotificationRepository,
        deliveries: NotificationDeliveryRepository,
        preferences: NotificationPreferenceRepository,
        occasions: OccasionRepository,
        addresses: AddressService,
        realtime: RealtimeService,
        jobs: JobRepository,
        audit: AuditService,
        writer: Writer,
        clock: Clock,
        *,
        base_url: str,
    ) -> None:
        self.notifications = notifications
        self.deliveries = deliveries
        self.preferences = preferences
        self.occasions = occasions
        self.addresses = addresses
        self.realtime = realtime
        self.jobs = jobs
        self.audit = audit
        self.writer = writer
        self.clock = clock
        self.base_url = base_url

    async def tell(
        self,
        kind: Kind,
        user_id: UUID,
        *,
        key: str,
        facts: Facts = NOTHING,
        by: Channel | None = None,
    ) -> Notification | None:
        """Tell somebody, once this transaction commits, by all channels they want it by.

        `key` stands for the fact: what was told under the same key is not told again, and None is
        returned, as it is where nobody is to be told. With `by`, that channel alone is used.
        """
        recipient = await self.preferences.recipient(user_id)
        if recipient is None or not recipient.is_written_to:
            return None
        shown = by in (None, Channel.IN_APP) and recipient.preferences.allows(kind, Channel.IN_APP)
        told = made(kind, user_id, key=key, facts=facts, is_shown=shown, now=self.clock())
        if not await self.notifications.add(told):
            return None
        for channel in OUTSIDE if by is None else {by} & {*OUTSIDE}:
            if recipient.preferences.allows(kind, channel):
                for target in await self.addresses.targets(recipient, channel):
                    await self._queue(told, channel, recipient, target_id=target.id)
        if shown:
            await self._publish(told, recipient)
        return told

    async def tell_ticket_holder(self, *, key: str, facts: Facts) -> None:
        """Tell who comes with a ticket, of whom nothing is known but the address in it."""
        now = self.clock()
        told = made(Kind.TICKET_HANDED_OVER, None, key=key, facts=facts, is_shown=False, now=now)
        if await self.notifications.add(told):
            await self._queue(told, Channel.EMAIL, None)

    async def send(self, actor: Actor, user_id: UUID, text: str, channel: Channel) -> Notification:
        """Tell somebody something in words of one's own, by one channel.

        Refused with UserNotFound, and with Unreachable where they have no such address, or don't
        want to be told that way.
        """
        policy.ensure_can_manage(actor)
        recipient = await self.preferences.recipient(user_id)
        if recipient is None or recipient.erased_at is not None:
            raise UserNotFound
        is_there = channel is Channel.IN_APP or await self.addresses.targets(recipient, channel)
        wanted = recipient.preferences.allows(Kind.MESSAGE, channel)
        facts, key = Facts(text=text), f"message/{new_id()}"
        told = None
        if is_there and wanted:
            told = await self.tell(Kind.MESSAGE, user_id, key=key, facts=facts, by=channel)
        if told is None:
            raise Unreachable
        await self.audit.note(actor, "notification.sent", ("user", user_id))
        return told

    async def inbox(
        self,
        actor: Actor,
        wanted: NotificationFilter,
        request: PageRequest[NotificationSort],
        *,
        locale: Locale | None,
    ) -> Inbox:
        """Return one's own notifications, in that language or else in that of one's account."""
        page = await self.notifications.matching(own(wanted, actor.user_id), request)
        shown, unread = await self._shown(actor.user_id, page.items, locale)
        return Inbox(Page(shown, page.next_cursor, page.total), unread)

    async def read(
        self, actor: Actor, notification_id: UUID, *, locale: Locale | None
    ) -> ShownNotification:
        """Note that one was read; refuse with NotificationNotFound what is not one's own."""
        read = await self.notifications.read(actor.user_id, notification_id, now=self.clock())
        if read is None:
            raise NotificationNotFound
        [shown], _ = await self._shown(actor.user_id, [read], locale)
        return shown

    async def read_all(self, actor: Actor) -> None:
        await self.notifications.read_all(actor.user_id, now=self.clock())

    async def forget_old(self) -> int:
        """Delete some that are long past; return how many, 0 when there are none."""
        return await self.notifications.forget(before=self.clock() - KEPT_FOR, most=BATCH)

    async def _queue(
        self,
        told: Notification,
        channel: Channel,
        recipient: Recipient | None,
        *,
        target_id: UUID | None = None,
    ) -> None:
        now = told.created_at
        due = now
        if recipient is not None:
            before = told.facts.starts_at if told.kind is Kind.REMINDER else told.facts.until
            due = recipient.preferences.due(told.kind, now, zone=recipient.timezone, before=before)
        delivery = queued(told.id, channel, due_at=due, now=now, target_id=target_id)
        await self.deliveries.add(delivery)
        after = due - now if due > now else None
        await self.jobs.announce(DeliveryDue(delivery.id), after=after)

    async def _publish(self, told: Notification, recipient: Recipient) -> None:
        """Show it at once to who is there: the same as their inbox does, in their language."""
        occasions = await self.occasions.of([told])
        shown = self._in_words(told, occasions, Reader(recipient.locale, recipient.timezone))
        data = {
            "id": told.id,
            "kind": told.kind,
            "title": shown.title,
            "text": shown.text,
            "data": told.facts.ids(),
            "read_at": told.read_at,
            "created_at": told.created_at,
        }
        await self.realtime.publish(FrameType.NOTIFICATION, data, to=[recipient.id])

    async def _shown(
        self, user_id: UUID, found: Sequence[Notification], locale: Locale | None
    ) -> tuple[list[ShownNotification], int]:
        """Return them in words, and how many of all are unread."""
        inbox = await self.notifications.inbox(user_id)
        assert inbox is not None  # they are signed in
        occasions = await self.occasions.of(found)
        reader = Reader(locale or inbox.locale, inbox.timezone)
        return [self._in_words(one, occasions, reader) for one in found], inbox.unread

    def _in_words(
        self, one: Notification, occasions: Occasions, reader: Reader
    ) -> ShownNotification:
        words = words_of(one, occasions, reader, base_url=self.base_url, now=one.created_at)
        written = self.writer.compose(one.kind, Channel.IN_APP, reader.locale, **words)
        return ShownNotification(one, written.subject, written.text.strip())
