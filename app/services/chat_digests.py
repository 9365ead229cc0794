"""Telling people of what they have not read: once in a while, and all of it together."""

from datetime import timedelta
from uuid import UUID

from app.core.clock import Clock
from app.core.ids import new_id
from app.domain.chat_digests import LOOKS_BACK, ChatDigestDue, Unread
from app.domain.notifications import Facts, Kind
from app.repositories.chat_digests import ChatDigestRepository
from app.repositories.jobs import JobRepository
from app.services.notifications import NotificationService


class ChatDigestService:
    def __init__(
        self,
        digests: ChatDigestRepository,
        jobs: JobRepository,
        notifications: NotificationService,
        clock: Clock,
        *,
        every: timedelta,
    ) -> None:
        self.digests = digests
        self.jobs = jobs
        self.notifications = notifications
        self.clock = clock
        self.every = every

    async def announce_due(self) -> int:
        """Have somebody told who is due, or let them wait; return 0 when nobody is.

        One at a time, each in a transaction of its own: it touches many conversations, which
        those who write in them have locked in another order.
        """
        now = self.clock()
        user_id = await self.digests.due(now=now)
        if user_id is None:
            return 0
        if await self.digests.claim(user_id, now=now, before=now - self.every):
            await self.digests.clear(user_id)
            await self.jobs.announce(ChatDigestDue(user_id, new_id()))
            return 1
        last = await self.digests.last(user_id)
        await self.digests.postpone(user_id, now=now, until=(last or now) + self.every)
        return 1

    async def tell(self, due: ChatDigestDue) -> None:
        """Tell somebody how much they have not read, by the ways they want; run again, once."""
        found = await self.unread(due.user_id)
        if found.messages:
            await self.notifications.tell(
                Kind.CHAT_DIGEST,
                due.user_id,
                key=f"chat_digest/{due.digest_id}",
                facts=Facts(conversation_id=found.only, count=found.messages),
            )

    async def unread(self, user_id: UUID) -> Unread:
        """Return what they have not read at this moment: nothing, where they just did."""
        return await self.digests.unread(user_id, since=self.clock() - LOOKS_BACK)
