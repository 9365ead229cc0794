"""Telling others how to know a ticket of ours."""

from app.core.signatures import PublicKey
from app.domain.ticket_codes import TicketSigner


class TicketCodeService:
    def __init__(self, signer: TicketSigner) -> None:
        self.signer = signer

    def key(self) -> PublicKey:
        return self.signer.key()
