"""Proving that a phone number is one's own, by a code in a text message.

Nothing else is sent by SMS to a number before that: it may be anybody's.
"""

from typing import Final
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.crypto import Signer, same
from app.core.database import Checkpoint
from app.core.i18n import translate
from app.domain.actors import Actor
from app.domain.limits import Quota
from app.domain.phones import (
    COUNTED_FOR,
    PURPOSE,
    NoPhone,
    PhoneAlreadyVerified,
    PhoneVerification,
    PhoneVerificationAsked,
    SmsNotOffered,
    phone_verification,
)
from app.domain.verifications import InvalidCode
from app.integrations.sms.protocol import Sms, SmsRefused, SmsSender
from app.repositories.phones import PhoneRepository
from app.repositories.users import UserRepository
from app.services.limits import LimitService

FORGOTTEN_AT_ONCE: Final = 1000
CODE: Final = "{code} is your code. It is good for 15 minutes; give it to nobody."
log = structlog.get_logger("banister.phones")


class PhoneService:
    def __init__(
        self,
        phones: PhoneRepository,
        users: UserRepository,
        limits: LimitService,
        sms: SmsSender | None,
        signer: Signer,
        checkpoint: Checkpoint,
        clock: Clock,
    ) -> None:
        self.phones = phones
        self.users = users
        self.limits = limits
        self.sms = sms
        self.signer = signer
        self.checkpoint = checkpoint
        self.clock = clock

    async def ask(self, actor: Actor) -> PhoneVerification:
        """Have a code sent to the number of one's profile, in place of those from before.

        Texts cost money and disturb whoever has the number: they are counted by account and by
        number.
        """
        if self.sms is None:
            raise SmsNotOffered
        phone = await self._unverified(actor.user_id)
        await self.limits.spend(Quota.TEXTS, actor.user_id, phone)
        user = await self.users.lock(actor.user_id)
        if user is None or user.phone is None:
            raise NoPhone
        now = self.clock()
        await self.phones.withdraw(user.id, now=now)
        asked = phone_verification(user.id, user.phone, now=now)
        await self.phones.add(asked, announcing=PhoneVerificationAsked(asked.id))
        return asked

    async def confirm(self, actor: Actor, code: str) -> None:
        """Mark the number as one's own; refuse with InvalidCode, which counts."""
        await self.limits.spend(Quota.CODES, actor.user_id)
        verification_id = await self.phones.take_try(actor.user_id, now=self.clock())
        if verification_id is None or not same(self._code(verification_id), code):
            raise InvalidCode
        if not await self.phones.confirm(verification_id, now=self.clock()):
            raise InvalidCode

    async def send_code(self, verification_id: UUID) -> None:
        """Hand the code over, with no transaction open meanwhile; SmsUnavailable may be retried.

        That it is about to be is noted first: should the answer be lost, the vendor is asked.
        """
        called = await self.phones.called(verification_id, now=self.clock())
        if called is None or self.sms is None:
            log.info("code came too late", verification_id=str(verification_id))
            return
        await self.phones.note_try(verification_id, now=self.clock())
        await self.checkpoint()
        text = translate(CODE, called.locale, code=self._code(verification_id))
        key = f"phone/{verification_id}"
        try:
            await self.sms.send(Sms(called.phone, text, key, called.tried_at))
        except SmsRefused as refusal:
            log.warning("text refused", key=key, says=refusal.code)

    async def forget_old(self) -> int:
        """Delete some that count no more; return how many."""
        since = self.clock() - COUNTED_FOR
        return await self.phones.forget(since=since, most=FORGOTTEN_AT_ONCE)

    async def _unverified(self, user_id: UUID) -> str:
        user = await self.users.get(user_id)
        if user is None or user.phone is None:
            raise NoPhone
        if user.phone_verified_at is not None:
            raise PhoneAlreadyVerified
        return user.phone

    def _code(self, verification_id: UUID) -> str:
        return self.signer.code(PURPOSE, str(verification_id))
