"""What owners are told about the safety of their accounts."""

from dataclasses import fields
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from app.core.i18n import Locale, translate
from app.core.ids import new_id
from app.domain.notices import NoticeKind, SecurityNotice
from app.domain.notifications import Channel, Kind
from app.domain.users import UserStatus
from app.tasks.delivery import deliver
from tests.factories.accounts import make_user
from tests.factories.clock import NOW
from tests.factories.mail import letters

MILLISECONDS = int(datetime(2030, 1, 31, 9, tzinfo=UTC).timestamp() * 1000)
AT = UUID(int=MILLISECONDS << 80 | 0x7 << 76 | 0b10 << 62 | 1)


@pytest.mark.parametrize("locale", Locale)
@pytest.mark.parametrize("kind", NoticeKind)
async def test_a_notice_tells_what_happened_in_the_reader_s_language(
    doors, connection, kind, locale
):
    user = await make_user(connection, locale=locale)

    await deliver(doors, SecurityNotice(new_id(), user.id, kind))

    (letter,) = await letters(doors, user.email)
    words = {"notice": str(kind), "at": "x", "link": "y"}
    english = doors.adapters.writer.compose(Kind.SECURITY_NOTICE, Channel.PUSH, Locale.EN, **words)
    assert letter.subject == translate(english.subject, locale)
    assert "http://test/forgot-password" in letter.text


@pytest.mark.parametrize("locale", Locale)
def test_a_notice_says_what_happened_whatever_it_is(adapters, locale):
    words = {"at": "x", "link": "y"}
    said = [
        adapters.writer.compose(
            Kind.SECURITY_NOTICE, Channel.EMAIL, locale, **words, notice=str(kind)
        ).subject
        for kind in NoticeKind
    ]

    assert all(said)
    assert len(set(said)) == len(NoticeKind)


async def test_it_tells_when_it_happened_by_the_owner_s_clock_however_late_it_comes(
    doors, connection, clock
):
    user = await make_user(connection, timezone="Asia/Tokyo")
    clock.forward(days=2)

    await deliver(doors, SecurityNotice(AT, user.id, NoticeKind.MFA_OFF))

    (letter,) = await letters(doors, user.email)
    assert "January 31, 2030, 6:00 PM (Japan Standard Time)" in letter.text


@pytest.mark.parametrize(
    "changes",
    [
        {"status": UserStatus.DEACTIVATED},
        {"status": UserStatus.DEACTIVATED, "erased_at": NOW},
        {"status": UserStatus.PENDING},
    ],
)
async def test_nobody_is_told_about_an_account_that_is_not_in_use(doors, connection, changes):
    user = await make_user(connection, **changes)

    await deliver(doors, SecurityNotice(new_id(), user.id, NoticeKind.MFA_OFF))
    await deliver(doors, SecurityNotice(new_id(), uuid4(), NoticeKind.MFA_OFF))

    assert await letters(doors) == []


async def test_run_twice_it_is_shown_once(doors, connection):
    user = await make_user(connection)
    notice = SecurityNotice(new_id(), user.id, NoticeKind.MFA_ON)

    await deliver(doors, notice)
    await deliver(doors, notice)

    assert len(await letters(doors, user.email)) == 1


def test_a_notice_holds_nothing_of_a_person():
    assert [field.name for field in fields(SecurityNotice)] == ["notice_id", "user_id", "kind"]
    message = SecurityNotice(new_id(), uuid4(), NoticeKind.PASSWORD_CHANGED)
    assert SecurityNotice.read("SecurityNotice", message.write()) == message
