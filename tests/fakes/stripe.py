"""A Stripe of our own: HTTP on 127.0.0.1, idempotency keys, signed events, and faults.

Its shapes and its ways with keys are those of docs.stripe.com/api. What it does where that is
silent is the careful guess: a key keeps every answer that was begun, one of state too.
"""

import asyncio
import hmac
import json
import socket
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qsl

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

KEY = "sk_test_51Banister"
SECRET = "whsec_of_the_tests"
CARD = "4242424242424242"
Object = dict[str, Any]
OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
INSTEAD = {  # what is answered in place of the truth
    "malformed": '{"id": "pi_1", "obj',
    "list": "[]",
    "empty": "",
    "other": '{"object": "customer", "id": 7}',
}
BEFORE = {
    "500": (500, "api_error", None),
    "429": (429, "invalid_request_error", "lock_timeout"),
    "401": (401, "invalid_request_error", "api_key_expired"),
    "409": (409, "idempotency_error", "idempotency_key_in_use"),
}


class Refused(Exception):
    def __init__(self, code: str | None, status: int = 400, type_: str = "", **more: str) -> None:
        self.status = status
        self.error = {"type": type_ or "invalid_request_error", "message": f"No: {CARD}."}
        if code:
            self.error["code"] = code
        self.error |= more


