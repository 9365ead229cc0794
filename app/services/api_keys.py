"""Keys of programs."""

from collections.abc import Sequence
from datetime import datetime
from secrets import token_hex
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import fingerprint, new_secret
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.api_keys import (
    KEPT_EXPIRED,
    MARK,
    NOTED_EVERY,
    SHOWN,
    ApiKey,
    ApiKeyFilter,
    ApiKeyNotFound,
    ApiKeySort,
    ExpiryPassed,
    InvalidApiKey,
    NewApiKey,
    ScopeNotHeld,
    TooManyApiKeys,
)
from app.domain.notices import NoticeKind, SecurityNotice
from app.domain.permissions import Permission
from app.repositories.api_keys import ApiKeyRepository
from app.repositories.jobs import JobRepository

FORGOTTEN_AT_ONCE: Final = 1000


class ApiKeyService:
    def __init__(
        self, keys: ApiKeyRepository, jobs: JobRepository, clock: Clock, *, staff_need_mfa: bool
    ) -> None:
        self.keys = keys
        self.jobs = jobs
        self.clock = clock
        self.staff_need_mfa = staff_need_mfa

    async def actor(self, key: str) -> Actor:
        """Return for whom the key acts, limited to its scopes; refuse with InvalidApiKey."""
        if not key.startswith(MARK):
            raise InvalidApiKey
        now = self.clock()
        found = await self.keys.standing(fingerprint(key), now=now, noted_since=now - NOTED_EVERY)
        if found is None:
            raise InvalidApiKey
        standing, scopes = found
        return standing.actor(staff_need_mfa=self.staff_need_mfa, scopes=scopes)

    async def list(self, actor: Actor, request: PageRequest[ApiKeySort]) -> Page[ApiKey]:
        return await self.keys.matching(ApiKeyFilter(actor.user_id), request)

    async def make(
        self,
        actor: Actor,
        *,
        name: str,
        scopes: Sequence[Permission],
        expires_at: datetime | None = None,
    ) -> NewApiKey:
        """Make a key for what the actor may do themselves, and tell them by letter.

        It takes a password or a code that was shown just now: a key outlasts the session. Its
        scopes are no promise: what its owner may do no longer, it can't do either.
        """
        now = self.clock()
        actor.ensure_proved(now=now)
        _ensure_held(actor, scopes)
        if expires_at is not None and expires_at <= now:
            raise ExpiryPassed
        prefix = MARK + token_hex(SHOWN // 2)
        secret = prefix + new_secret()
        key = ApiKey(
            id=new_id(),
            user_id=actor.user_id,
            name=name,
            prefix=prefix,
            scopes=sorted(scopes),
            created_at=now,
            expires_at=expires_at,
            last_used_at=None,
        )
        await self.keys.lock_owner(actor.user_id)
        if not await self.keys.add(key, hash_=fingerprint(secret)):
            raise TooManyApiKeys
        notice = SecurityNotice(new_id(), actor.user_id, NoticeKind.API_KEY_MADE)
        await self.jobs.announce(notice)
        return NewApiKey(key, secret)

    async def remove(self, actor: Actor, key_id: UUID) -> None:
        if not await self.keys.remove(key_id, user_id=actor.user_id):
            raise ApiKeyNotFound

    async def forget_expired(self) -> int:
        """Delete some of the keys that expired long ago; return how many."""
        return await self.keys.forget(before=self.clock() - KEPT_EXPIRED, most=FORGOTTEN_AT_ONCE)


def _ensure_held(actor: Actor, scopes: Sequence[Permission]) -> None:
    for place, scope in enumerate(scopes):
        if not actor.may(scope):
            raise ScopeNotHeld().at(f"#/scopes/{place}")
