"""Receipts: numbered without gaps, issued once, never changed."""

from io import BytesIO
from uuid import UUID

import asyncpg
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from app.core.errors import AppError
from app.core.money import Money
from app.core.statements import Query
from app.domain.offerings import PaymentTerms
from app.domain.payments import RefundReport, RefundState
from app.domain.roles import Role
from app.models import Receipts
from app.repositories.receipts import ReceiptRepository
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import NOW, at
from tests.factories.events import make_event, ticket_type
from tests.factories.jobs import deliver_all
from tests.factories.mail import letters
from tests.factories.paid import make_paid
from tests.factories.races import at_once

NUMBERS = Query(select(Receipts.number).order_by(Receipts.number), int)
READ_LAST = Query(
    select(Receipts.number).order_by(Receipts.number.desc()).limit(1),
    int,
)
MOST = 20


@pytest.fixture
async def customer(connection):
    return await make_user(connection, full_name="Ада Лавлейс")


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


async def paid(client, headers, booking):
    body = {"booking_id": booking["id"], "payment_method": "card"}
    payment = (await client.post("/payments", json=body, headers=headers)).json()
    answer = await client.post(f"http://test/dev/payments/{payment['id']}/succeed")
    assert answer.status_code == 204, answer.text
    return payment


@pytest.fixture
async def bought(client, connection, doors, provider, me):
    """A payment for an appointment, and the appointment."""
    offering = await make_offering(connection, provider, payment=PaymentTerms.PREPAID)
    asked = {"service_id": str(offering.id), "starts_at": at(60).isoformat()}
    booking = (await client.post("/bookings", json=asked, headers=me)).json()
    payment = await paid(client, me, booking)
    await deliver_all(doors)
    return payment, booking


async def listed(client, headers, **query):
    answer = await client.get("/receipts", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def test_what_is_paid_gets_a_receipt_once(client, doors, bought, me, provider):
    payment, booking = bought
    await doors.perform(lambda services: services.receipts.issue(payment["id"]))

    [receipt] = await listed(client, me)

    assert (receipt["kind"], receipt["number"]) == ("receipt", "000001")
    assert receipt["amount"] == booking["price"]
    assert (receipt["issuer_id"], receipt["issuer_name"]) == (
        str(provider.user_id),
        provider.name,
    )
    assert receipt["customer_name"] == "Ада Лавлейс"
    [line] = receipt["lines"]
    assert (line["name"], line["quantity"], line["amount"]) == (
        booking["service_name"],
        1,
        booking["price"],
    )
    again = await client.get(f"/receipts/{receipt['id']}", headers=me)
    assert again.json() == receipt


async def test_what_goes_back_gets_a_credit_note_about_its_receipt(
    client, connection, adapters, doors, bought, me
):
    payment, booking = bought
    accountant = await sign_in(connection, adapters, Role.ACCOUNTANT)
    currency = booking["price"]["currency"]
    part = {"amount": {"amount": 100, "currency": currency}}
    given = await client.post(f"/payments/{payment['id']}/refunds", json=part, headers=accountant)
    await deliver_all(doors)

    note, receipt = await listed(client, me, sort="-issued_at")
    if note["kind"] == "receipt":  # both of the same moment
        note, receipt = receipt, note

    assert (note["kind"], note["number"], note["receipt_number"]) == (
        "credit_note",
        "000002",
        receipt["number"],
    )
    assert (note["refund_id"], note["amount"]) == (given.json()["id"], part["amount"])
    assert len(await listed(client, me, kind="credit_note")) == 1


async def report(doors, payment, refund, state):
    told = RefundReport("re_1", UUID(refund["id"]), Money(100, "EUR"), state)
    async with doors.writing() as services:
        await services.refunds.report(UUID(payment["id"]), [told])
    await deliver_all(doors)


async def test_a_credit_note_whose_money_came_back_is_taken_back_by_another_paper(
    client, connection, adapters, doors, bought, me, customer
):
    payment, _ = bought
    accountant = await sign_in(connection, adapters, Role.ACCOUNTANT)
    part = {"amount": {"amount": 100, "currency": "EUR"}}
    path = f"/payments/{payment['id']}/refunds"
    refund = (await client.post(path, json=part, headers=accountant)).json()

    await report(doors, payment, refund, RefundState.SUCCEEDED)
    await report(doors, payment, refund, RefundState.FAILED)

    papers = {paper["number"]: paper for paper in await listed(client, me)}
    assert [papers[number]["kind"] for number in sorted(papers)] == [
        "receipt",
        "credit_note",
        "reversal",
    ]
    assert papers["000003"]["receipt_number"] == "000001"
    told = [letter.subject for letter in await letters(doors, customer.email)]
    assert "Your money is on its way back" in told
    assert "Your refund did not arrive" in told


async def test_names_on_a_receipt_outlive_who_had_them(client, connection, adapters, bought):
    assert bought
    accountant = await sign_in(connection, adapters, Role.ACCOUNTANT)
    [before] = await listed(client, accountant, scope="all")
    root = await sign_in(connection, adapters, Role.SUPER_ADMIN)
    gone = await client.delete(f"/admin/users/{before['customer_id']}", headers=root)
    assert gone.status_code == 204, gone.text

    [after] = await listed(client, accountant, scope="all")

    assert (after, after["customer_name"]) == (before, "Ада Лавлейс")


async def test_seats_are_told_by_what_they_were_sold_as(client, connection, doors, me):
    organizer = await make_user(connection, Role.ORGANIZER, full_name="Olga Host")
    event, _ = await make_event(
        connection, organizer.id, now=NOW, seats=5, types=[ticket_type("Reduced", 1000)]
    )
    asked = {"event_id": str(event.id), "seats": 2}
    booking = (await client.post("/bookings", json=asked, headers=me)).json()
    await paid(client, me, booking)
    await deliver_all(doors)

    [receipt] = await listed(client, me)

    assert receipt["issuer_name"] == "Olga Host"
    [line] = receipt["lines"]
    assert (line["name"], line["quantity"], line["unit_price"]["amount"]) == ("Reduced", 2, 1000)


async def test_receipts_are_seen_by_both_sides_and_those_who_look_after_the_money(
    client, connection, adapters, bought, me, provider
):
    [receipt] = await listed(client, me)
    seller = await sign_in(connection, adapters, user_id=provider.user_id)
    accountant = await sign_in(connection, adapters, Role.ACCOUNTANT)
    stranger = await sign_in(connection, adapters)

    assert await listed(client, seller) == []
    assert await listed(client, seller, scope="sales") == [receipt]
    assert await listed(client, accountant, scope="all") == [receipt]
    assert await listed(client, stranger) == []
    refused = await client.get("/receipts", params={"scope": "all"}, headers=stranger)
    hidden = await client.get(f"/receipts/{receipt['id']}", headers=stranger)
    assert (refused.status_code, hidden.status_code) == (403, 404)
    assert hidden.json()["code"] == "receipt-not-found"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Receipt 000001"), ("ru", "Квитанция 000001"), ("uk", "Квитанція 000001")],
)
async def test_it_is_printed_in_the_language_of_the_reader(client, bought, me, language, said):
    [receipt] = await listed(client, me)

    answer = await client.get(
        f"/receipts/{receipt['id']}/pdf", headers={**me, "Accept-Language": language}
    )

    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    [page] = PdfReader(BytesIO(answer.content)).pages
    text = " ".join(page.extract_text().split())
    assert said in text
    assert "Ада Лавлейс" in text


