"""Signing in with an account elsewhere: begun, proved there, let in here, and given up."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from app.core.clock import Clock
from app.core.crypto import Signer, fingerprint, new_secret, same
from app.core.database import Checkpoint
from app.core.errors import Contention
from app.core.i18n import Locale
from app.core.ids import new_id
from app.core.listing import Page, PageRequest
from app.domain.actors import Actor
from app.domain.audit import PERSONAL
from app.domain.identities import (
    NONCE_PURPOSE,
    STATE_PURPOSE,
    VERIFIER_PURPOSE,
    Asked,
    Begun,
    Identity,
    IdentityEmailNotVerified,
    IdentityFilter,
    IdentityNotFound,
    IdentityProviderNotFound,
    IdentityRefused,
    IdentitySort,
    LastWayIn,
    Person,
    RedirectNotAllowed,
    account,
    flow,
    link,
)
from app.domain.limits import Quota
from app.domain.notices import NoticeKind, SecurityNotice
from app.domain.sessions import InvalidCredentials, TokenPair
from app.domain.users import User, UserStatus
from app.integrations.identity.protocol import IdentityProvider
from app.repositories.identities import IdentityRepository
from app.repositories.jobs import JobRepository
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository
from app.services.admission import AdmissionService
from app.services.audit import AuditService
from app.services.limits import LimitService
from app.services.passwords import PasswordService

FORGOTTEN_AT_ONCE: Final = 1000
HIDDEN_IN_THE_LOG: Final = PERSONAL | {"subject"}


class IdentityService:
    """State, nonce and verifier are made from a flow's id: no table holds one.

    The state also names the browser in which it began, by what can't be turned back into its
    secret. So nobody is signed in to a stranger's account by a link the stranger sent them.
    """

    def __init__(
        self,
        identities: IdentityRepository,
        users: UserRepository,
        verifications: VerificationRepository,
        jobs: JobRepository,
        admission: AdmissionService,
        passwords: PasswordService,
        audit: AuditService,
        limits: LimitService,
        providers: Mapping[str, IdentityProvider],
        signer: Signer,
        checkpoint: Checkpoint,
        clock: Clock,
        *,
        redirects: Sequence[str],
    ) -> None:
        self.identities = identities
        self.users = users
        self.verifications = verifications
        self.jobs = jobs
        self.admission = admission
        self.passwords = passwords
        self.audit = audit
        self.limits = limits
        self.providers = providers
        self.signer = signer
        self.checkpoint = checkpoint
        self.clock = clock
        self.redirects = redirects

    async def begin(self, provider: str, redirect_uri: str | None, *, browser: str | None) -> Begun:
        """Return where to sign in; `browser` is its secret, if it was given one before."""
        known = self._provider(provider)
        redirect_uri = redirect_uri or self.redirects[0]
        if redirect_uri not in self.redirects:
            raise RedirectNotAllowed
        await self.limits.spend(Quota.WRITES)  # what asks for it is a GET, but it writes
        begun, secret = flow(provider, redirect_uri, now=self.clock()), browser or new_secret()
        state = self.signer.token(STATE_PURPOSE, f"{begun.id}.{_mark(secret)}")
        url = await known.authorization_url(self._asked(begun.id, redirect_uri), state=state)
        await self.identities.begin(begun)
        return Begun(url, state, secret, begun.expires_at)

    async def prove(
        self, provider: str, code: str, state: str, *, issuer: str | None, browser: str | None
    ) -> Person:
        """Return who somebody is who comes back from a provider, once for each state.

        `browser` is the secret that a browser must bring, empty where it brings none; None for a
        program. Refused with IdentityRefused. What was done is committed; the provider is asked
        while neither a transaction nor a connection is held.
        """
        known = self._provider(provider)
        if issuer is not None and issuer != known.issuer:  # RFC 9207
            raise IdentityRefused
        flow_id = self._flow_id(state, browser)
        await self.limits.spend(Quota.LOGIN)
        begun = await self.identities.take(flow_id, provider=provider, now=self.clock())
        if begun is None:
            raise IdentityRefused
        await self.checkpoint()
        return await known.person(code, self._asked(begun.id, begun.redirect_uri))

    async def enter(self, person: Person, *, spoken: Locale, device: str | None) -> TokenPair:
        """Begin a session for who was proved, in the account that is theirs.

        Unless they came before, that is the account of their verified address, or a new one.
        """
        known = await self.identities.use(person.provider, person.subject, now=self.clock())
        user = known or await self._linked(person, spoken)
        return await self.admission.admit(_active(user), device=device)

    async def list(self, actor: Actor, request: PageRequest[IdentitySort]) -> Page[Identity]:
        """Return the accounts elsewhere that open the actor's."""
        return await self.identities.matching(IdentityFilter(actor.user_id), request)

    async def remove(self, actor: Actor, provider: str) -> None:
        """Let no account of a provider open the actor's any more.

        Refused with StepUpRequired, IdentityNotFound, or LastWayIn.
        """
        actor.ensure_proved(now=self.clock())
        user = await self.passwords.owner(actor)
        await self.passwords.lock_as_seen(actor, user)
        linked = await self.identities.of(user.id)
        removed = [identity for identity in linked if identity.provider == provider]
        if not removed:
            raise IdentityNotFound
        if user.password_hash is None and not self._can_enter(linked, without=provider):
            raise LastWayIn
        await self.identities.remove(user.id, provider=provider)
        for identity in removed:
            await self.audit.note(
                actor,
                "user.identity_removed",
                ("user", user.id),
                before=identity,
                personal=HIDDEN_IN_THE_LOG,
            )

    async def forget_old(self) -> int:
        """Delete some flows whose time is over; return how many."""
        return await self.identities.forget(now=self.clock(), most=FORGOTTEN_AT_ONCE)

    async def _linked(self, person: Person, spoken: Locale) -> User:
        """Make an identity open the account of its address; the owner of an old one is told."""
        email, now = person.email, self.clock()
        if email is None:
            raise IdentityEmailNotVerified
        made = account(person, email, spoken=spoken, now=now)
        await self.verifications.withdraw(email, now=now)
        await self.users.forget_pending(email)
        user = _active(await self._owner(made))
        if not await self.identities.add(link(person, user.id, now=now)):
            raise Contention
        if user is not made:
            notice = SecurityNotice(new_id(), user.id, NoticeKind.IDENTITY_LINKED)
            await self.jobs.announce(notice)
        return user

    async def _owner(self, made: User) -> User:
        """Return this account, now kept, or the one its address has, locked."""
        owner_id = await self.users.add(made)
        if owner_id == made.id:
            return made
        owner = await self.users.lock(owner_id) if owner_id else None
        if owner is None or owner.email != made.email:
            raise Contention
        return owner

    def _can_enter(self, linked: Sequence[Identity], *, without: str) -> bool:
        """Tell whether one is left of a provider that is still in the settings."""
        left = {identity.provider for identity in linked} - {without}
        return not left.isdisjoint(self.providers)

    def _provider(self, name: str) -> IdentityProvider:
        if name not in self.providers:
            raise IdentityProviderNotFound
        return self.providers[name]

    def _asked(self, flow_id: UUID, redirect_uri: str) -> Asked:
        return Asked(
            redirect_uri=redirect_uri,
            nonce=self.signer.digest(NONCE_PURPOSE, str(flow_id)).hex(),
            verifier=self.signer.digest(VERIFIER_PURPOSE, str(flow_id)).hex(),
        )

    def _flow_id(self, state: str, browser: str | None) -> UUID:
        subject = self.signer.subject(STATE_PURPOSE, state)
        if subject is None:
            raise IdentityRefused
        flow_id, _, mark = subject.partition(".")
        if browser is not None and not same(_mark(browser), mark):
            raise IdentityRefused
        return UUID(flow_id)


def _mark(browser: str) -> str:
    return fingerprint(browser).hex()[:32]


def _active(user: User) -> User:
    """Refuse a deactivated account as login does."""
    if user.status is not UserStatus.ACTIVE:
        raise InvalidCredentials
    return user
