"""Coming in over HTTP, and what comes back."""

from tests.factories.mail import code_sent_to

PASSWORD = "correct horse battery"
ADA = {"email": "ada@example.com", "password": PASSWORD}


async def registered(client, doors, **more) -> dict:
    """Return the tokens of somebody who has just confirmed their address."""
    wanted = ADA | more
    made = await client.post("/auth/register", json=wanted)
    assert made.status_code == 201, made.text
    code = await code_sent_to(doors, wanted["email"])
    return await tokens(client, "/auth/verify-email", {"email": wanted["email"], "code": code})


async def tokens(client, path: str, body: dict) -> dict:
    response = await client.post(path, json=body)
    assert response.status_code == 200, response.text
    return response.json()


def bearer(pair: dict) -> dict[str, str]:
    return {"Authorization": f"Bearer {pair['access_token']}"}


def outcome(response) -> tuple[int, str]:
    return response.status_code, response.json().get("code", "")
