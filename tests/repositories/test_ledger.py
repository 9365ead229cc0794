"""The books: what is written once, always balances, and is never changed."""

import asyncio

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.ids import new_id
from app.core.money import Money
from app.domain import postings
from app.domain.commissions import Commission
from app.domain.ledger import Account, EntryKind, InsufficientFunds, Posting
from tests.factories.accounts import make_user
from tests.factories.clock import NOW
from tests.factories.ledger import top_up
from tests.factories.races import ONE, at_once

TEN, TEN_YEN = Money(10, "EUR"), Money(10, "JPY")
CARD, REVENUE = postings.clearing("sandbox"), postings.REVENUE
ACCOUNTS = "SELECT kind, owner_id, gateway, currency, balance FROM ledger_accounts"
POSTED = """SELECT kind, owner_id, gateway, a.currency, sum(amount)
 FROM ledger_postings p JOIN ledger_accounts a ON a.id = account_id GROUP BY 1, 2, 3, 4"""
TOTALS = "SELECT currency, sum(balance) FROM ledger_accounts GROUP BY 1 HAVING sum(balance) <> 0"


async def asked(database, sql: str) -> list[tuple]:
    async with database.read() as connection:
        await connection.first(ONE)
        return [tuple(row) for row in await connection._raw.fetch(sql)]


async def balances(database) -> dict[tuple, int]:
    return {row[:4]: row[4] for row in await asked(database, ACCOUNTS)}


async def write(doors, source_id, *what: Posting, kind=EntryKind.PAYMENT_CAPTURED) -> bool:
    async with doors.writing() as services:
        return await services.ledger.record(kind, source_id, what)


def move(amount: Money, out_of: Account, into: Account) -> list[Posting]:
    return postings.moved(amount, out_of=out_of, into=into)


async def test_an_entry_makes_its_accounts_and_moves_their_balances(doors, database, connection):
    user = await make_user(connection)
    wallet = postings.wallet(user.id)

    assert await write(doors, new_id(), *move(TEN, CARD, wallet))
    assert await write(doors, new_id(), *move(Money(4, "EUR"), wallet, REVENUE))
    assert await write(doors, new_id(), *move(Money(3, "JPY"), CARD, REVENUE))

    assert await balances(database) == {
        ("gateway_clearing", None, "sandbox", "EUR"): -10,
        ("gateway_clearing", None, "sandbox", "JPY"): -3,
        ("customer_wallet", user.id, "", "EUR"): 6,
        ("platform_revenue", None, "", "EUR"): 4,
        ("platform_revenue", None, "", "JPY"): 3,
    }


async def test_the_same_cause_twice_has_one_effect(doors, database):
    cause = new_id()

    told = [await write(doors, cause, *move(TEN, CARD, REVENUE)) for _ in range(3)]
    other = await write(doors, cause, *move(TEN, CARD, REVENUE), kind=EntryKind.GATEWAY_FEE)

    assert (told, other) == ([True, False, False], True)
    assert (await balances(database))["platform_revenue", None, "", "EUR"] == 20


async def test_the_same_cause_at_once_has_one_effect(real_doors, real_database):
    cause = new_id()

    calls = [write(real_doors, cause, *move(TEN, CARD, REVENUE)) for _ in range(8)]
    told = await at_once(real_doors, *calls)

    assert sorted(told) == [False] * 7 + [True]
    assert (await balances(real_database))["platform_revenue", None, "", "EUR"] == 10


async def test_a_wallet_is_never_under_zero(doors, database, connection):
    user = await make_user(connection)
    wallet = postings.wallet(user.id)

    with pytest.raises(InsufficientFunds):  # there is no such wallet yet
        await write(doors, new_id(), *move(TEN, wallet, REVENUE))
    await write(doors, new_id(), *move(TEN, CARD, wallet))
    with pytest.raises(InsufficientFunds):
        await write(doors, new_id(), *move(Money(11, "EUR"), wallet, REVENUE))
    with pytest.raises(InsufficientFunds):  # of that currency there is none
        await write(doors, new_id(), *move(TEN, CARD, REVENUE), *move(TEN_YEN, wallet, REVENUE))
    await write(doors, new_id(), *move(TEN, wallet, REVENUE))

    assert (await balances(database))["customer_wallet", user.id, "", "EUR"] == 0


