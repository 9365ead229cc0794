"""Showing that a phone number is one's own."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.bootstrap import Doors
from app.core.i18n import Locale
from app.core.statements import Query
from app.domain.phones import PhoneVerificationAsked
from app.integrations.sms.protocol import SmsRefused, SmsUnavailable
from app.models import PhoneVerifications
from app.tasks.delivery import deliver
from tests.conftest import client_of
from tests.factories.accounts import make_user, sign_in
from tests.factories.jobs import deliver_all

PHONE = "+12025550143"
IDS = Query(select(PhoneVerifications.id), lambda id_: id_)


@pytest.fixture
async def ada(connection):
    return await make_user(connection, phone=PHONE)


@pytest.fixture
async def me(connection, adapters, ada):
    return await sign_in(connection, adapters, user_id=ada.id)


async def ask(client, headers) -> None:
    asked = await client.post("/profile/phone/verify", headers=headers)
    assert asked.status_code == 202, asked.text


async def code_of(doors, *, to: str = PHONE) -> str:
    await deliver_all(doors)
    kept = await doors.adapters.kept_messages.messages(to=to)
    found = re.search(r"\b\d{6}\b", kept[0].text)
    assert found
    return found.group()


async def confirm(client, headers, code: str):
    return await client.post("/profile/phone/confirm", headers=headers, json={"code": code})


async def is_verified(client, headers) -> bool:
    return (await client.get("/profile", headers=headers)).json()["phone_verified"]


async def test_a_code_goes_to_the_number_and_shows_that_it_is_ones_own(client, doors, me):
    assert not await is_verified(client, me)
    await ask(client, me)

    confirmed = await confirm(client, me, await code_of(doors))

    assert confirmed.status_code == 204, confirmed.text
    assert await is_verified(client, me)


async def test_it_is_written_in_ones_own_language(client, doors, connection, adapters):
    user = await make_user(connection, phone=PHONE, locale=Locale.UK)
    await ask(client, await sign_in(connection, adapters, user_id=user.id))

    await code_of(doors)

    (kept,) = await doors.adapters.kept_messages.messages(to=PHONE)
    assert "код" in kept.text


async def test_a_code_opens_once(client, doors, me):
    await ask(client, me)
    code = await code_of(doors)
    await confirm(client, me, code)

    again = await confirm(client, me, code)

    assert (again.status_code, again.json()["code"]) == (422, "invalid-code")
    asked = await client.post("/profile/phone/verify", headers=me)
    assert (asked.status_code, asked.json()["code"]) == (409, "phone-already-verified")


async def test_after_five_wrong_ones_the_right_one_opens_nothing(client, doors, me):
    await ask(client, me)
    code = await code_of(doors)
    wrong = "111111" if code == "000000" else "000000"
    for _ in range(5):
        assert (await confirm(client, me, wrong)).status_code == 422

    assert (await confirm(client, me, code)).status_code == 422
    assert not await is_verified(client, me)


async def test_the_fifth_may_be_the_right_one(client, doors, me):
    await ask(client, me)
    code = await code_of(doors)
    wrong = "111111" if code == "000000" else "000000"
    for _ in range(4):
        await confirm(client, me, wrong)

    assert (await confirm(client, me, code)).status_code == 204


async def test_it_lapses_after_a_quarter_of_an_hour(client, doors, me, clock):
    await ask(client, me)
    code = await code_of(doors)
    clock.forward(minutes=15)

    assert (await confirm(client, me, code)).status_code == 422


async def test_another_one_takes_its_place(client, doors, me):
    await ask(client, me)
    first = await code_of(doors)
    await ask(client, me)
    second = await code_of(doors)

    if first != second:
        assert (await confirm(client, me, first)).status_code == 422
    assert (await confirm(client, me, second)).status_code == 204


async def test_one_that_was_sent_to_another_account_opens_nothing(
    client, doors, me, connection, adapters
):
    eve = await make_user(connection, phone="+12025550144")
    hers = await sign_in(connection, adapters, user_id=eve.id)
    await ask(client, me)
    await ask(client, hers)
    mine = await code_of(doors)
    other = await code_of(doors, to="+12025550144")

    assert mine == other or (await confirm(client, hers, mine)).status_code == 422


async def test_another_number_is_not_the_one_that_was_shown(client, doors, me):
    await ask(client, me)
    await confirm(client, me, await code_of(doors))

    changed = await client.patch("/profile", headers=me, json={"phone": "+12025550144"})
    assert changed.json()["phone_verified"] is False

    await ask(client, me)
    code = await code_of(doors, to="+12025550144")
    await client.patch("/profile", headers=me, json={"phone": PHONE})
    assert (await confirm(client, me, code)).status_code == 422
    assert not await is_verified(client, me)


async def test_the_same_number_given_again_stays_shown(client, doors, me):
    await ask(client, me)
    await confirm(client, me, await code_of(doors))

    changed = await client.patch(
        "/profile", headers=me, json={"phone": PHONE, "full_name": "Ada L"}
    )

    assert changed.json()["phone_verified"] is True


async def test_without_a_number_there_is_nothing_to_show(client, connection, adapters):
    headers = await sign_in(connection, adapters)

    refused = await client.post("/profile/phone/verify", headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (409, "no-phone")


async def test_where_no_texts_are_sent_that_is_told(doors, me):
    without = Doors(doors.database, replace(doors.adapters, sms=None))
    async with client_of(without) as client:
        refused = await client.post("/profile/phone/verify", headers=me)

    assert (refused.status_code, refused.json()["code"]) == (409, "sms-not-offered")


async def test_texts_are_counted_by_account_and_by_number(client, me, connection, adapters):
    for _ in range(5):
        await ask(client, me)
    refused = await client.post("/profile/phone/verify", headers=me)
    assert refused.status_code == 429

    other = await make_user(connection, phone=PHONE)
    theirs = await sign_in(connection, adapters, user_id=other.id)
    refused = await client.post("/profile/phone/verify", headers=theirs)
    assert refused.status_code == 429


async def test_nothing_is_sent_to_a_number_that_is_not_theirs_any_more(client, doors, me):
    await ask(client, me)
    await client.patch("/profile", headers=me, json={"phone": None})

    await deliver_all(doors)

    assert await doors.adapters.kept_messages.messages() == []


class Texts:
    """What sends text messages, and fails as it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.asked: list = []

    async def send(self, message):
        self.asked.append(message)
        if self.failures:
            raise self.failures.pop(0)


