"""The books over HTTP."""

import csv
import io
import zipfile
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from app.core.ids import new_id
from app.core.money import Money
from app.domain import postings
from app.domain.account_statements import AccountStatement, Line
from app.domain.ledger import AccountKind, EntryKind
from app.domain.ledger_accounts import ShownAccount
from app.domain.roles import Role
from app.services import books
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.ledger import GATEWAY, earn, top_up


@pytest.fixture
async def accountant(connection, adapters):
    return await sign_in(connection, adapters, Role.ACCOUNTANT)


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def seller(connection):
    return await make_user(connection, Role.PROVIDER)


async def got(client, headers, path: str, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"/ledger/{path}", headers=headers, params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.fixture
async def month(doors, customer, seller):
    """A customer's wallet was filled, and a seller earned something in two currencies."""
    await top_up(doors, customer.id, 700)
    await earn(doors, postings.provider(seller.id), 9000)
    await earn(doors, postings.provider(seller.id), 500, "JPY")


async def test_accounts_are_listed_by_what_they_are(client, accountant, customer, seller, month):
    every = await got(client, accountant, "accounts")
    (wallet,) = await got(client, accountant, "accounts", owner_id=str(customer.id))
    cleared = await got(client, accountant, "accounts", kind="gateway_clearing", currency="JPY")

    assert len(every) == 7
    assert (wallet["account"], wallet["balance"]) == (
        "customer_wallet",
        {"amount": 700, "currency": "EUR"},
    )
    assert [(one["gateway"], one["balance"]["amount"]) for one in cleared] == [(GATEWAY, -500)]


async def test_an_entry_tells_what_happened_to_what(client, doors, accountant, customer):
    payment = new_id()
    async with doors.writing() as services:
        await services.ledger.wallet_topped_up(
            payment, Money(700, "EUR"), gateway=GATEWAY, user_id=customer.id
        )

    (entry,) = await got(client, accountant, "entries")

    assert (entry["kind"], entry["reference"]) == ("wallet_topped_up", str(payment))
    assert [(one["account"], one["owner_id"], one["amount"]) for one in entry["postings"]] == [
        ("customer_wallet", str(customer.id), {"amount": 700, "currency": "EUR"}),
        ("gateway_clearing", None, {"amount": -700, "currency": "EUR"}),
    ]


async def test_entries_are_found_by_what_they_touch(client, accountant, customer, seller, month):
    async def kinds(**params: Any) -> list[str]:
        return sorted(one["kind"] for one in await got(client, accountant, "entries", **params))

    earned = ["booking_earned"] * 2
    paid = ["payment_captured"] * 2
    assert await kinds(kind="booking_earned") == earned
    assert await kinds(account="provider_payable") == earned
    assert await kinds(owner_id=str(seller.id)) == earned + paid
    assert await kinds(owner_id=str(seller.id), account="provider_payable") == earned
    assert await kinds(owner_id=str(customer.id), account="gateway_clearing") == []
    assert await kinds(owner_id=str(customer.id)) == ["wallet_topped_up"]


async def test_entries_are_found_by_when_they_were_written(
    client, doors, accountant, customer, clock
):
    moments = []
    for _ in range(3):
        moments.append(clock().isoformat())
        await top_up(doors, customer.id, 100)
        clock.forward(minutes=1)

    middle = {"from": moments[1], "to": moments[2]}
    (found,) = await got(client, accountant, "entries", **middle)
    newest = await got(client, accountant, "entries")

    assert found["created_at"].rstrip("Z") == moments[1].removesuffix("+00:00")
    assert [one["created_at"] for one in newest] == sorted(
        (one["created_at"] for one in newest), reverse=True
    )


async def test_the_trial_balance_sums_to_zero(client, accountant, seller, month):
    lines = await got(client, accountant, "trial-balance")

    sums: dict[str, int] = {}
    for one in lines:
        money = one["balance"]
        sums[money["currency"]] = sums.get(money["currency"], 0) + money["amount"]
    assert sums == {"EUR": 0, "JPY": 0}
    assert {(one["account"], one["owner_id"]) for one in lines} >= {
        ("provider_payable", str(seller.id)),
        ("gateway_clearing", None),
    }


async def test_above_a_number_of_accounts_they_are_added_up(client, accountant, month, monkeypatch):
    monkeypatch.setattr(books, "MOST_BALANCES", 3)

    lines = await got(client, accountant, "trial-balance")

    assert {one["owner_id"] for one in lines} == {None}
    assert sum(one["balance"]["amount"] for one in lines) == 0


@pytest.fixture
async def account(client, doors, accountant, customer, clock) -> str:
    """A wallet that had 700 put in, and each minute 100 more."""
    for amount in (700, 100, 100):
        await top_up(doors, customer.id, amount)
        clock.forward(minutes=1)
    (wallet,) = await got(client, accountant, "accounts", owner_id=str(customer.id))
    id_: str = wallet["id"]
    return id_


async def statement(client, headers, account, **params: Any):
    path = f"/ledger/accounts/{account}/statement"
    return await client.get(path, headers=headers, params=params)


async def test_a_statement_goes_on_from_what_was_there_before(client, accountant, account):
    since = {"from": (NOW + timedelta(minutes=1)).isoformat()}

    answer = await statement(client, accountant, account, **since)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "customer_wallet.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["Amount"], row["Balance"], row["Currency"]) for row in rows] == [
        ("1.00", "8.00", "EUR"),
        ("1.00", "9.00", "EUR"),
    ]
    assert rows[0]["Time"] == (NOW + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")


async def test_a_statement_is_a_workbook_too(client, accountant, account):
    answer = await statement(client, accountant, account, format="xlsx")

    rows = cells(answer.content)
    assert [row[5:7] for row in rows] == [
        ["Amount", "Balance"],
        [7.0, 7.0],
        [1.0, 8.0],
        [1.0, 9.0],
    ]
    assert rows[1][0] == NOW.replace(tzinfo=None)
    assert rows[1][2] == "wallet_topped_up"


def cells(content: bytes) -> list[list[Any]]:
    """Return what a spreadsheet shows of a workbook in which nothing is to be reckoned."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        sheet = file.read("xl/worksheets/sheet1.xml")
        assert not any("external" in name.lower() for name in file.namelist())
    assert b"<f" not in sheet
    assert b"hyperlink" not in sheet
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


EVIL = [
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0", "{=1+1}", "12", "1e5"),
    *('a,b"c', "<b>&", "ü", "https://example.com", "mailto:a@example.com", "internal:Sheet1!A1"),
]


def evil(note: str) -> AccountStatement:
    account = ShownAccount(new_id(), AccountKind.PAYOUTS, None, "", "KWD", 0)
    line = Line(new_id(), EntryKind.PAYOUT, new_id(), note, NOW, -4500)
    return AccountStatement(account, 1, [line])


@pytest.mark.parametrize("note", EVIL)
async def test_no_text_becomes_a_formula(adapters, note):
    made = evil(note)

    (_, row) = csv.reader(io.StringIO((await adapters.spreadsheets.csv(made.rows())).decode()))
    workbook = cells(await adapters.spreadsheets.xlsx(made.rows(), title="a/b:c"))

    assert row[4].removeprefix("'") == note
    assert row[4][0] not in "=+-@\t "
    assert row[5:7] == ["-4.500", "-4.499"]  # thousandths
    assert workbook[1][4:7] == [note, -4.5, -4.499]


RICH = '<r></r></is></c><c r="A9"><f>1+1</f></c><c t="inlineStr"><is><r></r>'


@pytest.mark.parametrize(
    ("note", "shown"),
    [("a\x00\x07\x1b\x7f\x9b\uffffb", "ab"), ("a\nb", "a\nb"), (RICH, f"{RICH} "), ("", "")],
)
async def test_what_no_workbook_can_hold_is_left_out(adapters, note, shown):
    workbook = cells(await adapters.spreadsheets.xlsx(evil(note).rows(), title="'x'"))

    assert workbook[1][4] == shown


@pytest.mark.parametrize("title", ["", "'", "a/b:c[d]*?\\", "=1+1", "ü" * 40])
async def test_a_sheet_takes_any_title(adapters, title):
    assert len(cells(await adapters.spreadsheets.xlsx(evil("x").rows(), title=title))) == 2


async def test_a_statement_has_its_bounds(client, accountant, account, monkeypatch):
    monkeypatch.setattr(books, "MOST_LINES", 2)

    refused = await statement(client, accountant, account)
    shorter = await statement(
        client, accountant, account, to=(NOW + timedelta(minutes=2)).isoformat()
    )

    assert (refused.status_code, refused.json()["code"]) == (422, "statement-too-long")
    assert shorter.status_code == 200


async def test_of_what_is_no_account_there_is_no_statement(client, accountant):
    refused = await statement(client, accountant, new_id())

    assert (refused.status_code, refused.json()["code"]) == (404, "account-not-found")


@pytest.mark.parametrize("params", [{"format": "pdf"}, {"from": "yesterday"}, {"until": "now"}])
async def test_what_no_statement_can_be_is_a_422(client, accountant, account, params):
    assert (await statement(client, accountant, account, **params)).status_code == 422


def test_a_statement_of_many_lines_reckons_exactly():
    account = ShownAccount(new_id(), AccountKind.PAYOUTS, None, "", "EUR", 0)
    line = Line(new_id(), EntryKind.PAYOUT, new_id(), None, NOW, 10)

    *_, last = AccountStatement(account, 0, [line] * 1000).rows()

    assert last[6] == Decimal("100.00")
