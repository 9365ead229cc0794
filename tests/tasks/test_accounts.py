"""Letters about accounts: to whom, in which language, and what happens when they don't leave."""

from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.bootstrap import Doors
from app.core.database import Database, open_pool
from app.core.i18n import Locale
from app.core.statements import Query
from app.domain.users import Registration, UserStatus
from app.domain.verifications import EmailVerificationAskedAgain, EmailVerificationRequested
from app.integrations.mail.protocol import LetterRefused, MailUnavailable
from app.models import EmailVerifications, Jobs, RefreshTokens
from app.tasks.delivery import deliver
from tests.factories.accounts import make_user
from tests.factories.jobs import announced, deliver_all
from tests.factories.mail import Mailer, code_in, letters, sending_by, token_in

ADA = Registration(email="ada@example.com", password="correct horse battery", locale=Locale.EN)


async def register(doors, **changes) -> EmailVerificationRequested:
    """Register Ada and return what was announced."""
    await doors.perform(lambda services: services.auth.register(replace(ADA, **changes)))
    async with doors.database.read() as connection:
        (message,) = await announced(connection)
    return message


@pytest.mark.parametrize("locale", Locale)
async def test_the_code_comes_in_the_reader_s_language(doors, adapters, locale):
    message = await register(doors, locale=locale)

    (letter,) = await letters(doors)

    expected = adapters.writer.write("verify_email", locale, code="000000", link="x")
    assert (letter.to, letter.subject) == ("ada@example.com", expected.subject)
    assert code_in(letter) == adapters.signer.code("verify-email", str(message.verification_id))
    assert token_in(letter) == adapters.signer.token("verify-email", str(message.verification_id))
    assert code_in(letter) in letter.html
    assert f"http://test/verify-email?token={token_in(letter)}" in letter.text


async def test_neither_the_queue_nor_the_table_holds_the_code(doors, connection, adapters):
    message = await register(doors)
    code = adapters.signer.code("verify-email", str(message.verification_id))

    (payload,) = await connection.all(Query(select(Jobs.c.payload), bytes))
    rows = await connection.all(
        Query(select(EmailVerifications.id, EmailVerifications.email), lambda *row: str(row))
    )

    assert set(message.__slots__) == {"verification_id"}
    assert code.encode() not in payload
    assert all(code not in row for row in rows)


async def test_the_link_leads_to_the_address_of_the_settings_whatever_the_host(client, doors):
    await client.post(
        "/auth/register",
        json={"email": ADA.email, "password": ADA.password},
        headers={
            "Host": "evil.test",
            "X-Forwarded-Host": "evil.test",
            "Forwarded": "host=evil.test",
        },
    )

    (letter,) = await letters(doors)

    assert "http://test/verify-email" in letter.text
    assert "evil" not in letter.text + letter.html


async def test_run_twice_it_is_the_same_letter(doors):
    message = await register(doors)
    mailer = Mailer()

    await deliver(sending_by(doors, mailer), message)
    await deliver(sending_by(doors, mailer), message)

    first, again = mailer.sent
    assert first == again


async def test_a_mail_server_that_is_down_leaves_the_job_to_be_tried_again(doors):
    message = await register(doors)

    with pytest.raises(MailUnavailable):
        await deliver(sending_by(doors, Mailer(fails=MailUnavailable())), message)

    assert len(await letters(doors)) == 1


async def test_a_letter_that_is_refused_for_good_is_let_go(doors):
    message = await register(doors)

    await deliver(sending_by(doors, Mailer(fails=LetterRefused(550))), message)


async def test_while_a_letter_is_handed_over_no_connection_is_held(url, real_database, adapters):
    pool = await open_pool(url, size=1)
    doors = Doors(Database(pool), adapters)
    message = await register(doors)
    mailer = Mailer(meanwhile=doors)

    await deliver(sending_by(doors, mailer), message)
    await pool.close()

    assert len(mailer.sent) == 1


async def test_a_code_that_is_too_old_or_replaced_is_not_sent(doors, clock):
    first = await register(doors)
    await doors.perform(lambda services: services.auth.register(ADA))
    mailer = Mailer()
    await deliver(sending_by(doors, mailer), first)
    clock.forward(minutes=15)

    await deliver_all(sending_by(doors, mailer))

    assert mailer.sent == []


@pytest.mark.parametrize("status", [UserStatus.DEACTIVATED, UserStatus.ACTIVE])
async def test_the_owner_of_an_address_is_told_unless_deactivated(doors, connection, status):
    await make_user(connection, email=ADA.email, status=status, locale=Locale.UK)

    await register(doors)

    told = await letters(doors)
    assert len(told) == (status is UserStatus.ACTIVE)
    assert all("token=" not in letter.text for letter in told)


async def test_of_tries_in_quick_succession_the_owner_is_told_once(doors, connection, clock):
    await make_user(connection, email=ADA.email)
    for _ in range(3):
        await doors.perform(lambda services: services.auth.register(ADA))
        clock.forward(seconds=1)

    assert len(await letters(doors)) == 1


async def test_nobody_is_written_to_for_an_unknown_id(doors):
    await deliver(doors, EmailVerificationRequested(uuid4()))
    await deliver(doors, EmailVerificationAskedAgain(uuid4()))

    assert await letters(doors) == []


async def test_what_no_longer_counts_is_forgotten(doors, connection, clock):
    await register(doors)
    clock.forward(hours=23)
    kept = await doors.perform(lambda services: services.verifications.forget_old())
    clock.forward(hours=2)

    gone = await doors.perform(lambda services: services.verifications.forget_old())

    assert (kept, gone) == (0, 1)


async def test_sessions_that_are_over_are_forgotten_with_their_tokens(
    doors, connection, adapters, clock
):
    user = await make_user(connection, password_hash=await adapters.passwords.hash(ADA.password))
    await doors.perform(lambda services: services.auth.log_in(user.email, ADA.password))
    clock.forward(days=29)
    kept = await doors.perform(lambda services: services.sessions.forget_ended())
    clock.forward(days=2)

    gone = await doors.perform(lambda services: services.sessions.forget_ended())

    assert (kept, gone) == (0, 1)
    assert await connection.all(Query(select(RefreshTokens.hash), bytes)) == []
