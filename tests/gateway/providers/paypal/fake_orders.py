"""Orders and payments of the fake PayPal: its books, and what it refuses."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from domains.kernel.clock import Clock

Json = dict[str, Any]
MESSAGES: Final = {
    400: ("INVALID_REQUEST", "Request is not well-formed, syntactically incorrect, or violates schema."),
    404: ("RESOURCE_NOT_FOUND", "The specified resource does not exist."),
    409: ("RESOURCE_CONFLICT", "The server has detected a conflict while processing this request."),
    422: (
        "UNPROCESSABLE_ENTITY",
        "The requested action could not be performed, semantically incorrect, or failed business validation.",
    ),
}
CARD: Final = {"last_digits": "0119", "brand": "VISA", "type": "CREDIT", "expiry": "2031-07"}
AUTHORIZED_FOR: Final = timedelta(days=29)
TOLERATED: Final = Decimal("1.15")  # of an authorized amount, that PayPal captures at most


class Refused(Exception):
    """An answer with an error."""

    def __init__(self, issue: str, status: int = 422) -> None:
        super().__init__(issue)
        self.issue, self.status = issue, status
        name, message = MESSAGES[status]
        details = [{"issue": issue}]
        self.body = {"name": name, "message": message, "debug_id": "b1d1f06c7246c", "details": details}


@dataclass
class FakeOrders:
    """The orders of one merchant. `pays` tells what becomes of a payment with a kept method."""

    clock: Clock
    url: str
    tell: Callable[[str, str, Json], None]
    pays: Callable[[str], str | None]
    keep: Callable[[Json], Json]
    orders: dict[str, Json] = field(default_factory=dict)
    wallets: dict[str, Json] = field(default_factory=dict)  # what an order was told about the buyer's account
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    declining: set[str] = field(default_factory=set)  # orders whose buyer has no money
    pending: set[str] = field(default_factory=set)  # orders whose capture takes time

    def new_id(self, prefix: str) -> str:
        return f"{prefix}{next(self.numbers):015d}XY"

    # ---- orders

    def create(self, body: Json) -> Json:
        (unit,) = body["purchase_units"]
        require_amount(unit["amount"])
        order_id = self.new_id("5O")
        order = {
            "id": order_id,
            "intent": body["intent"],
            "status": "CREATED",
            "purchase_units": [{"reference_id": "default", **unit}],
            "create_time": self.now(),
        }
        self.orders[order_id] = order
        self._link(order, "approve")
        if "payment_source" in body:
            self.confirm_source(order_id, body)
        return order

    def confirm_source(self, order_id: str, body: Json) -> Json:
        order = self.order(order_id)
        wallet = body["payment_source"]["paypal"]
        context = wallet.get("experience_context", {})
        if "return_url" not in context:
            raise Refused("RETURN_URL_REQUIRED")
        self.wallets[order_id] = wallet
        order["status"], order["payment_source"] = "PAYER_ACTION_REQUIRED", {"paypal": {}}
        self._link(order, "payer-action")
        return order

    def order(self, order_id: str) -> Json:
        if order_id not in self.orders:
            raise Refused("INVALID_RESOURCE_ID", 404)
        return self.orders[order_id]

    def of(self, reference: str) -> Json:
        """The newest order of a reference of the merchant."""
        found = [each for each in self.orders.values() if unit_of(each)["custom_id"].startswith(reference)]
        return found[-1]

    def patch(self, order_id: str, changes: list[Json]) -> None:
        order = self.order(order_id)
        if order["status"] in {"COMPLETED", "VOIDED"}:
            raise Refused("ORDER_ALREADY_COMPLETED")
        for change in changes:
            name = change["path"].rpartition("/")[2]
            if change["path"] == "/intent":
                order["intent"] = change["value"]
            elif change["path"].startswith("/purchase_units/@reference_id=='default'/"):
                unit_of(order)[name] = change["value"]
            else:
                raise Refused("NOT_PATCHABLE")

    def complete(self, order_id: str, action: str, body: Json) -> Json:
        order = self.order(order_id)
        unit = unit_of(order)
        if (action == "authorize") != (order["intent"] == "AUTHORIZE"):
            raise Refused("ACTION_DOES_NOT_MATCH_INTENT")
        if order["status"] == "COMPLETED":
            raise Refused("ORDER_ALREADY_CAPTURED" if action == "capture" else "ORDER_ALREADY_AUTHORIZED")
        try:
            self._pay(order, body.get("payment_source"))
        except Refused as refusal:
            is_declined = action == "authorize" and refusal.issue == "INSTRUMENT_DECLINED"
            raise Refused("PAYER_CANNOT_PAY") if is_declined else refusal from None
        paid = [each for each in self.orders.values() if each["status"] == "COMPLETED"]
        if any(unit_of(each).get("invoice_id") == unit["invoice_id"] for each in paid):
            raise Refused("DUPLICATE_INVOICE_ID")
        order["status"] = "COMPLETED"
        vault = self.wallets.get(order_id, {}).get("attributes", {}).get("vault")
        if vault is not None:
            token = self.keep(self.wallets[order_id]["attributes"])
            order["payment_source"]["paypal"]["attributes"] = {"vault": token}
        if action == "capture":
            self._capture(order, unit["amount"])
        else:
            self._authorize(order)
        return order

    def _pay(self, order: Json, source: Json | None) -> None:
        """Require that the buyer has approved the order, or a kept method that pays it."""
        if source is None:
            if order["status"] != "APPROVED":
                raise Refused("ORDER_NOT_APPROVED")
            if order["id"] in self.declining:
                raise Refused("INSTRUMENT_DECLINED")
            return
        ((kind, given),) = source.items()
        refusal = self.pays(given["vault_id"])
        if refusal == "PAYER_ACTION_REQUIRED":
            order["status"], order["payment_source"] = "PAYER_ACTION_REQUIRED", {kind: dict(CARD)}
            self._link(order, "payer-action")
        if refusal is not None:
            raise Refused(refusal)
        order["payment_source"] = {kind: dict(CARD)} if kind == "card" else {kind: {}}

    # ---- the buyer

    def approve(self, order_id: str, *, succeeds: bool) -> None:
        """What the buyer does on PayPal's page; a refusal leaves an order as it is, but for 3-D Secure."""
        order = self.order(order_id)
        if order["status"] not in {"CREATED", "PAYER_ACTION_REQUIRED"}:
            return
        source = order.get("payment_source") or {"paypal": {}}
        if "card" in source:
            outcome = {"authentication_status": "Y" if succeeds else "N", "enrollment_status": "Y"}
            shift = "POSSIBLE" if succeeds else "NO"
            source["card"]["authentication_result"] = {"liability_shift": shift, "three_d_secure": outcome}
        elif succeeds:
            source["paypal"] = {"email_address": "buyer@example.com", "account_id": "QYR5Z8XDVJNXQ"}
        if succeeds:
            order["payment_source"], order["status"] = source, "APPROVED"
            self.tell("CHECKOUT.ORDER.APPROVED", "checkout-order", order)

    def dispute(self, order_id: str) -> None:
        """The buyer gets the captured amount back from the bank."""
        (capture,) = payments_of(self.order(order_id), "captures")
        capture["status_details"] = {"reason": "CHARGEBACK"}
        capture["update_time"] = self.now()
        disputed = {"seller_transaction_id": capture["id"], "custom": capture["custom_id"]}
        resource = {"dispute_id": "PP-D-1", "disputed_transactions": [disputed], "status": "RESOLVED"}
        self.tell("CUSTOMER.DISPUTE.RESOLVED", "dispute", resource)

    # ---- payments

    def capture(self, authorization_id: str, body: Json) -> Json:
        order, authorization = self._find("authorizations", authorization_id)
        if authorization["status"] in {"VOIDED", "CAPTURED"}:
            voided = authorization["status"] == "VOIDED"
            raise Refused("AUTHORIZATION_VOIDED" if voided else "AUTHORIZATION_ALREADY_CAPTURED")
        if authorization["expiration_time"] <= self.now():
            raise Refused("AUTHORIZATION_EXPIRED")
        held: Json = authorization["amount"]
        amount: Json = body["amount"]
        require_amount(amount)
        if amount["currency_code"] != held["currency_code"]:
            raise Refused("AUTH_CAPTURE_CURRENCY_MISMATCH")
        if value_of(amount) > value_of(held) * TOLERATED:
            raise Refused("MAX_CAPTURE_AMOUNT_EXCEEDED")
        authorization["status"] = "CAPTURED" if body.get("final_capture") else "PARTIALLY_CAPTURED"
        return self._capture(order, amount, authorization_id)

    def void(self, authorization_id: str) -> Json:
        _, authorization = self._find("authorizations", authorization_id)
        if authorization["status"] != "CREATED":
            voided = authorization["status"] == "VOIDED"
            raise Refused("PREVIOUSLY_VOIDED" if voided else "PREVIOUSLY_CAPTURED")
        authorization["status"], authorization["update_time"] = "VOIDED", self.now()
        self.tell("PAYMENT.AUTHORIZATION.VOIDED", "authorization", authorization)
        return authorization

    def refund(self, capture_id: str, body: Json) -> Json:
        order, capture = self._find("captures", capture_id)
        amount: Json = body["amount"]
        require_amount(amount)
        if amount["currency_code"] != capture["amount"]["currency_code"]:
            raise Refused("REFUND_CAPTURE_CURRENCY_MISMATCH")
        if capture["status"] == "PENDING":
            raise Refused("PENDING_CAPTURE")
        if "status_details" in capture:
            raise Refused("REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK")
        refunded = sum((value_of(each["amount"]) for each in payments_of(order, "refunds")), Decimal(0))
        if capture["status"] == "REFUNDED":
            raise Refused("CAPTURE_FULLY_REFUNDED")
        if refunded + value_of(amount) > value_of(capture["amount"]):
            raise Refused("REFUND_AMOUNT_EXCEEDED")
        whole = refunded + value_of(amount) == value_of(capture["amount"])
        capture["status"] = "REFUNDED" if whole else "PARTIALLY_REFUNDED"
        link = {"href": f"{self.url}/v2/payments/captures/{capture_id}", "rel": "up", "method": "GET"}
        refund: Json = {
            "id": self.new_id("1J"),
            "status": "COMPLETED",
            "amount": amount,
            "create_time": self.now(),
            "links": [link],
            "custom_id": body["custom_id"],
        }
        self._payments(order).setdefault("refunds", []).append(refund)
        self.tell("PAYMENT.CAPTURE.REFUNDED", "refund", refund)
        return refund

    def _capture(self, order: Json, amount: Json, authorization_id: str | None = None) -> Json:
        capture = {**self._payment(order, "3C"), "amount": amount, "final_capture": True}
        capture["status"] = "PENDING" if order["id"] in self.pending else "COMPLETED"
        self._payments(order).setdefault("captures", []).append(capture)
        related = {"order_id": order["id"]} | ({"authorization_id": authorization_id} if authorization_id else {})
        told = {**capture, "supplementary_data": {"related_ids": related}}
        self.tell("PAYMENT.CAPTURE.COMPLETED", "capture", told)
        return told

    def _authorize(self, order: Json) -> None:
        ends = (self.clock.now() + AUTHORIZED_FOR).isoformat(timespec="seconds").replace("+00:00", "Z")
        authorization = {
            **self._payment(order, "2A"),
            "status": "CREATED",
            "amount": unit_of(order)["amount"],
            "expiration_time": ends,
        }
        self._payments(order).setdefault("authorizations", []).append(authorization)
        told = {**authorization, "supplementary_data": {"related_ids": {"order_id": order["id"]}}}
        self.tell("PAYMENT.AUTHORIZATION.CREATED", "authorization", told)

    def _payment(self, order: Json, prefix: str) -> Json:
        unit = unit_of(order)
        ids = {"custom_id": unit["custom_id"], "invoice_id": unit["invoice_id"]}
        return {"id": self.new_id(prefix), "create_time": self.now(), **ids}

    def _payments(self, order: Json) -> Json:
        payments: Json = unit_of(order).setdefault("payments", {})
        return payments

    def _find(self, kind: str, payment_id: str) -> tuple[Json, Json]:
        for order in self.orders.values():
            for each in payments_of(order, kind):
                if each["id"] == payment_id:
                    return order, each
        raise Refused("INVALID_RESOURCE_ID", 404)

    def _link(self, order: Json, rel: str) -> None:
        href = f"{self.url}/checkoutnow?token={order['id']}"
        itself = {"href": f"{self.url}/v2/checkout/orders/{order['id']}", "rel": "self", "method": "GET"}
        order["links"] = [itself, {"href": href, "rel": rel, "method": "GET"}]

    def now(self) -> str:
        return self.clock.now().isoformat(timespec="seconds").replace("+00:00", "Z")


def unit_of(order: Json) -> Json:
    unit: Json = order["purchase_units"][0]
    return unit


def payments_of(order: Json, kind: str) -> list[Json]:
    found: list[Json] = unit_of(order).get("payments", {}).get(kind, [])
    return found


def value_of(amount: Json) -> Decimal:
    return Decimal(amount["value"])


def require_amount(amount: Json) -> None:
    """Require what PayPal requires of each amount."""
    if amount["currency_code"] in {"KWD", "ISK", "XAF"}:
        raise Refused("INVALID_CURRENCY_CODE")
    if value_of(amount) <= 0:
        raise Refused("CANNOT_BE_ZERO_OR_NEGATIVE")
    places = 0 if amount["currency_code"] in {"HUF", "JPY", "TWD"} else 2
    if value_of(amount) != value_of(amount).quantize(Decimal(1).scaleb(-places)):
        raise Refused("DECIMAL_PRECISION")
