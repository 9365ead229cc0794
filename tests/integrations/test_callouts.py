"""Calling addresses that users gave: what is fetched, and what is never reached."""

import gzip
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.domain.callouts import AddressRefused
from app.integrations.callouts.http import MOST_REDIRECTS
from app.integrations.callouts.protocol import CalloutFailed, Fetched
from app.integrations.callouts.reach import Reach, is_public, resolve
from tests.factories.web import answer, callouts, web_server

MOST = 1 << 20
PUBLIC = Reach()
PRIVATE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.9.10",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2606:4700:4700::1111%eth0",
    "not an address",
]


async def fetch(url, *, most=MOST, etag=None, **options):
    return await callouts(**options).fetch(url, accept="text/calendar", most=most, etag=etag)


def leading_to(*addresses):
    async def resolver(host, port):
        return addresses

    return resolver


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_nobody_s_on_the_internet_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111"])
def test_what_is_somebody_s_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_that_leads_into_a_network_is_not_called(address):
    async with web_server(lambda _: answer(200, b"secret")) as server:
        reach = Reach(frozenset({"http"}))
        with pytest.raises(CalloutFailed, match="not called"):
            await fetch("http://a.example/x", reach=reach, resolver=leading_to(address))

    assert server.asked == []


async def test_of_all_that_a_name_leads_to_one_is_enough_to_refuse_it():
    reach = Reach(frozenset({"https"}))
    for found in (("8.8.8.8", "127.0.0.1"), ("127.0.0.1", "8.8.8.8")):
        with pytest.raises(CalloutFailed, match="not called"):
            await fetch("https://a.example/x", reach=reach, resolver=leading_to(*found))


async def test_what_the_system_itself_finds_for_this_machine_is_refused():
    assert set(await resolve("localhost", 80)) <= {"127.0.0.1", "::1"}
    for name in ("localhost", "localhost.", "0x7f.1", "2130706433", "127.1"):
        with pytest.raises((CalloutFailed, AddressRefused)):
            await fetch(f"https://{name}/x", reach=PUBLIC)


async def test_a_name_that_leads_nowhere_is_told_so():
    async def nowhere(host, port):
        raise socket.gaierror(-2, "Name or service not known")

    for resolver in (nowhere, leading_to()):
        with pytest.raises(CalloutFailed, match="leads nowhere"):
            await fetch("https://a.example/x", reach=PUBLIC, resolver=resolver)


async def test_the_address_that_was_checked_is_called_and_the_name_is_asked_for():
    """The name leads elsewhere the second time it is asked: nobody asks a second time."""
    answers = iter([["127.0.0.1"], ["192.0.2.1"]])

    async def rebinding(host, port):
        return next(answers)

    async with web_server(lambda _: answer(200, b"file")) as server:
        url = server.url(host="calendar.example")
        assert await fetch(url, resolver=rebinding) == Fetched(b"file", None)

    assert server.asked[0].headers["host"] == f"calendar.example:{server.port}"
    assert next(answers) == ["192.0.2.1"]


async def test_where_one_address_is_silent_the_next_is_tried():
    with socket.create_server(("127.0.0.2", 0)) as closed:
        closed.close()
        async with web_server(lambda _: answer(200, b"file")) as server:
            url = server.url(host="calendar.example")
            fetched = await fetch(url, resolver=leading_to("127.0.0.2", "127.0.0.1"))

    assert fetched.content == b"file"


@pytest.mark.parametrize(
    "url",
    [
        "http://calendar.example/x.ics",
        "ftp://calendar.example/x.ics",
        "file:///etc/passwd",
        "//calendar.example/x.ics",
        "calendar.example/x.ics",
        "https://",
        "https:///x.ics",
        "https://user:secret@calendar.example/x.ics",
        "https://user@calendar.example/x.ics",
        "https://:@calendar.example/x.ics",
        "https://calendar.example:22/x.ics",
        "https://calendar.example:0/x.ics",
        "https://calendar.example:99999/x.ics",
        "https://calendar.example:x/x.ics",
        "https://127.0.0.1/x.ics",
        "https://[::1]/x.ics",
        "https://[::ffff:10.0.0.1]/x.ics",
        "https://[::1/x.ics",
        "https://calendar.example\\@127.0.0.1/",
        "https://calendar.example/a b",
        "https://calendar.example/a\r\nHost: other",
    ],
)
async def test_an_address_that_is_not_called_is_refused_as_it_is_given(url):
    with pytest.raises(AddressRefused):
        callouts(PUBLIC).checked(url)
    with pytest.raises(CalloutFailed):
        await fetch(url, reach=PUBLIC, resolver=leading_to("8.8.8.8"))


@pytest.mark.parametrize(
    ("url", "called"),
    [
        ("https://calendar.example/x.ics?a=b", "https://calendar.example/x.ics?a=b"),
        ("webcal://calendar.example/x.ics", "https://calendar.example/x.ics"),
        ("HTTPS://Calendar.example:443/x.ics#part", "https://Calendar.example:443/x.ics"),
    ],
)
def test_an_address_is_kept_as_it_is_called(url, called):
    assert callouts(PUBLIC).checked(url) == called


