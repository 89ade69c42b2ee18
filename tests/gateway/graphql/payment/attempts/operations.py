"""The operations that tests of payments through a provider send."""

from typing import Any, Final

from tests.gateway.graphql.order.operations import CARD, key

PAYMENT: Final = """order { id status } clientSecret publishableKey
  payment { id status provider cardLast4 failureReason nextAction { type url } }
  errors { code message path ... on PaymentDeclinedError { reason } }"""
CREATE: Final = f"mutation ($input: PaymentCreateInput!) {{ paymentCreate(input: $input) {{ {PAYMENT} }} }}"
CONFIRM: Final = f"mutation ($input: PaymentConfirmInput!) {{ paymentConfirm(input: $input) {{ {PAYMENT} }} }}"
PROVIDERS: Final = "{ availablePaymentProviders { name takesTestCards publishableKey } }"
HOSTED: Final = {"hosted": True}
BY_CARD: Final = {"card": CARD}


def creating(order_id: Any, **given: Any) -> dict[str, Any]:
    """The variables of paymentCreate."""
    return {"input": {"idempotencyKey": key(), "orderId": str(order_id), "instrument": HOSTED, **given}}


def confirming(payment_id: Any, **given: Any) -> dict[str, Any]:
    """The variables of paymentConfirm."""
    return {"input": {"paymentId": str(payment_id), **given}}
