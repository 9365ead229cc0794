"""What `banister doctor` finds."""

import asyncio
import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from app.cli.doctor import examine
from app.core.config import Settings, load_settings
from app.domain.bookings import Booking, BookingStatus
from app.domain.payments import GatewayName
from app.repositories import book_checks, drifts
from tests.factories.accounts import make_user
from tests.factories.bookings import make_booking
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import Clock
from tests.factories.ledger import top_up
from tests.factories.paid import make_payment
from tests.fakes import freedompay as fake_freedompay
from tests.fakes.freedompay import freedompay_server
from tests.integrations.payments.vendors import FreedomPay, asked

DAY = timedelta(days=1)


@pytest.fixture
def settings(url, tmp_path) -> Settings:
    return load_settings(_env_file=None, database_url=url, data_dir=tmp_path, secret_key="k" * 32)


def changed(settings: Settings, **given: object) -> Settings:
    return load_settings(**(settings.model_dump() | {"_env_file": None} | given))


def test_a_machine_that_needs_nothing_is_fine(settings, capsys):
    assert examine(settings)

    said = capsys.readouterr().out
    assert "ok    database: PostgreSQL 1" in said
    assert "WRONG" not in said


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"stripe_secret_key": "sk"}, "Stripe: STRIPE_WEBHOOK_SECRET missing"),
        (
            {"s3_endpoint_url": "http://s3", "s3_bucket": "b"},
            "S3: S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY missing",
        ),
        ({"redis_url": "redis://127.0.0.1:1"}, "Redis: 127.0.0.1:1: "),
        ({"smtp_host": "127.0.0.1", "smtp_port": 1}, "mail: 127.0.0.1:1: "),
        ({"database_url": "postgresql://127.0.0.1:1/x"}, "database: "),
        ({"environment": "production", "secret_key": "k" * 40}, "mail: no SMTP_HOST"),
    ],
)
def test_what_is_wrong_is_named(settings, capsys, given, found):
    assert not examine(changed(settings, **given))

    (wrong,) = [line for line in capsys.readouterr().out.splitlines() if "WRONG" in line]
    assert wrong.startswith(f"WRONG {found}")


def test_a_mail_server_that_answers_is_fine(settings, capsys):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        assert examine(changed(settings, smtp_host="127.0.0.1", smtp_port=port))


@pytest.fixture
async def agreed(real_database):
    """What makes an appointment, kept so many minutes away from its wall time."""
    async with real_database.read() as connection:
        provider = await make_provider(connection, timezone="Europe/Berlin")
        offering = await make_offering(connection, provider)
        customer = await make_user(connection)

        async def make(starts_at: datetime, wall: str, **changes: Any) -> Booking:
            changes = {"starts_at": starts_at, "starts_local": wall, **changes}
            return await make_booking(connection, customer.id, offering, provider, **changes)

        yield make


# In Berlin the clocks go from 03:00 back to 02:00 on 27 October 2030, and forward on 31 March.
SUMMER, WINTER = (
    datetime(2030, 10, 27, 0, 30, tzinfo=UTC),
    datetime(2030, 10, 27, 1, 30, tzinfo=UTC),
)
SKIPPED = datetime(2031, 3, 30, 1, 30, tzinfo=UTC)


async def test_appointments_that_the_zones_moved_are_named(settings, agreed, capsys, monkeypatch):
    monkeypatch.setattr(drifts, "AT_ONCE", 2)
    an_hour_off = await agreed(datetime(2030, 7, 1, 9, tzinfo=UTC), "2030-07-01T10:00:00")
    never = await agreed(SKIPPED, "2031-03-30T02:30:00")
    unzoned = await agreed(SKIPPED + DAY, "2031-03-31T03:30:00", timezone="Europe/Atlantis")
    await agreed(datetime(2030, 7, 2, 9, tzinfo=UTC), "2030-07-02T11:00:00")
    for twice in (SUMMER, WINTER):
        await agreed(twice, "2030-10-27T02:30:00")
    off = {"starts_at": datetime(2030, 7, 3, 9, tzinfo=UTC), "wall": "2030-07-03T10:00:00"}
    await agreed(**off, status=BookingStatus.CANCELLED)
    await agreed(datetime(2020, 7, 1, 9, tzinfo=UTC), "2020-07-01T10:00:00")

    assert not await asyncio.to_thread(examine, settings)

    lines = capsys.readouterr().out.splitlines()
    (here,) = [number for number, line in enumerate(lines) if "WRONG" in line]
    assert lines[here].startswith("WRONG appointments: 3 would no longer start")
    assert [line.strip() for line in lines[here + 1 : here + 4]] == [
        f"{an_hour_off.id}: 2030-07-01T10:00:00 Europe/Berlin is kept as"
        " 2030-07-01T09:00:00+00:00, means 2030-07-01T08:00:00+00:00",
        f"{never.id}: 2031-03-30T02:30:00 Europe/Berlin is kept as"
        " 2031-03-30T01:30:00+00:00, means no instant",
        f"{unzoned.id}: 2031-03-31T03:30:00 Europe/Atlantis is kept as"
        " 2031-03-31T01:30:00+00:00, means no instant",
    ]


async def test_of_many_that_the_zones_moved_twenty_are_named(settings, agreed, capsys):
    for day in range(1, 24):
        await agreed(datetime(2030, 7, day, 9, tzinfo=UTC), f"2030-07-{day:02}T10:00:00")

    assert not await asyncio.to_thread(examine, settings)

    said = capsys.readouterr().out
    assert "appointments: 23 would" in said
    assert said.count("is kept as") == 20


async def test_appointments_that_are_where_they_were_agreed_are_fine(settings, agreed, capsys):
    await agreed(WINTER, "2030-10-27T02:30:00")

    assert await asyncio.to_thread(examine, settings)

    assert "ok    appointments: at the wall times" in capsys.readouterr().out


