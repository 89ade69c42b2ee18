"""A stand-in of Stripe: a proxy of localstripe that adds what Stripe does and localstripe does not.

It adds idempotency keys and their locks, lists by time, next actions with a page, refused over-refunds, the release
of what is not captured, disputes, events of every change, and the errors' codes.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx2
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.gateway.providers.stripe.localstripe import localstripe

KEY = "sk_test_stand_in"
HEADERS = {"authorization": f"Bearer {KEY}"}
IS_DISPUTED = "pm_card_createDispute"  # the test card whose payments are disputed at once
PAGE_OF_BANK = "https://hooks.stripe.example/3d_secure"
# Parameters that localstripe does not know.
UNKNOWN_PARAMS = ("automatic_payment_methods", "return_url", "description", "setup_future_usage")
EVENTS = {
    "succeeded": "payment_intent.succeeded",
    "canceled": "payment_intent.canceled",
    "processing": "payment_intent.processing",
    "requires_action": "payment_intent.requires_action",
    "requires_capture": "payment_intent.amount_capturable_updated",
    "requires_payment_method": "payment_intent.payment_failed",
}

Params = dict[str, str]
Json = dict[str, Any]


class Refusal(Exception):
    """An error answer."""

    def __init__(self, status: int, code: str | None = None, **details: Any) -> None:
        super().__init__(code)
        self.status = status
        error = {"type": "invalid_request_error", "message": "A message.", **details}
        self.body = {"error": error | ({"code": code} if code else {})}


@dataclass
class Answer:
    """The answer to a request with an idempotency key; empty while the request is carried out."""

    params: Params
    status: int = 0
    body: bytes = b""


@dataclass
class Fault:
    """A request of this method and path that fails: before it is carried out, or after, when its answer is lost."""

    method: str
    path: str
    status: int
    body: Json = field(default_factory=lambda: {"error": {"type": "api_error", "message": "A message."}})
    is_after: bool = False
    skip: int = 0  # requests that do not fail yet


class StripeServer:
    """The stand-in: `url` is what an adapter is connected to, `requests` what it was asked."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client
        self.changing = asyncio.Lock()  # Stripe changes an object for one request at a time
        self.url = ""
        self._forget()

    def _forget(self) -> None:
        self.requests: list[tuple[str, str]] = []
        self.bodies: list[bytes] = []
        self.keys: list[str] = []  # with which each request came
        self.revoked: set[str] = set()
        self.faults: list[Fault] = []
        self.answers: dict[str, Answer] = {}
        self.extras: dict[str, Json] = {}
        self.detached: set[str] = set()
        self.disputes: list[Json] = []
        self.events: list[Json] = []
        self.created: dict[str, int] = {}  # other times of creation, by the id of an intent

    @classmethod
    @asynccontextmanager
    async def started(cls, port: int = 0) -> AsyncIterator[Self]:
        """A running stand-in with a localstripe of its own, by default on a free port."""
        async with localstripe() as url, httpx2.AsyncClient(base_url=url, headers=HEADERS) as client:
            stripe = cls(client)
            app = Starlette(routes=[Route("/{path:path}", stripe._serve, methods=["GET", "POST", "DELETE"])])
            config = uvicorn.Config(app, port=port, lifespan="off", log_config=None, log_level="error")
            server = uvicorn.Server(config)
            task = asyncio.create_task(server._serve())
            while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.005)
            stripe.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            try:
                yield stripe
            finally:
                server.should_exit = True
                await task

    async def reset(self) -> None:
        """Forget everything."""
        self._forget()
        (await self._client.delete("/_config/data")).raise_for_status()

    def lose_answer(self, method: str, path: str) -> None:
        """Carry the next request of this method and path out, and answer with an error."""
        self.faults.append(Fault(method, path, 502, is_after=True))

    # ---- HTTP

    async def _serve(self, request: Request) -> Response:
        method, path = request.method, request.url.path
        body = await request.body()
        self.requests.append((method, path))
        self.keys.append(request.headers.get("authorization", "").removeprefix("Bearer "))
        self.bodies.append(body)
        params = dict(parse_qsl(body.decode() if method == "POST" else request.url.query))
        if self.keys[-1] in self.revoked:
            return _response(401, orjson.dumps({"error": {"type": "invalid_request_error"}}))
        fault = self._fault(method, path)
        if fault is not None and not fault.is_after:
            return _response(fault.status, orjson.dumps(fault.body))
        key = request.headers.get("idempotency-key") if method == "POST" else None
        status, answer, replayed = await self._once(f"{path} {key}" if key else None, method, path, params)
        if fault is not None:
            return _response(fault.status, orjson.dumps(fault.body))
        return _response(status, answer, replayed=replayed)

    def _fault(self, method: str, path: str) -> Fault | None:
        fault = next((each for each in self.faults if (each.method, each.path) == (method, path)), None)
        if fault is not None and fault.skip:
            fault.skip -= 1
            return None
        if fault is not None:
            self.faults.remove(fault)
        return fault

    async def _once(self, key: str | None, method: str, path: str, params: Params) -> tuple[int, bytes, bool]:
        stored = self.answers.get(key) if key else None
        if stored is not None and stored.params != params:
            return *_refused(Refusal(400, type="idempotency_error")), False
        if stored is not None and not stored.status:
            return *_refused(Refusal(409, "idempotency_key_in_use")), False
        if stored is not None:
            return stored.status, stored.body, True
        answer = Answer(params)
        if key:
            self.answers[key] = answer
        try:
            answer.status, answer.body = 200, orjson.dumps(await self._answer(method, path, dict(params)))
        except Refusal as refusal:
            answer.status, answer.body = _refused(refusal)
        return answer.status, answer.body, False

    async def _answer(self, method: str, path: str, params: Params) -> Json:
        for (of, pattern), handler in self._handlers.items():
            found = re.fullmatch(f"/v1/{pattern}", path) if of == method else None
            if found and method == "GET":
                return await handler(*found.groups(), params)
            if found:
                async with self.changing:
                    return await handler(*found.groups(), params)
        return await self.call(method, path, params)

    @property
    def _handlers(self) -> dict[tuple[str, str], Callable[..., Awaitable[Json]]]:
        """What is more than a call of localstripe, by method and path."""
        return {
            ("POST", "payment_intents"): self._create_intent,
            ("GET", "payment_intents"): self._list_intents,
            ("GET", "payment_intents/([^/]+)"): self._show_intent,
            ("POST", "payment_intents/([^/]+)/capture"): self._capture,
            ("POST", "payment_intents/([^/]+)/cancel"): self._cancel,
            ("POST", "refunds"): self._refund,
            ("POST", "setup_intents"): self._create_setup,
            ("POST", "payment_methods/([^/]+)/detach"): self._detach,
            ("GET", "disputes"): self._list_disputes,
            ("GET", "events"): self._list_events,
        }

    async def call(self, method: str, path: str, params: Mapping[str, str]) -> Json:
        """An answer of localstripe. Raises Refusal."""
        sent = {"params": params} if method == "GET" else {"data": params}
        response = await self._client.request(method, path, **sent)  # type: ignore[arg-type]
        body: Json = response.json()
        if response.is_success:
            return body
        error = body["error"]
        code = {404: "resource_missing"}.get(response.status_code, error.get("code"))
        raise Refusal(response.status_code, code, **{key: error[key] for key in ("charge",) if key in error})

    # ---- payment intents

    async def _create_intent(self, params: Params) -> Json:
        known = {name: value for name, value in params.items() if name.partition("[")[0] not in UNKNOWN_PARAMS}
        is_disputed = params.get("payment_method") == IS_DISPUTED
        if is_disputed:
            params = params | {"payment_method": "pm_card_visa"}
        if "payment_method" in params:
            known["payment_method"] = await self._usable_method(params)
        try:
            intent = await self.call("POST", "/v1/payment_intents", known)
        except Refusal as refusal:
            if refusal.status != 402:
                raise
            charge = await self.call("GET", f"/v1/charges/{refusal.body['error']['charge']}", {})
            self.extras[charge["payment_intent"]] = params
            failed = await self.intent(charge["payment_intent"])
            self.emit("payment_intent.payment_failed", failed)
            details = {"type": "card_error", "decline_code": "generic_decline", "payment_intent": failed}
            raise Refusal(402, "card_declined", **details) from None
        self.extras[intent["id"]] = params
        changed = await self.changed(intent["id"])
        if is_disputed:
            await self.dispute(intent["id"], "needs_response")
        return changed

    async def _usable_method(self, params: Params) -> str:
        """The id of the method to pay with; a token such as `pm_card_visa` becomes a method of its own."""
        method_id = params["payment_method"]
        try:
            method = await self.call("GET", f"/v1/payment_methods/{method_id}", {})
        except Refusal:
            raise Refusal(400, "resource_missing", param="payment_method") from None
        if method_id in self.detached or method["customer"] not in (None, params.get("customer")):
            raise Refusal(400, param="payment_method")
        if params.get("setup_future_usage"):
            await self.call("POST", f"/v1/payment_methods/{method['id']}/attach", {"customer": params["customer"]})
        return str(method["id"])

    async def _list_intents(self, params: Params) -> Json:
        listed = await self.call("GET", "/v1/payment_intents", {"limit": "10000"})
        since, until = int(params.get("created[gte]", 0)), int(params.get("created[lte]", 10**10))
        found = [each | {"created": self.created.get(each["id"], each["created"])} for each in listed["data"]]
        found = [each for each in found if since <= each["created"] <= until]
        return _page("payment_intents", found[::-1], params)

    async def _show_intent(self, intent_id: str, _params: Params) -> Json:
        return await self.intent(intent_id)

    async def intent(self, intent_id: str) -> Json:
        """A payment intent as Stripe shows it, with its charge and its method."""
        expand = {"expand[0]": "payment_method", "expand[1]": "latest_charge.balance_transaction"}
        intent = await self.call("GET", f"/v1/payment_intents/{intent_id}", expand)
        extra, charge = self.extras.get(intent_id, {}), intent["latest_charge"]
        intent |= {"amount_capturable": 0, "amount_received": 0, "canceled_at": None, "cancellation_reason": None}
        intent |= extra.get("canceled", {})
        if charge:
            captured = extra.get("captured", charge["amount"]) if charge["captured"] and charge["paid"] else 0
            charge |= {"amount_captured": captured, "metadata": intent["metadata"], "outcome": None}
            charge["disputed"] = bool(self.disputes_of(charge))  # also after a dispute was won
            charge["payment_method_details"] = {"card": {"capture_before": charge["created"] + 7 * 86_400}}
            intent["amount_received"] = captured
            intent["amount_capturable"] = charge["amount"] if intent["status"] == "requires_capture" else 0
        if intent["next_action"] and "return_url" in extra:
            page = {"url": f"{PAGE_OF_BANK}/{intent_id}", "return_url": extra["return_url"]}
            intent["next_action"] = {"type": "redirect_to_url", "redirect_to_url": page}
        if intent["last_payment_error"] and intent["last_payment_error"]["code"] == "card_declined":
            intent["last_payment_error"]["decline_code"] = "generic_decline"
        return intent

    async def changed(self, intent_id: str) -> Json:
        """A payment intent that has changed, after the event that says so."""
        intent = await self.intent(intent_id)
        if intent["status"] in EVENTS and (
            intent["status"] != "requires_payment_method" or intent["last_payment_error"]
        ):
            self.emit(EVENTS[intent["status"]], intent)
        return intent

    async def _capture(self, intent_id: str, params: Params) -> Json:
        intent = await self.intent(intent_id)
        if intent["status"] != "requires_capture":
            raise Refusal(400, "payment_intent_unexpected_state")
        amount = int(params["amount_to_capture"])
        if amount > intent["amount_capturable"]:
            raise Refusal(400, "amount_too_large")
        await self.call("POST", f"/v1/payment_intents/{intent_id}/capture", {"amount_to_capture": str(amount)})
        self.extras[intent_id] = self.extras[intent_id] | {"captured": amount}
        return await self.changed(intent_id)

    async def _cancel(self, intent_id: str, params: Params) -> Json:
        intent = await self.intent(intent_id)
        if intent["status"] not in EVENTS or intent["status"] in ("succeeded", "canceled", "processing"):
            raise Refusal(400, "payment_intent_unexpected_state")
        await self.call("POST", f"/v1/payment_intents/{intent_id}/cancel", {})
        if intent["status"] == "requires_capture":  # Stripe releases it by a refund
            released = {"charge": intent["latest_charge"]["id"], "amount": str(intent["amount"])}
            await self.call("POST", "/v1/refunds", released)
        canceled = {"canceled_at": int(time.time()), "cancellation_reason": params.get("cancellation_reason")}
        self.extras[intent_id] = self.extras.get(intent_id, {}) | {"canceled": canceled}
        return await self.changed(intent_id)

    # ---- refunds, disputes, methods, events

    async def _refund(self, params: Params) -> Json:
        intent = await self.intent(params["payment_intent"])
        charge = intent["latest_charge"]
        is_withdrawn = any(each["status"] != "won" for each in self.disputes_of(charge))
        if intent["status"] != "succeeded" or is_withdrawn:
            raise Refusal(400, "charge_not_refundable")
        if int(params["amount"]) > charge["amount"] - charge["amount_refunded"]:
            raise Refusal(400, "charge_already_refunded")
        refund = await self.call("POST", "/v1/refunds", params)
        self.emit("refund.created", refund)
        return refund

    async def refund(self, params: Params) -> None:
        """Refund from the dashboard; nothing where less is left."""
        with suppress(Refusal):
            async with self.changing:
                await self._refund(params)

    async def dispute(self, intent_id: str, status: str = "lost") -> Json:
        """Dispute all that is left of the captured amount of a payment."""
        charge = (await self.intent(intent_id))["latest_charge"]
        dispute = {
            "id": f"dp_{uuid4().hex}",
            "object": "dispute",
            "amount": charge["amount"] - charge["amount_refunded"],
            "currency": charge["currency"],
            "charge": charge["id"],
            "payment_intent": intent_id,
            "created": int(time.time()),
            "metadata": {},
            "status": status,
        }
        self.disputes.append(dispute)
        self.emit("charge.dispute.created", dispute)
        return dispute

    def disputes_of(self, charge: Json) -> list[Json]:
        return [each for each in self.disputes if each["charge"] == charge["id"]]

    async def _list_disputes(self, params: Params) -> Json:
        found = [each for each in self.disputes if each["payment_intent"] == params["payment_intent"]]
        return _page("disputes", found[::-1], params)

    async def _create_setup(self, params: Params) -> Json:
        """localstripe has the earlier name of the list of types."""
        types = {name: params.pop(name) for name in list(params) if name.startswith("allowed_payment_method_types")}
        return await self.call("POST", "/v1/setup_intents", params | {"payment_method_types[]": types.popitem()[1]})

    async def _detach(self, method_id: str, _params: Params) -> Json:
        method = await self.call("GET", f"/v1/payment_methods/{method_id}", {})
        if method["customer"] is None:
            raise Refusal(400)
        self.detached.add(method_id)
        return await self.call("POST", f"/v1/payment_methods/{method_id}/detach", {})

    def emit(self, type: str, changed: Json) -> None:
        """Record the event of a change."""
        event = {"id": f"evt_{uuid4().hex}", "object": "event", "type": type, "created": int(time.time())}
        self.events.append(event | {"data": {"object": changed}})

    async def _list_events(self, params: Params) -> Json:
        types = {value for name, value in params.items() if name.startswith("types[")}
        since = int(params.get("created[gte]", 0))
        found = [each for each in self.events if each["created"] >= since and (not types or each["type"] in types)]
        return _page("events", found[::-1], params)


def _page(kind: str, found: list[Json], params: Mapping[str, str]) -> Json:
    ids = [each["id"] for each in found]
    first = ids.index(params["starting_after"]) + 1 if "starting_after" in params else 0
    last = first + int(params.get("limit", 10))
    return {"object": "list", "url": f"/v1/{kind}", "data": found[first:last], "has_more": len(found) > last}


def _refused(refusal: Refusal) -> tuple[int, bytes]:
    return refusal.status, orjson.dumps(refusal.body)


def _response(status: int, body: bytes, *, replayed: bool = False) -> Response:
    headers = {"request-id": f"req_{uuid4().hex}"} | ({"idempotent-replayed": "true"} if replayed else {})
    return Response(body, status, headers, "application/json")
