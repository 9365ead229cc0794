"""A FreedomPay of our own: HTTP on 127.0.0.1, signatures both ways, notices, and faults.

What the real one does where its documents are silent is assumed, see decision 30: a repeated
order is the same payment while it is open, and what can't be done is error 490.
"""

import asyncio
import socket
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.fakes.freedompay_wire import Tree, read, sign, signed, xml

MERCHANT = "540001"
SECRET = "freedompay-s3cret-that-no-log-shows"
BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><response>&b;</response>'
FETCHES = '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><response>&a;</response>'
INSTEAD = {  # what is answered in place of the truth
    "malformed": "<response><pg_status>ok</response",
    "empty": "",
    "bomb": BOMB,
    "fetches": FETCHES,
    "deep": "<a>" * 100 + "</a>" * 100,
    "huge": "<response>" + "<a/>" * 300_000 + "</response>",
    "many": "<response>" + "<a/>" * 20_000 + "</response>",
}
Post = Callable[[str, str], Awaitable[tuple[int, bytes]]]
"""Send a form to an address; return the status and the body of the answer."""


class Refused(Exception):
    def __init__(self, code: str) -> None:
        self.code = code


@dataclass
class Refund:
    id: str
    amount: Decimal
    status: str


@dataclass
class Payment:
    id: str
    asked: dict[str, str]
    status: str = "pending"
    is_captured: bool = False
    clearing: Decimal = Decimal(0)
    refunds: list[Refund] = field(default_factory=list)
    deliveries: int = 0

    @property
    def amount(self) -> Decimal:
        return Decimal(self.asked["pg_amount"])

    @property
    def given_back(self) -> Decimal:
        return sum((one.amount for one in self.refunds if one.status != "error"), Decimal(0))


@dataclass
class Delivery:
    """A notice that was sent: what was answered, and whether that was signed as it must be."""

    status: int
    fields: dict[str, str]
    is_signed: bool


