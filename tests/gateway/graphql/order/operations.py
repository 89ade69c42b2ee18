"""The operations that tests of orders send."""

from typing import Any

from domains.kernel.ids import new_id

CREATE = """mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id orderNumber status total { amount currency } } orderToken
  errors { code message path ... on InsufficientStockError { sku requested available }
           ... on PriceChangedError { expected actual currency } } } }"""
PAY = """mutation ($input: OrderPayInput!) { orderPay(input: $input) {
  order { id status paidAt payments { status cardLast4 amount { amount } } }
  errors { code message path ... on PaymentDeclinedError { reason } } } }"""
CANCEL = """mutation ($input: OrderCancelInput!) { orderCancel(input: $input) {
  order { id status isCancellable } errors { code message path } } }"""
MARK = """mutation ($input: OrderMarkPaidInput!) { orderMarkPaid(input: $input) {
  order { id status paidAt paymentMethod paymentTransactionId paymentStatus fulfilmentStatus
          payments { provider method status cardLast4 } }
  errors { code message path } } }"""
REFUND = """mutation ($input: OrderRefundInput!) { orderRefund(input: $input) {
  order { id status } refund { id amount { amount } status } errors { code message path } } }"""
MOVE = """mutation ($input: OrderStatusUpdateInput!) { orderStatusUpdate(input: $input) {
  order { id status nextStatuses trackingNumber } errors { code message path } } }"""
DETAIL = """query ($id: UUID!) { order(id: $id) {
  id orderNumber status subtotal { amount } total { amount currency }
  items { sku quantity unitPrice { amount } discountAmount { amount } totalPrice { amount } productSnapshot
          product { id name slug } }
  statusHistory { fromStatus toStatus comment actorKind createdAt }
  appliedPromotions { promotionName promoCode discountAmount { amount } }
  shippingAddress { city } billingAddress { city } } }"""
BY_TOKEN = "query ($token: String!) { orderByToken(orderToken: $token) { id email status } }"
LIST = """query ($filter: OrderFilterInput, $search: String, $sortBy: OrderSortInput, $first: Int, $after: String) {
  orders(filter: $filter, search: $search, sortBy: $sortBy, first: $first, after: $after) {
    totalCount nodes { id email } pageInfo { hasNextPage endCursor } } }"""
ADDRESS = {"fullName": "Ada", "addressLine1": "1 Way", "city": "Bonn", "postalCode": "53111", "country": "DE"}
CARD = {"number": "4242 4242 4242 4242", "expiryMonth": 12, "expiryYear": 2030, "securityCode": "123"}


def key() -> str:
    """A key that was never used."""
    return str(new_id())


def ordering(**given: Any) -> dict[str, Any]:
    """The variables of orderCreate."""
    return {"input": {"idempotencyKey": key(), "shippingAddress": ADDRESS, **given}}


def paying(order_id: Any, **given: Any) -> dict[str, Any]:
    """The variables of orderPay."""
    return {"input": {"idempotencyKey": key(), "orderId": str(order_id), "card": CARD, **given}}
