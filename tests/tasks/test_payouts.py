"""What those who sell are told by letter about their payouts."""

import pytest

from app.core.i18n import Locale, translate
from app.domain.payouts import PayoutPaid, PayoutProposed
from app.domain.postings import provider
from app.domain.roles import Role
from app.domain.users import UserStatus
from app.tasks.delivery import deliver
from tests.factories.accounts import make_user, sign_in
from tests.factories.ledger import earn
from tests.factories.mail import letters

PREPARED = "A payout to you is being prepared"
SENT = "Your payout was sent"
CANCELLED = "A payout to you was cancelled"


@pytest.fixture
async def accountant(connection, adapters):
    return await sign_in(connection, adapters, Role.ACCOUNTANT)


@pytest.fixture
def propose(client, doors, accountant):
    async def propose(seller) -> str:
        await earn(doors, provider(seller.id), 9000)
        body = {
            "owner_id": str(seller.id),
            "account": "provider_payable",
            "amount": {"amount": 4050, "currency": "EUR"},
        }
        made = await client.post("/payouts", headers=accountant, json=body)
        assert made.status_code == 201, made.text
        return made.json()["id"]

    return propose


@pytest.mark.parametrize(("how", "subject"), [("paid", SENT), ("cancel", CANCELLED)])
async def test_who_is_paid_is_told_how_it_goes_on(
    client, connection, doors, accountant, propose, how, subject
):
    seller = await make_user(connection, Role.PROVIDER)
    payout = await propose(seller)
    [first] = await letters(doors, seller.email)
    settled = await client.post(f"/payouts/{payout}/{how}", headers=accountant)
    assert settled.status_code == 200, settled.text

    told = await letters(doors, seller.email)

    assert (first.subject, "€40.50" in first.text) == (PREPARED, True)
    assert {one.subject for one in told} == {PREPARED, subject}
    assert all("€40.50" in one.html and "/payouts" in one.text for one in told)


async def test_what_has_moved_on_is_not_told(client, connection, doors, accountant, propose):
    seller = await make_user(connection, Role.PROVIDER)
    payout = await propose(seller)
    await client.post(f"/payouts/{payout}/cancel", headers=accountant)
    await deliver(doors, PayoutPaid(payout))
    await deliver(doors, PayoutProposed(payout))

    assert [one.subject for one in await letters(doors, seller.email)] == [CANCELLED]


async def test_nobody_writes_to_who_is_gone(client, connection, doors, accountant, propose):
    seller = await make_user(connection, Role.PROVIDER, status=UserStatus.DEACTIVATED)
    await propose(seller)

    assert await letters(doors, seller.email) == []


@pytest.mark.parametrize("locale", [Locale.RU, Locale.UK])
async def test_a_letter_is_in_the_reader_s_language(connection, doors, propose, locale):
    seller = await make_user(connection, Role.PROVIDER, locale=locale)
    await propose(seller)

    [letter] = await letters(doors, seller.email)

    assert letter.subject == translate(PREPARED, locale) != PREPARED