@dataclass
class FreedomPayServer:
    """`faults` are used up one by one, by calls of their script.

    One before its effect: `500`, `redirect`; after it: `slow`, `500-after`, `hang`, `drop`,
    `unsigned`, `wrong-signature`, `other-script`, and those of INSTEAD.
    """

    address: str = ""
    payments: dict[str, Payment] = field(default_factory=dict)  # by order
    calls: Counter[str] = field(default_factory=Counter)
    sent: dict[str, dict[str, str]] = field(default_factory=dict)  # the last of each script
    faults: defaultdict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    changes: dict[str, str] = field(default_factory=dict)  # what the next status says instead
    refund_status: str = "success"
    cancels_open: bool = True
    lists_refunds: bool = True
    slowness: float = 0.2
    post: Post | None = None
    released: asyncio.Event = field(default_factory=asyncio.Event)
    _ids: "count[int]" = field(default_factory=lambda: count(700_000_001))

    def reset(self) -> None:
        """Forget all that was: the next test begins."""
        self.released.set()
        self.__init__(self.address)  # type: ignore[misc]

    # What a customer, or a merchant in the cabinet, does.

    async def pay(self, order: object, **options: Any) -> Delivery:
        """Let the customer pay, unless the check is refused; return what the result got."""
        payment = self.payments[str(order)]
        check = await self.check(order)
        if check.fields.get("pg_status") != "ok":
            return check
        self.succeed(order)
        return await self.deliver(payment.asked["pg_order_id"], **options)

    def succeed(self, order: object) -> None:
        """Let the customer pay, and tell nobody."""
        payment = self.payments[str(order)]
        payment.status = "success"
        if payment.asked["pg_auto_clearing"] == "1":
            payment.is_captured, payment.clearing = True, payment.amount

    def decline(self, order: object) -> None:
        self.payments[str(order)].status = "error"

    def give_back(self, order: object, amount: str) -> Refund:
        """Refund in the cabinet, of which nobody is told."""
        refund = Refund(str(next(self._ids)), Decimal(amount), self.refund_status)
        self.payments[str(order)].refunds.append(refund)
        return refund

    async def check(self, order: object) -> Delivery:
        payment = self.payments[str(order)]
        return await self._notify(payment.asked["pg_check_url"], self._facts(payment))

    async def deliver(self, order: object, **changes: str) -> Delivery:
        """Send the result once; `changes` lie about it. A rejection takes the money back."""
        payment = self.payments[str(order)]
        payment.deliveries += 1
        can_reject = "1" if payment.deliveries == 1 else "0"
        facts = self.result(payment) | {"pg_can_reject": can_reject} | changes
        delivery = await self._notify(payment.asked["pg_result_url"], facts)
        if delivery.fields.get("pg_status") == "rejected" and can_reject == "1":
            payment.status, payment.is_captured = "revoked", False
        return delivery

    def result(self, payment: Payment) -> dict[str, str]:
        is_paid = payment.status == "success"
        facts = self._facts(payment) | {
            "pg_result": "1" if is_paid else "0",
            "pg_net_amount": f"{payment.amount * Decimal('0.97'):.2f}",
            "pg_payment_date": "2030-03-01 12:00:00",
            "pg_captured": "1" if payment.is_captured else "0",
            "pg_user_phone": "77777777777",
            "pg_card_pan": "4405-64XX-XXXX-6150",
        }
        return facts if is_paid else facts | {"pg_failure_code": "10005"}

    def form(self, script: str, facts: dict[str, str]) -> str:
        """Return a notice to that script of ours, signed."""
        return urlencode(signed(script, list(facts.items()), SECRET))

    def _facts(self, payment: Payment) -> dict[str, str]:
        echoed = {name: text for name, text in payment.asked.items() if name[:3] != "pg_"}
        return echoed | {
            "pg_order_id": payment.asked["pg_order_id"],
            "pg_payment_id": payment.id,
            "pg_amount": payment.asked["pg_amount"],
            "pg_currency": payment.asked["pg_currency"],
            "pg_description": payment.asked["pg_description"],
        }

    async def _notify(self, url: str, facts: dict[str, str]) -> Delivery:
        script = urlsplit(url).path.rpartition("/")[2]
        status, body = await (self.post or _posted)(url, self.form(script, facts))
        try:
            tree = read(body)
        except SyntaxError:
            return Delivery(status, {}, False)
        fields = dict(tree)
        return Delivery(status, fields, fields.get("pg_sig") == sign(script, tree, SECRET))

    # What a merchant's server asks.

    async def answer(self, request: Request) -> Response:
        script = request.path_params["script"]
        self.calls[script] += 1
        fault = self.faults[script].popleft() if self.faults[script] else ""
        if fault == "500":
            return Response("oh no", 500)
        if fault == "redirect":
            return Response("", 302, {"Location": f"{self.address}/elsewhere"})
        form = {name: str(text) for name, text in (await request.form()).items()}
        self.sent[script] = form
        tree = self._answered(script, form)
        if fault == "slow":
            await asyncio.sleep(self.slowness)
        if fault == "hang":
            await self.released.wait()
        if fault == "500-after":
            return Response("oh no", 500)
        return _written(script, tree, fault)

    def _answered(self, script: str, form: dict[str, str]) -> Tree:
        try:
            if form.get("pg_sig") != sign(script, list(form.items()), SECRET):
                raise Refused("100")
            if form["pg_merchant_id"] != MERCHANT:
                raise Refused("101")
            ask = getattr(self, "_" + script.removesuffix(".php"), None)
            if ask is None:
                raise Refused("200")
            return [("pg_status", "ok"), *ask(form)]
        except Refused as refused:
            error = ("pg_error_description", "No & <no>.")
            return [("pg_status", "error"), ("pg_error_code", refused.code), error]

    def _init_payment(self, form: dict[str, str]) -> Tree:
        order = form["pg_order_id"]
        if order not in self.payments:
            self.payments[order] = Payment(str(next(self._ids)), form)
        payment = self.payments[order]
        if payment.status != "pending" or form["pg_amount"] != payment.asked["pg_amount"]:
            raise Refused("490")
        address = f"{self.address}/pay.html?customer={payment.id}&x=1"
        return [
            ("pg_payment_id", payment.id),
            ("pg_redirect_url", address),
            ("pg_redirect_url_type", "need data"),
        ]

    def _get_status3(self, form: dict[str, str]) -> Tree:
        payment = self._payment(form)
        back = [
            (
                "pg_refund_payment",
                [
                    ("pg_payment_id", one.id),
                    ("pg_payment_status", one.status),
                    ("pg_amount", f"-{one.amount}"),
                    ("pg_reference", ""),
                ],
            )
            for one in (payment.refunds if self.lists_refunds else [])
        ]
        told = {
            "pg_payment_id": payment.id,
            "pg_order_id": payment.asked["pg_order_id"],
            "pg_amount": f"{payment.amount.normalize():f}",
            "pg_currency": payment.asked["pg_currency"],
            "pg_payment_status": payment.status,
            "pg_clearing_amount": str(payment.clearing),
            "pg_captured": "1" if payment.is_captured else "0",
            "pg_refund_amount": f"-{payment.given_back}",
        }
        told |= self.changes
        return [*told.items(), ("pg_refund_payments", back or "")]

    def _do_capture(self, form: dict[str, str]) -> Tree:
        payment = self._payment(form)
        amount = Decimal(form.get("pg_clearing_amount", payment.amount))
        if payment.status != "success" or payment.is_captured or amount > payment.amount:
            raise Refused("490")
        payment.is_captured, payment.clearing = True, amount
        return [("pg_payment_id", payment.id), ("pg_clearing_amount", str(amount))]

    def _cancel(self, form: dict[str, str]) -> Tree:
        payment = self._payment(form)
        is_open = payment.status == "pending" and self.cancels_open
        is_kept = payment.status == "success" and not payment.is_captured
        if not is_open and not is_kept:
            raise Refused("490")
        payment.status = "revoked"
        return [("pg_payment_id", payment.id)]

    def _revoke(self, form: dict[str, str]) -> Tree:
        payment = self._payment(form)
        left = payment.clearing - payment.given_back
        amount = Decimal(form.get("pg_refund_amount", left))
        if not payment.is_captured or not 0 < amount <= left:
            raise Refused("490")
        self.give_back(payment.asked["pg_order_id"], str(amount))
        return [("pg_payment_id", payment.id)]

    def _payment(self, form: dict[str, str]) -> Payment:
        for payment in self.payments.values():
            if (
                form.get("pg_payment_id", payment.id) == payment.id
                and form.get("pg_order_id", payment.asked["pg_order_id"])
                == (payment.asked["pg_order_id"])
            ):
                return payment
        raise Refused("340")


