"""What people are told, to be looked at before anybody is."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from app.core.clock import Clock
from app.core.i18n import Locale
from app.core.ids import named_id
from app.domain.actors import Actor
from app.domain.bookings import BookingKind, BookingStatus, PaymentStatus
from app.domain.events import EventStatus
from app.domain.notices import NoticeKind
from app.domain.notification_preferences import is_required
from app.domain.notification_words import Reader, TicketWords, words_of
from app.domain.notifications import Channel, Facts, Kind, made
from app.domain.occasions import BookingOccasion, EventOccasion, Occasions, SlotOccasion
from app.domain.writing import Written
from app.integrations.writing.protocol import Writer
from app.policies import notifications as policy

SOMETHING: Final = named_id("a notification that is looked at")


class NotificationTemplateService:
    def __init__(self, writer: Writer, clock: Clock, *, base_url: str) -> None:
        self.writer = writer
        self.clock = clock
        self.base_url = base_url

    def list(self, actor: Actor) -> Sequence[Kind]:
        policy.ensure_can_manage(actor)
        return list(Kind)

    def preview(self, actor: Actor, kind: Kind, channel: Channel, locale: Locale) -> Written:
        """Return what somebody would be told, of a booking that doesn't exist."""
        policy.ensure_can_manage(actor)
        now = self.clock()
        told = made(kind, SOMETHING, key="", facts=_facts(kind, now), is_shown=True, now=now)
        words = words_of(
            told,
            _occasions(now),
            Reader(locale, "Europe/Berlin"),
            base_url=self.base_url,
            now=now,
            ticket=_ticket(now) if kind is Kind.TICKET_HANDED_OVER else None,
        )
        can_stop = channel is Channel.EMAIL and not is_required(kind, channel)
        unsubscribe = f"{self.base_url}/api/v1/unsubscribe/..." if can_stop else None
        return self.writer.compose(kind, channel, locale, **words, unsubscribe=unsubscribe)


def _facts(kind: Kind, now: datetime) -> Facts:
    is_of_event, is_of_slot = kind is Kind.SEATS_OFFERED, kind is Kind.SLOT_OFFERED
    return Facts(
        booking_id=None if is_of_event or is_of_slot else SOMETHING,
        service_id=SOMETHING if is_of_slot else None,
        wait_id=SOMETHING if is_of_slot else None,
        event_id=SOMETHING if is_of_event else None,
        entry_id=SOMETHING if is_of_event else None,
        starts_at=_soon(now),
        moved_from=_soon(now) - timedelta(days=1),
        until=now + timedelta(minutes=15),
        at=now,
        amount=4500,
        currency="EUR",
        count=2,
        reason="fraudulent",
        notice=NoticeKind.MFA_ON,
        text="Juniper & Linden",
    )


def _soon(now: datetime) -> datetime:
    return now + timedelta(days=1)


def _occasions(now: datetime) -> Occasions:
    booking = BookingOccasion(
        id=SOMETHING,
        kind=BookingKind.APPOINTMENT,
        status=BookingStatus.CONFIRMED,
        title="Haircut",
        timezone="Europe/Berlin",
        starts_at=_soon(now),
        ends_at=_soon(now) + timedelta(hours=1),
        seats=2,
        sequence=0,
        hold_expires_at=now + timedelta(minutes=15),
        price_amount=4500,
        price_currency="EUR",
        payment_status=PaymentStatus.UNPAID,
        cancelled_by=None,
        customer_id=SOMETHING,
        customer_name="Ada Lovelace",
        provider_name="Mara Linden",
        location="1 Church Square, Berlin",
        seller_id=SOMETHING,
        event_status=None,
        granted_by=None,
        is_request=False,
        is_authorized=False,
        is_authorized_first=False,
    )
    return Occasions({SOMETHING: booking}, {SOMETHING: _event(now)}, {SOMETHING: _slot(now)})


def _slot(now: datetime) -> SlotOccasion:
    return SlotOccasion(
        id=SOMETHING,
        title="Haircut",
        timezone="Europe/Berlin",
        starts_at=_soon(now),
        provider_name="Mara Linden",
        location="1 Church Square, Berlin",
    )


def _event(now: datetime) -> EventOccasion:
    return EventOccasion(
        id=SOMETHING,
        title="An evening of songs",
        timezone="Europe/Berlin",
        starts_at=_soon(now),
        location="1 Church Square, Berlin",
        status=EventStatus.PUBLISHED,
    )


def _ticket(now: datetime) -> TicketWords:
    return TicketWords(_event(now), "Ada Lovelace", "Balcony")
