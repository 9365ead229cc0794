"""Handing over to the vendor of a channel, and what its answer means."""

from datetime import timedelta

from app.domain.messengers import MessengerRefused, MessengerUnavailable, Receipt
from app.domain.notification_deliveries import DeliveryState, Outcome
from app.domain.notifications import Channel
from app.integrations.mail.protocol import Letter, LetterRefused, Mailer, MailUnavailable
from app.integrations.push.protocol import Push, PushSender
from app.integrations.sms.protocol import Sms, SmsSender
from app.integrations.telegram.protocol import TelegramMessage, TelegramSender
from app.services.notification_outgoing import Outgoing


class SendingService:
    """No transaction is open here, and nothing is written down: the caller does both."""

    def __init__(
        self,
        mailer: Mailer,
        sms: SmsSender | None,
        push: PushSender | None,
        telegram: TelegramSender | None,
    ) -> None:
        self.mailer = mailer
        self.sms = sms
        self.push = push
        self.telegram = telegram

    async def hand_over(self, outgoing: Outgoing) -> Outcome:
        """Return how it ended; QUEUED, without a time, what may be tried again."""
        if outgoing.channel is Channel.EMAIL:
            return await self._mail(outgoing)
        try:
            receipt = await self._messenger(outgoing)
        except MessengerUnavailable as failure:
            return _unavailable(outgoing.channel, failure)
        except MessengerRefused as refusal:
            state = DeliveryState.BOUNCED if refusal.is_dead else DeliveryState.FAILED
            return Outcome(state, error=f"{outgoing.channel} {refusal.code}"[:100])
        if receipt is None:
            return Outcome(DeliveryState.FAILED, error="no such channel here")
        return Outcome(DeliveryState.SENT, reference=receipt.reference[:200] or None)

    async def _messenger(self, outgoing: Outgoing) -> Receipt | None:
        """Hand it to a messenger; None where there is none of that channel."""
        to, text, key = outgoing.address, outgoing.written.text.strip(), outgoing.key
        match outgoing.channel:
            case Channel.SMS if self.sms is not None:
                return await self.sms.send(Sms(to, text, key, outgoing.tried_at))
            case Channel.PUSH if self.push is not None:
                data = {name: str(value) for name, value in outgoing.ids.items()}
                data |= {"kind": str(outgoing.kind), "link": outgoing.link}
                return await self.push.send(Push(to, outgoing.written.subject, text, key, data))
            case Channel.TELEGRAM if self.telegram is not None:
                return await self.telegram.send(TelegramMessage(int(to), text, key))
        return None

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


def _unavailable(channel: Channel, failure: MessengerUnavailable) -> Outcome:
    return Outcome(
        DeliveryState.QUEUED,
        error=f"{channel} unavailable",
        is_undone=failure.is_undone,
        wait=timedelta(seconds=failure.retry_after or 0),
    )
