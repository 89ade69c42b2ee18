"""A small stateful PayPal: a real server that validates each request and response against PayPal's OpenAPI files."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from domains.kernel.clock import Clock
from tests.gateway.providers.paypal.fake_orders import FakeOrders, Json, Refused
from tests.gateway.providers.paypal.fake_webhooks import Signer
from tests.gateway.providers.paypal.specification import Specification, request_of, response_of
from tests.gateway.servers import until

CLIENT_ID: Final = "AeA1QIZXiflr1_-client"
CLIENT_SECRET: Final = "ECYYrrSHdKfk_Q0EdvzdGkzj58a66kKaUQ5dZAEv"
CERTIFICATE: Final = "/v1/notifications/certs/CERT-360caa42-fca2a594-1d93a270"
EVENTS: Final = "/v1/notifications/webhooks-events"
# Kept methods that exist from the beginning, and what becomes of a payment with them.
KEPT: Final = {"approves": None, "declines": "INSTRUMENT_DECLINED", "challenges": "PAYER_ACTION_REQUIRED"}
PAGE: Final = "<!doctype html><title>PayPal</title><form method=post><button>Approve the payment</button></form>"
APPROVED: Final = "<!doctype html><title>PayPal</title><p>Approved. Return to the shop."
TOKEN_LIFE: Final = 32_400  # seconds
Result = tuple[int, Any]
Handler = Callable[["FakePayPal", tuple[str, ...], Json, Request], Result]


@dataclass
class FakePayPal:
    """PayPal with the account of one merchant; `reset` gives it new books."""

    specification: Specification
    signer: Signer
    clock: Clock
    url: str = ""
    orders: FakeOrders = field(init=False)

    def __post_init__(self) -> None:
        self.app = Starlette(routes=[Route("/{path:path}", self._serve, methods=["GET", "POST", "PATCH", "DELETE"])])
        self.reset(self.clock)

    @classmethod
    @asynccontextmanager
    async def started(cls, clock: Clock, signer: Signer | None = None, port: int = 0) -> AsyncIterator[Self]:
        """A running fake, by default on a free port."""
        fake = cls(Specification(), signer or Signer.new(), clock)
        config = uvicorn.Config(
            fake.app, host="127.0.0.1", port=port, lifespan="off", log_config=None, log_level="error"
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve())
        await until(lambda: server.started)
        fake.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        fake.reset(clock)  # the books have the address
        try:
            yield fake
        finally:
            server.should_exit = True
            await task

    def reset(self, clock: Clock) -> None:
        """Forget everything that has happened."""
        self.clock = clock
        self.orders = FakeOrders(clock, self.url, self._tell, self._pays, self._keep)
        self.lock = asyncio.Lock()
        self.answers: dict[tuple[str, str], tuple[int, Json]] = {}  # by path and key of the request
        self.tokens: list[str] = []
        self.valid_tokens: set[str] = set()
        self.setups: dict[str, Json] = {}
        self.kept: dict[str, str | None] = dict(KEPT)
        self.events: list[Json] = []
        self.violations: list[str] = []
        self.requests: list[tuple[str, str, Json]] = []
        self.outages: list[int] = []  # statuses of the next answers
        self.lost: list[int] = []  # statuses in place of the next answers, after the request was carried out
        self.delay = 0.0
        self.page_size = 1_000
        self.garbage: bytes | None = None  # in place of the next answer
        self.refusals: list[tuple[str, str, Refused]] = []  # of the next requests, by method and path
        self.before_completion: Callable[[], None] | None = None  # what comes in between
        self.lose_completion = False
        self.forgets_keys = False
        self.refuses_tokens = False
        self.certificate = self.signer.pem
        self.has_any_certificate = False
        self.certificates_fetched = 0

    # ---- what the merchant's tests ask for

    def approve_setup(self, setup_id: str) -> None:
        """The customer lets the merchant keep the account."""
        self.setups[setup_id]["status"] = "APPROVED"

    def calls(self, method: str, pattern: str) -> list[Json]:
        """The bodies of the requests to a path."""
        return [body for verb, path, body in self.requests if verb == method and re.fullmatch(pattern, path)]

    # ---- the server

    async def _serve(self, request: Request) -> Response:
        body, path = await request.body(), request.url.path
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.outages:
            return Response(b"<html>", self.outages.pop(0))
        if path == "/v1/oauth2/token":
            return self._issue(request, body)
        if path.startswith("/v1/notifications/certs/"):
            return self._show_certificate(path)
        if path == "/checkoutnow":
            return self._show_checkout(request)
        return await self._serve_api(request, path, body)

    async def _serve_api(self, request: Request, path: str, body: bytes) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        is_valid = headers.get("authorization", "").removeprefix("Bearer ") in self.valid_tokens
        if self.refuses_tokens or not is_valid:
            return Response(orjson.dumps({"error": "invalid_token"}), 401, media_type="application/json")
        described = request_of(request.method, path, headers, dict(request.query_params), body)
        self._note(self.specification.violation(described))
        async with self.lock:
            status, answer = self._answer(request, path, orjson.loads(body) if body else {})
        self._note(self.specification.violation(described, response_of(status, answer)))
        if self.lose_completion and path.endswith(("/capture", "/authorize")):
            self.lost, self.lose_completion = [502], False
        if self.lost:
            return Response(b"", self.lost.pop(0))
        if self.garbage is not None:
            return Response(self.garbage, status)
        content = b"" if answer is None else orjson.dumps(answer)
        return Response(content, status, media_type="application/json")

    def _answer(self, request: Request, path: str, body: Any) -> Result:
        self.requests.append((request.method, path, body))
        key = request.headers.get("paypal-request-id")
        known = None if key is None or self.forgets_keys else self.answers.get((path, key))
        if known is not None:  # PayPal answers with the latest state of what the first request made
            status, answer = known
            return (200 if path == "/v2/checkout/orders" else status), answer
        for (method, pattern), handler in ROUTES.items():
            if method == request.method and (found := re.fullmatch(pattern, path)):
                if self.before_completion and path.endswith(("/capture", "/authorize")):
                    self.before_completion()
                try:
                    self._refuse(method, path)
                    status, answer = handler(self, found.groups(), body, request)
                except Refused as refusal:
                    return refusal.status, refusal.body
                if key is not None:
                    self.answers[path, key] = (status, answer)
                return status, answer
        raise AssertionError(f"The fake does not know {request.method} {path}.")

    def _refuse(self, method: str, path: str) -> None:
        if self.refusals and self.refusals[0][0] == method and re.fullmatch(self.refusals[0][1], path):
            raise self.refusals.pop(0)[2]

    def _show_certificate(self, path: str) -> Response:
        self.certificates_fetched += 1
        is_known = path == CERTIFICATE or self.has_any_certificate
        return Response(self.certificate if is_known else b"", 200 if is_known else 404)

    def _show_checkout(self, request: Request) -> Response:
        """The page where a buyer approves an order, and returns to the shop."""
        order_id = request.query_params.get("token", "")
        if order_id not in self.orders.orders:
            return Response(b"There is no such order.", 404)
        if request.method != "POST":
            return HTMLResponse(PAGE)
        self.orders.approve(order_id, succeeds=True)
        context = self.orders.wallets.get(order_id, {}).get("experience_context", {})
        return RedirectResponse(context["return_url"], 303) if "return_url" in context else HTMLResponse(APPROVED)

    def _issue(self, request: Request, body: bytes) -> Response:
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}" or body != b"grant_type=client_credentials":
            refusal = {"error": "invalid_client", "error_description": "Client Authentication failed"}
            return Response(orjson.dumps(refusal), 401, media_type="application/json")
        token = f"A21AAF-access-token-{len(self.tokens)}"
        self.tokens.append(token)
        self.valid_tokens = {token}
        issued = {"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFE}
        return Response(orjson.dumps(issued), media_type="application/json")

    def _note(self, violation: str | None) -> None:
        if violation is not None:
            self.violations.append(violation)

    # ---- kept methods and events

    def _pays(self, vault_id: str) -> str | None:
        return self.kept.get(vault_id, "TOKEN_ID_NOT_FOUND")

    def _keep(self, attributes: Json) -> Json:
        customer = attributes.get("customer") or {"id": self.orders.new_id("cu")}
        vault_id = self.orders.new_id("8kk")
        self.kept[vault_id] = None
        return {"id": vault_id, "status": "VAULTED", "customer": customer}

    def _tell(self, event_type: str, resource_type: str, resource: Json) -> None:
        event = {
            "id": f"WH-{self.orders.new_id('E')}",
            "create_time": self.orders.now(),
            "event_type": event_type,
            "resource_type": resource_type,
            "event_version": "1.0",
            "resource_version": "2.0",
            "summary": "Something happened.",
            "resource": orjson.loads(orjson.dumps(resource)),
        }
        self.events.append(event)

    def begin_setup(self, body: Json) -> Json:
        if "return_url" not in body["payment_source"]["paypal"]["experience_context"]:
            raise Refused("RETURN_URL_REQUIRED")
        setup_id = self.orders.new_id("7G")
        self.setups[setup_id] = {
            "id": setup_id,
            "status": "PAYER_ACTION_REQUIRED",
            "customer": body.get("customer") or {"id": self.orders.new_id("cu")},
            "links": [{"href": f"{self.url}/agreements/approve?t={setup_id}", "rel": "approve", "method": "GET"}],
        }
        return self.setups[setup_id]

    def setup(self, setup_id: str) -> Json:
        if setup_id not in self.setups:
            raise Refused("INVALID_RESOURCE_ID", 404)
        return self.setups[setup_id]

    def finish_setup(self, body: Json) -> Json:
        setup = self.setup(body["payment_source"]["token"]["id"])
        if setup["status"] != "APPROVED":
            raise Refused("INVALID_SETUP_TOKEN")
        setup["status"] = "VAULTED"
        kept = self._keep({"customer": setup["customer"]})
        source = {"paypal": {"email_address": "buyer@example.com", "payer_id": "QYR5Z8XDVJNXQ"}}
        link = {"href": f"{self.url}/v3/vault/payment-tokens/{kept['id']}", "rel": "self", "method": "GET"}
        return {"id": kept["id"], "customer": kept["customer"], "payment_source": source, "links": [link]}

    def listed(self, request: Request) -> Json:
        """A page of the events, newest first, as PayPal lists them."""
        start, query = request.query_params["start_time"], dict(request.query_params)
        first = int(query.get("first", "0"))
        size = min(self.page_size, int(query["page_size"]))
        end = request.query_params["end_time"]
        found = [each for each in reversed(self.events) if start[:19] <= each["create_time"][:19] <= end[:19]]
        page: Json = {"events": found[first : first + size], "count": len(found[first : first + size]), "links": []}
        if first + size < len(found):
            following = f"{self.url}{EVENTS}?start_time={start}&end_time={end}&page_size={query['page_size']}"
            following += f"&first={first + size}"
            page["links"] = [{"href": following, "rel": "next", "method": "GET"}]
        return page


def _forget(fake: FakePayPal, ids: tuple[str, ...], body: Json, request: Request) -> Result:
    fake.kept.pop(ids[0], None)
    return 204, None


def _patch(fake: FakePayPal, ids: tuple[str, ...], body: Any, request: Request) -> Result:
    fake.orders.patch(ids[0], body)
    return 204, None


ID: Final = "([^/]+)"
ORDERS: Final = "/v2/checkout/orders"
PAYMENTS: Final = "/v2/payments"
VAULT: Final = "/v3/vault"
ROUTES: Final[dict[tuple[str, str], Handler]] = {
    ("POST", ORDERS): lambda fake, ids, body, request: (201, fake.orders.create(body)),
    ("GET", f"{ORDERS}/{ID}"): lambda fake, ids, body, request: (200, fake.orders.order(ids[0])),
    ("PATCH", f"{ORDERS}/{ID}"): _patch,
    ("POST", f"{ORDERS}/{ID}/confirm-payment-source"): lambda fake, ids, body, request: (
        200,
        fake.orders.confirm_source(ids[0], body),
    ),
    ("POST", f"{ORDERS}/{ID}/(capture|authorize)"): lambda fake, ids, body, request: (
        201,
        fake.orders.complete(ids[0], ids[1], body),
    ),
    ("POST", f"{PAYMENTS}/authorizations/{ID}/capture"): lambda fake, ids, body, request: (
        201,
        fake.orders.capture(ids[0], body),
    ),
    ("POST", f"{PAYMENTS}/authorizations/{ID}/void"): lambda fake, ids, body, request: (
        200,
        fake.orders.void(ids[0]),
    ),
    ("POST", f"{PAYMENTS}/captures/{ID}/refund"): lambda fake, ids, body, request: (
        201,
        fake.orders.refund(ids[0], body),
    ),
    ("POST", f"{VAULT}/setup-tokens"): lambda fake, ids, body, request: (201, fake.begin_setup(body)),
    ("GET", f"{VAULT}/setup-tokens/{ID}"): lambda fake, ids, body, request: (200, fake.setup(ids[0])),
    ("POST", f"{VAULT}/payment-tokens"): lambda fake, ids, body, request: (201, fake.finish_setup(body)),
    ("DELETE", f"{VAULT}/payment-tokens/{ID}"): _forget,
    ("GET", EVENTS): lambda fake, ids, body, request: (200, fake.listed(request)),
}
