"""FreedomPay, once PayBox: https://docs.freedompay.kz; what is only assumed is in decision 30.

It has no keys of idempotency, so every call that moves money looks first, and looks again after.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from app.core.clock import Clock
from app.core.money import Money
from app.domain.gateways import (
    GatewayRefused,
    GatewayUnavailable,
    InvalidSignature,
    UnreadableNotice,
)
from app.domain.payments import (
    Asked,
    AskedBack,
    Begun,
    Charge,
    ChargeState,
    Notice,
    RefundReport,
    RefundState,
    Verdict,
)
from app.integrations.payments.freedompay_calling import (
    SECONDS,
    Fields,
    FreedomPayCalls,
    unusable_as_unavailable,
)
from app.integrations.payments.freedompay_reading import (
    AT_ONCE,
    CLEARING,
    LATER,
    charge_of_notice,
    charge_of_status,
    given_back,
    read_reference,
    written_amount,
)
from app.integrations.payments.freedompay_signing import SALT, Tag, is_signed, signed
from app.integrations.payments.freedompay_xml import MEDIA_TYPE, Unusable, written_xml

NOT_FOUND: Final = "340"
TARGETS: Final = ("check", "result")
SHORTEST: Final = timedelta(minutes=5)
LONGEST: Final = timedelta(days=7)
LONGEST_ADDRESS: Final = 255
LONGEST_DESCRIPTION: Final = 1024
LARGEST_NOTICE: Final = 1 << 16
MOST_FIELDS: Final = 200
LANGUAGES: Final = frozenset({"ru", "en", "kk", "uz"})
BEGINNING: Final = frozenset({ChargeState.OPEN, ChargeState.PROCESSING})
WELL_CAPTURED: Final = frozenset({ChargeState.PAID})
# One that was not paid yet runs out by itself; only authorized money would stay with us.
WELL_CANCELLED: Final = frozenset(ChargeState) - {ChargeState.AUTHORIZED}
STATUSES: Final = {Verdict.ACCEPTED: "ok", Verdict.REJECTED: "rejected", Verdict.FAILED: "error"}


@dataclass(frozen=True, slots=True)
class FreedomPayAccount:
    """Who we are there. `notify_url` is what "/check" and "/result" are put behind."""

    merchant_id: str
    secret: str = field(repr=False)
    api_base: str
    notify_url: str
    is_testing: bool

    def __post_init__(self) -> None:
        if not self.merchant_id or not self.secret:  # anybody could sign with an empty one
            raise ValueError("FREEDOMPAY_MERCHANT_ID and FREEDOMPAY_SECRET_KEY go together")


class FreedomPayGateway:
    def __init__(
        self, account: FreedomPayAccount, clock: Clock, *, seconds: float = SECONDS
    ) -> None:
        self._account = account
        self._clock = clock
        self._calls = FreedomPayCalls(
            account.api_base, account.merchant_id, account.secret, seconds=seconds
        )

    async def begin(self, asked: Asked) -> Begun:
        """Ask for money; one that has come further than that is returned as it stands."""
        fields = self._asking(asked)
        before = await self._before(asked)
        if before and before.state not in BEGINNING:
            return Begun(before)
        answer = await self._calls.call("init_payment.php", fields)
        with unusable_as_unavailable():
            reference = read_reference(answer.get("pg_payment_id"))
            address = answer.get("pg_redirect_url")
            if not address.startswith(("https://", "http://")):
                raise Unusable("no address to pay at")
        state = before.state if before else ChargeState.OPEN
        charge = Charge(reference, asked.payment_id, state, asked.amount)
        return Begun(charge, redirect_url=address)

    async def look(self, charge: Charge) -> Charge | None:
        try:
            found = await self._status(charge)
        except GatewayRefused as refusal:  # it tells nothing about the payment
            raise GatewayUnavailable from refusal
        return found[0] if found else None

    async def capture(self, charge: Charge) -> Charge:
        """Take money that was authorized, once; GatewayRefused where it is not there to take."""
        found = await self._found(charge)
        if found.state is ChargeState.PAID:
            return found
        fields = {"pg_clearing_amount": written_amount(charge.amount)}
        return await self._change("do_capture.php", found, fields, WELL_CAPTURED)

    async def cancel(self, charge: Charge) -> Charge:
        """Let authorized money go; a payment nobody began is cancelled already."""
        found = await self.look(charge)
        if found is None:
            return replace(charge, state=ChargeState.CANCELLED)
        if found.state in (ChargeState.PAID, ChargeState.CANCELLED):
            return found
        return await self._change("cancel.php", found, {}, WELL_CANCELLED)

    async def refund(self, asked: AskedBack) -> RefundReport:
        """Give money back, unless a refund of that sum is there of which we don't know."""
        amount = written_amount(asked.amount)
        known = Charge(asked.reference, asked.payment_id, ChargeState.PAID, asked.amount)
        charge, status = await self._status_found(known)
        before = frozenset(one.reference for one in charge.refunds)
        lasting = [one for one in charge.refunds if one.state is not RefundState.FAILED]
        done = _ours(asked, lasting, besides=asked.known)
        if done:
            return done
        with unusable_as_unavailable():
            _ensure_left(asked.amount, charge, status)
        fields = {"pg_payment_id": charge.reference, "pg_refund_amount": amount}
        with _unrepeated():
            await self._calls.call("revoke.php", fields)
            done = _ours(asked, (await self._found(known)).refunds, besides=asked.known | before)
            if done is None:
                raise GatewayUnavailable
        return done

    def read(self, target: str, headers: Mapping[str, str], body: bytes) -> Notice:  # noqa: ARG002 - the protocol's
        """Return what a notice says; their headers say nothing."""
        tags = _form(body)
        if not is_signed(target, tags, self._account.secret):
            raise InvalidSignature
        fields = Fields(tags)
        if fields.get("pg_merchant_id") not in ("", self._account.merchant_id):
            raise UnreadableNotice
        try:
            if target not in TARGETS:
                raise Unusable("an address that is not told to them")
            charge = charge_of_notice(target, fields)
        except Unusable as error:
            raise UnreadableNotice from error
        can_reject = target == "check" or fields.get("pg_can_reject") == "1"
        event_id = _event_id(target, charge, fields)
        return Notice(event_id, target, charge, can_reject, is_question=target == "check")

    def answer(self, target: str, verdict: Verdict, *, reason: str = "") -> tuple[bytes, str]:
        """Return their XML, signed with the last segment of our own address."""
        fields = {"pg_status": STATUSES[verdict]}
        if reason:
            fields["pg_description"] = reason[:LONGEST_DESCRIPTION]
        return written_xml(signed(target, fields, self._account.secret)), MEDIA_TYPE

    async def close(self) -> None:
        """Every call opens and closes its own connection."""

    def _asking(self, asked: Asked) -> dict[str, str]:
        _ensure_return_url(asked.return_url)
        fields = {
            "pg_order_id": str(asked.payment_id),
            "pg_amount": written_amount(asked.amount),
            "pg_currency": asked.amount.currency,
            "pg_description": asked.description[:LONGEST_DESCRIPTION],
            "pg_language": asked.locale if asked.locale in LANGUAGES else "en",
            "pg_auto_clearing": "1" if asked.capture else "0",
            "pg_testing_mode": "1" if self._account.is_testing else "0",
            "pg_request_method": "POST",
            "pg_check_url": f"{self._account.notify_url}/check",
            "pg_result_url": f"{self._account.notify_url}/result",
            "pg_success_url": asked.return_url,
            "pg_failure_url": asked.return_url,
            CLEARING: AT_ONCE if asked.capture else LATER,
        }
        if asked.email:
            fields["pg_user_contact_email"] = asked.email
        if asked.expires_at:
            left = min(max(asked.expires_at - self._clock(), SHORTEST), LONGEST)
            fields["pg_lifetime"] = str(int(left.total_seconds()))
        return fields

    async def _before(self, asked: Asked) -> Charge | None:
        """Return the payment where it was begun before and the answer was lost."""
        try:
            found = await self._status(Charge("", asked.payment_id, ChargeState.OPEN, asked.amount))
        except GatewayRefused:  # another word for "no such order"; if not, the next call has it
            return None
        return found[0] if found else None

    async def _status(self, known: Charge) -> tuple[Charge, Fields] | None:
        fields = {"pg_payment_id": known.reference}
        if not known.reference:
            fields = {"pg_order_id": str(known.payment_id)}
        try:
            status = await self._calls.call("get_status3.php", fields)
        except GatewayRefused as refusal:
            if refusal.code == NOT_FOUND:
                return None
            raise
        with unusable_as_unavailable():
            return charge_of_status(known, status), status

    async def _status_found(self, known: Charge) -> tuple[Charge, Fields]:
        found = await self._status(known)
        if found is None:
            raise GatewayRefused(NOT_FOUND)
        return found

    async def _found(self, known: Charge) -> Charge:
        return (await self._status_found(known))[0]

    async def _change(
        self, script: str, found: Charge, fields: Mapping[str, str], well: frozenset[ChargeState]
    ) -> Charge:
        """Return how it stands after; a refusal counts unless that is well anyway."""
        refusal = None
        try:
            await self._calls.call(script, {"pg_payment_id": found.reference, **fields})
        except GatewayRefused as error:
            refusal = error
        after = await self._found(found)
        if refusal and after.state not in well:
            raise refusal
        return after


