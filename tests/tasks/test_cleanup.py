"""What has had its time goes, and nothing else."""

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from app.core.statements import Command, Query
from app.domain.bookings import BookingStatus
from app.domain.idempotency import KEPT
from app.domain.offerings import PaymentTerms
from app.models import BookingChanges, Bookings, IdempotencyRecords
from app.services import booking_changes, idempotency
from app.tasks.cleanup import CLEANUP, clean_up
from app.tasks.registry import load
from app.tasks.schedule import SCHEDULE
from tests.factories.accounts import make_user, sign_in
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at

STATUSES = Query(select(Bookings.status).order_by(Bookings.starts_at), str)
NOTED = Query(
    select(
        BookingChanges.booking_id,
        BookingChanges.kind,
        BookingChanges.status,
        BookingChanges.actor_id,
        BookingChanges.created_at,
    ).order_by(BookingChanges.created_at, BookingChanges.id),
    lambda *row: row,
)
KEYS = Query(select(IdempotencyRecords.key).order_by(IdempotencyRecords.key), str)
REMEMBER = Command(
    insert(IdempotencyRecords).values(
        {name: bindparam(name) for name in ("user_id", "key", "fingerprint", "created_at")}
    )
)


@pytest.fixture
async def held(client, connection, adapters) -> None:
    """Two bookings that are held until they are paid, the second made ten minutes later."""
    me = await sign_in(connection, adapters)
    offering = await make_offering(connection, payment=PaymentTerms.PREPAID)
    for minutes in (60, 120):
        wanted = {"service_id": str(offering.id), "starts_at": at(minutes).isoformat()}
        made = await client.post("/bookings", json=wanted, headers=me)
        assert made.json()["status"] == "pending"
        adapters.clock.forward(minutes=10)


async def remember(connection, key: str, age: timedelta) -> None:
    user = await make_user(connection)
    await connection.run(REMEMBER, user_id=user.id, key=key, fingerprint=b"f", created_at=NOW - age)


async def test_a_hold_is_written_off_when_its_time_has_passed(doors, connection, held):
    done = await clean_up(doors)

    assert done["expire_holds"] == 1
    assert await connection.all(STATUSES) == ["expired", "pending"]


async def test_requests_are_forgotten_after_the_time_they_are_kept(doors, connection):
    await remember(connection, "old", KEPT + timedelta(seconds=1))
    await remember(connection, "new", KEPT - timedelta(seconds=1))

    done = await clean_up(doors)

    assert done["forget_requests"] == 1
    assert await connection.all(KEYS) == ["new"]


async def test_it_goes_on_until_nothing_is_left(doors, connection, held, clock, monkeypatch):
    monkeypatch.setattr(booking_changes, "AT_ONCE", 1)
    monkeypatch.setattr(idempotency, "BATCH", 1)
    clock.forward(minutes=60)
    for number in range(3):
        await remember(connection, str(number), 2 * KEPT)

    done = await clean_up(doors)

    assert (done["expire_holds"], done["forget_requests"]) == (2, 3)
    assert set((await clean_up(doors)).values()) == {0}


def test_the_worker_does_from_time_to_time_what_the_command_does():
    load()
    periodic = [one.use_case for one in SCHEDULE]

    assert all(periodic.count(use_case) == 1 for use_case in CLEANUP)
    assert len({one.name for one in SCHEDULE}) == len(SCHEDULE)


async def test_what_ended_six_hours_ago_was_held_unless_somebody_says_otherwise(
    doors, connection, clock
):
    provider = await make_provider(connection)
    offering = await make_offering(connection, provider)
    customer = await make_user(connection)
    states = (BookingStatus.CONFIRMED, BookingStatus.NO_SHOW, BookingStatus.CANCELLED)
    kept = [
        await make_booking(
            connection, customer.id, offering, provider, starts_at=at(60 * hour), status=status
        )
        for hour, status in enumerate((*states, BookingStatus.CONFIRMED), -10)
    ]

    clock.forward(minutes=-1)  # the last one began at five and ended at six in the morning
    done = await clean_up(doors)

    assert done["complete_over"] == 1
    assert await connection.all(STATUSES) == ["completed", "no_show", "cancelled", "confirmed"]
    assert await connection.all(NOTED) == [(kept[0].id, "completed", "completed", None, clock())]
    clock.forward(minutes=1)
    assert (await clean_up(doors))["complete_over"] == 1


async def test_nobody_is_said_to_have_let_a_hold_lapse(doors, connection, held):
    await clean_up(doors)

    told = await connection.all(NOTED)

    assert [(kind, status) for _, kind, status, _, _ in told] == [
        ("booked", "pending"),
        ("booked", "pending"),
        ("expired", "expired"),
    ]
    assert [actor is None for _, _, _, actor, _ in told] == [False, False, True]
