"""PayPal's orders (Orders v2): create, look up, mark, and complete them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from uuid import UUID

from domains.payment.cards import CardDetails
from domains.payment.models import CaptureMethod
from domains.payment.providers.requests import (
    AuthorizationRequest,
    HostedCheckout,
    MethodToken,
    PaymentReference,
    ProviderCustomer,
)
from domains.payment.providers.results import Decline
from gateway.providers.paypal.amounts import AmountNotSupported, written
from gateway.providers.paypal.client import Answer, Json, PayPalClient
from gateway.providers.paypal.declines import decline_of
from gateway.providers.paypal.errors import PayPalUnavailable
from gateway.providers.paypal.references import CustomId, Note

ORDERS: Final = "/v2/checkout/orders"
UNIT: Final = "/purchase_units/@reference_id=='default'"
OTHER_INTENT: Final = {"CAPTURE": "AUTHORIZE", "AUTHORIZE": "CAPTURE"}
# The amount of an order that only closes a reference whose amount is not known; no one can pay it.
PLACEHOLDER: Final = {"currency_code": "USD", "value": "1.00"}
OPEN: Final = frozenset({"CREATED", "SAVED", "APPROVED", "PAYER_ACTION_REQUIRED"})
VAULT_ID: Final = re.compile(r"[0-9A-Za-z_-]{1,255}")
CARD_PREFIX: Final = "card:"
PAYPAL_PREFIX: Final = "paypal:"


@dataclass(frozen=True, slots=True)
class Created:
    """An order, and whether this request has made it."""

    order: Json
    is_new: bool


@dataclass(frozen=True, slots=True)
class Orders:
    """The orders of a company, each of which is one payment of ours."""

    client: PayPalClient

    async def create(self, request: AuthorizationRequest) -> Created | Decline:
        """The order of a payment, made by this request or by an earlier one; it moves no money."""
        body: Json = {"intent": intent_of(request), "purchase_units": [_unit_of(request)]}
        if isinstance(request.instrument, HostedCheckout):
            body["payment_source"] = {"paypal": _wallet(request)}
        return await self._create(request.reference, body)

    async def get(self, order_id: str) -> Json | None:
        """An order by PayPal's id; None when PayPal does not have it (any more)."""
        answer = await self.client.send("GET", _path(order_id))
        return answer.body if answer.is_success else None

    async def find(self, payment: PaymentReference) -> Json | None:
        """The order of a payment, also one that is only noted; None when no one has asked for the payment.

        Without PayPal's id the order is created again under the same key: PayPal then returns the one that it has.
        """
        if payment.provider_id is not None:
            order = await self.get(payment.provider_id)
            custom = None if order is None else custom_id_of(order)
            return order if custom is not None and custom.payment == payment.reference else None
        if payment.amount is None:
            return None
        try:
            amount = written(payment.amount)
        except AmountNotSupported:
            return None
        unit = {"custom_id": str(CustomId(payment.reference)), "invoice_id": _lookup_of(payment.reference)}
        created = await self._create(payment.reference, _bare({**unit, "amount": amount}))
        if isinstance(created, Decline) or created.is_new:
            return None
        return await self.get(id_of(created.order))

    async def reserve(self, payment: PaymentReference) -> Json | None:
        """The order of a payment that PayPal does not know, created as a cancelled one, so that no other one can be.

        It may be one that has arrived in the meantime, or none, if that has ended.
        """
        amount = PLACEHOLDER
        if payment.amount is not None:
            try:
                amount = written(payment.amount)
            except AmountNotSupported:
                return None
        unit = {"custom_id": str(CustomId(payment.reference, Note.CANCELLED)), "amount": amount}
        created = await self._create(payment.reference, _bare(unit))
        if isinstance(created, Decline):
            raise PayPalUnavailable(f"PayPal refused to close a payment: {created.code}.")
        return created.order if created.is_new else await self.get(id_of(created.order))

    async def adopt(self, order: Json, request: AuthorizationRequest) -> Json:
        """Make the payment's order of one that a lookup has made before the payment arrived.

        It leaves the custom id as it is, so that a cancellation at the same time is not forgotten.
        """
        changes = [("replace", "/intent", intent_of(request))]
        changes += [("add", f"{UNIT}/{name}", value) for name, value in _unit_of(request).items() if name in PATCHED]
        answer = await self._patch(id_of(order), changes)
        if answer.is_success and isinstance(request.instrument, HostedCheckout):
            body = {"payment_source": {"paypal": _wallet(request)}}
            answer = await self.client.send("POST", f"{_path(id_of(order))}/confirm-payment-source", body)
        adopted = await self.get(id_of(order))
        if adopted is None or (not answer.is_success and is_unpaid(adopted)):
            raise PayPalUnavailable("PayPal did not prepare the order.")
        return adopted

    async def close(self, order: Json, note: Note, detail: str | None = None) -> Json | None:
        """Note that an unpaid order is over, and change its intent, so that PayPal refuses to complete it.

        The order after that; None when PayPal refuses the change, because the order is paid.
        """
        custom = custom_id_of(order)
        if custom is None:
            raise PayPalUnavailable("PayPal's order has no reference.")
        custom = CustomId(custom.payment, note, detail)
        intent = OTHER_INTENT[str(order.get("intent", "CAPTURE"))]
        changes = [("replace", "/intent", intent), ("replace", f"{UNIT}/custom_id", str(custom))]
        answer = await self._patch(id_of(order), changes)
        if not answer.is_success:
            return None
        (unit,) = units_of(order)
        return {**order, "intent": intent, "purchase_units": [{**unit, "custom_id": str(custom)}]}

    async def complete(self, order: Json, key: str, source: Json | None = None) -> Answer:
        """Capture or authorize the amount of an order, as its intent says."""
        action = "authorize" if order.get("intent") == "AUTHORIZE" else "capture"
        body = {} if source is None else {"payment_source": source}
        return await self.client.send("POST", f"{_path(id_of(order))}/{action}", body, key=key)

    async def _create(self, reference: UUID, body: Json) -> Created | Decline:
        answer = await self.client.send("POST", ORDERS, body, key=f"order-{reference}")
        if not answer.is_success:
            return decline_of(answer.issues[0])
        given, (asked,) = units_of(answer.body), body["purchase_units"]
        is_same = [[unit.get(name) for name in IDS] for unit in given] == [[asked.get(name) for name in IDS]]
        is_new = answer.status == 201 and is_same
        return Created(answer.body, is_new and answer.body.get("status") in {"CREATED", "PAYER_ACTION_REQUIRED"})

    async def _patch(self, order_id: str, changes: Sequence[tuple[str, str, object]]) -> Answer:
        body = [{"op": op, "path": path, "value": value} for op, path, value in changes]
        return await self.client.send("PATCH", _path(order_id), body)