async def test_what_was_issued_is_never_changed(database, bought):
    raw = await database._pool.acquire()
    for statement in ("UPDATE receipts SET amount = 1", "DELETE FROM receipts"):
        undone = raw.transaction()
        await undone.start()
        with pytest.raises(asyncpg.PostgresError):
            await raw.execute(statement)
        await undone.rollback()


async def issue_all(doors, payments):
    async def issue(payment):
        async with doors.writing() as services:
            return await services.receipts.issue(payment.id)

    return await at_once(doors, *(issue(payment) for payment in payments))


@pytest.fixture
async def payments(real_doors):
    async with real_doors.database.transaction() as connection:
        provider = await make_provider(connection)
        return [await make_paid(connection, provider, place=place) for place in range(MOST)]


async def test_of_receipts_issued_at_once_no_number_is_missing_or_given_twice(real_doors, payments):
    await issue_all(real_doors, payments)
    await issue_all(real_doors, payments)

    async with real_doors.database.read() as connection:
        assert await connection.all(NUMBERS) == list(range(1, MOST + 1))


async def test_of_one_payment_told_of_many_times_at_once_there_is_one_receipt(real_doors, payments):
    issued = await issue_all(real_doors, [payments[0]] * 10)

    assert len({receipt.id for receipt in issued}) == 1
    async with real_doors.database.read() as connection:
        assert await connection.all(NUMBERS) == [1]


async def test_a_number_whose_receipt_was_taken_back_is_given_again(real_doors, payments):
    with pytest.raises(RuntimeError):
        async with real_doors.writing() as services:
            await services.receipts.issue(payments[0].id)
            raise RuntimeError("the end")
    await issue_all(real_doors, payments[:2])

    async with real_doors.database.read() as connection:
        assert await connection.all(NUMBERS) == [1, 2]


async def test_without_the_lock_numbers_are_given_twice(real_doors, payments, monkeypatch):
    async def look(self: ReceiptRepository, issuer_id: object) -> int:
        return await self.connection.first(READ_LAST) or 0

    monkeypatch.setattr(ReceiptRepository, "lock", look)

    with pytest.raises((asyncpg.UniqueViolationError, AppError)):
        await issue_all(real_doors, payments)
