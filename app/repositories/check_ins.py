"""Every statement at the door of an event. None locks its seats: a scan waits for no booking."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    SmallInteger,
    String,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert

from app.core.database import Connection
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.core.statements import Command, Query
from app.domain.check_ins import (
    CheckInFilter,
    CheckInKind,
    CheckInSort,
    CheckInUndone,
    DoorTicket,
    Scan,
    TypeFigures,
)
from app.domain.event_bookings import EventOnSale
from app.domain.ticket_codes import TicketCode
from app.domain.tickets import GOOD, NamedTicket, Ticket, TicketStatus
from app.models import Bookings, CheckIns, Events, Tickets, TicketTypes, Users
from app.repositories.base import Listing, columns
from app.repositories.searching import PATTERN

INSTANT: Final = DateTime(timezone=True)
NOW: Final = bindparam("now", type_=INSTANT)
SCANNED: Final = bindparam("scanned_at", type_=INSTANT)
EVENT_ID: Final = bindparam("event_id", type_=Uuid)
TICKET_ID: Final = bindparam("ticket_id", type_=Uuid)
NONCE: Final = bindparam("nonce", type_=String)
FORCED: Final = bindparam("forced", type_=Boolean)
LOGGED: Final = (
    *("id", "ticket_id", "event_id", "kind", "nonce", "forced", "actor_id"),
    *("scanned_at", "created_at"),
)

EVENT: Final = Query(
    select(*columns(Events, EventOnSale)).where(Events.id == EVENT_ID), EventOnSale
)
THIS: Final = (Tickets.id == TICKET_ID, Tickets.event_id == EVENT_ID)
TICKET: Final = Query(
    select(*columns(Tickets, Ticket), TicketTypes.name.label("ticket_type"))
    .join(TicketTypes, TicketTypes.id == Tickets.ticket_type_id)
    .where(*THIS),
    NamedTicket,
)


def _entry(ticket_id: Any, kind: CheckInKind, *, nonce: Any, forced: Any, at: Any) -> list[Any]:
    return [
        bindparam("check_in_id", type_=Uuid),
        ticket_id,
        EVENT_ID,
        literal(kind.value),
        nonce,
        forced,
        bindparam("actor_id", type_=Uuid),
        at,
        NOW,
    ]


def _logged(changed: CTE, kind: CheckInKind, *, nonce: Any, forced: Any, at: Any) -> Insert:
    entry = _entry(changed.c.id, kind, nonce=nonce, forced=forced, at=at)
    return insert(CheckIns).from_select(LOGGED, select(*entry).select_from(changed))


def _named(changed: CTE, entry: Insert) -> Query[NamedTicket]:
    """Return the ticket that the CTE changes with the name of its type, the entry made with it.

    A nonce that is there already let somebody in, or else the ticket would not be valid: undone.
    """
    return Query(
        select(*changed.c, TicketTypes.name.label("ticket_type"))
        .join(TicketTypes, TicketTypes.id == changed.c.ticket_type_id)
        .add_cte(entry.cte("logged")),
        NamedTicket,
        violations={"uq_check_ins_nonce": CheckInUndone},
    )


def admitting(*guards: ColumnElement[bool]) -> Query[NamedTicket]:
    """Return what lets somebody in with a ticket that passes the guards."""
    admitted = (
        update(Tickets)
        .where(*THIS, *guards)
        .values(status=TicketStatus.CHECKED_IN, checked_in_at=SCANNED)
        .returning(*columns(Tickets, Ticket))
        .cte("admitted")
    )
    entry = _logged(admitted, CheckInKind.IN, nonce=NONCE, forced=FORCED, at=SCANNED)
    return _named(admitted, entry)


SAME_HANDS: Final = Tickets.code_version == bindparam("code_version", type_=SmallInteger)
ADMIT: Final = admitting(SAME_HANDS, Tickets.status == TicketStatus.VALID)

UNDONE: Final = (
    update(Tickets)
    .where(*THIS, Tickets.status == TicketStatus.CHECKED_IN)
    .values(status=TicketStatus.VALID, checked_in_at=null())
    .returning(*columns(Tickets, Ticket))
    .cte("undone")
)
UNDO: Final = _named(
    UNDONE,
    _logged(UNDONE, CheckInKind.UNDONE, nonce=null(), forced=literal(False), at=NOW),
)

# Once more with the same nonce it is the same scan, and noted already.
NOTE_AGAIN: Final = Command(
    insert(CheckIns)
    .from_select(
        LOGGED,
        select(*_entry(TICKET_ID, CheckInKind.IN, nonce=NONCE, forced=FORCED, at=SCANNED)),
    )
    .on_conflict_do_nothing()
    .inline()
)
LATER: Final = CheckIns.__table__.alias("later")
WAS_UNDONE: Final = Query(
    select(
        exists().where(
            LATER.c.ticket_id == CheckIns.ticket_id,
            LATER.c.kind == CheckInKind.UNDONE,
            LATER.c.id > CheckIns.id,
        )
    ).where(CheckIns.ticket_id == TICKET_ID, CheckIns.nonce == NONCE),
    bool,
)

SOUGHT: Final = func.lower(
    func.concat_ws(
        " ", Tickets.attendee_name, Tickets.attendee_email, Users.full_name, Users.email
    ),
    type_=String,
)
MATCHING: Final = Listing(
    Tickets,
    DoorTicket,
    shown=[
        Tickets.id.label("ticket_id"),
        Tickets.booking_id.expression,
        Tickets.attendee_name.expression,
        Users.full_name.label("customer_name"),
        TicketTypes.name.label("ticket_type"),
        Tickets.status.expression,
        Tickets.checked_in_at.expression,
    ],
    source=Tickets.__table__.join(TicketTypes.__table__, TicketTypes.id == Tickets.ticket_type_id)
    .join(Bookings.__table__, Bookings.id == Tickets.booking_id)
    .join(Users.__table__, Users.id == Bookings.customer_id),
    filters={
        "event_id": and_(Tickets.event_id == EVENT_ID, Tickets.status != TicketStatus.HELD),
        "status": Tickets.status == bindparam("status"),
        "q": SOUGHT.like(PATTERN),
    },
    sorts={"created_at": Tickets.id},  # which are made in the order of time
)
IS_GOOD: Final = Tickets.status == any_(bindparam("good", type_=ARRAY(Tickets.status.type)))
FIGURES: Final = Query(
    select(
        TicketTypes.id.label("ticket_type_id"),
        TicketTypes.name,
        cast(func.count().filter(IS_GOOD), BigInteger).label("sold"),
        cast(func.count().filter(Tickets.status == TicketStatus.CHECKED_IN), BigInteger).label(
            "checked_in"
        ),
    )
    .outerjoin(Tickets, Tickets.ticket_type_id == TicketTypes.id)
    .where(TicketTypes.event_id == EVENT_ID)
    .group_by(TicketTypes.id)
    .order_by(TicketTypes.created_at, TicketTypes.id),
    TypeFigures,
)


class CheckInRepository:
    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def event(self, event_id: UUID) -> EventOnSale | None:
        return await self.connection.first(EVENT, event_id=event_id)

    async def ticket(self, event_id: UUID, ticket_id: UUID) -> NamedTicket | None:
        return await self.connection.first(TICKET, event_id=event_id, ticket_id=ticket_id)

    async def admit(
        self, code: TicketCode, scan: Scan, *, actor_id: UUID, at: datetime, now: datetime
    ) -> NamedTicket | None:
        """Let somebody in, noted; None where the ticket is not valid or in other hands.

        Refused with CheckInUndone where this scan was sent before, and undone.
        """
        return await self.connection.first(
            ADMIT,
            **_scanned(code, scan, actor_id=actor_id, at=at, now=now),
            code_version=code.code_version,
        )

    async def note_again(
        self, code: TicketCode, scan: Scan, *, actor_id: UUID, at: datetime, now: datetime
    ) -> None:
        """Note a scan of somebody who is in already."""
        await self.connection.run(
            NOTE_AGAIN, **_scanned(code, scan, actor_id=actor_id, at=at, now=now)
        )

    async def was_undone(self, ticket_id: UUID, nonce: str) -> bool | None:
        """Tell whether what a scan did was undone since; None if there was no such scan."""
        return await self.connection.first(WAS_UNDONE, ticket_id=ticket_id, nonce=nonce)

    async def undo(self, ticket: Ticket, *, actor_id: UUID, now: datetime) -> NamedTicket | None:
        """Make a ticket valid again, noted; None where nobody is in with it."""
        return await self.connection.first(
            UNDO,
            ticket_id=ticket.id,
            event_id=ticket.event_id,
            check_in_id=new_id(),
            actor_id=actor_id,
            now=now,
        )

    async def matching(
        self, wanted: CheckInFilter, request: PageRequest[CheckInSort]
    ) -> Page[DoorTicket]:
        """Return a page of the tickets of an event, without those that are held."""
        return await MATCHING.page(self.connection, wanted, request)

    async def figures(self, event_id: UUID) -> list[TypeFigures]:
        """Return how many tickets of each type are sold and let in."""
        return await self.connection.all(FIGURES, event_id=event_id, good=list(GOOD))


def _scanned(
    code: TicketCode, scan: Scan, *, actor_id: UUID, at: datetime, now: datetime
) -> dict[str, Any]:
    return {
        "check_in_id": new_id(),
        "ticket_id": code.ticket_id,
        "event_id": code.event_id,
        "nonce": scan.nonce,
        "forced": scan.force,
        "actor_id": actor_id,
        "scanned_at": at,
        "now": now,
    }