async def test_what_was_refused_left_nothing(doors, database, connection):
    wallet = postings.wallet((await make_user(connection)).id)

    with pytest.raises(InsufficientFunds):
        await write(doors, new_id(), *move(TEN, wallet, REVENUE))

    assert await asked(database, "SELECT id FROM ledger_entries") == []
    assert await balances(database) == {}


accounts = st.sampled_from(range(6))
steps = st.lists(
    st.tuples(accounts, accounts, st.integers(1, 50), st.sampled_from(["EUR", "JPY"])), max_size=12
)


@given(steps=steps)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_after_any_entries_balances_are_the_sums_of_postings(
    doors, database, connection, steps
):
    users = [await make_user(connection) for _ in range(2)]
    own = new_id().hex[-20:]  # one transaction has all examples in it
    there = [
        *(postings.wallet(user.id) for user in users),
        *(postings.provider(user.id).deposits for user in users),
        postings.clearing(own),
        REVENUE._replace(gateway=own),
    ]
    kept: dict[tuple[Account, str], int] = {}
    for out_of, into, amount, currency in steps:
        if out_of == into:
            continue
        wanted = Money(amount, currency)
        key = (there[out_of], currency)
        is_empty = out_of < 2 and kept.get(key, 0) < amount
        try:
            assert await write(doors, new_id(), *move(wanted, there[out_of], there[into]))
        except InsufficientFunds:
            assert is_empty
            continue
        assert not is_empty
        kept[key] = kept.get(key, 0) - amount
        kept[there[into], currency] = kept.get((there[into], currency), 0) + amount

    found = await balances(database)
    posted = await asked(database, POSTED)
    assert found == {row[:4]: row[4] for row in posted}
    assert await asked(database, TOTALS) == []
    for (account, currency), amount in kept.items():
        assert found[str(account.kind), account.owner_id, account.gateway, currency] == amount


ENTRY = "INSERT INTO ledger_entries (id, kind, source_id, created_at) VALUES ($1, 'payout', $1, $2)"
ACCOUNT = "INSERT INTO ledger_accounts (id, kind, currency) VALUES ($1, $2, $3)"
POSTING = """INSERT INTO ledger_postings (id, entry_id, account_id, currency, amount, created_at)
 VALUES (gen_random_uuid(), $1, $2, $3, $4, $5)"""


@pytest.fixture
async def raw(url, real_database):
    connection = await asyncpg.connect(url)
    yield connection
    await connection.close()


async def begin(raw, *amounts: tuple[str, int]) -> None:
    """Insert one entry in plain SQL, in a transaction of its own."""
    async with raw.transaction():
        entry = new_id()
        await raw.execute(ENTRY, entry, NOW)
        for place, (currency, amount) in enumerate(amounts):
            account = new_id()
            kind = ["refunds", "payouts", "gateway_fees"][place]
            await raw.execute(ACCOUNT, account, kind, currency)
            await raw.execute(POSTING, entry, account, currency, amount, NOW)


@pytest.mark.parametrize(
    "amounts", [[("EUR", 5)], [("EUR", 5), ("EUR", -4)], [("EUR", 5), ("USD", -5)]]
)
async def test_what_does_not_balance_is_refused_at_commit(raw, amounts):
    with pytest.raises(asyncpg.CheckViolationError, match="does not sum to zero"):
        await begin(raw, *amounts)

    assert await raw.fetchval("SELECT count(*) FROM ledger_entries") == 0


async def test_without_the_trigger_it_would_stand_there(raw):
    """The control of the test above."""
    await raw.execute("ALTER TABLE ledger_postings DISABLE TRIGGER balanced")
    try:
        await begin(raw, ("EUR", 5), ("EUR", -4))
    finally:
        await raw.execute("ALTER TABLE ledger_postings ENABLE TRIGGER balanced")

    assert await raw.fetchval("SELECT count(*) FROM ledger_entries") == 1


