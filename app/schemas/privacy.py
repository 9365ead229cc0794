"""All that is kept of somebody, as the API hands it to them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field
from typing_extensions import TypedDict

from app.domain.booking_changes import ChangeKind
from app.domain.bookings import (
    BookingKind,
    BookingStatus,
    PaymentStatus,
)
from app.domain.deposits import DepositRest
from app.domain.events import EventStatus
from app.domain.offerings import OfferingStatus
from app.domain.providers import ProviderStatus
from app.domain.schedules import Window
from app.domain.tickets import TicketStatus
from app.domain.waitlist import WaitlistStatus
from app.schemas.accounts import SOME_ID, SOME_TIME, AnId, ATime, Password
from app.schemas.base import Money, Request
from app.schemas.kept_contributions import (
    FileKept,
    ReplyKept,
    ReviewKept,
    ReviewReportKept,
    ReviewVoteKept,
)
from app.schemas.kept_money import (
    AccountKept,
    AccountMovementKept,
    CommissionKept,
    PaymentKept,
    PayoutKept,
    ReceiptKept,
    RefundKept,
    SavedCardKept,
    TransferKept,
)
from app.schemas.kept_notifications import (
    NotificationDeliveryKept,
    NotificationKept,
    NotificationPreferencesKept,
)
from app.schemas.kept_waits import SlotWaitKept
from app.schemas.schedules import WindowRead, window_read
from app.schemas.users import ProfileRead

SOME_LATER_TIME: Final = "2030-03-02T09:00:00Z"
ATimeOrNot = Annotated[datetime | None, Field(examples=[None])]
AnAddress = Annotated[str, Field(examples=["ada@example.com"])]
AZone = Annotated[str, Field(examples=["Europe/Berlin"])]
Changed = Annotated[dict[str, Any] | None, Field(examples=[{"roles": ["customer"]}])]


class EraseProfile(Request):
    """Not needed by somebody who has just stepped up."""

    password: Password


class SessionKept(TypedDict):
    id: AnId
    device: Annotated[str | None, Field(examples=["Ada's phone"])]
    ip: Annotated[str | None, Field(examples=["203.0.113.7"])]
    user_agent: Annotated[str | None, Field(examples=["Mozilla/5.0 (X11; Linux x86_64)"])]
    created_at: ATime
    last_used_at: ATime
    expires_at: Annotated[datetime, Field(examples=[SOME_LATER_TIME])]
    revoked_at: ATimeOrNot


class SecondFactorKept(TypedDict):
    created_at: ATime
    activated_at: ATimeOrNot


class IdentityKept(TypedDict):
    provider: Annotated[str, Field(examples=["google"])]
    subject: Annotated[str, Field(examples=["110169484474386276334"])]
    email: Annotated[str | None, Field(examples=["ada@example.com"])]
    created_at: ATime
    last_used_at: ATime


class ApiKeyKept(TypedDict):
    id: AnId
    name: Annotated[str, Field(examples=["Nightly export"])]
    prefix: Annotated[str, Field(examples=["bk_5f0c2a9e"])]
    scopes: Annotated[list[str], Field(examples=[["bookings:read"]])]
    created_at: ATime
    expires_at: ATimeOrNot
    last_used_at: ATimeOrNot


class EmailVerificationKept(TypedDict):
    email: AnAddress
    created_at: ATime
    used_at: ATimeOrNot


class EmailChangeKept(TypedDict):
    old_email: AnAddress
    new_email: Annotated[str, Field(examples=["ada@example.org"])]
    created_at: ATime
    old_confirmed_at: ATimeOrNot
    new_confirmed_at: ATimeOrNot
    ended_at: ATimeOrNot


class PasswordResetKept(TypedDict):
    created_at: ATime
    used_at: ATimeOrNot


class PhotoKept(TypedDict):
    id: AnId
    created_at: ATime


class ProviderKept(TypedDict):
    id: AnId
    name: Annotated[str, Field(examples=["Vera Barber"])]
    bio: Annotated[str | None, Field(examples=["Twenty years of scissors."])]
    timezone: AZone
    location: Annotated[str | None, Field(examples=["12 Main Street, Berlin"])]
    latitude: Annotated[float | None, Field(examples=[52.52])]
    longitude: Annotated[float | None, Field(examples=[13.4])]
    status: ProviderStatus
    min_notice_minutes: Annotated[int | None, Field(examples=[120])]
    max_horizon_days: Annotated[int | None, Field(examples=[60])]
    slot_step_minutes: Annotated[int | None, Field(examples=[15])]
    max_per_day: Annotated[int | None, Field(examples=[8])]
    max_per_week: Annotated[int | None, Field(examples=[40])]
    rating_average: Annotated[float, Field(examples=[4.8])]
    rating_count: Annotated[int, Field(examples=[25])]
    created_at: ATime
    updated_at: ATime


class ScheduleKept(TypedDict):
    timezone: AZone
    effective_from: Annotated[date, Field(examples=["2030-03-04"])]
    weekly: list[WindowRead]
    created_at: ATime


class HoursOfDay(TypedDict):
    start: Annotated[str, Field(examples=["09:00"])]
    end: Annotated[str, Field(examples=["17:00"])]


class OverrideKept(TypedDict):
    day: Annotated[date, Field(examples=["2030-03-04"])]
    windows: list[HoursOfDay]
    created_at: ATime


class TimeOffKept(TypedDict):
    id: AnId
    starts_at: ATime
    ends_at: Annotated[datetime, Field(examples=[SOME_LATER_TIME])]
    reason: Annotated[str | None, Field(examples=["A holiday"])]
    created_at: ATime


class ExternalCalendarKept(TypedDict):
    id: AnId
    name: Annotated[str, Field(examples=["At home"])]
    url: Annotated[str, Field(examples=["https://calendar.example.com/ada.ics"])]
    created_at: ATime
    fetched_at: ATimeOrNot


class CalendarFeedKept(TypedDict):
    """Without its address, which is a secret."""

    id: AnId
    provider_id: Annotated[UUID | None, Field(examples=[None])]
    created_at: ATime


class ServiceKept(TypedDict):
    id: AnId
    category_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    name: Annotated[str, Field(examples=["Haircut"])]
    description: Annotated[str | None, Field(examples=["With a wash."])]
    tags: Annotated[list[str], Field(examples=[["beard", "men"]])]
    duration_minutes: Annotated[int, Field(examples=[45])]
    price: Money | None
    status: OfferingStatus
    created_at: ATime
    updated_at: ATime


class PerformedServiceKept(TypedDict):
    service_id: AnId
    name: Annotated[str, Field(examples=["Haircut"])]
    price: Money | None
    duration_minutes: Annotated[int | None, Field(examples=[45])]


class BookingWithMeKept(TypedDict):
    """Without who booked and what they wrote: that is theirs."""

    id: AnId
    kind: BookingKind
    status: BookingStatus
    service_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    event_id: Annotated[UUID | None, Field(examples=[None])]
    title: Annotated[str, Field(examples=["Haircut"])]
    timezone: AZone
    starts_at: ATime
    ends_at: Annotated[datetime, Field(examples=[SOME_LATER_TIME])]
    seats: Annotated[int, Field(examples=[1])]
    price: Money | None
    payment_status: PaymentStatus
    free_until_minutes: Annotated[int, Field(examples=[1440])]
    late_fee_percent: Annotated[int, Field(examples=[50])]
    no_show_fee_percent: Annotated[int | None, Field(examples=[100])]
    no_show_fee_amount: Annotated[int | None, Field(examples=[None])]
    discount_amount: Annotated[int, Field(examples=[0])]
    late_fee_amount: Annotated[int, Field(examples=[0])]
    missed_fee_amount: Annotated[int, Field(examples=[0])]
    deposit_percent: Annotated[int | None, Field(examples=[30])]
    deposit_amount: Annotated[int | None, Field(examples=[None])]
    deposit_rest: DepositRest | None
    paid_amount: Annotated[int, Field(examples=[0])]
    refunded_amount: Annotated[int, Field(examples=[0])]
    hold_expires_at: ATimeOrNot
    cancelled_at: ATimeOrNot
    cancel_reason: Annotated[str | None, Field(examples=["I am ill."])]
    created_at: ATime
    updated_at: ATime


class BookingKept(BookingWithMeKept):
    provider_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    notes: Annotated[str | None, Field(examples=["Please ring twice."])]


class EventKept(TypedDict):
    id: AnId
    category_id: Annotated[UUID | None, Field(examples=[SOME_ID])]
    title: Annotated[str, Field(examples=["An evening of songs"])]
    description: Annotated[str | None, Field(examples=["Bring your own voice."])]
    tags: Annotated[list[str], Field(examples=[["music"]])]
    status: EventStatus
    timezone: AZone
    starts_at: ATime
    ends_at: Annotated[datetime, Field(examples=[SOME_LATER_TIME])]
    location: Annotated[str | None, Field(examples=["1 Church Square, Berlin"])]
    latitude: Annotated[float | None, Field(examples=[52.52])]
    longitude: Annotated[float | None, Field(examples=[13.4])]
    online_url: Annotated[str | None, Field(examples=["https://meet.example.com/songs"])]
    cover_id: Annotated[UUID | None, Field(examples=[None])]
    max_participants: Annotated[int, Field(examples=[50])]
    price: Money | None
    cancelled_at: ATimeOrNot
    cancel_reason: Annotated[str | None, Field(examples=[None])]
    created_at: ATime
    updated_at: ATime


class TicketTypeKept(TypedDict):
    id: AnId
    event_id: AnId
    name: Annotated[str, Field(examples=["Standard"])]
    price: Money | None
    capacity: Annotated[int | None, Field(examples=[50])]
    taken: Annotated[int, Field(examples=[12])]
    sales_start: ATimeOrNot
    sales_end: ATimeOrNot


class TicketKept(TypedDict):
    id: AnId
    booking_id: AnId
    event_id: AnId
    ticket_type_id: AnId
    status: TicketStatus
    attendee_name: Annotated[str | None, Field(examples=["Grace Hopper"])]
    attendee_email: Annotated[str | None, Field(examples=["grace@example.com"])]
    checked_in_at: ATimeOrNot
    created_at: ATime


class WaitlistEntryKept(TypedDict):
    id: AnId
    event_id: AnId
    seats: Annotated[int, Field(examples=[2])]
    status: WaitlistStatus
    offer_expires_at: ATimeOrNot
    booking_id: Annotated[UUID | None, Field(examples=[None])]
    created_at: ATime
    updated_at: ATime


class BookingChangeKept(TypedDict):
    """Without who did it: that is theirs."""

    booking_id: AnId
    kind: ChangeKind
    status: BookingStatus
    reason: Annotated[str | None, Field(examples=["I am ill."])]
    moved_from: ATimeOrNot
    moved_to: ATimeOrNot
    created_at: ATime


class ActOfStaffKept(TypedDict):
    """What those who work here did to the account; of what is personal, that it changed."""

    action: Annotated[str, Field(examples=["user.roles_changed"])]
    before: Changed
    after: Changed
    created_at: ATime


class ExportRead(TypedDict):
    """All that is kept of you, but for what is a secret and what is somebody else's."""

    exported_at: Annotated[datetime, Field(examples=[SOME_TIME])]
    profile: ProfileRead
    sessions: list[SessionKept]
    second_factors: list[SecondFactorKept]
    identities: list[IdentityKept]
    api_keys: list[ApiKeyKept]
    email_verifications: list[EmailVerificationKept]
    email_changes: list[EmailChangeKept]
    password_resets: list[PasswordResetKept]
    photos: list[PhotoKept]
    provider: list[ProviderKept]
    schedules: list[ScheduleKept]
    overrides: list[OverrideKept]
    time_off: list[TimeOffKept]
    external_calendars: list[ExternalCalendarKept]
    calendar_feeds: list[CalendarFeedKept]
    services: list[ServiceKept]
    events: list[EventKept]
    ticket_types: list[TicketTypeKept]
    bookings_of_my_events: list[BookingWithMeKept]
    performed_services: list[PerformedServiceKept]
    bookings: list[BookingKept]
    tickets: list[TicketKept]
    waitlist_entries: list[WaitlistEntryKept]
    bookings_with_me: list[BookingWithMeKept]
    booking_changes: list[BookingChangeKept]
    slot_waits: list[SlotWaitKept]
    files: list[FileKept]
    reviews: list[ReviewKept]
    replies_to_reviews: list[ReplyKept]
    review_votes: list[ReviewVoteKept]
    review_reports: list[ReviewReportKept]
    payments: list[PaymentKept]
    refunds: list[RefundKept]
    receipts: list[ReceiptKept]
    receipts_of_my_sales: list[ReceiptKept]
    saved_cards: list[SavedCardKept]
    accounts: list[AccountKept]
    account_movements: list[AccountMovementKept]
    transfers_sent: list[TransferKept]
    transfers_received: list[TransferKept]
    payouts: list[PayoutKept]
    commissions: list[CommissionKept]
    notifications: list[NotificationKept]
    notification_deliveries: list[NotificationDeliveryKept]
    notification_preferences: list[NotificationPreferencesKept]
    acts_of_staff: list[ActOfStaffKept]


def kept_read(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of a section as the API writes such things everywhere."""
    told = dict(row)
    if "price_currency" in told:
        amount, currency = told.pop("price_amount"), told.pop("price_currency")
        told["price"] = None if amount is None else {"amount": amount, "currency": currency}
    for name in ("amount", "balance"):
        if name in told and "currency" in told:
            told[name] = {"amount": told[name], "currency": told.pop("currency")}
    if "weekly" in told:
        told["weekly"] = [window_read(Window(*window)) for window in told["weekly"]]
    if "windows" in told:
        told["windows"] = [_hours(start, end) for start, end in told["windows"] or ()]
    return told


def _hours(start: int, end: int) -> HoursOfDay:
    window = window_read(Window(0, start, end))
    return {"start": window["start"], "end": window["end"]}
