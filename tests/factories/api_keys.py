"""Keys of programs."""

from typing import Any

from sqlalchemy import insert

from app.core.crypto import fingerprint, new_secret
from app.core.database import Connection
from app.core.ids import new_id
from app.core.statements import Command
from app.domain.api_keys import MARK
from app.domain.permissions import Permission
from app.domain.users import User
from app.models import ApiKeys
from tests.factories.clock import NOW


async def make_api_key(
    connection: Connection, owner: User, *scopes: Permission, **changes: Any
) -> dict[str, str]:
    """Return the headers of a program that acts for them within these scopes."""
    secret = MARK + new_secret()
    made: dict[str, Any] = {
        "id": new_id(),
        "user_id": owner.id,
        "name": "Export",
        "prefix": secret[:11],
        "hash": fingerprint(secret),
        "scopes": [str(scope) for scope in scopes],
        "created_at": NOW,
        "expires_at": None,
        "last_used_at": None,
    }
    await connection.run(Command(insert(ApiKeys).values({**made, **changes})))
    return {"X-API-Key": secret}
