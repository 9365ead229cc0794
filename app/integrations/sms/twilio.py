"""Text messages through Twilio (twilio.com/docs/messaging/api/message-resource).

Twilio takes no idempotency key for messages. Where an answer was lost it is asked which messages
to that number it has, before one is sent again: see `Sms.tried_at`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final

import structlog

from app.domain.messengers import Receipt, TextReport
from app.integrations.guarding import RESTS, Failing, Guard
from app.integrations.keeping.cutting import cut
from app.integrations.sms.protocol import MOST, Sms, SmsRefused, SmsUnavailable
from app.integrations.sms.twilio_signing import read_report
from app.integrations.wire import Answer, Lost, Wire

LISTED: Final = 50  # messages to one number, the newest first
EARLIER: Final = timedelta(minutes=2)  # by which another machine's clock may be behind ours
AT_LEAST: Final = 1  # second, where it doesn't say how long to wait
# The number is no number, no mobile one, or its owner wrote STOP.
DEAD: Final = frozenset({"21211", "21217", "21610", "21614"})
# What is wrong with us or with our account, and right again once somebody has mended it.
OURS: Final = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.PAYMENT_REQUIRED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
)
FAILING: Final = Failing(
    SmsUnavailable,
    late=SmsUnavailable,
    resting=lambda: SmsUnavailable(is_undone=True, retry_after=int(RESTS)),
    may_repeat=lambda error: error.is_undone and error.retry_after is None,
    counts=lambda error: error.retry_after is None,
)
log = structlog.get_logger("banister.sms")


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """`sender` is a number of ours, or the id of a messaging service: `MG...`."""

    sid: str
    token: str = field(repr=False)
    sender: str
    base: str
    callback: str

    @property
    def messages(self) -> str:
        return f"/2010-04-01/Accounts/{self.sid}/Messages.json"


class TwilioSms:
    def __init__(self, account: TwilioAccount, *, seconds: float = 8.0) -> None:
        self._account = account
        self._wire = Wire(account.base, seconds=seconds)
        self._guard = Guard("twilio", FAILING)

    async def send(self, message: Sms) -> Receipt:
        return await self._guard.ask("send", lambda: self._send(message))

    async def check(self) -> None:
        path = f"/2010-04-01/Accounts/{self._account.sid}.json"
        answer = await self._asked("GET", path)
        if answer.word("status") != "active":
            raise SmsRefused("account-not-active")

    def read(self, headers: Mapping[str, str], body: bytes) -> TextReport:
        account = self._account
        return read_report(account.callback, account.token, headers, body)

    async def close(self) -> None:
        await self._wire.close()

    async def _send(self, message: Sms) -> Receipt:
        text = cut(message.text, MOST)
        if message.tried_at is not None:
            known = await self._found(message.to, text, since=message.tried_at)
            if known is not None:
                return known
        return await self._sent(message.to, text)

    async def _sent(self, to: str, text: str) -> Receipt:
        account = self._account
        is_service = account.sender.startswith("MG")
        form = {
            "To": to,
            "MessagingServiceSid" if is_service else "From": account.sender,
            "Body": text,
            "StatusCallback": account.callback,
        }
        return _receipt((await self._asked("POST", account.messages, data=form)).get("sid"))

    async def _found(self, to: str, text: str, *, since: datetime) -> Receipt | None:
        """Return what it took of this text, to this number, since then.

        A trial account writes something of its own before each text.
        """
        params = {"To": to, "PageSize": str(LISTED)}
        answer = await self._asked("GET", self._account.messages, params=params)
        listed = answer.get("messages")
        for one in listed if isinstance(listed, list) else ():
            is_ours = isinstance(one, dict) and str(one.get("body", "")).endswith(text)
            if is_ours and _made_at(one) >= since - EARLIER:
                return _receipt(one.get("sid"))
        return None

    async def _asked(self, method: str, path: str, **request: Any) -> Answer:
        login = (self._account.sid, self._account.token)
        try:
            answer = await self._wire.ask(method, path, auth=login, **request)
        except Lost as lost:
            log.warning("Twilio gave no answer", why=lost.word)
            raise SmsUnavailable(is_undone=lost.is_undone) from None
        if answer.is_good:
            return answer
        raise _failure(answer)


def _failure(answer: Answer) -> SmsUnavailable | SmsRefused:
    code = answer.word("code")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return SmsUnavailable(is_undone=True, retry_after=answer.retry_after or AT_LEAST)
    if answer.status in OURS and code not in DEAD:
        log.error("Twilio does not let us in", status=answer.status, says=code[:10])
        return SmsUnavailable(is_undone=True, retry_after=int(RESTS))
    if answer.status == HTTPStatus.BAD_REQUEST or code in DEAD:
        return SmsRefused(code[:10] or "unknown", is_dead=code in DEAD)
    log.warning("Twilio is no use", status=answer.status, says=code[:10])
    return SmsUnavailable()


def _receipt(sid: Any) -> Receipt:
    if not isinstance(sid, str) or not 0 < len(sid) <= 64:  # it was taken, for all we know
        log.warning("Twilio gave no answer", why="unreadable")
        raise SmsUnavailable
    return Receipt(sid)


def _made_at(message: Mapping[str, Any]) -> datetime:
    try:
        return parsedate_to_datetime(str(message["date_created"]))
    except (KeyError, ValueError):
        log.warning("Twilio gave no answer", why="unreadable")
        raise SmsUnavailable(is_undone=True) from None