async def test_what_balances_in_each_currency_is_taken(raw):
    await begin(raw, ("EUR", 5), ("EUR", -5))

    assert await raw.fetchval("SELECT count(*) FROM ledger_postings") == 2


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_postings"])
@pytest.mark.parametrize("change", ["UPDATE {} SET created_at = now()", "DELETE FROM {}"])
async def test_what_is_written_is_never_changed(raw, table, change):
    await begin(raw, ("EUR", 5), ("EUR", -5))

    with pytest.raises(asyncpg.PostgresError):
        await raw.execute(change.format(table))


@pytest.mark.parametrize("amount", [0, 10**12 + 1])
async def test_nothing_and_too_much_is_no_posting(raw, amount):
    with pytest.raises(asyncpg.CheckViolationError):
        await begin(raw, ("EUR", amount), ("EUR", -amount))


async def test_mixed_entries_at_once_end_without_a_deadlock(real_doors, real_database):
    async with real_database.read() as connection:
        users = [await make_user(connection) for _ in range(3)]
    for user in users:
        await top_up(real_doors, user.id, 1000)
    wallets = [postings.wallet(user.id) for user in users]
    pairs = [(one, other) for one in wallets for other in wallets if one != other]

    calls = [
        write(real_doors, new_id(), *move(TEN, *pairs[place % len(pairs)])) for place in range(30)
    ]
    told = await at_once(real_doors, *calls)

    assert told == [True] * 30
    assert {row[:2]: row[4] for row in await asked(real_database, ACCOUNTS)}[
        "customer_wallet", users[0].id
    ] == 1000


async def test_in_another_order_they_deadlock(raw, url, real_doors, real_database):
    """The control of the test above: two accounts locked crosswise."""
    await begin(raw, ("EUR", 5), ("EUR", -5))
    change = "UPDATE ledger_accounts SET balance = balance + 1 WHERE kind = $1"
    other = await asyncpg.connect(url)
    try:
        one, two = raw.transaction(), other.transaction()
        await one.start()
        await two.start()
        await raw.execute(change, "refunds")
        await other.execute(change, "payouts")
        ended = await asyncio.gather(
            raw.execute(change, "payouts"),
            other.execute(change, "refunds"),
            return_exceptions=True,
        )
        assert [type(each) for each in ended].count(asyncpg.DeadlockDetectedError) == 1
    finally:
        await other.close()
        await one.rollback()


async def test_a_refund_that_failed_late_takes_the_money_back_from_the_gateway(
    doors, database, connection
):
    seller = postings.provider((await make_user(connection)).id)
    refund = new_id()
    async with doors.writing() as services:
        ledger = services.ledger
        await ledger.payment_captured(new_id(), TEN, paid_from=CARD, seller=seller)
        await ledger.refund_planned(refund, TEN, taken_from=seller.deposits)
        await ledger.refund_succeeded(refund, TEN, given_to=CARD)
        facts = {"taken_from": seller.deposits, "given_to": CARD}
        assert await ledger.refund_failed(refund, TEN, **facts)
        assert not await ledger.refund_failed(refund, TEN, **facts)

    found = {row[0]: row[4] for row in await asked(database, ACCOUNTS)}
    assert found == {"deposits": 10, "gateway_clearing": -10, "refunds": 0}


async def test_a_seller_keeps_what_was_agreed_with_them(doors, database, connection):
    seller = postings.organizer((await make_user(connection)).id)
    async with doors.writing() as services:
        await services.commissions.commissions.put(Commission(seller.user_id, 2500, NOW))
        assert await services.ledger.booking_earned(new_id(), TEN, seller=seller)
        assert not await services.ledger.booking_earned(new_id(), Money(0, "EUR"), seller=seller)

    found = {row[0]: row[4] for row in await asked(database, ACCOUNTS)}
    assert found == {"deposits": -10, "organizer_payable": 7, "platform_revenue": 3}
