"""What becomes of bookings over HTTP: decided, moved, held, missed, and told afterwards."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import bindparam, func, select, update

from app.core.statements import Command, Query
from app.domain.bookings import BookingRescheduled, BookingStatus
from app.domain.offerings import PaymentTerms
from app.domain.roles import Role
from app.models import BookingChanges, Bookings, Providers
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.jobs import announced

HOUR = 60
DAY = 24 * HOUR
KEPT = Query(
    select(Bookings.late_fee_amount, Bookings.sequence, Bookings.starts_local).where(
        Bookings.id == bindparam("id")
    ),
    lambda *row: row,
)
NOTED = Query(select(func.count()).select_from(BookingChanges), int)
LIMITED = Command(
    update(Providers)
    .where(Providers.id == bindparam("provider"))
    .values(max_per_day=bindparam("most"), hours_version=Providers.hours_version + 1)
)


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


@pytest.fixture
async def offering(connection, provider):
    return await make_offering(connection, provider)


@pytest.fixture
async def requested(connection, provider):
    """An offering whose bookings the provider grants one by one."""
    return await make_offering(connection, provider, approval_required=True)


@pytest.fixture
async def me(connection, adapters):
    return await sign_in(connection, adapters)


@pytest.fixture
async def them(connection, adapters, provider):
    """The provider."""
    return await sign_in(connection, adapters, user_id=provider.user_id)


@pytest.fixture
async def booked(client, me):
    """What books an offering so many minutes from now."""

    async def book(offering, minutes: int = 2 * HOUR, headers=me) -> dict[str, Any]:
        wanted = {"service_id": str(offering.id), "starts_at": at(minutes).isoformat()}
        made = await client.post("/bookings", json=wanted, headers=headers)
        assert made.status_code == 201, made.text
        return made.json()

    return book


async def act(client, booking, what: str, headers, **body: Any):
    sent = {"json": body} if body else {}
    return await client.post(f"/bookings/{booking['id']}/{what}", headers=headers, **sent)


async def move(client, booking, minutes: int, headers, **more: str):
    return await act(
        client, booking, "reschedule", headers, starts_at=at(minutes).isoformat(), **more
    )


async def history(client, booking, headers, query: str = "") -> list[dict[str, Any]]:
    told = await client.get(f"/bookings/{booking['id']}/history{query}", headers=headers)
    assert told.status_code == 200, told.text
    return told.json()["items"]


def outcome(answer) -> tuple[int, str]:
    told = answer.json()
    return answer.status_code, told["status"] if answer.status_code < 400 else told["code"]


async def test_a_request_holds_its_time_until_it_is_granted(
    client, booked, requested, offering, me, them
):
    request = await booked(requested)
    other = {"service_id": str(offering.id), "starts_at": request["starts_at"]}

    while_asked = await client.post("/bookings", json=other, headers=me)
    granted = await act(client, request, "confirm", them)
    afterwards = await client.post("/bookings", json=other, headers=me)

    assert request["status"] == "pending"
    assert outcome(granted) == (200, "confirmed")
    assert granted.json()["hold_expires_at"] is None
    assert while_asked.status_code == afterwards.status_code == 409


async def test_what_has_to_be_prepaid_nobody_confirms_but_its_payment(
    client, connection, adapters, booked, provider, me, them
):
    prepaid = await make_offering(connection, provider, payment=PaymentTerms.PREPAID)
    staff = await sign_in(connection, adapters, Role.ADMIN)
    held = await booked(prepaid)

    refused = [await act(client, held, "confirm", who) for who in (them, staff)]
    kept = await client.get(f"/bookings/{held['id']}", headers=me)

    assert [outcome(answer) for answer in refused] == [(409, "invalid-transition")] * 2
    assert refused[0].json()["detail"] == "It waits to be paid for."
    assert kept.json() == held


async def test_a_request_that_has_to_be_prepaid_waits_for_its_payment_once_granted(
    client, connection, booked, provider, me, them, clock
):
    offering = await make_offering(
        connection, provider, payment=PaymentTerms.PREPAID, approval_required=True
    )
    soon, later = await booked(offering), await booked(offering, 5 * DAY)
    clock.forward(hours=1)

    granted = [await act(client, booking, "confirm", them) for booking in (soon, later)]
    again = await act(client, later, "confirm", them)
    declined = await act(client, soon, "decline", them)
    told = await history(client, later, me)

    assert [outcome(answer) for answer in granted] == [(200, "pending")] * 2
    assert [answer.json()["hold_expires_at"] for answer in granted] == [
        soon["starts_at"],
        "2030-03-02T13:00:00Z",
    ]
    assert outcome(again) == (409, "invalid-transition")
    assert outcome(declined) == (200, "declined")
    assert [(one["kind"], one["status"]) for one in told] == [
        ("booked", "pending"),
        ("confirmed", "pending"),
    ]


async def test_a_request_that_is_declined_frees_its_time(client, booked, requested, me, them):
    request = await booked(requested)

    declined = await act(client, request, "decline", them, reason="I am away.")
    again = await booked(requested)

    assert outcome(declined) == (200, "declined")
    assert declined.json()["cancel_reason"] == "I am away."
    assert again["starts_at"] == request["starts_at"]
    assert outcome(await act(client, request, "confirm", them)) == (409, "invalid-transition")


@pytest.mark.parametrize("what", ["confirm", "decline", "complete", "no-show"])
async def test_a_customer_does_not_decide_about_their_own_booking(
    client, booked, requested, me, clock, what
):
    request = await booked(requested)
    clock.forward(minutes=2 * HOUR)

    assert outcome(await act(client, request, what, me)) == (403, "forbidden")


@pytest.mark.parametrize("what", ["confirm", "decline", "complete", "no-show", "reschedule"])
async def test_who_has_no_part_in_it_is_told_of_no_booking(
    client, connection, adapters, booked, offering, what
):
    booking = await booked(offering)
    body = {"starts_at": at(DAY).isoformat()} if what == "reschedule" else {}

    for role in (Role.CUSTOMER, Role.PROVIDER):
        stranger = await sign_in(connection, adapters, role)
        assert (await act(client, booking, what, stranger, **body)).status_code == 404


async def test_a_request_nobody_answers_cannot_be_granted_late(
    client, booked, requested, them, clock
):
    request = await booked(requested, 2 * HOUR)

    clock.forward(minutes=2 * HOUR)

    for what in ("confirm", "decline"):
        assert outcome(await act(client, request, what, them)) == (409, "invalid-transition")


async def test_what_has_not_begun_was_neither_held_nor_missed(
    client, booked, offering, them, clock
):
    booking = await booked(offering)
    clock.forward(minutes=119, seconds=59)

    for what in ("complete", "no-show"):
        refused = await act(client, booking, what, them)
        assert outcome(refused) == (409, "invalid-transition")
        assert refused.json()["detail"] == "It has not begun yet."

    clock.forward(seconds=1)
    assert outcome(await act(client, booking, "complete", them)) == (200, "completed")


async def test_who_does_not_come_owes_what_the_policy_of_their_booking_says(
    client, connection, booked, provider, them, clock
):
    offering = await make_offering(connection, provider, late_fee_percent=50)
    missed, kept = await booked(offering), await booked(offering, 4 * HOUR)
    clock.forward(minutes=5 * HOUR)

    answer = await act(client, missed, "no-show", them)
    await act(client, kept, "complete", them)

    assert outcome(answer) == (200, "no_show")
    assert (await connection.first(KEPT, id=UUID(missed["id"])))[0] == 2250
    assert (await connection.first(KEPT, id=UUID(kept["id"])))[0] == 0


async def test_the_fee_of_a_late_cancellation_is_kept_with_it(
    client, connection, booked, provider, me, them
):
    terms = {"late_fee_percent": 20, "free_until_minutes": DAY}
    offering = await make_offering(connection, provider, **terms)
    late, forced = await booked(offering), await booked(offering, 4 * HOUR)

    await act(client, late, "cancel", me)
    await act(client, forced, "cancel", them)

    assert (await connection.first(KEPT, id=UUID(late["id"])))[0] == 900
    assert (await connection.first(KEPT, id=UUID(forced["id"])))[0] == 0


LEGAL = {
    ("pending", "confirm"),
    ("pending", "decline"),
    ("pending", "cancel"),
    ("confirmed", "complete"),
    ("confirmed", "no-show"),
    ("confirmed", "cancel"),
}


@pytest.mark.parametrize("what", ["confirm", "decline", "complete", "no-show", "cancel"])
@pytest.mark.parametrize("status", list(BookingStatus))
async def test_only_legal_moves_are_made(
    client, connection, offering, provider, them, status, what
):
    customer = await make_user(connection)
    kept = await make_booking(
        connection,
        customer.id,
        offering,
        provider,
        starts_at=at(-10),
        status=status,
        hold_expires_at=at(10) if status is BookingStatus.PENDING else None,
    )

    answer = await act(client, {"id": kept.id}, what, them)

    if (status, what) in LEGAL:
        assert answer.status_code == 200, answer.text
        assert await connection.first(NOTED) == 1
    else:
        assert outcome(answer) == (409, "invalid-transition")
        assert await connection.first(NOTED) == 0
        assert await announced(connection) == []


@pytest.mark.parametrize("status", list(BookingStatus))
async def test_only_what_is_active_and_has_not_begun_is_moved(
    client, connection, offering, provider, them, status
):
    customer = await make_user(connection)
    changes = {
        "status": status,
        "hold_expires_at": at(30) if status is BookingStatus.PENDING else None,
    }
    ahead, begun = [
        await make_booking(
            connection, customer.id, offering, provider, starts_at=at(minutes), **changes
        )
        for minutes in (60, -10)
    ]

    moved = await move(client, {"id": ahead.id}, 5 * HOUR, them)
    late = await move(client, {"id": begun.id}, 7 * HOUR, them)

    active = status in (BookingStatus.PENDING, BookingStatus.CONFIRMED)
    assert moved.status_code == (200 if active else 409), moved.text
    assert outcome(late) == (409, "invalid-transition")


async def test_a_booking_is_moved_in_one_step_and_its_old_time_is_free(
    client, connection, booked, offering, me
):
    booking = await booked(offering, 2 * HOUR)

    moved = await move(client, booking, 5 * HOUR, me)
    other = await booked(offering, 2 * HOUR)

    answer = moved.json()
    assert moved.status_code == 200, answer
    assert (answer["id"], answer["status"]) == (booking["id"], "confirmed")
    assert (answer["starts_at"], answer["ends_at"]) == (
        "2030-03-01T17:00:00Z",
        "2030-03-01T18:00:00Z",
    )
    assert other["starts_at"] == booking["starts_at"]
    assert await connection.first(KEPT, id=UUID(booking["id"])) == (0, 1, "2030-03-01T17:00:00")
    (message,) = [m for m in await announced(connection) if isinstance(m, BookingRescheduled)]
    told = await history(client, booking, me, "?sort=-created_at")
    assert str(message.change_id) in {change["id"] for change in told}


@pytest.mark.parametrize("minutes", [90, 120, 150])
async def test_it_may_overlap_the_time_it_had(client, booked, offering, me, minutes):
    booking = await booked(offering, 2 * HOUR)

    moved = await move(client, booking, minutes, me)

    assert (moved.status_code, moved.json()["starts_at"]) == (
        200,
        at(minutes).isoformat().replace("+00:00", "Z"),
    )


async def test_it_is_moved_to_another_who_performs_the_service(client, connection, adapters, me):
    first, second = [await make_provider(connection) for _ in range(2)]
    offering = await make_offering(connection, first, second)
    wanted = {"service_id": str(offering.id), "starts_at": at(2 * HOUR).isoformat()}
    mine = wanted | {"provider_id": str(first.id)}
    booking = (await client.post("/bookings", json=mine, headers=me)).json()

    moved = await move(client, booking, 2 * HOUR, me, provider_id=str(second.id))
    freed = await client.post("/bookings", json=mine, headers=me)

    assert (moved.status_code, moved.json()["provider_id"]) == (200, str(second.id))
    assert freed.status_code == 201
    before = await sign_in(connection, adapters, user_id=first.user_id)
    assert (await client.get(f"/bookings/{booking['id']}", headers=before)).status_code == 404


async def test_who_does_not_perform_it_is_not_found(client, connection, booked, offering, me):
    other = await make_provider(connection)

    refused = await move(client, await booked(offering), DAY, me, provider_id=str(other.id))

    assert refused.status_code == 404


async def test_a_time_that_is_taken_is_refused_with_others_and_the_old_one_is_kept(
    client, booked, offering, me
):
    booking, other = await booked(offering, 2 * HOUR), await booked(offering, 5 * HOUR)

    refused = await move(client, booking, 5 * HOUR + 30, me)

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "slot-unavailable")
    starts = [slot["starts_at"] for slot in problem["alternatives"]]
    assert len(starts) == 5
    assert other["starts_at"] not in starts
    kept = await client.get(f"/bookings/{booking['id']}", headers=me)
    assert kept.json() == booking
    assert [change["kind"] for change in await history(client, booking, me)] == ["booked"]
    for start in starts:
        moved = await act(client, booking, "reschedule", me, starts_at=start)
        assert moved.status_code == 200, "an alternative can be had"


@pytest.mark.parametrize("minutes", [61, 5 * HOUR + 1])
async def test_a_time_that_is_no_slot_is_refused(client, booked, offering, me, minutes):
    assert outcome(await move(client, await booked(offering), minutes, me)) == (
        409,
        "slot-unavailable",
    )


@pytest.mark.parametrize("minutes", [-HOUR, 61 * DAY])
async def test_outside_the_time_that_can_be_booked_is_a_422(client, booked, offering, me, minutes):
    refused = await move(client, await booked(offering), minutes, me)

    assert outcome(refused) == (422, "outside-booking-window")
    assert refused.json()["errors"][0]["pointer"] == "#/starts_at"


async def test_a_customer_cannot_escape_a_late_fee_by_moving_it(
    client, connection, booked, provider, me, them, clock
):
    terms = {"late_fee_percent": 20, "free_until_minutes": 90}
    offering = await make_offering(connection, provider, **terms)
    booking = await booked(offering, 2 * HOUR)
    clock.forward(minutes=31)

    mine = await move(client, booking, DAY, me)
    theirs = await move(client, booking, DAY, them)

    assert outcome(mine) == (409, "too-late-to-reschedule")
    assert outcome(theirs) == (200, "confirmed")


async def test_what_is_moved_does_not_count_twice_against_a_limit(
    client, connection, booked, provider, offering, me
):
    booking = await booked(offering, 2 * HOUR)
    await connection.run(LIMITED, provider=provider.id, most=1)

    moved = await move(client, booking, 4 * HOUR, me)
    wanted = {"service_id": str(offering.id), "starts_at": at(2 * HOUR).isoformat()}
    another = await client.post("/bookings", json=wanted, headers=me)

    assert outcome(moved) == (200, "confirmed")
    assert outcome(another) == (409, "slot-unavailable")


async def test_a_hold_that_has_lapsed_does_not_stand_in_its_way(
    client, connection, booked, provider, offering, me, clock
):
    prepaid = await make_offering(connection, provider, payment=PaymentTerms.PREPAID)
    held, booking = await booked(prepaid, 5 * HOUR), await booked(offering, 2 * HOUR)
    clock.forward(minutes=20)

    assert outcome(await move(client, booking, 5 * HOUR, me)) == (200, "confirmed")
    assert [change["kind"] for change in await history(client, held, me)] == ["booked", "expired"]


async def test_a_history_tells_who_did_what_when_and_why(
    client, connection, adapters, booked, requested, me, them, clock, provider
):
    mine = (await client.get("/profile", headers=me)).json()["id"]
    support = await make_user(connection, Role.MANAGEMENT)
    staff = await sign_in(connection, adapters, user_id=support.id)
    booking = await booked(requested, 10 * HOUR)
    clock.forward(minutes=1)
    await act(client, booking, "confirm", them)
    clock.forward(minutes=1)
    await move(client, booking, 12 * HOUR, me)
    clock.forward(minutes=1)
    await act(client, booking, "cancel", staff, reason="The house is on fire.")

    told = await history(client, booking, me)

    assert [(c["kind"], c["status"], c["actor_id"], c["reason"]) for c in told] == [
        ("booked", "pending", mine, None),
        ("confirmed", "confirmed", str(provider.user_id), None),
        ("rescheduled", "confirmed", mine, None),
        ("cancelled", "cancelled", str(support.id), "The house is on fire."),
    ]
    assert [c["created_at"] for c in told] == [f"2030-03-01T12:0{n}:00Z" for n in range(4)]
    assert (told[2]["moved_from"], told[2]["moved_to"]) == (
        "2030-03-01T22:00:00Z",
        "2030-03-02T00:00:00Z",
    )
    assert await history(client, booking, them, "?sort=-created_at") == told[::-1]
    stranger = await sign_in(connection, adapters)
    hidden = await client.get(f"/bookings/{booking['id']}/history", headers=stranger)
    assert hidden.status_code == 404


async def test_what_staff_does_with_a_booking_is_kept_and_what_people_do_is_not(
    client, connection, adapters, booked, offering, requested, me, them, clock
):
    admin = await sign_in(connection, adapters, Role.ADMIN)
    await move(client, await booked(offering, 20 * HOUR), 22 * HOUR, me)
    await act(client, await booked(requested, 24 * HOUR), "confirm", them)
    await act(client, await booked(requested, 1 * HOUR), "confirm", admin)
    await act(client, await booked(requested, 2 * HOUR), "decline", admin, reason="No, Ada.")
    await move(client, await booked(offering, 3 * HOUR), 10 * HOUR, admin)
    await act(client, await booked(offering, 4 * HOUR), "cancel", admin)
    held, missed = await booked(offering, 5 * HOUR), await booked(offering, 6 * HOUR)
    clock.forward(minutes=7 * HOUR)
    await act(client, held, "complete", admin)
    await act(client, missed, "no-show", admin)

    told = await client.get("/admin/audit-log?sort=created_at", headers=admin)

    entries = told.json()["items"]
    assert sorted(entry["action"] for entry in entries) == [
        "booking.cancelled",
        "booking.completed",
        "booking.confirmed",
        "booking.declined",
        "booking.no_show",
        "booking.rescheduled",
    ]
    assert "Ada" not in told.text


async def test_the_same_request_twice_moves_it_once(client, connection, booked, offering, me):
    booking = await booked(offering)
    headers = {**me, "Idempotency-Key": "k1"}
    first = await move(client, booking, 5 * HOUR, headers)
    await move(client, booking, 8 * HOUR, me)

    again = await move(client, booking, 5 * HOUR, headers)

    assert (again.status_code, again.content) == (200, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    now = (await client.get(f"/bookings/{booking['id']}", headers=me)).json()
    assert now["starts_at"] == "2030-03-01T20:00:00Z"
