"""What the demo salon invites to: a conference, a meetup, a weekly class, and a concert."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from app.core.ids import named_id
from app.domain.bookings import Booking, BookingStatus, PaymentStatus
from app.domain.captures import CaptureMode
from app.domain.demo.catalog import category_id
from app.domain.demo.people import BERLIN, BISHKEK, PLACES, account_id, since
from app.domain.event_bookings import EventOnSale, Line, seats_booking
from app.domain.events import Event, EventStatus, TicketType, sellable
from app.domain.reminders import REMINDED
from app.domain.tickets import Ticket, TicketStatus
from app.domain.walltime import instant, instants, wall_time

ORGANIZER: Final = "clara"
HOLD: Final = timedelta(minutes=15)
SALES_ENDED: Final = timedelta(days=9)  # before that Monday: surely over, whatever day today is
BOOKED_BEFORE: Final = timedelta(days=12)


@dataclass(frozen=True, slots=True)
class _Type:
    name: str
    price: int
    capacity: int | None = None
    most: int = 10
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class _Event:
    """`day` counts from the Monday after today (0); `booked`: who has how many of which type."""

    key: str
    title: str
    description: str
    tags: list[str]
    day: int
    at: str
    minutes: int
    seats: int
    types: tuple[_Type, ...]
    booked: tuple[tuple[str, int, int], ...] = ()
    category: str | None = None
    zone: str = BERLIN
    currency: str = "EUR"
    online: str | None = None
    policy: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class EventSeats:
    """How many seats of an event there are, and how many of them are booked."""

    event_id: UUID
    capacity: int
    taken: int


CLASS: Final = (
    "An hour and a half with your own hair or a practice head: the French braid, the Dutch one,"
    " and by the fourth week a crown that holds through a whole wedding. Sofia goes from chair to"
    " chair and undoes what went wrong. Combs and clips are there, patience you bring yourself."
    " Every evening stands alone, so come to one or to all."
)
PROGRAMME: Final = (
    _Event(
        "conference",
        "Hands & Craft: the salon conference",
        "One day for those who stand behind the chair. Mara Vogt opens with twenty years of"
        " colour mistakes and what she learned from each; after lunch there are four workshops"
        " in small groups, from dry cutting to calculating a price that feeds you. At six the"
        " doors stay open and the music begins. Talks are in English, coffee is included, and"
        " the VIP seats come with dinner at the speakers' table.",
        ["conference", "hair", "workshop"],
        day=38,
        at="09:00",
        minutes=9 * 60,
        seats=180,
        types=(
            _Type("Early bird", 89_00, 60, is_over=True),
            _Type("Standard", 129_00),
            _Type("VIP with dinner", 249_00, 20, most=4),
        ),
        booked=(("nora", 0, 2), ("jonas", 0, 1), ("lena", 1, 2), ("greta", 2, 2)),
        category="hair",
        policy=(7 * 24 * 60, 50),
    ),
    _Event(
        "meetup",
        "Skin & tea: an open evening",
        "Aizada puts the kettle on and answers everything you always wanted to ask about skin:"
        " what sun does at 800 metres, why the expensive cream is not the better one, and what"
        " may stay in the shop. Free, in Russian and Kyrgyz; who can't come to Toktogul Street"
        " joins by video and asks in the chat.",
        ["meetup", "skin", "free", "online"],
        day=10,
        at="18:30",
        minutes=120,
        seats=40,
        types=(_Type("Seat", 0, most=4),),
        booked=(("emil", 0, 2), ("timur", 0, 1), ("nora", 0, 1)),
        category="face-and-body",
        zone=BISHKEK,
        online="https://meet.example.com/skin-and-tea",
    ),
    *(
        _Event(
            f"class-{week}",
            "Braids on Tuesday",
            CLASS,
            ["class", "braids", "weekly"],
            day=1 + 7 * week,
            at="19:00",
            minutes=90,
            seats=12,
            types=(_Type("Chair", 25_00, most=3),),
            booked=(("nora", 0, 1), ("ines", 0, 2))[: 2 - week // 2],
            category="hair",
            policy=(24 * 60, 100),
        )
        for week in range(5)
    ),
    _Event(
        "concert",
        "Songs between the mirrors",
        "When the last client has gone, the chairs are turned around and Juniper & Linden becomes"
        " the smallest stage in Prenzlauer Berg: one piano, one voice, thirty seats. This time"
        " songs by Barbara and Okudzhava, with a break for wine. It sells out every year; leave"
        " your name on the waitlist and you are offered a seat as soon as somebody gives one"
        " back.",
        ["concert", "music", "live"],
        day=18,
        at="20:00",
        minutes=150,
        seats=30,
        types=(_Type("Seat", 18_00, most=6),),
        booked=tuple((name, 0, 6) for name in ("nora", "emil", "lena", "oskar", "greta")),
        policy=(48 * 60, 50),
    ),
)


def events(today: date) -> list[Any]:
    """Return the events as seen from the Monday after today, with all that belongs to them.

    Of each, in this order: itself, its seats, its ticket types, its bookings and their tickets.
    """
    monday = today + timedelta(days=7 - today.weekday())
    return [row for number, one in enumerate(PROGRAMME) for row in _rows(number, one, monday)]


def event_id(key: str) -> UUID:
    return named_id(f"demo/event/{key}")


def _rows(number: int, one: _Event, monday: date) -> list[Any]:
    starts_at = _instant(monday + timedelta(days=one.day), one.at, one.zone)
    types = [_type(one, place, monday) for place in range(len(one.types))]
    event = _event(number, one, starts_at)
    then = datetime.combine(monday, time(12), UTC) - BOOKED_BEFORE
    bookings = [
        _booking(event, types[place], who, seats, then + timedelta(minutes=turn))
        for turn, (who, place, seats) in enumerate(one.booked)
    ]
    tickets = [ticket for booking in bookings for ticket in _tickets(event, booking)]
    taken = sum(booking.seats for booking in bookings)
    seats = EventSeats(event.id, sellable(one.seats, types), taken)
    return [event, seats, *types, *bookings, *tickets]


def _event(number: int, one: _Event, starts_at: datetime) -> Event:
    location, latitude, longitude = PLACES[one.zone]
    free_until, fee = one.policy
    return Event(
        id=event_id(one.key),
        organizer_id=account_id(ORGANIZER),
        category_id=category_id(one.category) if one.category else None,
        title=one.title,
        description=one.description,
        tags=one.tags,
        status=EventStatus.PUBLISHED,
        timezone=one.zone,
        starts_at=starts_at,
        starts_local=wall_time(starts_at, one.zone),
        ends_at=starts_at + timedelta(minutes=one.minutes),
        location=location,
        latitude=latitude,
        longitude=longitude,
        online_url=one.online,
        cover_id=None,
        max_participants=one.seats,
        price_amount=min(each.price for each in one.types),
        price_currency=one.currency,
        free_until_minutes=free_until,
        late_fee_percent=fee,
        no_show_fee_percent=None,
        no_show_fee_amount=None,
        no_show_fee_currency=None,
        reminder_minutes=REMINDED,
        deposit_percent=None,
        deposit_amount=None,
        deposit_currency=None,
        deposit_rest=None,
        capture=CaptureMode.AUTOMATIC,
        cancelled_at=None,
        cancelled_by=None,
        cancel_reason=None,
        created_at=since(number),
        updated_at=since(number),
    )


def _type(one: _Event, place: int, monday: date) -> TicketType:
    each = one.types[place]
    over = datetime.combine(monday, time(), UTC) - SALES_ENDED
    return TicketType(
        id=named_id(f"demo/ticket-type/{one.key}/{each.name}"),
        event_id=event_id(one.key),
        name=each.name,
        price_amount=each.price,
        price_currency=one.currency,
        capacity=each.capacity,
        taken=sum(seats for _, of, seats in one.booked if of == place),
        max_per_booking=each.most,
        sales_start=None,
        sales_end=over if each.is_over else None,
        created_at=since(place),
        updated_at=since(place),
    )


def _booking(event: Event, one: TicketType, who: str, seats: int, at: datetime) -> Booking:
    on_sale = EventOnSale(*(getattr(event, name) for name in EventOnSale.__slots__))
    made = seats_booking(
        on_sale, [Line(one, seats)], customer_id=account_id(who), notes=None, now=at, hold=HOLD
    )
    paid = PaymentStatus.PAID if one.price_amount else PaymentStatus.NOT_REQUIRED
    return replace(
        made,
        id=named_id(f"demo/seats/{event.id}/{who}"),
        status=BookingStatus.CONFIRMED,
        payment_status=paid,
        hold_expires_at=None,
    )


def _tickets(event: Event, booking: Booking) -> list[Ticket]:
    ((ticket_type_id, *_),) = booking.items or [[]]
    return [
        Ticket(
            id=named_id(f"demo/ticket/{booking.id}/{number}"),
            booking_id=booking.id,
            event_id=event.id,
            ticket_type_id=UUID(ticket_type_id),
            status=TicketStatus.VALID,
            attendee_name=None,
            attendee_email=None,
            code_version=0,
            checked_in_at=None,
            created_at=booking.created_at,
        )
        for number in range(booking.seats)
    ]


def _instant(day: date, wall: str, zone: str) -> datetime:
    hours, minutes = map(int, wall.split(":"))
    start = hours * 60 + minutes
    return instant(instants(day, start, start + 1, zone)[0][0])
