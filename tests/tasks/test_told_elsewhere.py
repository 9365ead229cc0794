"""What people are told elsewhere than by letter: by SMS, by push and by Telegram."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.core.ids import new_id
from app.core.statements import Query
from app.domain.messengers import TextReport, TextState, TextStatusReported
from app.domain.notification_preferences import usual
from app.domain.notifications import Channel, Facts, Kind
from app.domain.users import UserStatus
from app.integrations.push.protocol import PushRefused
from app.integrations.sms.protocol import SmsRefused, SmsUnavailable
from app.integrations.telegram.protocol import TelegramRefused
from app.models import NotificationDeliveries as Deliveries
from app.repositories.notification_preferences import NotificationPreferenceRepository
from app.repositories.telegram import TelegramRepository
from app.repositories.text_reports import TextReportRepository
from tests.factories.accounts import make_user, sign_in
from tests.factories.clock import NOW
from tests.factories.jobs import deliver_all
from tests.factories.messengers import Messenger, messaging_by, reached

PHONE = "+12025550143"
TOKENS = ("token-of-a-telephone-1", "token-of-a-telephone-2")
CHAT = 777
ALL = (Channel.SMS, Channel.PUSH, Channel.TELEGRAM)
STATES = Query(
    select(Deliveries.state, Deliveries.error).order_by(Deliveries.created_at, Deliveries.id),
    lambda *row: row,
)
DAY = timedelta(days=1)


@pytest.fixture
async def ada(client, connection, adapters):
    """Somebody who wants to be told by every channel, and has all that it takes."""
    ada = await make_user(connection, phone=PHONE, phone_verified_at=NOW)
    for token in TOKENS:
        me = await sign_in(connection, adapters, user_id=ada.id)
        body = {"platform": "ios", "token": token}
        assert (await client.post("/devices", headers=me, json=body)).status_code == 201
    await link_chat(connection, ada)
    choices = {Kind.MESSAGE: {Channel.SMS: True}}
    preferences = replace(usual(ada.id), choices=choices)
    await NotificationPreferenceRepository(connection).put(preferences)
    return ada


async def link_chat(connection, user):
    links = TelegramRepository(connection)
    await links.begin(user.id, code_hash=user.id.bytes, expires_at=NOW + DAY)
    await links.link(user.id, CHAT, now=NOW)


@pytest.fixture
def messenger():
    return Messenger()


@pytest.fixture
def sending(doors, messenger):
    return messaging_by(doors, messenger)


@pytest.fixture
def tell(sending):
    async def tell(user, *channels, text="We open at ten."):
        for channel in channels:
            async with sending.writing() as services:
                key, facts = f"{new_id()}", Facts(text=text)
                await services.notifications.tell(
                    Kind.MESSAGE, user.id, key=key, facts=facts, by=channel
                )

    return tell


async def test_each_channel_is_told_once_and_each_device(sending, messenger, ada, tell):
    await tell(ada, *ALL)

    for _ in range(2):
        await deliver_all(sending)

    assert sorted(map(reached, messenger.sent)) == sorted([PHONE, *TOKENS, str(CHAT)])
    assert len({one.key for one in messenger.sent}) == 4
    assert all("We open at ten." in one.text for one in messenger.sent)


async def test_a_number_that_nobody_proved_is_theirs_gets_no_text(
    connection, sending, messenger, tell
):
    bob = await make_user(connection, phone="+12025550199")
    choices = {Kind.MESSAGE: {Channel.SMS: True}}
    preferences = replace(usual(bob.id), choices=choices)
    await NotificationPreferenceRepository(connection).put(preferences)
    await tell(bob, *ALL)

    await deliver_all(sending)

    assert messenger.sent == []


async def test_who_signed_out_or_unlinked_meanwhile_is_not_told(
    connection, sending, messenger, ada, tell
):
    await tell(ada, Channel.TELEGRAM, Channel.PUSH)
    async with sending.writing() as services:
        await services.devices.drop_dead(TOKENS[0])
        await services.telegram.drop_dead(CHAT)

    await deliver_all(sending)

    assert [reached(one) for one in messenger.sent] == [TOKENS[1]]


@pytest.mark.parametrize("changes", [{"status": UserStatus.DEACTIVATED}, {"erased_at": NOW}])
async def test_nobody_is_told_whose_account_is_not_in_use(
    connection, sending, messenger, tell, changes
):
    gone = await make_user(connection, phone=PHONE, phone_verified_at=NOW, **changes)
    await link_chat(connection, gone)
    await tell(gone, *ALL)

    await deliver_all(sending)

    assert messenger.sent == []


async def test_a_dead_token_is_forgotten_and_the_others_stay(
    connection, sending, messenger, ada, tell
):
    messenger.fails = [PushRefused("UNREGISTERED", is_dead=True)]
    await tell(ada, Channel.PUSH)
    await deliver_all(sending)
    await tell(ada, Channel.PUSH)
    await deliver_all(sending)

    assert len(messenger.sent) == 2
    assert len({reached(one) for one in messenger.sent}) == 1
    states = await connection.all(STATES)
    assert [state for state, _ in states] == ["bounced", "sent", "sent"]


async def test_a_dead_chat_is_forgotten(services, sending, messenger, ada, tell):
    messenger.fails = [TelegramRefused("403", is_dead=True)]
    await tell(ada, Channel.TELEGRAM)
    await deliver_all(sending)

    assert await services.telegram.chat_of(ada.id) is None


async def test_a_dead_number_is_suppressed(connection, sending, messenger, ada, tell):
    messenger.fails = [SmsRefused("21610", is_dead=True)]
    await tell(ada, Channel.SMS)
    await deliver_all(sending)
    await tell(ada, Channel.SMS)
    await deliver_all(sending)

    assert messenger.sent == []
    assert await connection.all(STATES) == [
        ("bounced", "sms 21610"),
        ("suppressed", "suppressed"),
    ]


async def test_what_is_refused_once_is_not_tried_again(connection, sending, messenger, ada, tell):
    messenger.fails = [SmsRefused("30007")]
    await tell(ada, Channel.SMS)
    await deliver_all(sending, within=DAY)
    await tell(ada, Channel.SMS)
    await deliver_all(sending)

    assert len(messenger.sent) == 1
    assert [state for state, _ in await connection.all(STATES)] == ["failed", "sent"]


async def test_a_lost_answer_is_asked_after_and_one_that_never_left_is_not(
    sending, messenger, ada, tell, clock
):
    messenger.fails = [SmsUnavailable(is_undone=True), SmsUnavailable()]
    await tell(ada, Channel.SMS)
    async with sending.reading() as services:
        assert await services.notification_deliveries.overdue() == 0

    for within in (0, 15, 60):
        clock.forward(minutes=5)
        await deliver_all(sending, within=timedelta(seconds=within))

    [text] = messenger.sent
    assert text.tried_at == NOW + timedelta(minutes=10)


async def test_a_vendor_says_how_long_to_wait(connection, sending, messenger, ada, tell, clock):
    messenger.fails = [SmsUnavailable(is_undone=True, retry_after=300)]
    await tell(ada, Channel.SMS)
    await deliver_all(sending)

    await deliver_all(sending, within=timedelta(seconds=290))
    assert messenger.sent == []
    await deliver_all(sending, within=timedelta(seconds=310))
    assert [text.tried_at for text in messenger.sent] == [None]


@pytest.fixture
def report(connection):
    async def report(state, code=None, *, is_dead=False, reference="taken-1"):
        id_ = new_id()
        told = TextReport(reference, state, code, is_dead)
        announcing = TextStatusReported(id_)
        await TextReportRepository(connection).add(id_, told, now=NOW, announcing=announcing)

    return report


@pytest.mark.parametrize(
    ("state", "code", "ends"),
    [
        (TextState.DELIVERED, None, ("delivered", None)),
        (TextState.FAILED, "30003", ("failed", "sms 30003")),
        (TextState.SENT, None, ("sent", None)),
    ],
)
@pytest.mark.parametrize("comes", ["after", "before"])
async def test_what_a_vendor_reports_is_noted_however_early_it_comes(
    connection, sending, ada, tell, report, state, code, ends, comes
):
    await tell(ada, Channel.SMS)
    if comes == "after":
        await deliver_all(sending)
    await report(state, code)
    await report(TextState.DELIVERED, reference="somebody-else-s")

    await deliver_all(sending)

    assert await connection.all(STATES) == [ends]


async def test_a_report_that_a_number_is_dead_ends_texts_to_it(
    connection, sending, messenger, ada, tell, report
):
    await tell(ada, Channel.SMS)
    await deliver_all(sending)
    await report(TextState.FAILED, "30006", is_dead=True)
    await deliver_all(sending)
    await tell(ada, Channel.SMS)
    await deliver_all(sending)

    assert len(messenger.sent) == 1
    assert [state for state, _ in await connection.all(STATES)] == ["failed", "suppressed"]


async def test_without_anybody_to_send_by_there_is_nothing_to_send(connection, doors, ada):
    bare = replace(doors, adapters=replace(doors.adapters, sms=None, push=None, telegram=None))
    for channel in ALL:
        async with bare.writing() as services:
            await services.notifications.tell(
                Kind.MESSAGE, ada.id, key=f"{new_id()}", facts=Facts(text="x"), by=channel
            )

    assert await connection.all(STATES) == []
