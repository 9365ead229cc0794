"""Tickets over HTTP: the key that their codes are checked with."""

from base64 import urlsafe_b64decode
from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.domain.ticket_codes import TicketCode


async def test_a_scanner_without_a_network_tells_our_codes_from_others(client, adapters):
    ticket = TicketCode(uuid4(), uuid4(), 1)
    jwk = (await client.get("/tickets/key")).json()

    assert jwk.keys() == {"kty", "crv", "x", "kid", "use"}
    assert (jwk["kty"], jwk["crv"], jwk["use"]) == ("OKP", "Ed25519", "sig")
    key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(jwk["x"] + "="))
    packed = urlsafe_b64decode(adapters.ticket_signer.write(ticket))
    key.verify(packed[35:], packed[:35])
    assert packed[:1] == b"\x01"
    assert packed[1:17] == ticket.ticket_id.bytes
    assert packed[17:33] == ticket.event_id.bytes
    assert packed[33:35] == b"\x00\x01"
    with pytest.raises(InvalidSignature):
        key.verify(packed[35:], packed[:34] + b"\x02")


async def test_the_key_is_kept_for_an_hour_and_asked_for_by_its_tag(client):
    first = await client.get("/tickets/key")

    again = await client.get("/tickets/key", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "public, max-age=3600"
    assert again.status_code == 304
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
