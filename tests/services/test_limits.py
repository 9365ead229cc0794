"""As what tries at an account count, and that no connection is held meanwhile."""

import pytest

from app.bootstrap import Doors
from app.core.database import Database, open_pool
from app.domain.limits import Quota
from app.domain.origins import Origin
from tests.factories.accounts import make_user, sign_in
from tests.factories.limits import counting_in


@pytest.fixture
async def ada(connection, adapters):
    """Somebody who has a session from 192.0.2.1."""
    user = await make_user(connection)
    await sign_in(connection, adapters, user_id=user.id)
    return user


@pytest.mark.parametrize(
    ("ip", "side"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("192.0.2.2", "strangers"),
        (None, "strangers"),
        ("unknown", "strangers"),
    ],
)
async def test_where_an_owner_was_counts_by_itself(doors, ada, ip, side):
    async with doors.writing(Origin(ip=ip)) as services:
        assert await services.limits.side(ada.email) == f"{ada.email} from {side}"


async def test_where_others_were_is_no_home_of_ones_own(doors, ada, connection):
    other = await make_user(connection)
    async with doors.writing(Origin(ip="192.0.2.1")) as services:
        for email in (other.email, "nobody@example.com"):
            assert await services.limits.side(email) == f"{email} from strangers"


@pytest.mark.parametrize("act", ["spend", "forgive"])
async def test_who_counts_in_postgresql_holds_no_connection_of_their_own(
    url, adapters, real_database, act
):
    """Or a storm would take all connections, each waiting for one more."""
    pool = await open_pool(url, size=1)
    doors = counting_in("postgres", Doors(Database(pool), adapters))
    async with doors.writing(Origin(ip="192.0.2.1")) as services:
        await services.limits.side("ada@example.com")
        await getattr(services.limits, act)(Quota.LOGIN, "ada")

        assert doors.adapters.limiter._shared._quiet_until == float("-inf")  # it never fell back
    await pool.close()


async def test_counts_whose_time_is_over_are_deleted(doors, clock):
    limiter = counting_in("postgres", doors).adapters.limiter
    await limiter.spend(Quota.LOGIN, None, "ada")
    clock.forward(hours=2)
    await limiter.spend(Quota.CODES, None, "ada")

    async with doors.writing() as services:
        assert await services.limits.forget_over() == 2
        assert await services.limits.forget_over() == 0
