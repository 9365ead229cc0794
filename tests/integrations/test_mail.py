"""Handing letters over: what every mailer does, and what is only the server's to refuse."""

import asyncio
import email
import email.policy
import os
import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address

import pytest
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.core.i18n import Locale
from app.domain.notifications import Channel, Kind
from app.integrations.mail.mailbox import FileMailbox
from app.integrations.mail.protocol import Attachment, Letter, LetterRefused, MailUnavailable
from app.integrations.mail.smtp import SmtpMailer, SmtpServer
from app.integrations.writing.jinja import JinjaWriter

LETTER = Letter(
    to="ada@example.com",
    subject="Код подтверждения",
    text="Привет\n" + "x" * 2000 + "\n.\nend\n",
    html="<p>Привет &amp; пока</p>",
    key="verification/1",
)


class Server:
    """A real SMTP server; `rcpt` and `data` are what it says to those commands."""

    def __init__(self, *, rcpt="250 OK", data="250 OK", listens_with=None, **options) -> None:
        self.rcpt, self.data, self.options = rcpt, data, options
        self.listens_with = listens_with
        self.received: list[EmailMessage] = []
        self.connections: list[SMTP] = []

    def connect(self) -> SMTP:
        loop = asyncio.get_running_loop()
        self.connections.append(SMTP(self, loop=loop, **self.options))
        return self.connections[-1]

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.data.startswith("2"):
            parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.received.append(parsed)
        return self.data

    async def __aenter__(self):
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(self.connect, "127.0.0.1", 0, ssl=self.listens_with)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()
        for connection in self.connections:
            if connection.transport is not None:
                connection.transport.close()
        await asyncio.sleep(0)  # the loop tells them that their connection is lost


def mailer(port: int, clock, *, username="", tls="none", **more) -> SmtpMailer:
    server = SmtpServer("127.0.0.1", port, username, "secret", tls, **{"seconds": 5.0, **more})
    return SmtpMailer(server, sender="Banister <hello@salon.example>", clock=clock)


async def test_a_letter_arrives_with_text_and_html(clock):
    async with Server() as server:
        await mailer(server.port, clock).send(LETTER)

    (message,) = server.received
    assert message["From"] == "Banister <hello@salon.example>"
    assert message["To"] == "ada@example.com"
    assert message["Subject"] == "Код подтверждения"
    assert message["Date"] == "Fri, 01 Mar 2030 12:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == LETTER.text
    assert message.get_body(("html",)).get_content().strip() == LETTER.html


async def test_the_same_letter_has_the_same_name_and_another_one_another(clock):
    other = Letter("ada@example.com", "Hi", "Hi", "Hi", key="verification/2")
    async with Server() as server:
        for letter in (LETTER, LETTER, other):
            await mailer(server.port, clock).send(letter)

    first, again, last = (message["Message-ID"] for message in server.received)
    assert first == again != last
    assert first.endswith("@salon.example>")


async def test_an_attachment_comes_along(clock):
    type_ = "text/calendar; method=REQUEST; charset=utf-8"
    file = Attachment("visit.ics", type_, b"BEGIN:VCALENDAR\r\n\xff")
    letter = Letter("ada@example.com", "Hi", "Hi", "<p>Hi</p>", key="1", attachments=(file,))
    async with Server() as server:
        await mailer(server.port, clock).send(letter)

    (attached,) = server.received[0].iter_attachments()
    assert attached.get_filename() == "visit.ics"
    assert attached.get_content_type() == "text/calendar"
    assert dict(attached["Content-Type"].params) == {"method": "REQUEST", "charset": "utf-8"}
    assert attached.get_payload(decode=True) == file.content


@pytest.mark.parametrize(
    ("answers", "refusal"),
    [
        ({"rcpt": "450 later"}, MailUnavailable),
        ({"data": "451 later"}, MailUnavailable),
        ({"rcpt": "550 nobody of that name"}, LetterRefused),
        ({"data": "554 spam"}, LetterRefused),
    ],
)
async def test_what_may_be_tried_again_differs_from_what_is_useless(clock, answers, refusal):
    async with Server(**answers) as server:
        sending = mailer(server.port, clock).send(LETTER)
        with pytest.raises(refusal):
            await sending