@pytest.fixture(scope="module")
def certified(tmp_path_factory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What calendar.example shows, and what believes it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("calendar.example")]), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(file)
    return shown, ssl.create_default_context(cafile=file)


@pytest.mark.parametrize(
    ("host", "is_believed"), [("calendar.example", True), ("other.example", False)]
)
async def test_who_answers_shows_a_certificate_of_the_name(certified, host, is_believed):
    shown, trusted = certified
    asked_for = []
    shown.sni_callback = lambda _, name, __: asked_for.append(name)
    async with web_server(lambda _: answer(200, b"file"), tls=shown) as server:
        url = server.url(host=host).replace("http:", "https:")
        calling = fetch(url, resolver=leading_to("127.0.0.1"), trusted=trusted)
        if is_believed:
            assert (await calling).content == b"file"
        else:
            with pytest.raises(CalloutFailed, match="reached"):
                await calling

    assert asked_for == [host]
    assert len(server.asked) == is_believed


async def test_a_redirect_is_followed_by_the_same_rules():
    def answers(asked):
        if asked.path == "/start":
            return answer(302, Location="/calendar.ics")
        return answer(200, b"file", ETag='"1"')

    async with web_server(answers) as server:
        assert await fetch(server.url("/start")) == Fetched(b"file", '"1"')


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/x",
        "https://user:secret@calendar.example/x",
        "file:///etc/passwd",
        "gopher://a.example",
        "//[::1",
        "http://\x7f",
    ],
)
async def test_a_redirect_to_where_nobody_may_call_is_not_followed(location):
    """The first address is public for this resolver; what it leads to is not."""
    reach = Reach(frozenset({"http"}))
    transport_reach = Reach(frozenset({"http"}), privately=True)
    async with web_server(lambda _: answer(302, Location=location)) as server:
        caller = callouts(reach)
        caller._allowed = lambda url: url if url == server.url() else reach_of(reach, url)
        caller._client = callouts(transport_reach)._client
        with pytest.raises(CalloutFailed):
            await caller.fetch(server.url(), accept="*/*", most=MOST)

    assert len(server.asked) == 1


def reach_of(reach, url):
    try:
        return reach.checked(url)
    except AddressRefused:
        raise CalloutFailed from None


async def test_redirects_come_to_an_end():
    async with web_server(lambda _: answer(301, Location="/calendar.ics")) as server:
        with pytest.raises(CalloutFailed, match="on and on"):
            await fetch(server.url())

    assert len(server.asked) == MOST_REDIRECTS + 1


async def test_what_has_not_changed_is_not_sent_again():
    def answers(asked):
        known = asked.headers.get("if-none-match") == '"1"'
        return answer(304) if known else answer(200, b"file", ETag='"1"')

    async with web_server(answers) as server:
        first = await fetch(server.url())
        assert await fetch(server.url(), etag=first.etag) is None
        assert await fetch(server.url(), etag='"0"') == first


@pytest.mark.parametrize("status", [204, 304, 401, 404, 500])
async def test_any_other_answer_is_a_failure_that_says_which(status):
    async with web_server(lambda _: answer(status)) as server:
        with pytest.raises(CalloutFailed, match=str(status)):
            await fetch(server.url())


async def test_a_file_is_read_up_to_its_limit_also_unpacked():
    packed = gzip.compress(b"x" * 5000)
    bomb = gzip.compress(b"\0" * (64 << 20))
    for body, headers, fits in [
        (b"x" * 5000, {}, True),
        (b"x" * 5001, {}, False),
        (packed, {"Content_Encoding": "gzip"}, True),
        (gzip.compress(b"x" * 5001), {"Content_Encoding": "gzip"}, False),
        (bomb, {"Content_Encoding": "gzip"}, False),
    ]:
        async with web_server(lambda _, b=body, h=headers: answer(200, b, **h)) as server:
            if fits:
                assert (await fetch(server.url(), most=5000)).content == b"x" * 5000
            else:
                with pytest.raises(CalloutFailed, match="larger"):
                    await fetch(server.url(), most=5000)


@pytest.mark.parametrize("coding", ["br", "deflate", "gzip, gzip"])
async def test_other_codings_are_not_read(coding):
    async with web_server(lambda _: answer(200, b"x", Content_Encoding=coding)) as server:
        with pytest.raises(CalloutFailed, match="coding"):
            await fetch(server.url())


async def test_what_is_not_what_it_says_can_t_be_unpacked():
    async with web_server(lambda _: answer(200, b"x", Content_Encoding="gzip")) as server:
        with pytest.raises(CalloutFailed, match="unpacked"):
            await fetch(server.url())


async def test_who_does_not_answer_in_time_is_given_up():
    async with web_server(lambda _: None) as server:
        with pytest.raises(CalloutFailed, match="in time"):
            await fetch(server.url(), seconds=0.1)


async def test_nonsense_and_silence_are_failures_that_quote_nothing():
    for body in (b"", b"\xff\xfe\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"):
        async with web_server(lambda _, b=body: b) as server:
            with pytest.raises(CalloutFailed) as failed:
                await fetch(server.url("/secret-path"))
            assert "secret" not in str(failed.value)
            assert "127.0.0.1" not in str(failed.value)
    with pytest.raises(CalloutFailed):
        await fetch(server.url("/secret-path"))  # it has gone
