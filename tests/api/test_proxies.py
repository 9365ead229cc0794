"""Whose address a request counts for: behind the real server, with and without proxies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select

from app.cli.serve import configured, listen
from app.core.config import Settings, SettingsError, load_settings
from app.core.statements import Query
from app.models import Sessions
from tests.api.test_server import QuietServer
from tests.conftest import SECRET
from tests.factories.accounts import make_user
from tests.factories.limits import client_from

ADDRESSES = Query(select(Sessions.ip), lambda ip: ip)


async def tells_client(scope, receive, send):
    """Answer with the address the application would see."""
    body = scope["client"][0].encode()
    head = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def served(trusted: str, host: str = "127.0.0.1") -> AsyncIterator[tuple[str, int]]:
    settings = Settings(_env_file=None, secret_key=SECRET, trusted_proxies=trusted)
    with listen(host, 0) as listener:
        server = QuietServer(configured(tells_client, settings, lifespan="off"))
        serving = asyncio.create_task(server.serve([listener]))
        await server.ready.wait()
        yield listener.getsockname()[:2]
        server.should_exit = True
        await serving


async def seen(address: tuple[str, int], *forwarded: str) -> str:
    reader, writer = await asyncio.open_connection(*address)
    headers = "".join(f"X-Forwarded-For: {value}\r\n" for value in forwarded)
    writer.write(f"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{headers}\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.partition(b"\r\n\r\n")[2].decode()


@pytest.mark.parametrize(
    ("trusted", "forwarded", "client"),
    [
        ("", ["203.0.113.7"], "127.0.0.1"),
        ("10.0.0.1", ["203.0.113.7"], "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["203.0.113.7:4711"], "203.0.113.7"),
        ("127.0.0.1", ["8.8.8.8, 203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["8.8.8.8", "203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["8.8.8.8, 203.0.113.7, 127.0.0.1"], "203.0.113.7"),
        ("127.0.0.1", ["8.8.8.8, 203.0.113.7, 10.1.2.3"], "10.1.2.3"),
        ("127.0.0.0/8, 10.0.0.0/8", ["8.8.8.8, 203.0.113.7, 10.1.2.3"], "203.0.113.7"),
        ("127.0.0.1, 2001:db8::/32", ["8.8.8.8, 203.0.113.7, 2001:db8::5"], "203.0.113.7"),
        ("127.0.0.1", ["2001:db8:1:2::7"], "2001:db8:1:2::7"),
        ("127.0.0.1", ["[2001:db8:1:2::7]:4711"], "2001:db8:1:2::7"),
    ],
)
async def test_the_client_is_the_last_one_no_trusted_proxy_has_told_of(trusted, forwarded, client):
    async with served(trusted) as address:
        assert await seen(address, *forwarded) == client


async def test_a_proxy_may_come_by_ipv6():
    async with served("::1", host="::1") as address:
        assert await seen(address, "8.8.8.8, 203.0.113.7") == "203.0.113.7"


@pytest.mark.parametrize("trusted", ["*", "proxy", "10.0.0.1/8", "10.0.0.0/33", "127.0.0.1, *"])
def test_what_is_no_address_is_refused_with_one_line(trusted):
    """The server would take it for a name, and "*" for everybody: who asks could be anyone."""
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES: must be addresses and networks"):
        load_settings(_env_file=None, trusted_proxies=trusted)


@pytest.mark.parametrize("ip", ["unknown", "x" * 5000, "fe80::1%" + "x" * 100])
async def test_an_address_that_is_none_does_no_harm(doors, connection, adapters, ip):
    """A proxy may pass on whatever it was told."""
    password = "correct horse battery"
    user = await make_user(connection, password_hash=await adapters.passwords.hash(password))
    async with client_from(ip, doors) as client:
        answer = await client.post("/auth/login", json={"email": user.email, "password": password})

    assert answer.status_code == 200
    assert await connection.all(ADDRESSES) == ["fe80::1" if ip.startswith("fe80") else None]