async def test_a_server_that_does_not_answer_is_unavailable(clock):
    async with Server() as server:
        port = server.port

    with pytest.raises(MailUnavailable):
        await mailer(port, clock).send(LETTER)


async def test_a_server_that_says_nothing_is_given_up(clock):
    with socket.create_server(("127.0.0.1", 0)) as silent:  # connects, and that is all
        port = silent.getsockname()[1]
        with pytest.raises(MailUnavailable):
            await mailer(port, clock, seconds=0.05).send(LETTER)


async def test_no_password_goes_over_a_line_that_is_not_secret(clock):
    """With starttls wanted, a server (or somebody between) that has none gets nothing."""
    async with Server() as server:
        with pytest.raises(MailUnavailable):
            await mailer(server.port, clock, tls="starttls").send(LETTER)
        with pytest.raises(MailUnavailable):
            await mailer(server.port, clock, tls="tls").send(LETTER)

    assert server.received == []


@pytest.fixture(scope="module")
def certified(tmp_path_factory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server at 127.0.0.1 shows, and what believes it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(file)
    return shown, ssl.create_default_context(cafile=file)


@pytest.mark.parametrize("known", [True, False])
async def test_a_login_goes_over_tls_and_one_that_is_refused_may_be_mended(clock, certified, known):
    shown, trusted = certified
    logins = []

    def check(server, session, envelope, mechanism, login):
        logins.append((login.login, login.password))
        return AuthResult(success=known, handled=False)

    options = {"tls_context": shown, "authenticator": check, "auth_required": True}
    async with Server(**options, require_starttls=True) as server:
        sending = mailer(
            server.port, clock, username="salon", tls="starttls", trusted=trusted
        ).send(LETTER)
        if known:
            await sending
        else:
            with pytest.raises(MailUnavailable):
                await sending

    assert len(server.received) == known
    assert set(logins) == {(b"salon", b"secret")}


async def test_tls_may_begin_with_the_first_byte(clock, certified):
    shown, trusted = certified
    async with Server(listens_with=shown) as server:
        await mailer(server.port, clock, tls="tls", trusted=trusted).send(LETTER)

    assert len(server.received) == 1


@pytest.mark.parametrize("tls", ["tls", "starttls"])
async def test_a_server_nobody_vouches_for_gets_nothing(clock, certified, tls):
    shown, _ = certified
    options = {"listens_with": shown} if tls == "tls" else {"tls_context": shown}
    async with Server(**options) as server:
        with pytest.raises(MailUnavailable):
            await mailer(server.port, clock, tls=tls).send(LETTER)

    assert server.received == []


async def test_the_mailbox_shows_a_repeated_letter_once_and_the_newest_first(tmp_path, clock):
    mailbox = FileMailbox(tmp_path / "mail", clock)
    other = Letter("eve@example.com", "Hi", "Hi", "<p>Hi</p>", key="verification/2")

    for letter in (LETTER, other, LETTER):
        await mailbox.send(letter)

    assert [kept.to for kept in await mailbox.letters()] == ["ada@example.com", "eve@example.com"]
    (kept,) = await mailbox.letters(to="ada@example.com")
    assert (kept.subject, kept.text, kept.html) == (LETTER.subject, LETTER.text, LETTER.html)
    assert kept.created_at == clock.now


async def test_the_mailbox_keeps_a_bounded_number_and_two_processes_may_share_it(tmp_path, clock):
    boxes = [FileMailbox(tmp_path, clock, most=5) for _ in range(2)]

    await asyncio.gather(
        *(
            boxes[number % 2].send(Letter(f"{number}@x.kz", "Hi", "Hi", "Hi", key=str(number)))
            for number in range(40)
        )
    )

    assert 1 <= len(await boxes[0].letters()) <= 5
    assert not list(tmp_path.glob("*.unfinished"))


async def test_the_mailbox_passes_over_what_it_can_t_read(tmp_path, clock):
    mailbox = FileMailbox(tmp_path, clock)
    await mailbox.send(LETTER)
    (tmp_path / "broken.json").write_text("{")

    assert len(await mailbox.letters()) == 1


async def test_an_empty_mailbox_has_no_letters(tmp_path, clock):
    assert await FileMailbox(tmp_path / "none", clock).letters() == []


async def test_the_mailbox_forgets_the_letters_to_an_address(tmp_path, clock):
    mailbox = FileMailbox(tmp_path, clock)
    other = Letter("eve@example.com", "Hi", "Hi", "<p>Hi</p>", key="verification/2")
    newer = replace(LETTER, key="verification/3")
    await mailbox.send(LETTER)
    await mailbox.send(other)
    clock.forward(minutes=1)
    await mailbox.send(newer)

    await mailbox.forget(to=LETTER.to, before=clock.now)
    (kept,) = await mailbox.letters(to=LETTER.to)
    await mailbox.forget(to=LETTER.to)

    assert kept.created_at == clock.now
    assert [letter.to for letter in await mailbox.letters()] == [other.to]


async def test_the_mailbox_forgets_the_letters_in_which_somebody_is_named(tmp_path, clock):
    mailbox = FileMailbox(tmp_path, clock)
    other = Letter("eve@example.com", "Hi", "With Vera Barber\n", "<p>Hi</p>", key="booking/1")
    await mailbox.send(LETTER)
    await mailbox.send(other)

    await mailbox.forget_naming(lambda text: "Vera" in text)

    assert [letter.to for letter in await mailbox.letters()] == [LETTER.to]


async def test_with_them_goes_what_was_never_finished(tmp_path, clock):
    broken, being_written = tmp_path / "1.unfinished", tmp_path / "2.unfinished"
    for path in (broken, being_written):
        path.write_text(LETTER.text)
    os.utime(broken, (1, 1))

    await FileMailbox(tmp_path, clock).forget(to=LETTER.to)

    assert list(tmp_path.iterdir()) == [being_written]


HOSTILE = [
    "Cut\r\nBcc: eve@example.com",
    "Cut\nBcc: eve@example.com\n\nBuy this",
    "Cut\rBcc: eve@example.com",
    "Cut\u2028Bcc: eve@example.com",
    "Cut\x0b\x0c\x1c\x85Bcc: eve@example.com",
    "=?utf-8?q?Cut=0ABcc:_eve@example.com?=",
    "{{ 7 * 7 }}{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "${7*7} %(name)s {name} {0.__class__}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
]


WORDS = (
    *("title", "at", "moved_from", "until", "lead", "provider", "customer", "place", "amount"),
    *("reason", "text", "attendee", "ticket_type"),
)
TELLING = (  # between them they tell everything that people typed
    *(Kind.BOOKING_CANCELLED, Kind.RECEIVED_BOOKING, Kind.TICKET_HANDED_OVER, Kind.MESSAGE),
    *(Kind.REVIEW_RECEIVED, Kind.SLOT_OFFERED),
)
HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    *("MIME-Version", "Content-Type"),
}


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
async def test_what_people_typed_is_told_as_it_is_and_changes_no_letter(clock, typed):
    words = dict.fromkeys(WORDS, typed) | {"seats": 2, "count": 2, "notice": "mfa_on"}
    words["link"] = "https://salon.example/bookings"
    async with Server() as server:
        for kind in TELLING:
            written = JinjaWriter().compose(kind, Channel.EMAIL, Locale.EN, **words)
            letter = replace(LETTER, subject=written.subject, text=written.text, html=written.html)
            await mailer(server.port, clock).send(letter)

    assert len(server.received) == len(TELLING)
    for message in server.received:
        assert set(message.keys()) == HEADERS
        assert message["To"] == "ada@example.com"
        assert "\n" not in message["Subject"]
        told = message["Subject"] + "".join(
            message.get_body((part,)).get_content() for part in ("plain", "html")
        )
        assert "49" not in told
        assert "<class" not in told
        assert "&lt;class" not in told
        html = message.get_body(("html",)).get_content()
        assert "<script" not in html
        assert "<img src" not in html
