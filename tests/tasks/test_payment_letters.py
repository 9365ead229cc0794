"""What customers are told by letter about their money."""

from base64 import b64decode
from io import BytesIO

import pytest
from pypdf import PdfReader

from app.core.i18n import Locale, translate
from app.domain.bookings import BookingMade
from app.domain.offerings import PaymentTerms
from app.domain.payments import PaymentFailed, PaymentSucceeded
from app.domain.roles import Role
from app.tasks.delivery import deliver
from tests.factories.accounts import make_user, sign_in
from tests.factories.catalog import make_offering, make_provider
from tests.factories.clock import at
from tests.factories.mail import letters

NEEDED = "Your booking waits for its payment"
PAID = "We received your payment"
CONFIRMED = "Your booking is confirmed"
BACK = "Your money is on its way back"


@pytest.fixture
async def customer(connection):
    return await make_user(connection)


@pytest.fixture
async def me(connection, adapters, customer):
    return await sign_in(connection, adapters, user_id=customer.id)


@pytest.fixture
async def provider(connection):
    return await make_provider(connection)


async def book(client, connection, provider, headers, **terms):
    offering = await make_offering(
        connection, provider, **{"payment": PaymentTerms.PREPAID, **terms}
    )
    asked = {"service_id": str(offering.id), "starts_at": at(60).isoformat()}
    answer = await client.post("/bookings", json=asked, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def pay(client, headers, booking, outcome="succeed"):
    body = {"booking_id": booking["id"], "payment_method": "card"}
    payment = (await client.post("/payments", json=body, headers=headers)).json()
    answer = await client.post(f"http://test/dev/payments/{payment['id']}/{outcome}")
    assert answer.status_code == 204, answer.text
    return payment


async def subjects(doors, customer):
    return [letter.subject for letter in await letters(doors, customer.email)]


async def test_who_has_to_pay_is_told_how_much_and_until_when(
    client, connection, doors, provider, me, customer
):
    booking = await book(client, connection, provider, me, price_amount=4500)
    [letter] = await letters(doors, customer.email)

    assert letter.subject == NEEDED
    for content in (letter.text, letter.html):
        assert "€45.00" in content
        assert booking["service_name"] in content
        assert f"/bookings/{booking['id']}" in content
        assert "March" in content or "2030" in content


async def test_a_request_is_to_be_paid_once_it_is_granted(
    client, connection, adapters, doors, provider, me, customer
):
    booking = await book(client, connection, provider, me, approval_required=True)
    assert await subjects(doors, customer) == []
    seller = await sign_in(connection, adapters, user_id=provider.user_id)

    granted = await client.post(f"/bookings/{booking['id']}/confirm", headers=seller)

    assert granted.json()["status"] == "pending", granted.text
    assert await subjects(doors, customer) == [NEEDED]


async def test_what_is_paid_on_site_asks_for_nothing(
    client, connection, doors, provider, me, customer
):
    await book(client, connection, provider, me, payment=PaymentTerms.ON_SITE)

    assert await subjects(doors, customer) == [CONFIRMED]


async def test_who_paid_at_once_is_not_asked_any_more(
    client, connection, doors, provider, me, customer
):
    booking = await book(client, connection, provider, me)
    await pay(client, me, booking)

    assert sorted(await subjects(doors, customer)) == sorted([PAID, CONFIRMED])


async def test_who_paid_gets_the_receipt(client, connection, doors, provider, me, customer):
    await pay(client, me, await book(client, connection, provider, me))

    letter = next(one for one in await letters(doors, customer.email) if one.subject == PAID)

    [file] = letter.attachments
    assert (file.name, file.content_type) == ("receipt-000001.pdf", "application/pdf")
    assert "Receipt 000001" in PdfReader(BytesIO(b64decode(file.content))).pages[0].extract_text()


async def test_who_gets_money_back_is_told_with_the_credit_note(
    client, connection, adapters, doors, provider, me, customer
):
    payment = await pay(client, me, await book(client, connection, provider, me))
    await subjects(doors, customer)
    staff = await sign_in(connection, adapters, Role.ACCOUNTANT)
    part = {"amount": {"amount": 100, "currency": "EUR"}}
    given = await client.post(f"/payments/{payment['id']}/refunds", json=part, headers=staff)
    assert given.status_code == 201, given.text

    letter = next(one for one in await letters(doors, customer.email) if one.subject == BACK)

    assert "€1.00" in letter.text
    [file] = letter.attachments
    page = PdfReader(BytesIO(b64decode(file.content))).pages[0].extract_text()
    assert "Credit note 000002" in page
    assert "For receipt 000001" in page


async def test_a_task_that_runs_twice_writes_one_letter(
    client, connection, doors, provider, me, customer
):
    booking = await book(client, connection, provider, me)
    await deliver(doors, BookingMade(booking["id"]))
    assert await subjects(doors, customer) == [NEEDED]
    payment = await pay(client, me, booking)
    for _ in range(2):
        await deliver(doors, PaymentSucceeded(payment["id"]))

    told = await subjects(doors, customer)

    assert sorted(told) == sorted([NEEDED, PAID, CONFIRMED])


async def test_nobody_is_told_of_a_failure_that_was_mended(
    client, connection, doors, provider, me, customer
):
    payment = await pay(client, me, await book(client, connection, provider, me))
    await deliver(doors, PaymentFailed(payment["id"]))

    assert "Your payment failed" not in await subjects(doors, customer)


@pytest.mark.parametrize("locale", [Locale.RU, Locale.UK])
async def test_a_letter_is_in_the_reader_s_language(
    client, connection, adapters, doors, provider, locale
):
    reader = await make_user(connection, locale=locale)
    me = await sign_in(connection, adapters, user_id=reader.id)
    await book(client, connection, provider, me)

    [letter] = await letters(doors, reader.email)

    assert letter.subject == translate(NEEDED, locale)
