"""Handing over to the vendor of a channel, and what its answer means."""

from app.domain.notification_deliveries import DeliveryState, Outcome
from app.domain.notifications import Channel
from app.integrations.mail.protocol import Letter, LetterRefused, Mailer, MailUnavailable
from app.services.notification_outgoing import Outgoing


class SendingService:
    """No transaction is open here, and nothing is written down: the caller does both."""

    def __init__(self, mailer: Mailer) -> None:
        self.mailer = mailer

    async def hand_over(self, outgoing: Outgoing) -> Outcome:
        """Return how it ended; QUEUED, without a time, what may be tried again."""
        match outgoing.channel:
            case Channel.EMAIL:
                return await self._mail(outgoing)
        return Outcome(DeliveryState.FAILED, error="no such channel here")

    async def _mail(self, outgoing: Outgoing) -> Outcome:
        written = outgoing.written
        letter = Letter(
            outgoing.address,
            written.subject,
            written.text,
            written.html,
            key=outgoing.key,
            attachments=outgoing.attachments,
            unsubscribe=outgoing.unsubscribe,
        )
        try:
            await self.mailer.send(letter)
        except MailUnavailable:
            return Outcome(DeliveryState.QUEUED, error="mail unavailable")
        except LetterRefused as refusal:
            state = DeliveryState.BOUNCED if refusal.is_dead else DeliveryState.FAILED
            return Outcome(state, error=f"smtp {refusal.status}")
        return Outcome(DeliveryState.SENT)
