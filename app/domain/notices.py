"""What the owner of an account is told about its safety, always and by letter."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.core.messages import Message


class NoticeKind(StrEnum):
    API_KEY_MADE = "api_key_made"
    EMAIL_CHANGED = "email_changed"
    IDENTITY_LINKED = "identity_linked"
    MFA_OFF = "mfa_off"
    MFA_ON = "mfa_on"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # what happened, not a password
    RECOVERY_CODE_USED = "recovery_code_used"


@dataclass(frozen=True, slots=True)
class SecurityNotice(Message):
    """Something happened to an account that only its owner should have done."""

    notice_id: UUID
    user_id: UUID
    kind: NoticeKind
