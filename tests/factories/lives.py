"""A whole life with an account: everything is done in which somebody can be told by name."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert

from app.bootstrap import Doors
from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command
from app.domain.bookings import BookingStatus
from app.domain.chat_reports import ReportStatus
from app.domain.events import EventStatus
from app.domain.notifications import Channel
from app.domain.payments import RefundState
from app.domain.postings import provider
from app.domain.realtime import FrameType
from app.domain.roles import Role
from app.models import (
    CalendarFeeds,
    ChatBlocks,
    ChatDigests,
    ChatReports,
    ExternalBusy,
    ExternalCalendars,
    IdempotencyRecords,
    Identities,
    Overrides,
    Providers,
    Refunds,
    Tickets,
    TimeOff,
)
from tests.factories.accounts import make_user, sign_in
from tests.factories.auth import bearer, registered
from tests.factories.bookings import make_booking
from tests.factories.cards import make_card
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, Clock, at
from tests.factories.events import make_event, ticket_type
from tests.factories.images import picture
from tests.factories.jobs import deliver_all
from tests.factories.ledger import earn, top_up
from tests.factories.mfa import turn_on
from tests.factories.notifications import make_suppression
from tests.factories.paid import make_gateway_event, make_payment
from tests.factories.reviews import make_review
from tests.factories.seats import book_seats
from tests.factories.talks import open_talk, say

NAME = "Xanthippe Qvortrup"
EMAIL = "xanthippe.qv@canary.example"
NEW_EMAIL = "new.home@canary.example"
USERNAME = "xanqvor"
PHONE = "+12025550177"
PASSWORD = "neither horse nor battery"
WORDS = (
    *("xanthippe", "qvortrup", "canary.example", "xanqvor", "2025550177", "555-0177"),
    "muehlgasse",  # where she lives: nothing that an account knows
)
"""What tells who it was, and stands in none of what others did."""
DAY = 24 * 60

PAGE = Command(
    update(Providers)
    .where(Providers.user_id == bindparam("owner"))
    .values(bio=f"I am {NAME}", location="Qvortrup Alley 5", latitude=1.5, longitude=2.5)
)
ATTENDS = Command(
    update(Tickets)
    .where(Tickets.attendee_name.is_(None))
    .values(attendee_name=bindparam("name"), attendee_email=bindparam("email"))
)


@dataclass(frozen=True)
class Life:
    user_id: UUID
    provider_id: UUID
    headers: dict[str, str]


async def lived(client: httpx.AsyncClient, doors: Doors, connection: Connection) -> Life:
    """Live as a customer and as a provider, up to the moment before everything is erased."""
    pair = await registered(
        client,
        doors,
        email=EMAIL,
        password=PASSWORD,
        full_name=NAME,
        username=USERNAME,
        phone=PHONE,
        account_type="provider",
    )
    me = bearer(pair)
    profile = (await client.get("/profile", headers=me)).json()
    life = Life(UUID(profile["id"]), UUID(profile["provider_id"]), me)
    await _come_and_go(client)
    await _get_around(client, connection, life, doors)
    await _work(client, connection, life, doors)
    await _organize(connection, life)
    await _attend(client, connection, life)
    await _talk(client, connection, life, doors)
    await _visit_others(client, connection, life)
    await _hand_money_on(client, connection, life, doors)
    await _pay(connection, life)
    await _be_looked_after(client, connection, life, doors)
    await _be_told(doors, life)
    await client.post("/auth/password/forgot", json={"email": EMAIL})
    await deliver_all(doors)
    # What comes last: the letters and answers of these are under way when all is erased.
    change = {"new_email": NEW_EMAIL, "password": PASSWORD}
    assert (await client.post("/auth/email/change", headers=me, json=change)).status_code == 202
    await client.post("/auth/password/forgot", json={"email": EMAIL})
    return life


async def _come_and_go(client: httpx.AsyncClient) -> None:
    login = {"email": EMAIL, "password": PASSWORD, "device": "Xanthippe's phone"}
    agent = {"User-Agent": "Qvortrup/1.0"}
    assert (await client.post("/auth/login", json=login, headers=agent)).status_code == 200
    wrong = await client.post("/auth/login", json=login | {"password": "Qvortrup Qvortrup"})
    assert wrong.status_code == 401
    await client.post("/auth/register", json={"email": EMAIL, "password": "somebody else's try"})
    await client.post("/auth/verify-email", json={"email": EMAIL, "code": "000000"})
    await client.post("/auth/verify-email/resend", json={"email": EMAIL})


async def _get_around(
    client: httpx.AsyncClient, connection: Connection, life: Life, doors: Doors
) -> None:
    me = life.headers
    key = {"name": "Xanthippe's script", "scopes": ["profile:read"]}
    made = await client.post("/api-keys", headers=me, json=key)
    assert made.status_code == 201, made.text
    await client.get("/profile", headers={"X-API-Key": made.json()["key"]})
    image = {"Content-Type": "image/jpeg"}
    photo = await client.put("/profile/photo", headers=me | image, content=picture())
    assert photo.status_code == 200, photo.text
    told = {"file": (f"{NAME}.txt", f"I am {NAME}".encode())}
    sent = await client.post("/files", headers=me, files=told)
    assert sent.status_code == 201, sent.text
    clock = doors.adapters.clock
    assert isinstance(clock, Clock)
    await turn_on(client, me, clock, password=PASSWORD)
    row = {
        "provider": "elsewhere",
        "subject": EMAIL,
        "user_id": life.user_id,
        "email": EMAIL,
        "created_at": at(0),
        "last_used_at": at(0),
    }
    await connection.run(Command(insert(Identities).values(row)))
    device = {"platform": "web", "token": f"{USERNAME}-has-this-token", "name": f"{NAME}'s phone"}
    assert (await client.post("/devices", headers=me, json=device)).status_code == 201
    assert (await client.post("/telegram/link", headers=me)).status_code == 201
    asked = await client.post("/profile/phone/verify", headers=me)
    assert asked.status_code == 202, asked.text
    for path in (f"/users/{EMAIL}", f"/providers?q={NAME}", f"/services?q={USERNAME}"):
        await client.get(path, headers=me)


async def _work(
    client: httpx.AsyncClient, connection: Connection, life: Life, doors: Doors
) -> None:
    me = life.headers
    await connection.run(PAGE, owner=life.user_id)
    hours = {"timezone": "UTC", "weekly": [{"weekday": 0, "start": "09:00", "end": "17:00"}]}
    put = await client.put(f"/providers/{life.provider_id}/schedule", headers=me, json=hours)
    assert put.status_code == 200, put.text
    await _be_away(connection, life)
    service = {
        "name": f"Haircut by {NAME}",
        "description": "Xanthippe answers on (202) 555-0177",
        "tags": ["xanthippe"],
        "duration_minutes": 60,
        "price": {"amount": 4500, "currency": "EUR"},
    }
    made = await client.post("/services", headers=me, json=service)
    assert made.status_code == 201, made.text
    service_id = made.json()["id"]
    performers = {"providers": [{"provider_id": str(life.provider_id)}]}
    await client.put(f"/services/{service_id}/providers", headers=me, json=performers)
    theirs = await sign_in(connection, doors.adapters)
    wanted = {
        "service_id": service_id,
        "starts_at": "2030-03-04T10:00:00Z",
        "notes": "Say hello to Xanthippe",
    }
    booked = await client.post("/bookings", headers=theirs, json=wanted)
    assert booked.status_code == 201, booked.text
    cancel = {"reason": "Xanthippe is ill, call +1 202 555 0177"}
    path = f"/bookings/{booked.json()['id']}/cancel"
    assert (await client.post(path, headers=me, json=cancel)).status_code == 200


async def _be_away(connection: Connection, life: Life) -> None:
    calendar, provider_id = new_id(), life.provider_id
    then = {"starts_at": at(30 * DAY), "ends_at": at(31 * DAY)}
    elsewhere = {"name": "Qvortrup at home", "url": f"https://canary.example/{USERNAME}.ics"}
    rows: list[tuple[Any, dict[str, Any]]] = [
        (Overrides, {"day": date(2030, 4, 1), "windows": []}),
        (TimeOff, then | {"reason": f"{NAME} gives birth"}),
        (ExternalCalendars, elsewhere | {"id": calendar}),
        (ExternalBusy, then | {"calendar_id": calendar}),
        (CalendarFeeds, {"user_id": life.user_id}),
    ]
    for table, row in rows:
        whole = {"id": new_id(), "provider_id": provider_id} | row
        await connection.run(Command(insert(table).values(whole)))


async def _organize(connection: Connection, life: Life) -> None:
    by_her = {
        "title": f"An evening with {NAME}",
        "description": "Xanthippe answers on (202) 555-0177",
        "tags": ["xanthippe"],
        "location": "Muehlgasse 7",
        "latitude": 1.5,
        "longitude": 2.5,
        "online_url": "https://canary.example/live",
        "types": [ticket_type("With Xanthippe")],
    }
    over, _ = await make_event(connection, life.user_id, now=NOW, starts_at=at(-DAY), **by_her)
    await book_seats(
        connection,
        over.id,
        (await make_user(connection)).id,
        status=BookingStatus.COMPLETED,
    )
    off = {"status": EventStatus.CANCELLED, "cancel_reason": f"{NAME} is ill"}
    for state in (off, {"status": EventStatus.DRAFT}, {}):
        await make_event(connection, life.user_id, now=NOW, **by_her, **state)


async def _attend(client: httpx.AsyncClient, connection: Connection, life: Life) -> None:
    organizer = await make_user(connection, Role.ORGANIZER)
    event, _ = await make_event(connection, organizer.id, now=NOW)
    await book_seats(connection, event.id, life.user_id, notes=f"Wheelchair, call {PHONE}")
    await connection.run(ATTENDS, name=NAME, email=EMAIL)
    full, _ = await make_event(connection, organizer.id, now=NOW, seats=1)
    await book_seats(connection, full.id, organizer.id)
    waits = await client.post(f"/events/{full.id}/waitlist", headers=life.headers)
    assert waits.status_code == 201, waits.text
    never = await make_offering(connection, await make_provider(connection, weekly=[]))
    hours = [{"start": "09:00", "end": "12:00"}]
    wish = {"from": "2030-03-04", "to": "2030-03-08", "windows": hours}
    path = f"/services/{never.id}/waitlist"
    waits = await client.post(path, headers=life.headers, json=wish)
    assert waits.status_code == 201, waits.text
    assert (await client.delete(path, headers=life.headers)).status_code == 204


async def _talk(
    client: httpx.AsyncClient, connection: Connection, life: Life, doors: Doors
) -> None:
    me, organizer = life.headers, await make_user(connection, Role.ORGANIZER)
    theirs = await sign_in(connection, doors.adapters, user_id=organizer.id)
    event, _ = await make_event(connection, organizer.id, now=NOW)
    talk = await open_talk(client, me, event_id=str(event.id), message=f"It's {NAME}")
    await say(client, theirs, talk, "Do come")
    said = await say(client, me, talk, f"Call {PHONE}", client_id=USERNAME)
    complaint = {
        "message_id": said["id"],
        "conversation_id": talk["id"],
        "sender_id": life.user_id,
        "reporter_id": organizer.id,
        "reason": "Xanthippe calls me names",
        "text": said["text"],
        "status": ReportStatus.OPEN,
    }
    rows: list[tuple[Any, dict[str, Any]]] = [
        (ChatReports, complaint | {"id": new_id(), "created_at": NOW}),
        (ChatBlocks, {"user_id": life.user_id, "blocked_id": organizer.id, "created_at": NOW}),
        (ChatDigests, {"user_id": life.user_id, "sent_at": NOW}),
    ]
    for table, row in rows:
        await connection.run(Command(insert(table).values(row)))


async def _visit_others(client: httpx.AsyncClient, connection: Connection, life: Life) -> None:
    me = life.headers
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider)
    wanted = {
        "service_id": str(offering.id),
        "starts_at": "2030-03-05T10:00:00Z",
        "notes": "Qvortrup, third floor",
    }
    booked = await client.post("/bookings", headers=me | {"Idempotency-Key": USERNAME}, json=wanted)
    assert booked.status_code == 201, booked.text
    visit = await make_booking(
        connection,
        life.user_id,
        offering,
        provider,
        starts_at=at(-DAY),
        status=BookingStatus.COMPLETED,
        notes=f"Ring {PHONE}",
        cancel_reason="Xanthippe",
    )
    said = {"booking_id": str(visit.id), "rating": 5, "comment": f"Signed, {NAME}"}
    posted = await client.post("/reviews", headers=me, json=said)
    assert posted.status_code == 201, posted.text
    other = await make_user(connection)
    seen = await make_booking(connection, other.id, offering, provider, starts_at=at(-2 * DAY))
    review = await make_review(connection, seen)
    path = f"/reviews/{review.id}"
    assert (await client.put(f"{path}/vote", headers=me)).status_code == 204
    reason = {"reason": f"Not true, says {NAME}"}
    assert (await client.post(f"{path}/report", headers=me, json=reason)).status_code == 204
    thanks = {"reply": "Dear Xanthippe", "replied_by": provider.user_id, "replied_at": NOW}
    again = await make_booking(connection, life.user_id, offering, provider, starts_at=at(-3 * DAY))
    await make_review(connection, again, **thanks)


async def _pay(connection: Connection, life: Life) -> None:
    """Pay for a booking and get some of it back."""
    await make_card(connection, life.user_id)
    seller = await make_provider(connection)
    offering = await make_offering(connection, seller)
    mine = await make_booking(connection, life.user_id, offering, seller, starts_at=at(-DAY))
    paid = await make_payment(connection, mine, request_key="Xanthippe's first")
    told = f'{{"description": "Haircut for {NAME}"}}'.encode()
    await make_gateway_event(connection, paid, body=told)
    row = {
        "id": new_id(),
        "payment_id": paid.id,
        "amount": 100,
        "currency": paid.currency,
        "state": RefundState.SUCCEEDED,
        "reason": "Xanthippe was ill",
    }
    await connection.run(Command(insert(Refunds).values(row)))


async def _hand_money_on(
    client: httpx.AsyncClient, connection: Connection, life: Life, doors: Doors
) -> None:
    friend = await make_user(connection)
    theirs = await sign_in(connection, doors.adapters, user_id=friend.id)
    for user_id in (life.user_id, friend.id):
        await top_up(doors, user_id, 5000)
    for headers, to, note in (
        (life.headers, friend.id, "Xanthippe owes you that"),
        (theirs, life.user_id, "For Qvortrup"),
    ):
        sum_ = {"amount": 100, "currency": "EUR"}
        sent = {"to_user_id": str(to), "amount": sum_, "note": note}
        handed = await client.post("/wallet/transfers", headers=headers, json=sent)
        assert handed.status_code == 201, handed.text
    seller = provider(life.user_id)
    await earn(doors, seller, 9000)
    staff = await sign_in(connection, doors.adapters, Role.ACCOUNTANT)
    wanted = {"owner_id": str(life.user_id), "account": seller.payable, "note": f"For {NAME}"}
    paid = await client.post("/payouts", headers=staff, json=wanted | {"amount": sum_})
    assert paid.status_code == 201, paid.text


async def _be_told(doors: Doors, life: Life) -> None:
    async with doors.writing() as services:
        said = {"text": f"Hello, I am {NAME}"}
        await services.realtime.publish(FrameType.MESSAGE, said, to=[life.user_id])


async def _be_looked_after(
    client: httpx.AsyncClient, connection: Connection, life: Life, doors: Doors
) -> None:
    admin = await make_user(connection, Role.ADMIN)
    staff = await sign_in(connection, doors.adapters, user_id=admin.id)
    path = f"/admin/users/{life.user_id}"
    found = await client.get("/admin/users", headers=staff, params={"q": EMAIL})
    assert [one["id"] for one in found.json()["items"]] == [str(life.user_id)], found.text
    for change in ({"full_name": f"Dr. {NAME}"}, {"full_name": NAME}):
        assert (await client.patch(path, headers=staff, json=change)).status_code == 200
    told = {"user_id": str(life.user_id), "message": f"Dear {NAME}", "type": "email"}
    sent = await client.post("/notifications", headers=staff, json=told)
    assert sent.status_code == 202, sent.text
    quiet = {"quiet_hours": {"start": "22:00", "end": "07:00"}}
    chosen = await client.put("/notification-preferences", headers=life.headers, json=quiet)
    assert chosen.status_code == 200, chosen.text
    for channel, address in ((Channel.EMAIL, EMAIL), (Channel.SMS, PHONE)):
        await make_suppression(connection, address, channel=channel)
    (service,) = (await client.get("/services", headers=staff, params={"q": NAME})).json()["items"]
    reworded = {"description": f"By {NAME}, Muehlgasse 7", "tags": ["qvortrup"]}
    changed = await client.patch(f"/services/{service['id']}", headers=staff, json=reworded)
    assert changed.status_code == 200, changed.text
    answer = f'{{"id": "{life.user_id}", "full_name": "{NAME}"}}'.encode()
    row = {"user_id": admin.id, "key": "k", "fingerprint": b"", "status": 201, "body": answer}
    await connection.run(Command(insert(IdempotencyRecords).values(row)))
