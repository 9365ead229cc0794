"""Services of accounts and of being let in."""

from functools import cached_property

from app.bootstrap.realtime import RealtimeServices
from app.core.tokens import Claims
from app.domain.actors import Actor
from app.repositories.accounts import AccountRepository
from app.repositories.api_keys import ApiKeyRepository
from app.repositories.email_changes import EmailChangeRepository
from app.repositories.identities import IdentityRepository
from app.repositories.jobs import JobRepository
from app.repositories.mfa import MfaRepository
from app.repositories.password_resets import PasswordResetRepository
from app.repositories.photos import PhotoRepository
from app.repositories.sessions import SessionRepository
from app.repositories.stats import StatsRepository
from app.repositories.users import UserRepository
from app.repositories.verifications import VerificationRepository
from app.services.accounts import AccountService
from app.services.admission import AdmissionService
from app.services.api_keys import ApiKeyService
from app.services.auth import AuthService
from app.services.email_changes import EmailChangeService
from app.services.enrolment import EnrolmentService
from app.services.identities import IdentityService
from app.services.mfa import MfaService
from app.services.password_resets import PasswordResetService
from app.services.passwords import PasswordService
from app.services.photos import PhotoService
from app.services.sessions import SessionService
from app.services.stats import StatsService
from app.services.super_admins import SuperAdminService
from app.services.users import UserService
from app.services.verifications import VerificationService


class IdentityServices(RealtimeServices):
    """Who somebody is, and how they show it."""

    async def actor(self, credential: Claims | str) -> Actor:
        """Return who is behind a verified token, or behind what may be an API key."""
        if isinstance(credential, str):
            return await self.api_keys.actor(credential)
        return await self.sessions.actor(credential.session_id, user_id=credential.user_id)

    @cached_property
    def accounts(self) -> AccountService:
        return AccountService(
            AccountRepository(self._connection),
            UserRepository(self._connection),
            SessionRepository(self._connection),
            self.super_admins,
            self.audit,
            self._adapters.clock,
        )

    @cached_property
    def admission(self) -> AdmissionService:
        return AdmissionService(
            UserRepository(self._connection),
            self.sessions,
            self.mfa,
            self._adapters.tokens,
            self._adapters.signer,
        )

    @cached_property
    def api_keys(self) -> ApiKeyService:
        return ApiKeyService(
            ApiKeyRepository(self._connection),
            JobRepository(self._connection),
            self._adapters.clock,
            staff_need_mfa=self._adapters.settings.staff_need_mfa,
        )

    @cached_property
    def auth(self) -> AuthService:
        return AuthService(
            UserRepository(self._connection),
            self.verifications,
            self.password_resets,
            self.limits,
            self.admission,
            self._adapters.passwords,
            self._checkpoint,
            self._adapters.clock,
            approved_by_hand=self._adapters.settings.account_approval == "manual",
        )

    @cached_property
    def email_changes(self) -> EmailChangeService:
        return EmailChangeService(
            EmailChangeRepository(self._connection),
            UserRepository(self._connection),
            SessionRepository(self._connection),
            PasswordResetRepository(self._connection),
            VerificationRepository(self._connection),
            self.passwords,
            JobRepository(self._connection),
            self.audit,
            self.limits,
            self.mail,
            self._adapters.signer,
            self._adapters.clock,
            base_url=self._adapters.settings.base_url,
        )

    @cached_property
    def enrolment(self) -> EnrolmentService:
        return EnrolmentService(
            AccountRepository(self._connection),
            UserRepository(self._connection),
            VerificationRepository(self._connection),
            self.password_resets,
            self.audit,
            self._adapters.passwords,
            self._checkpoint,
            self._adapters.clock,
        )

    @cached_property
    def identities(self) -> IdentityService:
        return IdentityService(
            IdentityRepository(self._connection),
            UserRepository(self._connection),
            VerificationRepository(self._connection),
            JobRepository(self._connection),
            self.admission,
            self.passwords,
            self.audit,
            self.limits,
            self._adapters.identity,
            self._adapters.signer,
            self._checkpoint,
            self._adapters.clock,
            redirects=self._adapters.settings.oauth_redirects,
        )

    @cached_property
    def mfa(self) -> MfaService:
        return MfaService(
            MfaRepository(self._connection),
            UserRepository(self._connection),
            self.sessions,
            JobRepository(self._connection),
            self.audit,
            self.limits,
            self._adapters.signer,
            self.passwords,
            self._adapters.clock,
            staff_need_mfa=self._adapters.settings.staff_need_mfa,
        )

    @cached_property
    def password_resets(self) -> PasswordResetService:
        return PasswordResetService(
            PasswordResetRepository(self._connection),
            UserRepository(self._connection),
            self.passwords,
            self.verifications,
            JobRepository(self._connection),
            self.limits,
            self.mail,
            self._adapters.passwords,
            self._adapters.signer,
            self._checkpoint,
            self._adapters.clock,
            base_url=self._adapters.settings.base_url,
        )

    @cached_property
    def passwords(self) -> PasswordService:
        return PasswordService(
            UserRepository(self._connection),
            SessionRepository(self._connection),
            PasswordResetRepository(self._connection),
            EmailChangeRepository(self._connection),
            JobRepository(self._connection),
            self.audit,
            self.limits,
            self._adapters.passwords,
            self._adapters.clock,
        )

    @cached_property
    def photos(self) -> PhotoService:
        return PhotoService(
            PhotoRepository(self._connection),
            JobRepository(self._connection),
            self._adapters.storage,
            self._adapters.imaging,
            self._checkpoint,
            self._adapters.clock,
        )

    @cached_property
    def sessions(self) -> SessionService:
        return SessionService(
            SessionRepository(self._connection),
            self._adapters.tokens,
            self._adapters.signer,
            self._adapters.seen,
            self.realtime,
            self._adapters.clock,
            self._origin,
            staff_need_mfa=self._adapters.settings.staff_need_mfa,
        )

    @cached_property
    def stats(self) -> StatsService:
        return StatsService(StatsRepository(self._connection), self._adapters.clock)

    @cached_property
    def super_admins(self) -> SuperAdminService:
        return SuperAdminService(AccountRepository(self._connection))

    @cached_property
    def users(self) -> UserService:
        return UserService(
            UserRepository(self._connection),
            VerificationRepository(self._connection),
            self.audit,
            self._adapters.passwords,
            self._adapters.clock,
        )

    @cached_property
    def verifications(self) -> VerificationService:
        return VerificationService(
            VerificationRepository(self._connection),
            UserRepository(self._connection),
            JobRepository(self._connection),
            self.limits,
            self.mail,
            self._adapters.signer,
            self._adapters.clock,
            base_url=self._adapters.settings.base_url,
        )
