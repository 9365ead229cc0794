"""What somebody wants to be told, as the API shows and takes it."""

from typing import Annotated

from pydantic import Field, model_validator
from typing_extensions import TypedDict

from app.domain.actors import Actor
from app.domain.notification_preferences import NotificationPreferences, QuietHours, is_required
from app.domain.notifications import Channel, Kind
from app.schemas.base import ABSENT, Flag, Request

CLOCK: str = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
Clock = Annotated[str, Field(pattern=CLOCK, examples=["22:00"])]


class QuietHoursGiven(Request):
    """Wall time in the zone of one's account; an end before the start is on the next day."""

    start: Clock
    end: Annotated[Clock, Field(examples=["08:00"])]

    @model_validator(mode="after")
    def _last_less_than_a_day(self) -> "QuietHoursGiven":
        if self.start == self.end:
            raise ValueError("Quiet hours end at another time than they start.")
        return self


class ChannelsGiven(Request):
    email: Flag = ABSENT
    sms: Flag = ABSENT
    push: Flag = ABSENT
    telegram: Flag = ABSENT
    in_app: Flag = ABSENT

    def chosen(self) -> dict[str, bool]:
        return {name: getattr(self, name) for name in sorted(self.model_fields_set)}


class NotificationPreferencesPut(Request):
    """All there is to choose; what is left out, is as usual."""

    kinds: Annotated[
        dict[Kind, ChannelsGiven],
        Field(examples=[{"reminder": {"sms": True}}]),
    ] = Field(default_factory=dict)
    quiet_hours: QuietHoursGiven | None = None
    """When nothing but what is urgent is told."""

    def wanted(self, actor: Actor) -> NotificationPreferences:
        quiet = self.quiet_hours
        choices = {str(kind): channels.chosen() for kind, channels in self.kinds.items()}
        return NotificationPreferences(
            actor.user_id,
            choices,
            _minute(quiet.start) if quiet else None,
            _minute(quiet.end) if quiet else None,
        )


class QuietHoursRead(TypedDict):
    start: Annotated[str, Field(examples=["22:00"])]
    end: Annotated[str, Field(examples=["08:00"])]


class ChannelsRead(TypedDict):
    email: Annotated[bool, Field(examples=[True])]
    sms: Annotated[bool, Field(examples=[False])]
    push: Annotated[bool, Field(examples=[True])]
    telegram: Annotated[bool, Field(examples=[True])]
    in_app: Annotated[bool, Field(examples=[True])]
    required: Annotated[
        list[Channel],
        Field(description="Channels that can't be switched off.", examples=[["email"]]),
    ]


class NotificationPreferencesRead(TypedDict):
    kinds: Annotated[
        dict[str, ChannelsRead],
        Field(
            examples=[
                {
                    "reminder": {
                        "email": True,
                        "sms": False,
                        "push": True,
                        "telegram": True,
                        "in_app": True,
                        "required": [],
                    }
                }
            ]
        ),
    ]
    quiet_hours: Annotated[QuietHoursRead | None, Field(examples=[None])]


def preferences_read(preferences: NotificationPreferences) -> NotificationPreferencesRead:
    return {
        "kinds": {str(kind): _channels(preferences, kind) for kind in Kind},
        "quiet_hours": _quiet(preferences.quiet_hours),
    }


def _quiet(hours: QuietHours | None) -> QuietHoursRead | None:
    return None if hours is None else {"start": _clock(hours.start), "end": _clock(hours.end)}


def _channels(preferences: NotificationPreferences, kind: Kind) -> ChannelsRead:
    return {
        "email": preferences.allows(kind, Channel.EMAIL),
        "sms": preferences.allows(kind, Channel.SMS),
        "push": preferences.allows(kind, Channel.PUSH),
        "telegram": preferences.allows(kind, Channel.TELEGRAM),
        "in_app": preferences.allows(kind, Channel.IN_APP),
        "required": [channel for channel in Channel if is_required(kind, channel)],
    }


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