def _written(script: str, tree: Tree, fault: str) -> Response:
    if fault == "other-script":
        script = "get_status.php" if script != "get_status.php" else "init_payment.php"
    tree = signed(script, tree, "another secret" if fault == "wrong-signature" else SECRET)
    if fault == "unsigned":
        tree = tree[:-1]
    text = INSTEAD.get(fault, f'<?xml version="1.0" encoding="utf-8"?>\n{xml(tree)}')
    headers = {"Content-Length": "999999"} if fault == "drop" else {}
    return Response(text, media_type="application/xml", headers=headers or None)


async def _posted(url: str, form: str) -> tuple[int, bytes]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with httpx.AsyncClient(timeout=10) as client:
        response = await client.post(url, content=form, headers=headers)
        return response.status_code, response.content


class _Quiet(uvicorn.Server):
    def capture_signals(self) -> Any:  # pytest's
        return nullcontext()


@asynccontextmanager
async def freedompay_server() -> AsyncIterator[FreedomPayServer]:
    fake = FreedomPayServer()
    app = Starlette(routes=[Route("/{script}", fake.answer, methods=["POST"])])
    config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = _Quiet(config)
    listening = socket.create_server(("127.0.0.1", 0))
    fake.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield fake
    finally:
        fake.released.set()
        server.should_exit = True
        await serving