@dataclass
class StripeServer:
    """`faults` are used up one by one, by calls of their name.

    Before its effect: those of BEFORE; after it: `500-after`, which a key keeps, `hang`, `drop`,
    and those of INSTEAD. Calls are named `create`, `retrieve`, `list`, `search`, `capture`,
    `cancel`, `confirm`, `refund`, `list_refunds`, `list_disputes`, `find_customer`,
    `make_customer`, `drop_customer`, `list_cards`, `detach` and `set_up`.
    """

    address: str = ""
    intents: dict[str, Object] = field(default_factory=dict)
    refunds: dict[str, Object] = field(default_factory=dict)
    disputes: dict[str, Object] = field(default_factory=dict)
    customers: dict[str, Object] = field(default_factory=dict)
    cards: dict[str, Object] = field(default_factory=dict)  # payment methods
    kept: dict[str, tuple[str, int, str]] = field(default_factory=dict)  # by idempotency key
    calls: Counter[str] = field(default_factory=Counter)
    sent: dict[str, Object] = field(default_factory=dict)  # the last of each call
    faults: defaultdict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    search_is_late: bool = False
    refund_status: str = "succeeded"
    released: asyncio.Event = field(default_factory=asyncio.Event)
    _ids: "count[int]" = field(default_factory=lambda: count(1))

    # What a customer, a bank, or a merchant in the dashboard does.

    def pay(self, id_: str) -> Object:
        intent = self.intents[id_]
        assert intent["status"] in (*OPEN, "processing"), intent["status"]
        is_manual = intent["capture_method"] == "manual"
        intent["latest_charge"] = self._charge(intent)
        intent["last_payment_error"] = None
        intent["status"] = "requires_capture"
        return intent if is_manual else self._take(intent, intent["amount"])

    def lapse(self, id_: str) -> Object:
        """Let go by itself what was authorized, as after seven days."""
        assert self.intents[id_]["status"] == "requires_capture"
        self.intents[id_] |= {"status": "canceled", "cancellation_reason": "automatic"}
        return self.intents[id_]

    def save(self, customer: str, last4: str = CARD[-4:]) -> Object:
        """Save a card: 3155 wants its owner to be there, 0341 is declined."""
        number = next(self._ids)
        card = {"brand": "visa", "last4": last4, "exp_month": 12, "exp_year": 2034}
        method = {"id": f"pm_{number}", "object": "payment_method", "type": "card", "card": card}
        method |= {"customer": customer, "billing_details": {"name": "Canary"}}
        self.cards[method["id"]] = method
        return method

    def decline(self, id_: str, code: str = "insufficient_funds") -> Object:
        error = {"type": "card_error", "code": "card_declined", "decline_code": code}
        error["message"] = f"The card {CARD} was declined."
        self.intents[id_] |= {"status": "requires_payment_method", "last_payment_error": error}
        return self.intents[id_]

    def give_back(self, id_: str, amount: int, **more: Any) -> Object:
        intent = self.intents[id_]
        refund = {
            "id": f"re_{next(self._ids)}",
            "object": "refund",
            "amount": amount,
            "currency": intent["currency"],
            "payment_intent": id_,
            "charge": intent["latest_charge"]["id"],
            "status": self.refund_status,
            "failure_reason": None,
            "reason": None,
            "metadata": {},
        } | more
        self.refunds[refund["id"]] = refund
        return refund

    def dispute(self, id_: str, amount: int, status: str = "needs_response") -> Object:
        """Let a bank dispute it, or decide so: an inquiry takes nothing, a won one gives back."""
        intent = self.intents[id_]
        intent["latest_charge"]["disputed"] = True
        dispute = {"id": f"du_{id_}", "object": "dispute", "amount": amount, "status": status}
        dispute |= {"currency": intent["currency"], "payment_intent": id_, "metadata": {}}
        takes = not status.startswith("warning") and status != "prevented"
        moves = [(-amount, 1500)] if takes else []
        moves += [(amount, -500)] if status == "won" else []
        dispute["balance_transactions"] = [
            {"object": "balance_transaction", "amount": moved, "fee": fee, "currency": "eur"}
            for moved, fee in moves
        ]
        dispute["reason"] = "fraudulent"
        self.disputes[id_] = dispute
        return dispute

    def charge(self, id_: str, *, lists_refunds: bool = False) -> Object:
        """Return the charge as an event has it: without its refunds, in newer versions."""
        told = dict(self._whole(id_)["latest_charge"])
        if not lists_refunds:
            told.pop("refunds")
        return told

    def event(self, kind: str, about: Object, **changes: Any) -> bytes:
        """Return the body of an event about an object, as it is now."""
        whole = about["latest_charge"] if isinstance(about.get("latest_charge"), dict) else None
        told = about | {"latest_charge": whole["id"]} if whole else about
        event = {"id": f"evt_{next(self._ids)}", "object": "event", "type": kind}
        event |= {"livemode": False, "data": {"object": told}}
        return json.dumps(event | changes, indent=2).encode()

    async def deliver(self, url: str, *bodies: bytes, at: datetime) -> list[int]:
        """Send events in that order, each as often as it is given; return what was answered."""
        async with httpx.AsyncClient() as client:
            return [
                (await client.post(url, content=body, headers=signed(body, at=at))).status_code
                for body in bodies
            ]

    # What a merchant's server asks.

    async def answer(self, request: Request) -> Response:
        name, id_ = request.scope["endpoint_name"], request.path_params.get("id", "")
        self.calls[name] += 1
        fault = self.faults[name].popleft() if self.faults[name] else ""
        if fault in BEFORE:
            status, type_, code = BEFORE[fault]
            return _refused(Refused(code, status, type_))
        given = request.url.query or (await request.body()).decode()
        params = dict(parse_qsl(given)) | ({"id": id_} if id_ else {})
        self.sent[name] = params
        key = request.headers.get("idempotency-key", "")
        status, body = self._once(key, name, params, keeps_500=fault == "500-after")
        if fault == "hang":
            await self.released.wait()
        headers = {"Content-Length": "999999"} if fault == "drop" else None
        text = INSTEAD.get(fault, body)
        return Response(text, status, media_type="application/json", headers=headers)

    def _once(self, key: str, name: str, params: Object, *, keeps_500: bool) -> tuple[int, str]:
        asked = json.dumps([name, params], sort_keys=True)
        if key in self.kept:
            before, status, body = self.kept[key]
            if before != asked:
                refused = Refused(None, type_="idempotency_error")
                return refused.status, json.dumps({"error": refused.error})
            return status, body
        try:
            status, body = 200, json.dumps(getattr(self, f"_{name}")(params))
        except Refused as refused:
            status, body = refused.status, json.dumps({"error": refused.error})
        if keeps_500:
            status, body = 500, '{"error": {"type": "api_error", "message": "Oh no."}}'
        if key:
            self.kept[key] = asked, status, body
        return status, body

    def _create(self, params: Object) -> Object:
        number = next(self._ids)
        amount, currency = int(params["amount"]), params["currency"]
        if amount <= 0 or (currency in ("kwd", "bhd") and amount % 10):
            raise Refused("amount_too_small")
        intent = {
            "id": f"pi_{number}",
            "object": "payment_intent",
            "amount": amount,
            "amount_received": 0,
            "currency": currency,
            "capture_method": params["capture_method"],
            "customer": params.get("customer"),
            "payment_method": params.get("payment_method"),
            "setup_future_usage": params.get("setup_future_usage"),
            "client_secret": f"pi_{number}_secret_{number}canary",
            "created": int(time.time()),
            "metadata": _within(params, "metadata"),
            "status": self._first_status(params),
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
        }
        self.intents[intent["id"]] = intent
        return intent

    def _first_status(self, params: Object) -> str:
        card = params.get("payment_method")
        if card is None:
            return "requires_payment_method"
        if self.cards.get(card, {}).get("customer") != params.get("customer"):
            raise Refused("resource_missing", 404)
        return "requires_confirmation"

    def _confirm(self, params: Object) -> Object:
        intent = self._intent(params, *OPEN)
        method = self.cards.get(intent["payment_method"] or "")
        if method is None:
            raise Refused("payment_intent_unexpected_state")
        assert params["off_session"] == "True" or params["off_session"] == "true"
        codes = {"3155": "authentication_required", "0341": "insufficient_funds"}
        code = codes.get(method["card"]["last4"])
        if code:
            self.decline(intent["id"], code)
            intent["payment_method"] = None
            raise Refused("card_declined", 402, "card_error", decline_code=code)
        return self._whole(self.pay(intent["id"])["id"])

    def _find_customer(self, params: Object) -> Object:
        _, _, wanted = params["query"].partition(":")
        found = [
            one
            for one in self.customers.values()
            if f"'{one['metadata']['user_id']}'" == wanted and not self.search_is_late
        ]
        return {"object": "search_result", "data": found, "has_more": False}

    def _make_customer(self, params: Object) -> Object:
        customer = {"id": f"cus_{next(self._ids)}", "object": "customer"}
        customer["metadata"] = _within(params, "metadata")
        self.customers[customer["id"]] = customer
        return customer

    def _drop_customer(self, params: Object) -> Object:
        if self.customers.pop(params["id"], None) is None:
            raise Refused("resource_missing", 404)
        self.cards = {k: v for k, v in self.cards.items() if v["customer"] != params["id"]}
        return {"id": params["id"], "object": "customer", "deleted": True}

    def _list_cards(self, params: Object) -> Object:
        if params["id"] not in self.customers:
            raise Refused("resource_missing", 404)
        found = [one for one in self.cards.values() if one["customer"] == params["id"]]
        return {"object": "list", "data": found, "has_more": False}

    def _detach(self, params: Object) -> Object:
        method = self.cards.pop(params["id"], None)
        if method is None:
            raise Refused("resource_missing", 404)
        return method | {"customer": None}

    def _set_up(self, params: Object) -> Object:
        assert (params["usage"], params["customer"] in self.customers) == ("off_session", True)
        number = next(self._ids)
        secret = f"seti_{number}_secret_{number}canary"
        return {"id": f"seti_{number}", "object": "setup_intent", "client_secret": secret}

    def _retrieve(self, params: Object) -> Object:
        self._intent(params)
        assert "latest_charge.refunds" in params.values()
        return self._whole(params["id"])

    def _list(self, params: Object) -> Object:
        window = _within(params, "created")
        newest_first = [
            one
            for one in reversed(self.intents.values())
            if int(window["gte"]) <= one["created"] <= int(window["lte"])
        ]
        return _page(newest_first, params)

    def _search(self, params: Object) -> Object:
        _, _, wanted = params["query"].partition(":")
        found = [
            one
            for one in self.intents.values()
            if f"'{one['metadata'].get('payment_id')}'" == wanted and not self.search_is_late
        ]
        return {"object": "search_result", "data": found, "has_more": False}

    def _capture(self, params: Object) -> Object:
        intent = self._intent(params, "requires_capture")
        if int(params["amount_to_capture"]) > intent["amount"]:
            raise Refused("amount_too_large")
        self._take(intent, int(params["amount_to_capture"]))
        return self._whole(intent["id"])

    def _cancel(self, params: Object) -> Object:
        intent = self._intent(params, *OPEN, "requires_capture")
        intent["status"] = "canceled"
        return intent

    def _refund(self, params: Object) -> Object:
        intent = self.intents.get(params["payment_intent"])
        if intent is None:
            raise Refused("resource_missing", 404)
        back = self._back(intent["id"])
        given = sum(one["amount"] for one in back if one["status"] in ("succeeded", "pending"))
        amount = int(params["amount"])
        if not 0 < amount <= intent["amount_received"] - given:
            raise Refused("charge_already_refunded" if given else None)
        return self.give_back(intent["id"], amount, metadata=_within(params, "metadata"))

    def _list_refunds(self, params: Object) -> Object:
        return _page(self._back(params["payment_intent"]), params)

    def _list_disputes(self, params: Object) -> Object:
        found = self.disputes.get(params["payment_intent"])
        return {"object": "list", "data": [found] if found else [], "has_more": False}

    def _intent(self, params: Object, *states: str) -> Object:
        intent = self.intents.get(params["id"])
        if intent is None:
            raise Refused("resource_missing", 404)
        if states and intent["status"] not in states:
            raise Refused("payment_intent_unexpected_state")
        return intent

    def _back(self, id_: str) -> list[Object]:
        return [one for one in reversed(self.refunds.values()) if one["payment_intent"] == id_]

    def _charge(self, intent: Object) -> Object:
        return {
            "id": f"ch_{intent['id']}",
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0,
            "captured": False,
            "currency": intent["currency"],
            "disputed": False,
            "metadata": intent["metadata"],
            "payment_intent": intent["id"],
            "payment_method_details": {"card": {"last4": CARD[-4:]}},
        }

    def _take(self, intent: Object, amount: int) -> Object:
        intent |= {"status": "succeeded", "amount_received": amount}
        intent["latest_charge"] |= {"amount_captured": amount, "captured": True}
        if amount < intent["amount"]:
            self.give_back(intent["id"], intent["amount"] - amount)
        return intent

    def _whole(self, id_: str) -> Object:
        """Return the intent with its charge, ten refunds of it and its fee."""
        intent = self.intents[id_]
        if not intent["latest_charge"]:
            return intent
        taken = intent["amount_received"]
        fee = {"object": "balance_transaction", "fee": taken * 29 // 1000 + 30}
        back = self._back(id_)
        return intent | {
            "latest_charge": intent["latest_charge"]
            | {
                "balance_transaction": fee | {"currency": intent["currency"]} if taken else None,
                "refunds": {"object": "list", "data": back[:10], "has_more": len(back) > 10},
            }
        }


def signed(body: bytes, *, at: datetime, secrets: tuple[str, ...] = (SECRET,)) -> dict[str, str]:
    """Return the headers of a delivery; of several secrets each signs."""
    moment = int(at.timestamp())
    told = f"{moment}.".encode() + body
    signatures = [hmac.digest(one.encode(), told, "sha256").hex() for one in secrets]
    return {"stripe-signature": ",".join([f"t={moment}", *(f"v1={one}" for one in signatures)])}


def _within(params: Object, name: str) -> Object:
    """Return `{"a": 1}` of `name[a]=1`."""
    start = f"{name}["
    return {key[len(start) : -1]: params[key] for key in params if key.startswith(start)}


def _page(found: list[Object], params: Object) -> Object:
    ids = [one["id"] for one in found]
    begin = ids.index(params["starting_after"]) + 1 if "starting_after" in params else 0
    end = begin + int(params["limit"])
    return {"object": "list", "data": found[begin:end], "has_more": end < len(found)}


def _refused(refused: Refused) -> Response:
    body = json.dumps({"error": refused.error})
    return Response(body, refused.status, media_type="application/json")


class _Quiet(uvicorn.Server):
    def capture_signals(self) -> Any:  # pytest's
        return nullcontext()


def _routes(fake: StripeServer) -> list[Route]:
    at = "/v1/payment_intents"
    table = [
        ("POST", at, "create"),
        ("GET", at, "list"),
        ("GET", f"{at}/search", "search"),
        ("GET", f"{at}/{{id}}", "retrieve"),
        ("POST", f"{at}/{{id}}/capture", "capture"),
        ("POST", f"{at}/{{id}}/cancel", "cancel"),
        ("POST", f"{at}/{{id}}/confirm", "confirm"),
        ("GET", "/v1/customers/search", "find_customer"),
        ("POST", "/v1/customers", "make_customer"),
        ("DELETE", "/v1/customers/{id}", "drop_customer"),
        ("GET", "/v1/customers/{id}/payment_methods", "list_cards"),
        ("POST", "/v1/payment_methods/{id}/detach", "detach"),
        ("POST", "/v1/setup_intents", "set_up"),
        ("POST", "/v1/refunds", "refund"),
        ("GET", "/v1/refunds", "list_refunds"),
        ("GET", "/v1/disputes", "list_disputes"),
    ]

    def endpoint(name: str) -> Any:
        async def answer(request: Request) -> Response:
            request.scope["endpoint_name"] = name
            return await fake.answer(request)

        return answer

    return [Route(path, endpoint(name), methods=[method]) for method, path, name in table]


@asynccontextmanager
async def stripe_server() -> AsyncIterator[StripeServer]:
    fake = StripeServer()
    app = Starlette(routes=_routes(fake))
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
        listening.close()
