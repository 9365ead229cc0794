"""Being forgotten: nothing that tells who somebody was stays, and what others rely on does."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

import structlog

from app.core.clock import Clock
from app.core.crypto import Signer
from app.core.errors import Contention
from app.domain.accounts import UserNotFound
from app.domain.actors import Actor
from app.domain.bookings import HasBookings
from app.domain.files import FileDropped
from app.domain.photos import PhotoDropped
from app.domain.privacy import (
    ADDRESS_PURPOSE,
    SETTLED_AFTER,
    AddressErased,
    Traces,
    UserErased,
    erased_email,
)
from app.domain.providers import Provider
from app.domain.users import User
from app.integrations.keeping.protocol import KeptMessages
from app.integrations.mail.protocol import Mailbox
from app.repositories.erasure import ErasureRepository
from app.repositories.jobs import JobRepository
from app.repositories.own_names import OwnNameRepository
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository
from app.services.audit import AuditService
from app.services.booking_changes import BookingChangeService
from app.services.cards import CardService
from app.services.passwords import PasswordService
from app.services.slot_waits import SlotWaitService
from app.services.super_admins import SuperAdminService
from app.services.waitlist import WaitlistService

FIRST: Final = UUID(int=0)
log = structlog.get_logger("banister.erasure")


class ErasureService:
    """See docs/decisions/0019-what-erasure-keeps.md."""

    def __init__(
        self,
        erasure: ErasureRepository,
        own_names: OwnNameRepository,
        users: UserRepository,
        verifications: VerificationRepository,
        booking_changes: BookingChangeService,
        waitlist: WaitlistService,
        slot_waits: SlotWaitService,
        super_admins: SuperAdminService,
        cards: CardService,
        jobs: JobRepository,
        mailbox: Mailbox,
        kept_messages: KeptMessages,
        passwords: PasswordService,
        audit: AuditService,
        signer: Signer,
        clock: Clock,
    ) -> None:
        self.erasure = erasure
        self.own_names = own_names
        self.users = users
        self.verifications = verifications
        self.booking_changes = booking_changes
        self.waitlist = waitlist
        self.slot_waits = slot_waits
        self.super_admins = super_admins
        self.cards = cards
        self.jobs = jobs
        self.mailbox = mailbox
        self.kept_messages = kept_messages
        self.passwords = passwords
        self.audit = audit
        self.signer = signer
        self.clock = clock

    async def erase_own(self, actor: Actor, password: str | None) -> None:
        """Erase one's own account; it takes the password, or that they stepped up just now.

        Having signed in is enough for an account that has no password.
        """
        seen = await self.passwords.owner(actor)
        if password is None and seen.password_hash is None:
            actor.ensure_proved(now=self.clock())
        elif password is None:
            actor.ensure_stepped_up(now=self.clock())
        else:
            await self.passwords.ensure_own(seen, password)
        await self.verifications.lock(seen.email)
        await self.passwords.lock_as_seen(actor, seen)
        await self.erase(actor, seen.id)
        await self.audit.note(actor, "user.erased", ("user", seen.id), before=seen)

    async def erase(self, actor: Actor, user_id: UUID) -> None:
        """Erase an account that the actor may erase; refuse with UserNotFound where there is none.

        Refused with HasBookings while others have bookings with them, and with LastSuperAdmin.
        Who asks, and whether they may, is known already.
        """
        user = await self._lock(user_id)
        if user is None:
            raise UserNotFound
        await self._erase(actor, user)

    async def erase_rest(self, user_id: UUID) -> None:
        """Take out what was under way when the account was erased, and came after."""
        user = await self.users.lock(user_id)
        if user is None or user.erased_at is None:
            return
        await self._cancel_reserved(user_id)
        await self.booking_changes.cancel_for(user_id, await self._expected(user_id))
        await self._run(user)

    async def forget_kept(self, address_id: UUID) -> None:
        """Throw away what was kept for an address, its letters up to when it was another's."""
        for recipient in {message.to for message in await self.kept_messages.messages()}:
            if self._pseudonym(recipient) == address_id:
                await self.kept_messages.forget(to=recipient)
        for address in {letter.to for letter in await self.mailbox.letters()}:
            if self._pseudonym(address) == address_id:
                owner = await self.users.with_email(address)
                before = owner.created_at if owner else None
                await self.mailbox.forget(to=address, before=before)

    async def _lock(self, user_id: UUID) -> User | None:
        """Return the account and let nobody else change it, or register its address, meanwhile."""
        seen = await self.users.get(user_id)
        if seen is None or seen.erased_at is not None:
            return None
        await self.verifications.lock(seen.email)
        user = await self.users.lock(user_id)
        if user is None or user.erased_at is not None:
            return None
        if user.email != seen.email:
            raise Contention
        return user

    async def _erase(self, actor: Actor, user: User) -> None:
        await self.super_admins.ensure_can_leave(user)
        provider = await self.erasure.lock_provider(user.id)
        await self._cancel_reserved(user.id)
        if await self._expected(user.id):
            raise HasBookings("Others have bookings here that are not over; cancel those first.")
        addresses = await self.erasure.addresses(user.id)
        traces = Traces.of(user, provider, addresses)
        await self._erase_names(user, traces, provider)
        await self.mailbox.forget_naming(traces.are_in)  # in letters to others: about bookings
        await self.kept_messages.forget_naming(traces.are_in)
        for photo_id in await self.erasure.photos(user.id):
            await self.jobs.announce(PhotoDropped(photo_id))
        for file_id in await self.erasure.files(user.id):
            await self.jobs.announce(FileDropped(file_id))
        await self.cards.erase(user.id)
        recipients = await self.erasure.recipients(user.id)
        await self._announce(user.id, [*addresses, *recipients])
        await self._run(user)
        log.info("account erased", user_id=str(user.id), by=str(actor.user_id))

    async def _cancel_reserved(self, user_id: UUID) -> None:
        reserved = await self.erasure.reserved(user_id, now=self.clock())
        await self.booking_changes.cancel_for(user_id, reserved)
        await self.waitlist.leave_all(user_id)
        await self.slot_waits.leave_all(user_id)

    async def _expected(self, user_id: UUID) -> list[UUID]:
        return await self.erasure.expected(user_id, now=self.clock())

    async def _run(self, user: User) -> None:
        await self.erasure.erase(
            user_id=user.id,
            email=user.email,
            erased_email=erased_email(user.id),
            now=self.clock(),
        )

    async def _erase_names(self, user: User, traces: Traces, provider: Provider | None) -> None:
        """Take their names out of texts that stay: names of services, and of what was booked."""
        owned = await self.erasure.owned(user.id)
        for offering in owned:
            if (cleaned := offering.without(traces)) != offering:
                await self.erasure.reword(cleaned)
        named = await self._erase_from_events(user.id, traces)
        services = [offering.id for offering in owned]
        if provider is not None or services or named:
            provider_id = provider.id if provider else None
            await self._erase_from_bookings(user, traces, provider_id, services)

    async def _erase_from_events(self, user_id: UUID, traces: Traces) -> bool:
        """Rename their events and ticket types, here and in bookings; tell if there are any."""
        named = await self.own_names.named(user_id)
        for one in named:
            if (cleaned := traces.out_of(one.name)) != one.name:
                await self.own_names.rename(replace(one, name=cleaned))
        if named:
            await self.own_names.rename_sold(user_id)
        return bool(named)

    async def _erase_from_bookings(
        self, user: User, traces: Traces, provider_id: UUID | None, services: Sequence[UUID]
    ) -> None:
        after = FIRST
        while written := await self.erasure.written(provider_id, services, user.id, after=after):
            for booking_id, texts in written:
                cleaned = traces.out_of_each(texts)
                if cleaned != texts:
                    await self.erasure.rewrite(booking_id, cleaned)
            after = written[-1][0]

    async def _announce(self, user_id: UUID, addresses: Sequence[str]) -> None:
        """Have done what is no table's: at once, and again when nothing can be under way."""
        for address in addresses:
            message = AddressErased(self._pseudonym(address))
            await self.jobs.announce(message)
            await self.jobs.announce(message, after=SETTLED_AFTER)
        await self.jobs.announce(UserErased(user_id), after=SETTLED_AFTER)

    def _pseudonym(self, address: str) -> UUID:
        return UUID(bytes=self.signer.digest(ADDRESS_PURPOSE, address)[:16])
