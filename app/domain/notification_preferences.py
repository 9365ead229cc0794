"""What somebody wants to be told, by which channel, and at which hours not."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.core.errors import Invalid, NotFound
from app.domain.notifications import Channel, Kind

DAY: Final = 24 * 60
MINUTE: Final = timedelta(minutes=1)
LONGEST_NIGHT: Final = 3 * DAY
"""Minutes that are looked at: no quiet hours are longer than a day, whatever the clocks do."""

OF_MONEY: Final = frozenset(
    {
        Kind.PAYMENT_NEEDED,
        Kind.PAYMENT_SUCCEEDED,
        Kind.PAYMENT_FAILED,
        Kind.REFUND_SUCCEEDED,
        Kind.REFUND_FAILED,
        Kind.PAYOUT_PROPOSED,
        Kind.PAYOUT_PAID,
        Kind.PAYOUT_CANCELLED,
        Kind.DISPUTE_BEGUN,
        Kind.DISPUTE_LOST,
        Kind.DISPUTE_WON,
        Kind.REST_DUE,
        Kind.FEE_OWED,
    }
)
OF_BOOKING: Final = frozenset(
    {
        Kind.BOOKING_CONFIRMED,
        Kind.BOOKING_APPROVED,
        Kind.BOOKING_DECLINED,
        Kind.BOOKING_MOVED,
        Kind.BOOKING_REDUCED,
        Kind.BOOKING_CANCELLED,
        Kind.EVENT_MOVED,
        Kind.EVENT_CANCELLED,
        Kind.TICKET_HANDED_OVER,
    }
)
OFFERS: Final = frozenset({Kind.SEATS_OFFERED, Kind.SLOT_OFFERED})
# Whoever has an account gets these letters: without them they would not know what they owe, what
# they own, or that somebody else is in it.
REQUIRED: Final = OF_MONEY | OF_BOOKING | OFFERS | {Kind.SECURITY_NOTICE, Kind.MESSAGE}
# What is worth nothing any more once the night is over.
URGENT: Final = OFFERS | {Kind.SECURITY_NOTICE, Kind.PAYMENT_NEEDED}
# A text message costs somebody money, so nobody gets one who didn't ask for it. What is unread of
# a conversation stands in the conversation.
OFF_BY_DEFAULT: Final = frozenset(
    {*((kind, Channel.SMS) for kind in Kind), (Kind.CHAT_DIGEST, Channel.IN_APP)}
)
Choices = Mapping[str, Mapping[str, bool]]


class CannotBeSwitchedOff(Invalid):
    """Letters of this kind can't be switched off."""

    pointer = "#/kinds"


class UnsubscribeTokenInvalid(NotFound):
    """This link does not stop any letters."""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Minutes after local midnight, half open; an end before the start is on the next day."""

    start: int
    end: int

    def holds(self, at: datetime, zone: str) -> bool:
        """Tell whether it is quiet at that instant, by the clock of the zone."""
        local = at.astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    def over(self, at: datetime, zone: str) -> datetime:
        """Return the first instant from then on when it isn't quiet: `at` itself, or a minute."""
        if not self.holds(at, zone):
            return at
        end = at.replace(second=0, microsecond=0)
        for _ in range(LONGEST_NIGHT):  # minute by minute, so that no change of clocks is missed
            end += MINUTE
            if not self.holds(end, zone):
                return end
        return at


@dataclass(frozen=True, slots=True)
class NotificationPreferences:
    """`choices` holds what somebody chose: kind by channel; what they did not, is as usual."""

    user_id: UUID
    choices: Choices
    quiet_start: int | None
    quiet_end: int | None

    @property
    def quiet_hours(self) -> QuietHours | None:
        if self.quiet_start is None or self.quiet_end is None:
            return None
        return QuietHours(self.quiet_start, self.quiet_end)

    def allows(self, kind: Kind, channel: Channel) -> bool:
        if is_required(kind, channel):
            return True
        usual = (kind, channel) not in OFF_BY_DEFAULT
        return self.choices.get(kind, {}).get(channel, usual)

    def without(self, kind: Kind, channel: Channel) -> "NotificationPreferences":
        """Return them with one thing switched off."""
        channels = {**self.choices.get(kind, {}), channel: False}
        return replace(self, choices={**self.choices, kind: channels})

    def due(self, kind: Kind, now: datetime, *, zone: str, before: datetime | None) -> datetime:
        """Return when to tell it: now, or when their quiet hours are over.

        What has to be told `before` something is told now, if it would be too late then.
        """
        if kind in URGENT or self.quiet_hours is None:
            return now
        later = self.quiet_hours.over(now, zone)
        return now if before is not None and later >= before else later


def is_required(kind: Kind, channel: Channel) -> bool:
    """Tell whether nobody can switch it off."""
    return channel is Channel.EMAIL and kind in REQUIRED


def usual(user_id: UUID) -> NotificationPreferences:
    """Return the preferences of somebody who has not chosen anything."""
    return NotificationPreferences(user_id, {}, None, None)


def ensure_choosable(choices: Choices) -> None:
    """Refuse with CannotBeSwitchedOff letters that everybody gets."""
    for kind, channels in choices.items():
        for channel, is_wanted in channels.items():
            if not is_wanted and is_required(Kind(kind), Channel(channel)):
                raise CannotBeSwitchedOff
