"""Nobody becomes what they say they are: a field that is not offered is refused."""

import pytest

from app.api.openapi import operations
from app.core.config import Settings
from app.core.database import Database
from app.main import create_app
from tests.architecture.conftest import ask
from tests.architecture.permissions import SUPER_ADMIN, TABLE, Row
from tests.conftest import SECRET

WANTED = {
    "balance": 1_000_000,
    "created_at": "2020-01-01T00:00:00Z",
    "customer_id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e",
    "email_verified": True,
    "id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e",
    "is_admin": True,
    "mfa_enabled": False,
    "owner_id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e",
    "password_hash": "none",
    "permissions": ["users:manage"],
    "price_amount": 1,
    "proved_at": "2090-01-01T00:00:00Z",
    "provider": {"status": "active"},
    "role": "super_admin",
    "roles": ["super_admin"],
    "status": "active",
    "user_id": "0197a6c2-7c1e-7a55-8d5e-3f1c9a0b2d4e",
    "__class__": "Actor",
}
DOCUMENT = create_app(Settings(_env_file=None, environment="test", secret_key=SECRET)).openapi()


def offered(operation: dict) -> dict[str, object] | None:
    """Return the fields of the JSON body of an operation; None where it has none."""
    media = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if media is None:
        return None
    schema = media["schema"]
    for part in schema.get("allOf", [schema]):
        if "$ref" in part:
            name = part["$ref"].rpartition("/")[2]
            return DOCUMENT["components"]["schemas"][name]["properties"]
    return schema.get("properties", {})


OFFERED = {
    operation["operationId"]: fields
    for _, _, operation in operations(DOCUMENT)
    if (fields := offered(operation)) is not None
}


@pytest.fixture
def database(standing_database: Database) -> Database:
    return standing_database


@pytest.mark.parametrize("name", OFFERED)
async def test_a_field_that_is_not_offered_is_refused(client, world, name):
    row = TABLE[name]
    for field in WANTED.keys() - OFFERED[name].keys():
        body = {**(row.body or {}), field: WANTED[field]}

        wanted = Row(row.method, row.path, 422, row.may, body=body)
        response = await ask(client, world, wanted, world.people[SUPER_ADMIN])

        assert response.status_code == 422, (field, response.text)
        told = {error["pointer"]: error["code"] for error in response.json()["errors"]}
        assert told.get(f"#/{field}") == "extra-forbidden"
