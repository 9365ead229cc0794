"""A gateway in memory, of which every call can fail and every notice can be late.

It has what a bank has: its own idea of what was paid and given back, to hold ours against.
"""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import count
from uuid import UUID

from app.core.money import Money
from app.domain.disputes import DisputeReport, DisputeState, merged_disputes
from app.domain.gateways import GatewayRefused, GatewayUnavailable
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

DISPUTE_COSTS = 15


class Bank:
    """`faults` are used up one by one, by calls of their name: `before` their effect, or `after`.

    `outcomes` are what becomes of the next refunds; the others succeed. `watch` is called at the
    beginning and the end of every call.
    """

    def __init__(self) -> None:
        self.charges: dict[UUID, Charge] = {}
        self.notices: list[Notice] = []
        self.faults: defaultdict[str, deque[str]] = defaultdict(deque)
        self.outcomes: deque[RefundState] = deque()
        self.calls: list[str] = []
        self.manual: set[UUID] = set()
        self.watch: Callable[[str], None] = lambda _: None
        self._ids = count(1)

    # What a customer, a bank, or a merchant in the dashboard does.

    def pay(self, payment_id: UUID) -> None:
        charge = self.charges[payment_id]
        if charge.state is ChargeState.OPEN:
            state = ChargeState.AUTHORIZED if payment_id in self.manual else ChargeState.PAID
            paid = replace(charge, state=state, failure_code=None)
            self.charges[payment_id] = paid
            self._tell("paid", replace(paid, refunds=()))

    def lapse(self, payment_id: UUID, *, tells: bool = True) -> None:
        """Let go by itself what was authorized and never taken."""
        self._turn(payment_id, ChargeState.CANCELLED, tells=tells)

    def clear(self, payment_id: UUID) -> None:
        """Take by itself what was authorized, all of it."""
        self._turn(payment_id, ChargeState.PAID)

    def _turn(self, payment_id: UUID, state: ChargeState, *, tells: bool = True) -> None:
        if self.charges[payment_id].state is ChargeState.AUTHORIZED:
            self.charges[payment_id] = replace(self.charges[payment_id], state=state)
            if tells:
                self._tell("turned", self.charges[payment_id])

    def decline(self, payment_id: UUID) -> None:
        charge = self.charges[payment_id]
        if charge.state is ChargeState.OPEN:
            self.charges[payment_id] = declined = replace(charge, failure_code="card_declined")
            self._tell("declined", declined)

    def give_back(self, payment_id: UUID, amount: int, *, tells: bool = True) -> None:
        """Give back in the dashboard; without `tells` no notice of it is ever sent."""
        money = Money(amount, self.charges[payment_id].amount.currency)
        if 0 < amount <= self.left(payment_id):
            report = RefundReport(self._reference(), None, money, RefundState.SUCCEEDED)
            self._put(payment_id, report)
            if tells:
                self._tell_refund(payment_id, report)

    def settle_refund(self, payment_id: UUID, reference: str, state: RefundState) -> None:
        """Let a refund fail that had succeeded, or end one that was pending."""
        charge = self.charges[payment_id]
        report = next(one for one in charge.refunds if one.reference == reference)
        if report.state is not RefundState.FAILED and report.state is not state:
            self._put(payment_id, replace(report, state=state))
            self._tell_refund(payment_id, replace(report, state=state))

    def dispute(self, payment_id: UUID, state: DisputeState) -> None:
        """Take a payment back, or decide about that; the news tell one fact at a time."""
        charge = self.charges[payment_id]
        if charge.state is not ChargeState.PAID:
            return
        known = DisputeReport(f"dp_{payment_id.hex}", charge.amount, DisputeState.INQUIRY)
        if charge.disputes:
            known = charge.disputes[0]
        fee = Money(DISPUTE_COSTS, charge.amount.currency)
        facts = [replace(known, state=state, is_withdrawn=False, is_reinstated=False, fee=None)]
        if state is not DisputeState.INQUIRY and state is not DisputeState.DROPPED:
            facts.append(replace(known, is_withdrawn=True, fee=fee))
        if state is DisputeState.WON:
            facts.append(replace(known, is_reinstated=True))
        disputes = merged_disputes(*charge.disputes, *facts)
        self.charges[payment_id] = replace(charge, disputes=disputes)
        nothing = Money(0, charge.amount.currency)
        for fact in facts:
            aside = Charge(charge.reference, None, ChargeState.OPEN, nothing, disputes=(fact,))
            self._tell("dispute", aside)

    def taken(self, payment_id: UUID) -> int:
        """Return what the customer's bank has of it."""
        found = [one for one in self.charges[payment_id].disputes if one.is_withdrawn]
        return sum(one.amount.amount for one in found if not one.is_reinstated)

    def left(self, payment_id: UUID) -> int:
        charge = self.charges[payment_id]
        if charge.state is not ChargeState.PAID:
            return 0
        back = [one for one in charge.refunds if one.state is not RefundState.FAILED]
        return charge.amount.amount - sum(one.amount.amount for one in back)

    # What a merchant's server asks.

    async def begin(self, asked: Asked) -> Begun:
        new = Charge(f"bk_{asked.payment_id.hex}", asked.payment_id, ChargeState.OPEN, asked.amount)
        self._begin("begin")
        if not asked.capture:
            self.manual.add(asked.payment_id)
        self.charges.setdefault(asked.payment_id, new)
        self._begun(asked)
        charge = self.charges[asked.payment_id]
        self._end("begin")
        return Begun(charge, client_secret=f"{charge.reference}_secret_canary")

    async def look(self, charge: Charge) -> Charge | None:
        self._begin("look")
        self._end("look")
        return self.charges.get(charge.payment_id) if charge.payment_id else None

    async def capture(self, charge: Charge) -> Charge:
        assert charge.payment_id is not None
        self._begin("capture")
        known = self.charges[charge.payment_id]
        if known.state is ChargeState.AUTHORIZED:
            assert 0 < charge.amount.amount <= known.amount.amount
            known = replace(known, state=ChargeState.PAID, amount=charge.amount)
            self.charges[charge.payment_id] = known
        elif known.state is not ChargeState.PAID:
            raise GatewayRefused("not_authorized")
        self._end("capture")
        return known

    async def cancel(self, charge: Charge) -> Charge:
        assert charge.payment_id is not None
        self._begin("cancel")
        known = self.charges[charge.payment_id]
        if known.state is not ChargeState.PAID:
            known = replace(known, state=ChargeState.CANCELLED)
            self.charges[charge.payment_id] = known
        self._end("cancel")
        return known

    async def refund(self, asked: AskedBack) -> RefundReport:
        self._begin("refund")
        refunds = self.charges[asked.payment_id].refunds
        report = next((one for one in refunds if one.refund_id == asked.refund_id), None)
        if report is None:
            there = self.left(asked.payment_id) - self.taken(asked.payment_id)
            if asked.amount.amount > there:
                raise GatewayRefused("charge_already_refunded")
            state = self.outcomes.popleft() if self.outcomes else RefundState.SUCCEEDED
            report = RefundReport(self._reference(), asked.refund_id, asked.amount, state)
            self._put(asked.payment_id, report)
            self._tell_refund(asked.payment_id, report)
        self._end("refund")
        return report

    def read(self, target: str, headers: Mapping[str, str], body: bytes) -> Notice:
        return self.notices[json.loads(body)["place"]]

    def answer(self, target: str, verdict: Verdict, *, reason: str = "") -> tuple[bytes, str]:
        return b"{}", "application/json"

    async def close(self) -> None:
        """Nothing is open."""

    def _begun(self, asked: Asked) -> None:
        """Nothing more happens: somebody has to pay."""

    def body(self, place: int) -> bytes:
        """Return a notice as it comes."""
        return json.dumps({"place": place}).encode()

    def _begin(self, call: str) -> None:
        self.calls.append(call)
        self.watch(f"before {call}")
        if self.faults[call] and self.faults[call][0] == "before":
            self.faults[call].popleft()
            raise GatewayUnavailable

    def _end(self, call: str) -> None:
        self.watch(f"after {call}")
        if self.faults[call]:
            self.faults[call].popleft()
            raise GatewayUnavailable

    def _reference(self) -> str:
        return f"re_{next(self._ids)}"

    def _put(self, payment_id: UUID, report: RefundReport) -> None:
        charge = self.charges[payment_id]
        others = [one for one in charge.refunds if one.reference != report.reference]
        self.charges[payment_id] = replace(charge, refunds=(*others, report))

    def _tell_refund(self, payment_id: UUID, report: RefundReport) -> None:
        """Tell of one refund, and of the payment nothing."""
        charge = self.charges[payment_id]
        nothing = Money(0, charge.amount.currency)
        aside = replace(charge, state=ChargeState.OPEN, amount=nothing, refunds=(report,))
        self._tell("refund", aside)

    def _tell(self, kind: str, charge: Charge) -> None:
        self.notices.append(Notice(f"evt_{len(self.notices)}", kind, charge))