async def test_what_may_have_gone_out_is_asked_about_the_next_time(
    client, doors, me, clock, connection
):
    texts = Texts(SmsUnavailable(), SmsRefused("21610", is_dead=True))
    broken = Doors(doors.database, replace(doors.adapters, sms=texts))
    began = clock()
    await ask(client, me)
    with pytest.raises(SmsUnavailable):
        await deliver_all(broken)
    clock.forward(minutes=1)
    (verification_id,) = await connection.all(IDS)

    await deliver(broken, PhoneVerificationAsked(verification_id))

    first, again = texts.asked
    assert first.tried_at is None
    assert again.tried_at == began
    assert (first.key, first.text) == (again.key, again.text)


async def test_of_many_guesses_at_once_five_count(real_client, real_doors, adapters):
    async with real_doors.database.read() as connection:
        user = await make_user(connection, phone=PHONE)
        headers = await sign_in(connection, adapters, user_id=user.id)
    await ask(real_client, headers)
    code = await code_of(real_doors)
    wrong = "111111" if code == "000000" else "000000"

    answers = await asyncio.gather(*(confirm(real_client, headers, wrong) for _ in range(8)))

    assert {answer.status_code for answer in answers} == {422}
    assert (await confirm(real_client, headers, code)).status_code == 422


async def test_old_ones_are_forgotten(client, me, services, clock):
    await ask(client, me)
    assert await services.phones.forget_old() == 0

    clock.now += timedelta(days=2)

    assert await services.phones.forget_old() == 1
