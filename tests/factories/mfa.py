"""Second factors, as their owners hold them."""

from dataclasses import dataclass

import httpx
import pyotp

from tests.factories.auth import PASSWORD
from tests.factories.clock import Clock


@dataclass(frozen=True)
class App:
    """An authenticator app; `steps` is by how many half minutes its clock is wrong."""

    secret: str
    clock: Clock

    def code(self, *, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(int(self.clock.now.timestamp()) + 30 * steps)


async def set_up(
    client: httpx.AsyncClient,
    headers: dict[str, str],
    clock: Clock,
    *,
    password: str | None = PASSWORD,
) -> App:
    response = await client.post("/auth/mfa/totp", json={"password": password}, headers=headers)
    assert response.status_code == 200, response.text
    return App(response.json()["secret"], clock)


async def turn_on(
    client: httpx.AsyncClient,
    headers: dict[str, str],
    clock: Clock,
    *,
    password: str | None = PASSWORD,
) -> tuple[App, list[str]]:
    """Return the app and the recovery codes; half a minute later, so that there is a fresh code."""
    app = await set_up(client, headers, clock, password=password)
    response = await client.post(
        "/auth/mfa/totp/activate", json={"code": app.code()}, headers=headers
    )
    assert response.status_code == 200, response.text
    clock.forward(seconds=30)
    return app, response.json()["recovery_codes"]


async def mfa_token(client: httpx.AsyncClient, credentials: dict[str, str]) -> str:
    """Return what a login gives to somebody whose code is asked for."""
    response = await client.post("/auth/login", json=credentials)
    assert (response.status_code, response.json()["code"]) == (401, "mfa-required"), response.text
    return response.json()["mfa_token"]
