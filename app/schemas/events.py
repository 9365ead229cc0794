"""Events as the API shows them."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Final, Literal, NotRequired
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from typing_extensions import TypedDict

from app.core.listing import PageRequest
from app.domain.captures import CaptureMode
from app.domain.deposits import deposit_of
from app.domain.event_changes import DEFAULTS, USUAL_LENGTH, CancellationProgress
from app.domain.events import EventEntry, EventFilter, EventItem, EventSort, EventStatus
from app.domain.fees import no_show_fee_of
from app.domain.places import FARTHEST_KM, NEAR_KM
from app.domain.ticket_types import MOST
from app.schemas.base import (
    ABSENT,
    Id,
    Instant,
    Line,
    Money,
    MoneyGiven,
    Request,
    SearchQuery,
    Text,
    Whole,
    Zone,
    changes,
)
from app.schemas.bookings import CancellationPolicyRead
from app.schemas.deposits import DepositGiven, DepositRead, deposit_fields, deposit_read
from app.schemas.fees import no_show_fee_read
from app.schemas.offerings import (
    CancellationPolicyGiven,
    CategoryGiven,
    Reminders,
    ServiceCategoryRead,
    Tags,
    id_or_slug,
    policy_fields,
)
from app.schemas.photos import photo_url
from app.schemas.providers import NearGiven
from app.schemas.tags import Tag
from app.schemas.ticket_types import TicketTypeGiven, TicketTypeRead, ticket_type_read

SOME_ID = "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e"
SOME_TIME = "2030-01-31T17:00:00Z"
SOME_URL = "https://meet.example.com/songs"
SOME_PLACE = "1 Church Square, Berlin"


def _web_address(value: str) -> str:
    parts = urlsplit(value)  # refuses, with a ValueError, what is no address at all
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or " " in value:
        raise ValueError("Give an address that begins with https:// or http://.")
    return value


Title = Annotated[Line, Field(min_length=1, max_length=150, examples=["An evening of songs"])]
Description = Annotated[Text, Field(max_length=10_000, examples=["Bring your own voice."])]
Location = Annotated[Line, Field(min_length=1, max_length=300, examples=[SOME_PLACE])]
Url = Annotated[
    Line, Field(min_length=8, max_length=2000, examples=[SOME_URL]), AfterValidator(_web_address)
]
Latitude = Annotated[
    float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False, examples=[52.52])
]
Longitude = Annotated[
    float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False, examples=[13.405])
]
Participants = Annotated[Whole, Field(ge=1, le=1_000_000, examples=[50])]
Given = dict[str, Any]
Wanted = Literal[EventStatus.DRAFT, EventStatus.PUBLISHED, EventStatus.CANCELLED]
WITH_TYPES: Final = ("price", "ticket_types")


class EventUpdate(Request):
    """What is left out stays as it is."""

    title: Title = ABSENT
    description: Description | None = ABSENT
    category_id: Id | None = ABSENT
    tags: Tags = ABSENT
    """Kept in lower case, each once."""
    starts_at: Instant = ABSENT
    ends_at: Instant = ABSENT
    """At most 31 days later; left out where the start is changed, it takes as long as before."""
    timezone: Zone = ABSENT
    location: Location | None = ABSENT
    """Needed where there is no `online_url`."""
    latitude: Latitude | None = ABSENT
    longitude: Longitude | None = ABSENT
    online_url: Url | None = ABSENT
    """Told to those alone who booked."""
    max_participants: Participants = ABSENT
    price: MoneyGiven = ABSENT
    """Of its only ticket type; where there are several, each has its own."""
    ticket_types: Annotated[list[TicketTypeGiven], Field(min_length=1, max_length=MOST)] = ABSENT
    """All there are to be: what is not named is deleted, unless it was ever sold."""
    cancellation_policy: CancellationPolicyGiven = ABSENT
    reminder_minutes: Reminders = ABSENT
    """How long before the start who booked is reminded; none: not at all."""
    deposit: DepositGiven | None = ABSENT
    """What is paid at once, of each booking that costs anything."""
    capture: CaptureMode = ABSENT
    """`manual`: a card is charged when a request is granted or at the visit, not when booked."""
    status: Wanted = ABSENT

    def fields(self) -> Given:
        """Return what is given, by the names of the domain; ticket types are `sold_as`."""
        given = changes(self)
        if "cancellation_policy" in given:
            given |= policy_fields(given.pop("cancellation_policy"))
        if "deposit" in given:
            given |= deposit_fields(given.pop("deposit"))
        return {name: value for name, value in given.items() if name not in WITH_TYPES}

    def sold_as(self) -> Given:
        """Return the price and the ticket types, as far as they are given."""
        given: Given = {}
        if "price" in self.model_fields_set:
            given["price"] = self.price.value()
        if "ticket_types" in self.model_fields_set:
            given["ticket_types"] = [one.fields() for one in self.ticket_types]
        return given


class EventPut(EventUpdate):
    """What is left out takes its default; its ticket types and its status stay as they are."""

    title: Title
    starts_at: Instant
    timezone: Zone
    max_participants: Participants

    def fields(self) -> Given:
        given = super().fields()
        return {**DEFAULTS, "ends_at": given["starts_at"] + USUAL_LENGTH, **given}


class EventCreate(EventPut):
    """What is left out takes its default.

    Two hours long, free cancellation, reminders a day and two hours before, published; and without
    ticket types there is one, at the price or free, for all participants.
    """

    def fields(self) -> Given:
        return EventUpdate.fields(self)


class CancelEvent(Request):
    reason: Annotated[Text, Field(max_length=500, examples=["The singer is ill."])] | None = None
    """Told to everybody who booked."""


class WaitlistRead(TypedDict):
    waiting: Annotated[int, Field(examples=[0])]


class EventRead(TypedDict):
    id: Annotated[UUID, Field(examples=[SOME_ID])]
    organizer_id: Annotated[UUID, Field(examples=[SOME_ID])]
    title: Annotated[str, Field(examples=["An evening of songs"])]
    description: Annotated[str | None, Field(examples=["Bring your own voice."])]
    category: ServiceCategoryRead | None
    category_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    tags: Annotated[list[str], Field(examples=[["music"]])]
    starts_at: Annotated[datetime, Field(examples=[SOME_TIME])]
    ends_at: Annotated[datetime, Field(examples=["2030-01-31T19:00:00Z"])]
    timezone: Annotated[str, Field(examples=["Europe/Berlin"])]
    location: Annotated[str | None, Field(examples=[SOME_PLACE])]
    latitude: Annotated[float | None, Field(examples=[52.52])]
    longitude: Annotated[float | None, Field(examples=[13.405])]
    online_url: Annotated[str | None, Field(examples=[None])]
    cover_url: Annotated[str | None, Field(examples=[None])]
    max_participants: Annotated[int, Field(examples=[50])]
    seats_taken: Annotated[int, Field(examples=[12])]
    seats_available: Annotated[int, Field(examples=[38])]
    price_from: Money
    cancellation_policy: CancellationPolicyRead
    reminder_minutes: Annotated[list[int], Field(examples=[[1440, 120]])]
    deposit: DepositRead | None
    capture: CaptureMode
    status: EventStatus
    waitlist: WaitlistRead
    created_at: Annotated[datetime, Field(examples=[SOME_TIME])]
    updated_at: Annotated[datetime, Field(examples=[SOME_TIME])]
    distance_km: NotRequired[Annotated[float, Field(examples=[1.25])]]
    """How far away, in a list of what is near a place."""


class EventDetailRead(EventRead):
    """An event by itself: also with what its seats are sold as."""

    cancelled_at: Annotated[datetime | None, Field(examples=[None])]
    cancel_reason: Annotated[str | None, Field(examples=[None])]
    ticket_types: list[TicketTypeRead]


class EventCancellationRead(TypedDict):
    """How far its bookings are cancelled; `finished_at` once all are."""

    total: Annotated[int, Field(examples=[50])]
    cancelled: Annotated[int, Field(examples=[38])]
    remaining: Annotated[int, Field(examples=[12])]
    started_at: Annotated[datetime, Field(examples=[SOME_TIME])]
    finished_at: Annotated[datetime | None, Field(examples=[None])]


def event_read(event: EventEntry | EventItem) -> EventRead:
    taken = event.taken - event.lapsed
    deposit = deposit_of(event.deposit_percent, event.deposit_amount, event.deposit_rest)
    return {
        "id": event.id,
        "organizer_id": event.organizer_id,
        "title": event.title,
        "description": event.description,
        "category": _category_read(event),
        "category_id": event.category_id,
        "tags": event.tags,
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "timezone": event.timezone,
        "location": event.location,
        "latitude": event.latitude,
        "longitude": event.longitude,
        "online_url": event.online_url,
        "cover_url": photo_url(event.cover_id),
        "max_participants": event.max_participants,
        "seats_taken": taken,
        "seats_available": 0 if event.waiting else event.capacity - taken,
        "price_from": {"amount": event.price_amount, "currency": event.price_currency},
        "cancellation_policy": {
            "free_until_minutes": event.free_until_minutes,
            "late_fee_percent": event.late_fee_percent,
            "no_show_fee": no_show_fee_read(
                no_show_fee_of(event.no_show_fee_percent, event.no_show_fee_amount),
                event.price_currency,
            ),
        },
        "reminder_minutes": event.reminder_minutes,
        "deposit": deposit_read(deposit, event.price_currency),
        "capture": event.capture,
        "status": event.status,
        "waitlist": {"waiting": event.waiting},
        "created_at": event.created_at,
        "updated_at": event.updated_at,
    }


def event_entry_read(event: EventEntry) -> EventRead:
    shown = event_read(event)
    if event.distance_km is not None:
        shown["distance_km"] = round(event.distance_km, 2)
    return shown


def event_detail_read(event: EventItem) -> EventDetailRead:
    return {
        **event_read(event),
        "cancelled_at": event.cancelled_at,
        "cancel_reason": event.cancel_reason,
        "ticket_types": [
            ticket_type_read(replace(one, capacity=one.capacity or event.max_participants))
            for one in event.ticket_types
        ],
    }


def cancellation_read(progress: CancellationProgress) -> EventCancellationRead:
    return {
        "total": progress.total,
        "cancelled": progress.cancelled,
        "remaining": progress.remaining,
        "started_at": progress.started_at,
        "finished_at": progress.finished_at,
    }


def _category_read(event: EventEntry | EventItem) -> ServiceCategoryRead | None:
    if event.category_id is None:
        return None
    return {
        "id": event.category_id,
        "name": event.category_name or "",
        "slug": event.category_slug or "",
    }


class EventQuery(SearchQuery):
    near: NearGiven | None = None
    """What is near this place: its latitude and longitude in degrees (WGS 84)."""
    radius_km: (
        Annotated[float, Field(gt=0, le=FARTHEST_KM, allow_inf_nan=False, examples=[10])] | None
    ) = None
    """How near, with `near` alone; 25 by default."""
    sort: EventSort | None = None
    """By default the best match first where `q` is given, the nearest where `near` is, else the
    soonest."""
    category: CategoryGiven | None = None
    """The id or the slug of a category; what is in those below it is found too."""
    tag: Tag | None = None
    organizer_id: Id | None = None
    starts_after: Instant | None = None
    """Starting then or later."""
    starts_before: Instant | None = None
    """Starting before then."""
    has_seats: bool | None = None
    """That anybody may have now: none are while somebody waits."""
    status: EventStatus | None = None
    """By default what is published and not over; drafts are shown to their organizers."""
    mine: bool = False
    """One's own, whatever their status."""

    @field_validator("radius_km", "sort")
    @classmethod
    def _distance_needs_a_place(cls, value: Any, info: ValidationInfo) -> Any:
        is_distance = info.field_name == "radius_km" or value == EventSort.DISTANCE
        if value is not None and is_distance and info.data.get("near", "broken") is None:
            raise ValueError("Distances are from a place: give near.")
        return value

    def wanted(self) -> EventFilter:
        category_id, category_slug = id_or_slug(self.category)
        return EventFilter(
            q=self.q,
            category_id=category_id,
            category_slug=category_slug,
            tag=self.tag,
            organizer_id=self.organizer_id,
            starts_after=self.starts_after,
            starts_before=self.starts_before,
            has_seats=self.has_seats,
            status=self.status,
            **self._place(),
        )

    def _place(self) -> dict[str, Any]:
        if self.near is None:
            return {}
        latitude, longitude = map(float, self.near.split(","))
        radius = NEAR_KM if self.radius_km is None else self.radius_km
        return {"latitude": latitude, "longitude": longitude, "radius_km": radius}

    def page(self) -> PageRequest[EventSort]:
        fallback = EventSort.SOONEST if self.near is None else EventSort.DISTANCE
        if self.q:
            fallback = EventSort.RELEVANCE
        return PageRequest(self.sort or fallback, self.limit, self.cursor, self.include_total)
