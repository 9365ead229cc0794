"""What Twilio reports of a message: believed where it is signed for exactly this address.

See twilio.com/docs/usage/security#validating-requests.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from app.core.crypto import same
from app.domain.gateways import InvalidSignature, UnreadableNotice
from app.domain.messengers import TextReport, TextState

HEADER: Final = "x-twilio-signature"
LONGEST: Final = 16_384
MOST_FIELDS: Final = 100
STATES: Final = {
    "sent": TextState.SENT,
    "delivered": TextState.DELIVERED,
    "read": TextState.DELIVERED,
    "undelivered": TextState.FAILED,
    "failed": TextState.FAILED,
    "canceled": TextState.FAILED,
}
# Of a message that went out and did not arrive: there is no such mobile telephone.
DEAD: Final = frozenset({"30005", "30006", "21610", "21614"})


def signature(url: str, fields: list[tuple[str, str]], token: str) -> str:
    """Return what signs a form that is posted to an address."""
    told = url + "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    return b64encode(hmac.digest(token.encode(), told.encode(), "sha1")).decode()


def read_report(url: str, token: str, headers: Mapping[str, str], body: bytes) -> TextReport:
    """Return what is reported; refuse with InvalidSignature before anything is believed."""
    if len(body) > LONGEST:
        raise InvalidSignature
    try:
        fields = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:  # no UTF-8, too
        raise InvalidSignature from None
    if not same(headers.get(HEADER, ""), signature(url, fields, token)):
        raise InvalidSignature
    return _report(dict(fields))


def _report(fields: Mapping[str, str]) -> TextReport:
    reference = fields.get("MessageSid") or fields.get("SmsSid", "")
    state = fields.get("MessageStatus") or fields.get("SmsStatus", "")
    code = fields.get("ErrorCode", "")
    if not reference.isalnum() or not 0 < len(reference) <= 64 or not state.isalpha():
        raise UnreadableNotice
    code = code if code.isascii() and code.isdigit() and len(code) <= 10 else ""
    return TextReport(reference, STATES.get(state), code or None, is_dead=code in DEAD)
