"""What a template is given of a notification: words in the reader's language, and nothing else.

An event's times are told by the clock of its place, an appointment's by the provider's, and what
is nobody's but the reader's own by theirs; the zone is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.core.i18n import Locale, told, told_lead, translate
from app.domain.notifications import Facts, Kind, Notification
from app.domain.occasions import EventOccasion, Occasions

Words = Mapping[str, str | int | None]
OF_MONEY: Final = frozenset(
    {
        Kind.PAYMENT_NEEDED,
        Kind.PAYMENT_SUCCEEDED,
        Kind.PAYMENT_FAILED,
        Kind.REFUND_SUCCEEDED,
        Kind.REFUND_FAILED,
    }
)


@dataclass(frozen=True, slots=True)
class Reader:
    """In which language somebody reads, and by which clock they live."""

    locale: Locale
    timezone: str


@dataclass(frozen=True, slots=True)
class TicketWords:
    """What stands on a ticket."""

    event: EventOccasion
    attendee: str | None
    ticket_type: str


def words_of(
    notification: Notification,
    occasions: Occasions,
    reader: Reader,
    *,
    base_url: str,
    now: datetime,
    ticket: TicketWords | None = None,
) -> Words:
    """Return what there is to say; what a kind has nothing of is None."""
    facts = notification.facts
    booking, event = occasions.booking(facts.booking_id), occasions.event(facts.event_id)
    slot = occasions.slot(facts.wait_id)
    if ticket is not None:
        event = ticket.event
    what = booking or event or slot
    zone = what.timezone if what else reader.timezone
    starts_at = facts.starts_at or (what.starts_at if what else None)
    return {
        "title": what.title if what else _title(notification, reader.locale),
        "at": _told(facts.at if _is_notice(notification) else starts_at, reader.locale, zone),
        "moved_from": _told(facts.moved_from, reader.locale, zone),
        "until": _told(facts.until, reader.locale, zone),
        "lead": told_lead(max(starts_at - now, now - now), reader.locale) if starts_at else None,
        "provider": who.provider_name if (who := booking or slot) else None,
        "customer": booking.customer_name if booking else None,
        "place": what.location if what else None,
        "seats": booking.seats if booking else facts.count,
        "amount": facts.money.written(reader.locale) if facts.money else None,
        "count": facts.count,
        "notice": facts.notice,
        "reason": facts.reason,
        "text": facts.text,
        "attendee": ticket.attendee if ticket else None,
        "ticket_type": ticket.ticket_type if ticket else None,
        "link": f"{base_url}/{_path(notification.kind, facts, event)}",
    }


def _is_notice(notification: Notification) -> bool:
    return notification.kind is Kind.SECURITY_NOTICE


def _title(notification: Notification, locale: Locale) -> str | None:
    return translate("Wallet top-up", locale) if notification.kind in OF_MONEY else None


def _told(at: datetime | None, locale: Locale, zone: str) -> str | None:
    return None if at is None else told(at, locale, timezone=zone)


def _path(kind: Kind, facts: Facts, event: EventOccasion | None) -> str:
    """Return where in the front end there is more of it."""
    match kind:
        case Kind.SECURITY_NOTICE:
            return "forgot-password"
        case Kind.PAYOUT_PROPOSED | Kind.PAYOUT_PAID | Kind.PAYOUT_CANCELLED:
            return "payouts"
        case Kind.DISPUTE_BEGUN | Kind.DISPUTE_LOST | Kind.DISPUTE_WON:
            return _at("payments", facts.payment_id)
        case Kind.MESSAGE:
            return "notifications"
        case Kind.CHAT_DIGEST:
            return _at("conversations", facts.conversation_id)
        case Kind.REVIEW_RECEIVED | Kind.REVIEW_REPLIED:
            return _at("reviews", facts.review_id)
        case Kind.SEATS_OFFERED | Kind.TICKET_HANDED_OVER:
            return _at("events", event.id if event else facts.event_id)
        case Kind.SLOT_OFFERED:
            return _at("services", facts.service_id)
    return _at("bookings", facts.booking_id) if facts.booking_id else "wallet"


def _at(folder: str, id_: UUID | None) -> str:
    return folder if id_ is None else f"{folder}/{id_}"