PATCHED: Final = frozenset({"invoice_id", "description", "amount"})
IDS: Final = ("custom_id", "invoice_id")


def _path(order_id: str) -> str:
    return f"{ORDERS}/{quote(order_id, safe='')}"


def units_of(order: Json) -> list[Json]:
    """The purchase units of an order; ours have one."""
    units = order.get("purchase_units")
    return [unit for unit in units if isinstance(unit, dict)] if isinstance(units, list) else []


def id_of(order: Json) -> str:
    """PayPal's id of an order. Raises PayPalUnavailable when the answer has none."""
    order_id = order.get("id")
    if not isinstance(order_id, str) or not order_id:
        raise PayPalUnavailable("PayPal's answer has no id.")
    return order_id


def custom_id_of(order: Json) -> CustomId | None:
    """What is noted on an order; None on one that is not ours."""
    ids: Iterator[CustomId | None] = (CustomId.read(unit.get("custom_id")) for unit in units_of(order))
    return next(ids, None)


def is_unpaid(order: Json) -> bool:
    """Whether nothing was tried to pay an order, and it is not noted that it is over."""
    custom = custom_id_of(order)
    is_open = custom is not None and custom.note is None
    return is_open and order.get("status") in OPEN and not any(unit.get("payments") for unit in units_of(order))


