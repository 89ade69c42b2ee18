"""The operations that tests of returns send."""

from typing import Any, Final

from tests.domains.returns.delivered_orders import DeliveredOrder
from tests.gateway.graphql.order.operations import key

RETURN: Final = """returnRequest { id rmaNumber status rejectionReason returnNotes
  items { id productSku quantity approved received restocked damaged } } errors { code message path }"""


def mutation(name: str) -> str:
    """A mutation of a return request by its name."""
    kind = f"{name[0].upper()}{name[1:]}Input!"
    return f"mutation ($input: {kind}) {{ {name}(input: $input) {{ {RETURN} }} }}"


CREATE: Final = mutation("returnRequestCreate")
CANCEL: Final = mutation("returnCancel")
SHIP: Final = mutation("returnMarkShipped")
APPROVE: Final = mutation("returnApprove")
REJECT: Final = mutation("returnReject")
RECEIVE: Final = mutation("returnReceive")
INSPECT: Final = mutation("returnInspect")
CLOSE: Final = mutation("returnClose")
TRACK: Final = mutation("returnTrackingAdd")
BY_NUMBER: Final = """query ($number: String!, $token: String) {
  returnRequest(rmaNumber: $number, orderToken: $token) { id status order { id }
    authorization { rmaNumber returnAddress expiresAt trackingNumber events { status location } }
    statusHistory { previousStatus status actorKind notes } } }"""
LIST: Final = """query ($filter: ReturnFilterInput, $first: Int) { returns(filter: $filter, first: $first) {
  totalCount nodes { rmaNumber order { orderNumber } items { productSku } authorization { expiresAt } } } }"""
MINE: Final = "{ myReturns { nodes { rmaNumber } } }"
ORDERS: Final = """query ($first: Int) { orders(first: $first) { nodes {
  id returnWindowEndsAt returns { rmaNumber items { quantity } } items { sku returnableQuantity } } } }"""


def requesting(delivered: DeliveredOrder, *units: int, **given: Any) -> dict[str, Any]:
    """The input of returnRequestCreate."""
    lines = [
        {"orderItemId": str(item.id), "quantity": quantity}
        for item, quantity in zip(delivered.items, units, strict=False)
        if quantity
    ]
    return {
        "idempotencyKey": key(),
        "orderId": str(delivered.order.id),
        "reason": "CHANGED_MIND",
        "lines": lines,
        **given,
    }
