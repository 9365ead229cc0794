"""Messages that are kept on this machine, in the way of each messenger."""

import asyncio
import stat

import pytest

from app.domain.messengers import Messenger
from app.integrations.keeping.cutting import cut
from app.integrations.keeping.folder import FileKeeping
from app.integrations.push.kept import KeptPushes
from app.integrations.push.protocol import Push
from app.integrations.sms.kept import KeptSms
from app.integrations.sms.protocol import Sms
from app.integrations.telegram.kept import KeptTelegram
from app.integrations.telegram.protocol import TelegramMessage


@pytest.fixture
def keeping(tmp_path) -> FileKeeping:
    return FileKeeping(tmp_path / "messages")


async def test_each_messenger_keeps_what_it_would_have_sent_and_the_newest_is_first(keeping, clock):
    await KeptSms(keeping, clock).send(Sms("+12025550143", "Your code is 1", "1"))
    clock.forward(minutes=1)
    await KeptPushes(keeping, clock).send(Push("token", "Booked", "At 9", "1", {"id": "7"}))
    clock.forward(minutes=1)
    await KeptTelegram(keeping, clock).send(TelegramMessage(42, "At 9", "1"))

    chat, push, text = await keeping.messages()

    assert (chat.messenger, chat.to, chat.text) == (Messenger.TELEGRAM, "42", "At 9")
    assert (push.title, push.text, dict(push.data)) == ("Booked", "At 9", {"id": "7"})
    assert (text.messenger, text.to, text.text) == (Messenger.SMS, "+12025550143", "Your code is 1")
    assert text.created_at < push.created_at < chat.created_at == clock.now
    assert await keeping.messages(to="token") == [push]


async def test_one_that_is_sent_again_is_kept_once_and_has_the_same_receipt(keeping, clock):
    sender = KeptSms(keeping, clock)
    first = await sender.send(Sms("+12025550143", "Hi", "1"))

    again = await sender.send(Sms("+12025550143", "Hi", "1"))
    other = await sender.send(Sms("+12025550143", "Hi", "2"))
    elsewhere = await sender.send(Sms("+12025550144", "Hi", "1"))

    assert again == first
    assert len({first, other, elsewhere}) == 3
    assert len(await keeping.messages()) == 3


async def test_only_the_newest_are_kept_and_for_nobody_else_to_read(tmp_path, clock):
    senders = [KeptSms(FileKeeping(tmp_path / "m", most=5), clock) for _ in range(2)]

    await asyncio.gather(
        *(senders[n % 2].send(Sms(f"+1202555{n:04}", "Hi", str(n))) for n in range(40))
    )

    files = list((tmp_path / "m").iterdir())
    assert 1 <= len(files) <= 5
    assert stat.S_IMODE((tmp_path / "m").stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


async def test_what_went_to_somebody_or_names_them_can_be_thrown_away(keeping, clock):
    text, push = KeptSms(keeping, clock), KeptPushes(keeping, clock)
    await text.send(Sms("+12025550143", "Hi", "1"))
    await text.send(Sms("+12025550144", "With Vera Barber", "2"))
    await push.send(Push("token", "Vera", "Hi", "3"))
    await push.send(Push("token", "Hi", "Hi", "4", {"who": "Vera"}))
    clock.forward(minutes=1)
    await text.send(Sms("+12025550143", "Hi again", "5"))

    await keeping.forget_naming(lambda words: "Vera" in words)
    await keeping.forget(to="+12025550143", before=clock.now)

    assert [kept.text for kept in await keeping.messages()] == ["Hi again"]
    await keeping.forget(to="+12025550143")
    assert await keeping.messages() == []


def test_nothing_of_a_message_is_in_what_a_log_would_show_of_it():
    shown = f"{Sms('+12025550143', 'hush', '1')} {TelegramMessage(42077, 'hush', '1')}"
    shown += str(Push("secret-token", "hush", "hush", "1", {"a": "hush"}))

    assert not [word for word in ("hush", "12025550143", "42077", "secret-token") if word in shown]


@pytest.mark.parametrize(
    ("text", "kept"), [("Hello", "Hello"), ("Hello there", "Hello…"), ("12345678", "123456…")]
)
def test_of_what_is_too_long_the_end_is_left_out(text, kept):
    assert cut(text, 7) == kept