def is_looked_up(order: Json) -> bool:
    """Whether an order was made by a lookup, and no one has asked for the payment yet."""
    custom = custom_id_of(order)
    invoices = [unit.get("invoice_id") for unit in units_of(order)]
    return custom is not None and custom.note is None and invoices == [_lookup_of(custom.payment)]


def intent_of(request: AuthorizationRequest) -> str:
    """The intent of an order, by the capture method of its payment."""
    return "AUTHORIZE" if request.capture_method is CaptureMethod.MANUAL else "CAPTURE"


def customer_of(customer: ProviderCustomer) -> Json:
    """The customer of a method to keep, by PayPal's id; PayPal makes one of a customer that is new to it."""
    return {} if customer.provider_id is None else {"customer": {"id": customer.provider_id}}


def context_of(return_url: str | None) -> Json:
    """What PayPal's page shows and where it sends the buyer afterwards."""
    urls = {} if return_url is None else {"return_url": return_url, "cancel_url": return_url}
    return {"shipping_preference": "NO_SHIPPING", **urls}


def source_of(token: MethodToken, return_url: str | None = None) -> Json | None:
    """The payment source of a kept method; None for a token that cannot be PayPal's."""
    text = token.token.reveal()
    vault_id = text.removeprefix(CARD_PREFIX).removeprefix(PAYPAL_PREFIX)
    if not VAULT_ID.fullmatch(vault_id):
        return None
    if not text.startswith(CARD_PREFIX):
        return {"paypal": {"vault_id": vault_id}}
    used = {"payment_initiator": "CUSTOMER", "payment_type": "UNSCHEDULED", "usage": "SUBSEQUENT"}
    card: Json = {"vault_id": vault_id, "stored_credential": used}
    # After 3-D Secure, the bank's page sends the buyer there.
    context = (
        {} if return_url is None else {"experience_context": {"return_url": return_url, "cancel_url": return_url}}
    )
    return {"card": {**card, **context}}


def unsupported(request: AuthorizationRequest) -> Decline | None:
    """Why PayPal cannot take a payment, which then is not sent to it."""
    if isinstance(request.instrument, CardDetails):
        return decline_of("CARD_NUMBER_NOT_ACCEPTED", "PayPal takes no card numbers here. Pay on PayPal's page.")
    try:
        written(request.amount)
    except AmountNotSupported as error:
        return decline_of("AMOUNT_NOT_SUPPORTED", str(error))
    token = request.instrument
    # PayPal keeps a method for the shop: it charges it for whoever knows its id, so only a saved one is sent.
    if isinstance(token, MethodToken) and (token.customer is None or source_of(token) is None):
        return decline_of("TOKEN_ID_NOT_FOUND")
    return None


def _unit_of(request: AuthorizationRequest) -> Json:
    unit = {
        "reference_id": "default",
        "custom_id": str(CustomId(request.reference)),
        "invoice_id": str(request.reference),
        "amount": written(request.amount),
    }
    return {**unit, "description": request.description[:127]} if request.description else unit


def _bare(unit: Json) -> Json:
    """An order that no one completes: its ids say so, and no one gets the address of its page."""
    return {"intent": "AUTHORIZE", "purchase_units": [{"reference_id": "default", **unit}]}


def _lookup_of(reference: UUID) -> str:
    """The invoice id of an order that a lookup has made."""
    return f"{reference}.LOOKED_UP"


def _wallet(request: AuthorizationRequest) -> Json:
    """The buyer's PayPal account, which the buyer chooses and, if we ask, lets us keep."""
    wallet: Json = {"experience_context": {**context_of(request.return_url), "user_action": "PAY_NOW"}}
    if request.keep_method_for is not None:
        vault = {"store_in_vault": "ON_SUCCESS", "usage_type": "MERCHANT"}
        wallet["attributes"] = {**customer_of(request.keep_method_for), "vault": vault}
    return wallet
