"""Push through Firebase Cloud Messaging (firebase.google.com/docs/cloud-messaging, HTTP v1).

FCM takes no idempotency key. What is sent again takes the place of the first on a device (a tag
on Android and in browsers, a collapse id at Apple), so whatever got no answer is sent again.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final

import structlog
from joserfc import jwt

from app.core.clock import Clock
from app.core.service_accounts import ServiceAccount
from app.domain.messengers import Receipt
from app.integrations.guarding import RESTS, Failing, Guard
from app.integrations.keeping.cutting import cut
from app.integrations.push.protocol import (
    MOST_TEXT,
    MOST_TITLE,
    Push,
    PushRefused,
    PushUnavailable,
)
from app.integrations.wire import Answer, Lost, Wire

SCOPE: Final = "https://www.googleapis.com/auth/firebase.messaging"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LASTS: Final = timedelta(hours=1)
RENEWED_BEFORE: Final = timedelta(minutes=5)
AT_LEAST: Final = 1  # second, where it doesn't say how long to wait
DEAD: Final = frozenset({"UNREGISTERED", "SENDER_ID_MISMATCH"})
FAILING: Final = Failing(
    PushUnavailable,
    late=PushUnavailable,
    resting=lambda: PushUnavailable(is_undone=True, retry_after=int(RESTS)),
    may_repeat=lambda error: error.retry_after is None,
    counts=lambda error: error.retry_after is None,
)
log = structlog.get_logger("banister.push")


@dataclass(slots=True)
class _Token:
    """What opens the API for a while."""

    value: str = field(default="", repr=False)
    renewed_at: datetime | None = None


class FcmPushes:
    def __init__(
        self, account: ServiceAccount, clock: Clock, *, base: str, seconds: float = 8.0
    ) -> None:
        self._account = account
        self._key = account.key
        self._clock = clock
        self._wire = Wire(base, seconds=seconds)
        self._guard = Guard("fcm", FAILING)
        self._token = _Token()
        self._renewing = asyncio.Lock()

    async def send(self, message: Push) -> Receipt:
        path = f"/v1/projects/{self._account.project_id}/messages:send"
        asked = {"message": _written(message)}
        answer = await self._guard.ask("send", lambda: self._asked(path, asked))
        name = answer.word("name")
        if not name:  # it was taken, for all we know
            log.warning("FCM gave no answer", why="unreadable")
            raise PushUnavailable
        return Receipt(name.rpartition("/")[2][:128])

    async def check(self) -> None:
        await self._guard.ask("check", self._opening)

    async def close(self) -> None:
        await self._wire.close()

    async def _asked(self, path: str, asked: Mapping[str, Any]) -> Answer:
        token = await self._opening()
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self._posted(path, headers=headers, json=asked)
        if answer.is_good:
            return answer
        if answer.status == HTTPStatus.UNAUTHORIZED and self._token.value == token:
            self._token = _Token()  # the next try has a new one
        raise _failure(answer)

    async def _opening(self) -> str:
        """Return a token that is good for a while; of those who need one at once, one asks."""
        async with self._renewing:
            now = self._clock()
            if self._token.renewed_at is None or now >= self._token.renewed_at:
                self._token = await self._renewed(now)
            return self._token.value

    async def _renewed(self, now: datetime) -> _Token:
        """Exchange what we sign ourselves for a token (RFC 7523)."""
        form = {"grant_type": GRANT, "assertion": self._assertion(now)}
        answer = await self._posted(self._account.token_uri, data=form)
        value, lasts = answer.get("access_token"), answer.get("expires_in")
        if not answer.is_good or not isinstance(value, str) or not isinstance(lasts, int):
            log.error("Google does not let us in", status=answer.status)
            waits = int(RESTS) if 400 <= answer.status < 500 else None
            raise PushUnavailable(is_undone=True, retry_after=waits)
        return _Token(value, now + max(timedelta(seconds=lasts) - RENEWED_BEFORE, timedelta()))

    def _assertion(self, now: datetime) -> str:
        claims = {
            "iss": self._account.client_email,
            "scope": SCOPE,
            "aud": self._account.token_uri,
            "iat": int(now.timestamp()),
            "exp": int((now + LASTS).timestamp()),
        }
        return jwt.encode({"alg": "RS256", "typ": "JWT"}, claims, self._key)

    async def _posted(self, path: str, **request: Any) -> Answer:
        try:
            return await self._wire.ask("POST", path, **request)
        except Lost as lost:
            log.warning("FCM gave no answer", why=lost.word)
            raise PushUnavailable(is_undone=lost.is_undone) from None


def _written(message: Push) -> dict[str, Any]:
    tag = sha256(message.key.encode()).hexdigest()[:32]
    return {
        "token": message.token,
        "notification": {
            "title": cut(message.title, MOST_TITLE),
            "body": cut(message.text, MOST_TEXT),
        },
        "data": dict(message.data),
        "android": {"notification": {"tag": tag}},
        "apns": {"headers": {"apns-collapse-id": tag}},
        "webpush": {"notification": {"tag": tag}},
    }


def _failure(answer: Answer) -> PushUnavailable | PushRefused:
    code = _code(answer)
    if code in DEAD or _is_no_token(answer):
        return PushRefused(code or "INVALID_ARGUMENT", is_dead=True)
    if answer.status == HTTPStatus.BAD_REQUEST:
        return PushRefused(code or "INVALID_ARGUMENT")
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return PushUnavailable(is_undone=True, retry_after=answer.retry_after or AT_LEAST)
    if answer.status == HTTPStatus.UNAUTHORIZED and not code:
        return PushUnavailable(is_undone=True)
    if 400 <= answer.status < 500:
        log.error("FCM does not let us in", status=answer.status, says=code)
        return PushUnavailable(is_undone=True, retry_after=int(RESTS))
    log.warning("FCM is no use", status=answer.status, says=code)
    return PushUnavailable(retry_after=answer.retry_after)


def _code(answer: Answer) -> str:
    """Return FCM's own word for what is wrong; empty where it has none."""
    for detail in _details(answer):
        code = detail.get("errorCode")
        if isinstance(code, str) and code.isascii() and code.replace("_", "").isalpha():
            return code[:40]
    return ""


def _is_no_token(answer: Answer) -> bool:
    """Tell whether what is wrong is the token itself, which then never was one."""
    for detail in _details(answer):
        violations = detail.get("fieldViolations")
        for one in violations if isinstance(violations, list) else ():
            if isinstance(one, dict) and one.get("field") == "message.token":
                return answer.status == HTTPStatus.BAD_REQUEST
    return False


def _details(answer: Answer) -> list[dict[str, Any]]:
    details = answer.get("error", "details")
    return [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
