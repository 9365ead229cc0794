"""What is booked at the demo salon: three weeks behind, two weeks ahead."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from app.core.ids import named_id
from app.domain.appointments import appointment
from app.domain.availability import Performer
from app.domain.bookings import Booking, BookingStatus
from app.domain.demo.catalog import OFFERINGS, PERFORMANCES, offering_id
from app.domain.demo.people import SCHEDULES, account_id, provider_id
from app.domain.hours import Hours
from app.domain.walltime import instant, instants

HOLD: Final = timedelta(minutes=15)
FULL_DAYS_BACK: Final = 8  # from the Monday after today: the last day that is surely over
BOOKED_AHEAD: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class _Visit:
    """`day` counts from that Monday (0); `at` is wall time where the provider works."""

    day: int
    at: str
    offering: str
    by: str
    who: str
    status: BookingStatus = BookingStatus.CONFIRMED
    notes: str | None = None


DONE: Final = BookingStatus.COMPLETED
VISITS: Final = (
    _Visit(-20, "10:00", "signature-haircut", "mara", "nora", DONE),
    _Visit(-20, "11:30", "fade-and-beard", "jonas", "oskar", DONE),
    _Visit(-19, "09:00", "gel-manicure", "lena", "greta", DONE, "Dark green, if you have it."),
    _Visit(-18, "10:00", "deep-facial", "aizada", "emil", DONE),
    _Visit(-18, "18:00", "signature-haircut", "jonas", "ines", DONE),
    _Visit(-16, "23:30", "barber-at-home", "timur", "emil", DONE, "Third floor, no lift. Sorry!"),
    _Visit(-14, "09:00", "signature-haircut", "sofia", "lena", DONE, "Curls, cut dry please."),
    _Visit(-14, "14:30", "stone-massage", "aizada", "emil", DONE),
    _Visit(-13, "10:40", "consultation", "mara", "nora", DONE),
    _Visit(-13, "14:30", "balayage", "mara", "nora", BookingStatus.EXPIRED),
    _Visit(-12, "13:00", "spa-pedicure", "lena", "ines", DONE),
    _Visit(-11, "16:00", "deep-facial", "aizada", "emil", BookingStatus.NO_SHOW),
    _Visit(-10, "15:45", "fringe-trim", "sofia", "greta", DONE),
    _Visit(-9, "10:00", "fade-and-beard", "jonas", "oskar", DONE),
    _Visit(-9, "12:00", "brow-lamination", "lena", "nora", DONE),
    _Visit(0, "10:00", "stone-massage", "aizada", "emil"),
    _Visit(0, "11:00", "signature-haircut", "jonas", "oskar", notes="Shorter at the sides."),
    _Visit(1, "10:00", "signature-haircut", "mara", "nora"),
    _Visit(1, "13:00", "gel-manicure", "lena", "greta"),
    _Visit(1, "15:30", "fade-and-beard", "jonas", "nora", notes="For my son Ilja, he is 15."),
    _Visit(2, "14:15", "gel-manicure", "sofia", "ines"),
    _Visit(2, "19:00", "barber-at-home", "timur", "emil"),
    _Visit(3, "10:20", "consultation", "mara", "emil"),
    _Visit(3, "16:00", "signature-haircut", "jonas", "lena"),
    _Visit(4, "13:00", "spa-pedicure", "lena", "nora"),
    _Visit(4, "17:00", "signature-haircut", "mara", "greta"),
    _Visit(5, "09:00", "brow-lamination", "lena", "ines"),
    _Visit(5, "11:00", "deep-facial", "aizada", "emil", BookingStatus.CANCELLED),
    _Visit(5, "23:00", "barber-at-home", "timur", "aizada", notes="For my husband, a surprise."),
    _Visit(7, "18:00", "fade-and-beard", "jonas", "oskar"),
    _Visit(8, "11:30", "signature-haircut", "mara", "sofia"),
    _Visit(9, "10:30", "signature-haircut", "sofia", "mara"),
    _Visit(10, "14:30", "stone-massage", "aizada", "timur"),
    _Visit(
        12,
        "09:00",
        "bridal-styling",
        "sofia",
        "nora",
        BookingStatus.PENDING,
        "We marry at noon in Pankow. Plain silk dress, half up, with three real camellias.",
    ),
)


def calendar(today: date) -> list[Booking]:
    """Return the bookings as seen from the Monday after today: none of them overlap."""
    monday = today + timedelta(days=7 - today.weekday())
    return [_booking(visit, monday) for visit in VISITS]


def performer_of(offering: UUID, provider: UUID) -> Performer:
    """Return who performs an offering, with their terms and hours."""
    (terms,) = (
        one for one in PERFORMANCES if (one.offering_id, one.provider_id) == (offering, provider)
    )
    (schedule,) = (one for one in SCHEDULES if one.provider_id == provider)
    return Performer(provider, terms, Hours(schedule.timezone, (schedule,)))


def _booking(visit: _Visit, monday: date) -> Booking:
    performer = performer_of(offering_id(visit.offering), provider_id(visit.by))
    (offering,) = (one for one in OFFERINGS if one.id == performer.terms.offering_id)
    starts_at = _instant(monday + timedelta(days=visit.day), visit.at, performer.timezone)
    before_today = datetime.combine(monday - timedelta(FULL_DAYS_BACK + 1), time(12), UTC)
    made = appointment(
        offering,
        performer,
        customer_id=account_id(visit.who),
        starts_at=starts_at,
        notes=visit.notes,
        now=min(starts_at - BOOKED_AHEAD, before_today - timedelta(hours=visit.day)),
        hold=HOLD,
    )
    name = f"demo/booking/{visit.day}/{visit.at}/{visit.by}"
    return replace(made, id=named_id(name), status=visit.status, **_afterwards(made, visit.status))


def _instant(day: date, wall: str, zone: str) -> datetime:
    hours, minutes = map(int, wall.split(":"))
    start = hours * 60 + minutes
    return instant(instants(day, start, start + 1, zone)[0][0])


def _afterwards(made: Booking, status: BookingStatus) -> dict[str, Any]:
    """Return what is different about a booking that came to this."""
    match status:
        case BookingStatus.COMPLETED | BookingStatus.NO_SHOW:
            return {"updated_at": made.ends_at}
        case BookingStatus.EXPIRED:
            return {"updated_at": made.hold_expires_at}
        case BookingStatus.CANCELLED:
            then = made.created_at + timedelta(hours=20)
            return {
                "cancelled_at": then,
                "cancelled_by": made.customer_id,
                "cancel_reason": "I have to travel that week after all.",
                "updated_at": then,
            }
        case BookingStatus.PENDING:  # for as long as somebody may want to see a request
            return {"hold_expires_at": made.starts_at}
    return {}
