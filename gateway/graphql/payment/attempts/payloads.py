"""Payloads of payments through a provider."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from domains.order.payments.progress import PaymentProgress
from gateway.graphql.core.context import Context, Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.order.payloads import ERRORS
from gateway.graphql.order.types import Order
from gateway.graphql.payment.types import Payment


@strawberry.type(description="The payload of a mutation of one payment.")
class PaymentOutcome:
    """The common fields of payloads of one payment. Not a type of the API itself."""

    order: Order | None = strawberry.field(
        default=None, description="The order afterwards; null when the mutation was refused."
    )
    payment: Payment | None = strawberry.field(
        default=None, description="The payment; null when the mutation was refused."
    )
    client_secret: str | None = strawberry.field(
        default=None,
        description=(
            "The secret with which the provider's library in the browser confirms the payment, when the next action "
            "is a CONFIRMATION; null otherwise. Only for the buyer; do not log or store it."
        ),
    )
    publishable_key: str | None = strawberry.field(
        default=None,
        description=(
            "The key with which that library is loaded, such as a publishable key or a client id; null when the "
            "provider has none."
        ),
    )
    errors: list[UserError] = strawberry.field(default_factory=list, description=ERRORS)

    @classmethod
    async def of(cls, context: Context, progress: PaymentProgress) -> Self:
        """The payload of a payment's progress. At most one statement."""
        payment, secret = progress.payment, progress.client_secret
        accounts = context.services.payment.accounts
        return cls(
            order=present(Order, progress.order),
            payment=present(Payment, payment),
            client_secret=secret.reveal() if secret else None,
            publishable_key=await accounts.publishable_key(context.reader, payment.provider),
        )


@strawberry.type(description="The result of `paymentCreate`. For what the buyer does next, see `Payment.nextAction`.")
class PaymentCreatePayload(PaymentOutcome):
    """The order with its new payment; or the errors."""

    def outcome(self) -> Mapping[str, Any]:
        """The ids of order and payment. The client secret is not stored."""
        return {
            "order_id": self.order.id if self.order else None,
            "payment_id": self.payment.id if self.payment else None,
        }

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The current order and payment, with the client secret anew from the provider."""
        context, payment_id, order_id = info.context, outcome.id("payment_id"), outcome.id("order_id")
        if payment_id is None or order_id is None:
            return cls()
        orders, reader = context.services.order, context.reader
        (payment,) = await context.services.payment.payments_by_id(reader, [payment_id])
        (order,) = await orders.orders_by_id(reader, [order_id])
        secret = await orders.confirmation.client_secret(reader, payment)
        return await cls.of(context, PaymentProgress(order, payment, secret))


@strawberry.type(description="The result of `paymentConfirm`.")
class PaymentConfirmPayload(PaymentOutcome):
    """The order with its payment as they are now; or the errors."""
