"""The payloads of captures and voids, and how they are rebuilt for a repeated idempotency key."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from domains.order.models import Order as OrderModel
from domains.payment.models import Payment as PaymentModel
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.order.types import Order
from gateway.graphql.payment.types import Payment


@strawberry.type(description="The payload of a mutation of one payment.")
class PaymentOutcome:
    """The common fields of payloads of one payment: the payment and its order. Not a type of the API itself."""

    order: Order | None = strawberry.field(
        default=None, description="The payment's order afterwards; null when the mutation was refused."
    )
    payment: Payment | None = strawberry.field(
        default=None, description="The payment afterwards; null when the mutation was refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the request was refused; empty on success."
    )

    @classmethod
    def of(cls, order: OrderModel, payment: PaymentModel) -> Self:
        """The payload of a payment and its order."""
        return cls(order=present(Order, order), payment=present(Payment, payment))

    def outcome(self) -> Mapping[str, Any]:
        """The payment's id."""
        return {"payment_id": self.payment.id if self.payment else None}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The current payment and its order. A client with the key has received them before."""
        del outcome  # it has the ids of the input's payment and of its order
        services, reader = info.context.services, info.context.reader
        payments = await services.payment.payments_by_id(reader, [input.payment_id])
        if not payments:
            return cls()
        (order,) = await services.order.orders_by_id(reader, [payments[0].order_id])
        return cls.of(order, payments[0])


@strawberry.type(
    description=(
        "The result of `paymentCapture`. While the provider has not answered, the payment stays AUTHORIZED; it is "
        "asked again."
    )
)
class PaymentCapturePayload(PaymentOutcome):
    """The payment, SUCCEEDED when it was captured, and its order. Or the errors."""


@strawberry.type(
    description=(
        "The result of `paymentVoid`. While the provider has not answered, the payment keeps its status; it is asked "
        "again."
    )
)
class PaymentVoidPayload(PaymentOutcome):
    """The payment, CANCELLED when the provider has released it, and its order. Or the errors."""
