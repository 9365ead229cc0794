"""What goes out to somebody by one channel: looked at as things stand at this moment."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.clock import Clock
from app.domain.notification_deliveries import Delivery, DeliveryState, Outcome
from app.domain.notification_words import Reader, TicketWords, words_of
from app.domain.notifications import Channel, Kind, Notification
from app.domain.occasions import EventOccasion
from app.domain.recipients import Recipient
from app.domain.writing import Written
from app.integrations.mail.protocol import Attachment
from app.integrations.writing.protocol import Writer
from app.repositories.notification_preferences import NotificationPreferenceRepository
from app.repositories.notifications import NotificationRepository
from app.repositories.occasions import OccasionRepository
from app.repositories.suppressions import SuppressionRepository
from app.repositories.users import UserRepository
from app.services.notification_addresses import AddressService
from app.services.notification_enclosures import EnclosureService
from app.services.notification_preferences import NotificationPreferenceService
from app.services.notification_standing import StandingService


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`key` is the same however often this is handed over, and another when staff resends it.

    `tried_at` is when it was first handed over without an answer.
    """

    channel: Channel
    address: str
    key: str
    kind: Kind
    written: Written
    attachments: tuple[Attachment, ...]
    unsubscribe: str | None
    ids: dict[str, UUID]
    link: str
    tried_at: datetime | None


class OutgoingService:
    def __init__(
        self,
        notifications: NotificationRepository,
        preferences: NotificationPreferenceRepository,
        suppressions: SuppressionRepository,
        occasions: OccasionRepository,
        users: UserRepository,
        standing: StandingService,
        enclosures: EnclosureService,
        addresses: AddressService,
        choices: NotificationPreferenceService,
        writer: Writer,
        clock: Clock,
        *,
        base_url: str,
    ) -> None:
        self.notifications = notifications
        self.preferences = preferences
        self.suppressions = suppressions
        self.occasions = occasions
        self.users = users
        self.standing = standing
        self.enclosures = enclosures
        self.addresses = addresses
        self.choices = choices
        self.writer = writer
        self.clock = clock
        self.base_url = base_url

    async def prepare(self, delivery: Delivery) -> Outgoing | Outcome:
        """Return what is to be handed over, or why not now or never.

        Papers that come with it are printed with no transaction open.
        """
        notification = await self.notifications.get(delivery.notification_id)
        if notification is None:
            return _dropped("gone")
        if notification.user_id is None:
            return await self._to_ticket_holder(delivery, notification)
        recipient = await self.preferences.recipient(notification.user_id)
        if recipient is None or not recipient.is_written_to:
            return _dropped("account not in use")
        if not recipient.preferences.allows(notification.kind, delivery.channel):
            return _dropped("not wanted")
        return await self._to_person(delivery, notification, recipient)

    async def _to_person(
        self, delivery: Delivery, notification: Notification, recipient: Recipient
    ) -> Outgoing | Outcome:
        address, now = await self.addresses.address(recipient, delivery), self.clock()
        if address is None:
            return _dropped("no address")
        if await self.suppressions.holds(delivery.channel, address):
            return Outcome(DeliveryState.SUPPRESSED, error="suppressed")
        if not await self.standing.stands(notification):
            return _dropped("not so any more")
        facts = notification.facts
        before = facts.starts_at if notification.kind is Kind.REMINDER else facts.until
        due = recipient.preferences.due(
            notification.kind, now, zone=recipient.timezone, before=before
        )
        if due > now:
            return Outcome(DeliveryState.QUEUED, error="quiet hours", due_at=due)
        reader = Reader(recipient.locale, recipient.timezone)
        return await self._written(delivery, notification, address, reader)

    async def _to_ticket_holder(
        self, delivery: Delivery, notification: Notification
    ) -> Outgoing | Outcome:
        """In the language of who booked it: of who comes nothing else is known."""
        ticket = await self.standing.ticket(notification)
        if ticket is None or ticket.attendee_email is None:
            return _dropped("not so any more")
        customer = await self.users.get(ticket.customer_id)
        if customer is None:
            return _dropped("account not in use")
        if await self.suppressions.holds(Channel.EMAIL, ticket.attendee_email):
            return Outcome(DeliveryState.SUPPRESSED, error="suppressed")
        event = EventOccasion(
            ticket.event_id,
            ticket.title,
            ticket.timezone,
            ticket.starts_at,
            ticket.location,
            ticket.event_status,
        )
        shown = TicketWords(event, ticket.attendee_name, ticket.ticket_type)
        reader = Reader(customer.locale, ticket.timezone)
        return await self._written(
            delivery, notification, ticket.attendee_email, reader, ticket=shown
        )

    async def _written(
        self,
        delivery: Delivery,
        notification: Notification,
        address: str,
        reader: Reader,
        *,
        ticket: TicketWords | None = None,
    ) -> Outgoing:
        unsubscribe: str | None = None
        attachments: tuple[Attachment, ...] = ()
        occasions = await self.occasions.of([notification])
        words = words_of(
            notification,
            occasions,
            reader,
            base_url=self.base_url,
            now=self.clock(),
            ticket=ticket,
        )
        if delivery.channel is Channel.EMAIL:
            attachments = await self.enclosures.of(notification, address, reader.locale)
            if notification.user_id is not None:
                unsubscribe = self.choices.unsubscribe_url(notification.user_id, notification.kind)
        written = self.writer.compose(
            notification.kind, delivery.channel, reader.locale, **words, unsubscribe=unsubscribe
        )
        return Outgoing(
            channel=delivery.channel,
            address=address,
            key=f"{delivery.id}/{delivery.round}",
            kind=notification.kind,
            written=written,
            attachments=attachments,
            unsubscribe=unsubscribe,
            ids={"notification_id": notification.id} | notification.facts.ids(),
            link=str(words["link"]),
            tried_at=delivery.tried_before,
        )


def _dropped(why: str) -> Outcome:
    return Outcome(DeliveryState.DROPPED, error=why)