def _ensure_return_url(url: str) -> None:
    """Refuse one that can't be sent; a browser brings it parameters signed with its last segment.

    Were that the same as of an address for notices, a customer would hold a signature for it.
    """
    if len(url) > LONGEST_ADDRESS:
        raise GatewayRefused("return-url-too-long")
    if urlsplit(url).path.rpartition("/")[2] in TARGETS:
        raise GatewayRefused("return-url-not-usable")


def _form(body: bytes) -> tuple[Tag, ...]:
    """Return the fields of a form; none where it is no form, or names one twice."""
    if len(body) > LARGEST_NOTICE:
        return ()
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        return ()
    if len(dict(pairs)) < len(pairs):
        return ()
    return tuple(Tag(name, text) for name, text in pairs)


def _event_id(target: str, charge: Charge, fields: Fields) -> str:
    """Return what is the same for the same result, however often and with what salt it comes.

    A check is no fact but a question, and each is its own: what was right before may have lapsed.
    """
    amount = f"{charge.amount.amount}{charge.amount.currency}"
    facts: tuple[str, ...] = (fields.get("pg_result"), fields.get("pg_captured"))
    if target == "check":
        facts = (sha256(fields.get(SALT).encode()).hexdigest(),)
    return ":".join((charge.reference, target, *(fact[:16] for fact in facts), amount))


@contextmanager
def _unrepeated() -> Iterator[None]:
    """Let nobody try again at once: what was made and is not listed yet would be made twice."""
    try:
        yield
    except GatewayUnavailable as error:
        error.is_repeated = False
        raise


def _ours(
    asked: AskedBack, refunds: Iterable[RefundReport], *, besides: frozenset[str]
) -> RefundReport | None:
    """Return the refund that was asked for, if it is there."""
    for one in refunds:
        if one.reference not in besides and one.amount == asked.amount:
            return replace(one, refund_id=asked.refund_id)
    return None


def _ensure_left(amount: Money, charge: Charge, status: Fields) -> None:
    """Refuse what is more than was paid, before they are asked."""
    back = given_back(status, charge.amount.currency, charge.refunds)
    if amount.currency != charge.amount.currency:
        raise GatewayRefused("currency-mismatch")
    if back + amount.amount > charge.amount.amount:
        raise GatewayRefused("refund-exceeds-payment")
