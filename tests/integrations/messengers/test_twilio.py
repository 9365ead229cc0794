"""Twilio alone: looking for what went out, its login, and what it reports."""

from dataclasses import replace

import pytest

from app.domain.gateways import InvalidSignature, UnreadableNotice
from app.domain.messengers import TextState
from app.integrations.sms.protocol import Sms, SmsRefused, SmsUnavailable
from app.integrations.sms.twilio import TwilioSms
from tests.fakes.twilio import FROM, callback, signed, twilio_server
from tests.integrations.messengers.vendors import CALLBACK, account

TEXT = Sms("+12025550143", "Your code is 123456", "1")


@pytest.fixture
async def server(clock):
    async with twilio_server(clock) as server:
        yield server


@pytest.fixture
async def twilio(server):
    sender = TwilioSms(account(server))
    yield sender
    await sender.close()


async def test_it_is_told_where_to_report_and_whom_a_text_is_from(server, twilio):
    await twilio.send(TEXT)
    assert server.sent == {
        "To": TEXT.to,
        "From": FROM,
        "Body": TEXT.text,
        "StatusCallback": CALLBACK,
    }

    by_service = TwilioSms(account(server, "MG0123456789abcdef0123456789abcdef"))
    await by_service.send(TEXT)
    await by_service.close()
    assert server.sent["MessagingServiceSid"] == "MG0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("prefix", ["", "Sent from your Twilio trial account - "])
async def test_one_whose_answer_was_lost_is_found_and_not_sent_again(server, twilio, clock, prefix):
    server.prefix = prefix
    tried_at = clock()
    server.faults.append("500-after")
    with pytest.raises(SmsUnavailable):
        await twilio.send(TEXT)
    clock.forward(minutes=5)

    receipt = await twilio.send(replace(TEXT, tried_at=tried_at))

    assert [one["sid"] for one in server.messages] == [receipt.reference]


async def test_the_same_words_of_another_time_or_to_another_number_are_not_it(
    server, twilio, clock
):
    await twilio.send(TEXT)
    await twilio.send(replace(TEXT, to="+12025550144"))
    clock.forward(minutes=5)

    await twilio.send(replace(TEXT, tried_at=clock()))

    assert [one["to"] for one in server.messages].count(TEXT.to) == 2


async def test_one_that_never_arrived_is_sent(server, twilio, clock):
    server.faults.append("500")
    with pytest.raises(SmsUnavailable):
        await twilio.send(TEXT)

    await twilio.send(replace(TEXT, tried_at=clock()))

    assert len(server.messages) == 1


@pytest.mark.parametrize("fault", ["401", "403", "404"])
async def test_a_login_that_is_refused_can_be_mended(server, twilio, fault):
    server.faults.append(fault)

    with pytest.raises(SmsUnavailable) as unavailable:
        await twilio.send(TEXT)

    assert unavailable.value.is_undone


async def test_a_check_asks_who_we_are(server):
    stranger = TwilioSms(replace(account(server), token="wrong"))
    with pytest.raises(SmsUnavailable):
        await stranger.check()
    await stranger.close()

    suspended = TwilioSms(account(server))
    server.status = "suspended"
    with pytest.raises(SmsRefused):
        await suspended.check()
    await suspended.close()


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ("queued", None),
        ("sending", None),
        ("sent", TextState.SENT),
        ("delivered", TextState.DELIVERED),
        ("undelivered", TextState.FAILED),
        ("failed", TextState.FAILED),
        ("something-new", None),
    ],
)
def test_a_report_says_how_far_a_text_got(told, state):
    twilio = TwilioSms(account(type("Nowhere", (), {"address": "http://x"})))
    body = callback("SM1", told.replace("-", ""))

    report = twilio.read(signed(CALLBACK, body), body)

    assert (report.reference, report.state, report.code) == ("SM1", state, None)
    assert not report.is_dead


@pytest.mark.parametrize(("code", "is_dead"), [("30005", True), ("30006", True), ("30003", False)])
def test_a_failure_says_whether_there_is_such_a_telephone(code, is_dead):
    twilio = TwilioSms(account(type("Nowhere", (), {"address": "http://x"})))
    body = callback("SM1", "undelivered", code)

    report = twilio.read(signed(CALLBACK, body), body)

    assert (report.state, report.code, report.is_dead) == (TextState.FAILED, code, is_dead)


GOOD = callback("SM1", "delivered")
FORGED = {
    "nothing": ({}, GOOD),
    "empty": ({"x-twilio-signature": ""}, GOOD),
    "another secret": (signed(CALLBACK, GOOD, "wrong"), GOOD),
    "another body": (signed(CALLBACK, GOOD), callback("SM2", "delivered")),
    "a field more": (signed(CALLBACK, GOOD), GOOD + b"&a=b"),
    "a field twice": (signed(CALLBACK, GOOD), GOOD + b"&MessageStatus=failed"),
    "another address": (signed("https://banister.example/other", GOOD), GOOD),
    "http": (signed(CALLBACK.replace("https", "http"), GOOD), GOOD),
    "no UTF-8": (signed(CALLBACK, GOOD), b"\xff\xfe"),
    "letters beyond ASCII": ({"x-twilio-signature": "\u044f"}, GOOD),
    "too large": (signed(CALLBACK, GOOD), GOOD + b"&a=" + b"x" * 20_000),
    "too many": (signed(CALLBACK, GOOD), GOOD + b"&a=b" * 200),
}


@pytest.mark.parametrize("name", FORGED)
def test_what_is_not_signed_by_it_is_not_believed(name):
    twilio = TwilioSms(account(type("Nowhere", (), {"address": "http://x"})))
    twilio.read(signed(CALLBACK, GOOD), GOOD)

    with pytest.raises(InvalidSignature):
        twilio.read(*FORGED[name])


def test_the_signature_is_the_one_of_their_documentation():
    """The example of twilio.com/docs/usage/security, with its own secret."""
    url = "https://example.com/myapp.php?foo=1&bar=2"
    body = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675310&Digits=1234"
    body += b"&From=%2B14158675310&To=%2B18005551212"

    assert signed(url, body, "12345")["x-twilio-signature"] == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@pytest.mark.parametrize("body", [b"", b"MessageSid=SM1", b"MessageSid=%20&MessageStatus=sent"])
def test_what_is_signed_and_says_nothing_is_unreadable(body):
    twilio = TwilioSms(account(type("Nowhere", (), {"address": "http://x"})))

    with pytest.raises(UnreadableNotice):
        twilio.read(signed(CALLBACK, body), body)