def test_those_whom_people_sign_in_with_are_asked(settings, capsys, oidc):
    clients = [oidc.client("acme"), oidc.client("other", "impostor"), oidc.client("far", "keyless")]

    assert not examine(changed(settings, oidc_providers=clients))

    said = capsys.readouterr().out
    assert "ok    sign-in with acme: answers" in said
    assert "WRONG sign-in with other: says that it is another issuer" in said
    assert "WRONG sign-in with far: offers no set of keys" in said


@pytest.fixture
async def raw(real_database, url):
    """A connection that can do what the tables refuse."""
    connection = await asyncpg.connect(url)
    await connection.execute("SET session_replication_role = replica")
    yield connection
    await connection.close()


async def test_books_that_are_right_are_fine(settings, real_doors, raw, capsys):
    async with real_doors.database.read() as connection:
        user = await make_user(connection)
    await top_up(real_doors, user.id, 700)

    assert await asyncio.to_thread(examine, settings)

    assert "ok    books: balanced" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("harm", "found"),
    [
        (
            "UPDATE ledger_accounts SET balance = 701 WHERE kind = 'customer_wallet'",
            "miscounted {account}: 701 EUR, must be 700",
        ),
        (
            "DELETE FROM ledger_postings WHERE amount < 0",
            "unbalanced {entry}: 700 EUR, must be 0",
        ),
    ],
)
async def test_what_is_wrong_with_the_books_is_named(
    settings, real_doors, raw, capsys, monkeypatch, harm, found
):
    monkeypatch.setattr(book_checks, "AT_ONCE", 1)
    async with real_doors.database.read() as connection:
        user = await make_user(connection)
    await top_up(real_doors, user.id, 700)
    account = await raw.fetchval("SELECT id FROM ledger_accounts WHERE balance > 0")
    entry = await raw.fetchval("SELECT id FROM ledger_entries")
    await raw.execute(harm)

    assert not await asyncio.to_thread(examine, settings)

    said = capsys.readouterr().out
    assert "WRONG books: " in said
    assert found.format(account=account, entry=entry) in said


async def test_ratings_that_no_review_gave_are_named(settings, real_doors, raw, capsys):
    async with real_doors.database.read() as connection:
        provider = await make_provider(connection)
    assert await asyncio.to_thread(examine, settings)
    fine = capsys.readouterr().out
    await raw.execute(
        "INSERT INTO review_totals VALUES ('provider', $1, 0, 0, 0, 0, 3)", provider.id
    )

    assert not await asyncio.to_thread(examine, settings)

    said = capsys.readouterr().out
    assert "ok    ratings: are what the reviews add up to" in fine
    assert "WRONG ratings: " in said
    assert f"provider {provider.id}: [0, 0, 0, 0, 3], must be [0, 0, 0, 0, 0]" in said


@pytest.fixture
async def freedompay():
    async with freedompay_server() as server:
        yield server


@pytest.fixture
def paying(settings, freedompay) -> Settings:
    return changed(
        settings,
        freedompay_merchant_id=fake_freedompay.MERCHANT,
        freedompay_secret_key=fake_freedompay.SECRET,
        freedompay_api_base=freedompay.address,
    )


@pytest.fixture
async def paid(real_database, freedompay):
    """A payment that stands at its gateway as it does here."""
    then = datetime(2026, 1, 1, tzinfo=UTC)
    async with real_database.read() as connection:
        provider = await make_provider(connection)
        offering = await make_offering(connection, provider, price_currency="KZT")
        customer = await make_user(connection)
        booking = await make_booking(connection, customer.id, offering, provider, starts_at=WINTER)
        made = {"gateway": GatewayName.FREEDOMPAY, "created_at": then, "updated_at": then}
        payment = await make_payment(connection, booking, **made, reference=None)
    account = FreedomPay(freedompay, Clock())
    await account.gateway.begin(replace(asked(payment.asked), payment_id=payment.id))
    freedompay.succeed(payment.id)
    return payment


async def test_a_gateway_that_answers_is_fine(paying, real_database, capsys):
    assert await asyncio.to_thread(examine, paying)

    said = capsys.readouterr().out
    assert "ok    gateway freedompay: answers, and has 0 newest payments as we have them" in said
    assert "gateway stripe" not in said


async def test_a_gateway_that_has_payments_as_we_have_them_is_fine(paying, paid, raw, capsys):
    await asyncio.to_thread(examine, paying)  # of the payment, nothing is in the books here

    assert "ok    gateway freedompay: answers, and has 1 newest" in capsys.readouterr().out


async def test_what_stands_otherwise_at_its_gateway_is_named(paying, paid, raw, freedompay, capsys):
    freedompay.give_back(paid.id, "10.00")

    assert not await asyncio.to_thread(examine, paying)

    said = capsys.readouterr().out
    assert "WRONG gateway freedompay: 1 of 1 newest payments stand otherwise there" in said
    money = f"{paid.amount} KZT paid, "
    assert f"{paid.id}: {money}0 given back, must be {money}1000 given back" in said


@pytest.mark.parametrize("fault", ["500", "malformed"])
async def test_a_gateway_that_is_no_use_is_named(paying, real_database, freedompay, capsys, fault):
    freedompay.faults["get_status3.php"] += [fault] * 9

    assert not await asyncio.to_thread(examine, paying)

    assert "WRONG gateway freedompay: does not answer" in capsys.readouterr().out


async def test_a_gateway_that_knows_another_secret_is_named(paying, real_database, capsys):
    assert not await asyncio.to_thread(examine, changed(paying, freedompay_secret_key="another"))

    assert "WRONG gateway freedompay: does not answer, or" in capsys.readouterr().out
