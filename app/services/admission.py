"""Letting in those who have shown who they are, by password or elsewhere."""

from app.core.crypto import Signer, same
from app.core.errors import Unauthenticated
from app.core.tokens import MfaClaims, Tokens
from app.domain.mfa import MARK_PURPOSE, MFA_TOKEN_LASTS, MfaNotOn, MfaRequired
from app.domain.sessions import EmailNotVerified, InvalidToken, TokenPair
from app.domain.users import User, UserStatus
from app.repositories.users import UserRepository
from app.services.mfa import MfaService
from app.services.sessions import SessionService


class AdmissionService:
    def __init__(
        self,
        users: UserRepository,
        sessions: SessionService,
        mfa: MfaService,
        tokens: Tokens,
        signer: Signer,
    ) -> None:
        self.users = users
        self.sessions = sessions
        self.mfa = mfa
        self.tokens = tokens
        self.signer = signer

    async def admit(self, user: User, *, device: str | None = None) -> TokenPair:
        """Begin a session for an account as it was read just now.

        Refused with MfaRequired where it has a second factor: `complete` begins it then.
        """
        if await self.mfa.is_on(user.id):
            claims = MfaClaims(user.id, self._mark(user))
            raise MfaRequired(mfa_token=self.tokens.sign_mfa(claims, lasts=MFA_TOKEN_LASTS))
        return await self.sessions.start(user, device=device)

    async def complete(self, mfa_token: str, code: str, *, device: str | None = None) -> TokenPair:
        """Begin the session that waited for a code.

        A wrong code leaves the token as good as it was; a new password, or the second factor
        turned off, makes it an InvalidToken; if that happens just now, all begins again.
        """
        user = await self._waiting(mfa_token)
        if user.email_verified_at is None:
            raise EmailNotVerified
        try:
            await self.mfa.ensure_code(user.id, code)
        except MfaNotOn as error:
            raise InvalidToken from error
        return await self.sessions.start(user, device=device)

    async def _waiting(self, mfa_token: str) -> User:
        try:
            claims = self.tokens.verify_mfa(mfa_token)
        except Unauthenticated as error:
            raise InvalidToken from error
        user = await self.users.get(claims.user_id)
        if user is None or user.status is not UserStatus.ACTIVE:
            raise InvalidToken
        if not same(self._mark(user), claims.mark):
            raise InvalidToken
        return user

    def _mark(self, user: User) -> str:
        """Return what changes with the password, and tells nothing of it."""
        return self.signer.digest(MARK_PURPOSE, user.password_hash or "").hex()[:32]
