"""Beginning to talk: with whom somebody has business, about what is public, or with support."""

from uuid import UUID

from app.core.clock import Clock
from app.core.errors import Forbidden
from app.domain.actors import Actor
from app.domain.bookings import Booking
from app.domain.chat_messages import opening
from app.domain.conversations import (
    SUPPORT,
    Conversation,
    ConversationEntry,
    NobodyToAsk,
    Partner,
    Subject,
    Topic,
    conversation,
)
from app.domain.events import EventNotFound
from app.domain.limits import Quota
from app.domain.offerings import OfferingNotFound
from app.domain.providers import ProviderNotFound
from app.domain.sides import Side
from app.policies import bookings as booking_policy
from app.repositories.chat_blocks import ChatBlockRepository
from app.repositories.chat_partners import ChatPartnerRepository
from app.repositories.conversations import ConversationRepository
from app.services.bookings import BookingService
from app.services.chat_messages import ChatMessageService
from app.services.conversations import ConversationService
from app.services.limits import LimitService


class ChatOpeningService:
    def __init__(
        self,
        rows: ConversationRepository,
        partners: ChatPartnerRepository,
        blocks: ChatBlockRepository,
        conversations: ConversationService,
        messages: ChatMessageService,
        bookings: BookingService,
        limits: LimitService,
        clock: Clock,
    ) -> None:
        self.rows = rows
        self.partners = partners
        self.blocks = blocks
        self.conversations = conversations
        self.messages = messages
        self.bookings = bookings
        self.limits = limits
        self.clock = clock

    async def open(
        self, actor: Actor, topic: Topic, *, text: str | None
    ) -> tuple[ConversationEntry, bool]:
        """Return the conversation of these people about that, and whether it is new.

        Refused like the thing itself where the actor doesn't see it; with NobodyToAsk,
        TalkingToOneself and, where something is said in it, as `ChatMessageService.send`.
        """
        await self.limits.spend(Quota.OPENINGS, actor.user_id)
        wanted = await self._wanted(actor, topic)
        if wanted.partner_id is not None:
            await self.blocks.lock_pair(wanted.customer_id, wanted.partner_id)
        is_new = await self.rows.open(wanted)
        found = wanted if is_new else await self.rows.like(wanted)
        assert found is not None
        held, side = await self.conversations.lock(actor, found.id)
        if text is not None:
            await self.messages.add(actor, held, side, opening(text))
        return await self.conversations.entry(held, side), is_new

    async def _wanted(self, actor: Actor, topic: Topic) -> Conversation:
        if topic.subject is Subject.BOOKING:
            assert topic.id is not None
            booking = await self.bookings.get(actor, topic.id)
            partner = await self._partner_in(actor, booking)
            return conversation(topic, partner, customer_id=booking.customer_id, now=self.clock())
        partner = await self._partner_about(topic)
        return conversation(topic, partner, customer_id=actor.user_id, now=self.clock())

    async def _partner_in(self, actor: Actor, booking: Booking) -> Partner:
        """Return whom it is with; refuse who has no part in it themselves."""
        is_theirs = booking_policy.is_customer(actor, booking)
        if not (is_theirs or booking_policy.sells(actor, booking)):
            raise Forbidden("Only who booked it and whom it is with can talk about it.")
        if booking.organizer_id is not None:
            return Partner(booking.organizer_id, Side.ORGANIZER)
        assert booking.provider_id is not None
        return Partner(await self.partners.account(booking.provider_id), Side.PROVIDER)

    async def _partner_about(self, topic: Topic) -> Partner:
        if topic.subject is Subject.SUPPORT:
            return SUPPORT
        assert topic.id is not None
        if topic.subject is Subject.EVENT:
            return await self._organizer(topic.id)
        return await self._performer(topic.id, topic.provider_id)

    async def _organizer(self, event_id: UUID) -> Partner:
        found = await self.partners.organizer(event_id)
        if found is None:
            raise EventNotFound
        return _somebody(found[0], Side.ORGANIZER)

    async def _performer(self, service_id: UUID, provider_id: UUID | None) -> Partner:
        found = await self.partners.performer(service_id, provider_id)
        if found is None:
            raise OfferingNotFound
        if found[0] is None and provider_id is not None:
            raise ProviderNotFound
        return _somebody(found[0], Side.PROVIDER)


def _somebody(user_id: UUID | None, side: Side) -> Partner:
    if user_id is None:
        raise NobodyToAsk
    return Partner(user_id, side)
