"""The key to the codes of tickets, as the API shows it."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from app.core.signatures import PublicKey


class TicketKeyRead(TypedDict):
    """A JSON Web Key of an octet key pair (RFC 7517, RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: Annotated[str, Field(examples=["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"])]
    """The 32 bytes of the key, base64url without padding."""
    kid: Annotated[str, Field(examples=["kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"])]
    """The thumbprint of the key (RFC 7638)."""
    use: Literal["sig"]


def ticket_key_read(key: PublicKey) -> TicketKeyRead:
    return {"kty": "OKP", "crv": "Ed25519", "x": key.x, "kid": key.kid, "use": "sig"}
