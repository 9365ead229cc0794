"""The figures of the platform."""

import pytest
from sqlalchemy import bindparam, update

from app.core.statements import Command
from app.domain.bookings import BookingStatus
from app.domain.offerings import OfferingStatus
from app.domain.providers import ProviderStatus
from app.domain.roles import STAFF, Role
from app.domain.users import UserStatus
from app.models import Bookings, Sessions
from tests.factories.accounts import actor_of, make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at

DAY = 60 * 24
AGE = Command(
    update(Bookings)
    .where(Bookings.id == bindparam("booking_id"))
    .values(
        created_at=bindparam("created_at"),
        status=bindparam("status"),
        hold_expires_at=bindparam("hold_expires_at"),
    )
)
END = Command(update(Sessions).values(revoked_at=NOW))


@pytest.fixture
async def clerk(connection, adapters):
    return await sign_in(connection, adapters, Role.ACCOUNTANT)


async def test_an_empty_platform_has_a_figure_for_everything(client, clerk):
    stats = (await client.get("/admin/stats", headers=clerk)).json()

    assert stats == {
        "generated_at": "2030-03-01T12:00:00Z",
        "users": {
            "total": 1,
            "by_status": {"active": 1, "pending": 0, "deactivated": 0},
            "by_role": {role: int(role == "accountant") for role in Role},
            "new_in_7_days": 1,
            "new_in_30_days": 1,
        },
        "sessions": {"active": 1},
        "providers": {"total": 0, "by_status": {"active": 0, "pending": 0, "inactive": 0}},
        "services": {"total": 0, "by_status": dict.fromkeys(OfferingStatus, 0)},
        "bookings": {
            "total": 0,
            "by_status": dict.fromkeys(BookingStatus, 0),
            "upcoming": 0,
            "made_in_7_days": 0,
            "made_in_30_days": 0,
        },
    }


async def test_accounts_are_counted_by_state_role_and_age(client, connection, clerk):
    await make_user(connection, Role.CUSTOMER, Role.PROVIDER, created_at=at(-8 * DAY))
    await make_user(connection, Role.CUSTOMER, created_at=at(-31 * DAY))
    await make_user(connection, Role.CUSTOMER, status=UserStatus.PENDING)
    await make_user(connection, Role.CUSTOMER, status=UserStatus.DEACTIVATED)
    await make_user(connection, Role.CUSTOMER, status=UserStatus.DEACTIVATED, erased_at=NOW)

    users = (await client.get("/admin/stats", headers=clerk)).json()["users"]

    assert users["total"] == 5
    assert users["by_status"] == {"active": 3, "pending": 1, "deactivated": 1}
    assert (users["by_role"]["customer"], users["by_role"]["provider"]) == (4, 1)
    assert (users["new_in_7_days"], users["new_in_30_days"]) == (3, 4)


async def test_sessions_that_are_over_are_not_counted(client, connection, adapters):
    for _ in range(2):
        await sign_in(connection, adapters)
    await connection.run(END)
    clerk = await sign_in(connection, adapters, Role.ADMIN)

    stats = (await client.get("/admin/stats", headers=clerk)).json()

    assert stats["sessions"] == {"active": 1}


async def test_services_and_providers_are_counted_by_state(client, connection, clerk):
    provider = await make_provider(connection)
    await make_provider(connection, status=ProviderStatus.INACTIVE)
    await make_offering(connection, provider)
    await make_offering(connection, provider, status=OfferingStatus.DRAFT)

    stats = (await client.get("/admin/stats", headers=clerk)).json()

    assert stats["providers"]["total"] == stats["services"]["total"] == 2
    assert stats["providers"]["by_status"] == {"active": 1, "pending": 0, "inactive": 1}
    assert stats["services"]["by_status"] == {"active": 1, "draft": 1, "archived": 0}


async def test_bookings_are_counted_by_the_state_they_are_shown_in(
    client, connection, services, clock, clerk
):
    service = await make_offering(connection)
    customer = actor_of(await make_user(connection))
    made = [
        await services.bookings.book(customer, service.id, starts_at=at(60 * hour))
        for hour in (2, 4, 6, 8)
    ]
    for booking, status, age, expires in (
        (made[0], BookingStatus.CONFIRMED, -8, None),
        (made[1], BookingStatus.PENDING, -40, at(5)),
        (made[2], BookingStatus.PENDING, 0, at(-5)),
        (made[3], BookingStatus.CANCELLED, 0, None),
    ):
        await connection.run(
            AGE,
            booking_id=booking.id,
            status=status,
            created_at=at(age * DAY),
            hold_expires_at=expires,
        )

    bookings = (await client.get("/admin/stats", headers=clerk)).json()["bookings"]

    counted = {status: count for status, count in bookings["by_status"].items() if count}
    assert counted == {"confirmed": 1, "pending": 1, "expired": 1, "cancelled": 1}
    assert (bookings["total"], bookings["upcoming"]) == (4, 2)
    assert (bookings["made_in_7_days"], bookings["made_in_30_days"]) == (2, 3)
    clock.forward(hours=3)
    later = (await client.get("/admin/stats", headers=clerk)).json()["bookings"]
    assert later["upcoming"] == 0


@pytest.mark.parametrize("role", Role)
async def test_staff_alone_sees_them(client, connection, adapters, role):
    headers = await sign_in(connection, adapters, role)

    answer = await client.get("/admin/stats", headers=headers)

    assert answer.status_code == (200 if role in STAFF else 403)
