"""Being let in to a connection: a ticket for one, or a session."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import fingerprint, new_secret
from app.domain.actors import Actor
from app.domain.realtime import TICKET_LASTS, Admitted, RealtimeTicket, TicketNotValid
from app.repositories.realtime import RealtimeRepository

FORGOTTEN_AT_ONCE: Final = 5_000


class RealtimeTicketService:
    """A browser can send no header with a socket, and what stands in an address is logged.

    Hence a ticket that opens one connection, within a minute, for the session that asked.
    """

    def __init__(self, tickets: RealtimeRepository, clock: Clock) -> None:
        self.tickets = tickets
        self.clock = clock

    async def issue(self, actor: Actor) -> RealtimeTicket:
        """Return a ticket; what is published from now on is told to whoever comes with it."""
        assert actor.session_id is not None
        secret, expires_at = new_secret(), self.clock() + TICKET_LASTS
        await self.tickets.issue(
            fingerprint(secret), session_id=actor.session_id, expires_at=expires_at
        )
        return RealtimeTicket(secret, expires_at)

    async def redeem(self, secret: str) -> Admitted:
        """Return who comes with a ticket; refuse with TicketNotValid one that was used or lapsed.

        Nor is it good once its session has ended.
        """
        admitted = await self.tickets.redeem(fingerprint(secret), now=self.clock())
        if admitted is None:
            raise TicketNotValid
        return admitted

    async def admit(self, actor: Actor) -> Admitted:
        """Return the same for somebody who is known without a ticket."""
        assert actor.session_id is not None
        return Admitted(actor.user_id, actor.session_id, await self.tickets.last())

    async def live(self, session_ids: Sequence[UUID]) -> set[UUID]:
        """Return those of the sessions that have not ended, of users who may come in."""
        return set(await self.tickets.live(session_ids, now=self.clock()))

    async def forget_lapsed(self) -> int:
        """Delete some of the tickets that nobody came with; return how many."""
        return await self.tickets.forget_tickets(now=self.clock(), most=FORGOTTEN_AT_ONCE)
