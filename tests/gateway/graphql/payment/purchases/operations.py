"""The operations that tests of whole purchases send."""

from typing import Any, Final

from tests.gateway.graphql.order.operations import key

SETTINGS: Final = """mutation ($input: CompanySettingsUpdateInput!) { companySettingsUpdate(input: $input) {
  errors { code message path } } }"""
CAPTURE: Final = """mutation ($input: PaymentCaptureInput!) { paymentCapture(input: $input) {
  order { status paymentStatus } payment { status capturedAmount { amount } } errors { code message path } } }"""
VOID: Final = """mutation ($input: PaymentVoidInput!) { paymentVoid(input: $input) {
  order { status paymentStatus } payment { status } errors { code message path } } }"""
REFUND: Final = """mutation ($input: OrderRefundInput!) { orderRefund(input: $input) {
  order { status paymentStatus } refunds { status amount { amount } } errors { code message path } } }"""
ORDER: Final = """query ($id: ID!) { order(id: $id) { status paymentStatus items { id sku }
  payments { status amount { amount } capturedAmount { amount } refundedAmount { amount } }
  moneyTimeline { kind status amount { amount } provider } } }"""


def of_payment(payment_id: Any, **given: Any) -> dict[str, Any]:
    """The input of a capture or a void."""
    return {"idempotencyKey": key(), "paymentId": str(payment_id), **given}


def of_order(order_id: Any, **given: Any) -> dict[str, Any]:
    """The input of a refund."""
    return {"idempotencyKey": key(), "orderId": str(order_id), **given}
