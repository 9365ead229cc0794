"""Letters about passwords and addresses: to whom, in which language, and when not any more."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.core.i18n import Locale
from app.core.statements import Query
from app.domain.email_changes import EmailChangeAsked, EmailChanged
from app.domain.password_resets import PasswordForgotten, PasswordResetIssued
from app.domain.users import UserStatus
from app.integrations.mail.protocol import MailUnavailable
from app.models import EmailChanges, PasswordResets
from app.tasks.cleanup import clean_up
from app.tasks.delivery import deliver
from app.tasks.registry import tasks_of
from tests.factories.accounts import actor_of, make_user, sign_in
from tests.factories.jobs import announced
from tests.factories.mail import Mailer, letters, sending_by, token_in

NEW = "ada.new@example.com"
RESETS = Query(select(func.count()).select_from(PasswordResets), int)
CHANGES = Query(select(func.count()).select_from(EmailChanges), int)


@pytest.fixture
async def ada(connection):
    return await make_user(connection, email="ada@example.com", locale=Locale.UK)


async def issued(doors, connection, user) -> PasswordResetIssued:
    await deliver(doors, PasswordForgotten(user.id))
    (message,) = await announced(connection)
    return message


@pytest.fixture
async def asked(client, doors, connection, adapters, ada) -> EmailChangeAsked:
    me = await sign_in(connection, adapters, user_id=ada.id)
    await client.post("/auth/email/change", json={"new_email": NEW}, headers=me)
    (message,) = await announced(connection)
    return message


async def test_the_link_comes_in_the_reader_s_language(doors, connection, adapters, ada):
    message = await issued(doors, connection, ada)

    (letter,) = await letters(doors)

    expected = adapters.writer.write("reset_password", Locale.UK, link="x")
    assert (letter.to, letter.subject) == (ada.email, expected.subject)
    assert token_in(letter) == adapters.signer.token("reset-password", str(message.reset_id))


async def test_both_addresses_are_asked_in_the_language_of_the_account(doors, adapters, asked):
    sent = {letter.to: letter for letter in await letters(doors)}

    assert sent.keys() == {"ada@example.com", NEW}
    for side, to in (("old", "ada@example.com"), ("new", NEW)):
        expected = adapters.writer.write(f"change_email_{side}", Locale.UK, link="x", new_email=NEW)
        assert sent[to].subject == expected.subject


async def test_the_owner_of_a_known_address_is_told_in_their_own_language(
    doors, connection, adapters, asked
):
    await make_user(connection, email=NEW, locale=Locale.RU)
    await letters(doors)

    (letter,) = await letters(doors, NEW)

    expected = adapters.writer.write("change_email_known", Locale.RU, link="x")
    assert letter.subject == expected.subject


def test_each_address_is_a_task_of_its_own_so_that_one_fails_without_the_other():
    names = [task.name for task in tasks_of(EmailChangeAsked)]

    assert names == ["ask_old_address", "ask_new_address"]


async def test_run_twice_they_are_the_same_letters(doors, connection, ada, asked):
    mailer = Mailer()
    reset = PasswordForgotten(ada.id)
    await deliver(doors, reset)
    (issued_,) = [m for m in await announced(connection) if isinstance(m, PasswordResetIssued)]

    for _ in range(2):
        await deliver(sending_by(doors, mailer), asked)
        await deliver(sending_by(doors, mailer), issued_)

    assert mailer.sent[:3] == mailer.sent[3:]
    assert len({letter.key for letter in mailer.sent}) == 3


async def test_a_mail_server_that_is_down_leaves_the_link_to_be_sent_later(doors, connection, ada):
    message = await issued(doors, connection, ada)

    with pytest.raises(MailUnavailable):
        await deliver(sending_by(doors, Mailer(fails=MailUnavailable())), message)

    assert len(await letters(doors)) == 1


async def test_a_link_that_opens_nothing_any_more_is_not_sent(doors, connection, clock, ada, asked):
    await deliver(doors, PasswordForgotten(ada.id))
    reset = (await announced(connection))[-1]
    mailer = Mailer()
    clock.forward(minutes=60)

    for message in (asked, reset):
        await deliver(sending_by(doors, mailer), message)

    assert mailer.sent == []


async def test_a_change_that_was_withdrawn_is_not_written_about(doors, ada, asked):
    actor = actor_of(ada)
    await doors.perform(lambda services: services.email_changes.withdraw(actor))

    assert await letters(doors) == []


async def test_a_deactivated_account_is_written_nothing(doors, connection, database, ada, asked):
    await deliver(doors, PasswordForgotten(ada.id))
    raw = await database._pool.acquire()
    await raw.execute("UPDATE users SET status = $1", UserStatus.DEACTIVATED)

    assert await letters(doors) == []


async def test_nobody_is_written_to_for_an_unknown_id(doors):
    for message in (PasswordForgotten, PasswordResetIssued, EmailChangeAsked, EmailChanged):
        await deliver(doors, message(uuid4()))

    assert await letters(doors) == []


async def test_what_is_over_and_counts_no_more_is_forgotten(doors, connection, clock, ada, asked):
    await deliver(doors, PasswordForgotten(ada.id))
    clock.forward(minutes=59)
    early = await clean_up(doors)
    kept = await connection.all(RESETS), await connection.all(CHANGES)
    clock.forward(hours=23, minutes=2)

    late = await clean_up(doors)

    assert (early["forget_password_resets"], early["forget_email_changes"]) == (0, 0)
    assert kept == ([1], [1])
    assert (late["forget_password_resets"], late["forget_email_changes"]) == (1, 1)
    assert await connection.all(RESETS) == await connection.all(CHANGES) == [0]
