"""The inputs of captures and voids."""

from decimal import Decimal
from uuid import UUID

import strawberry

from gateway.graphql.order.inputs import KEY


@strawberry.input(description="The authorized payment to capture, in part or in whole.")
class PaymentCaptureInput:
    """An amount, or all that is authorized."""

    idempotency_key: str = strawberry.field(description=KEY)
    payment_id: UUID = strawberry.field(description="The id of an AUTHORIZED payment.")
    amount: Decimal | None = strawberry.field(
        default=None,
        description=(
            "The amount above 0 in the payment's currency, at most `Payment.amount`; by default all of it. "
            "What is not captured is released."
        ),
    )


@strawberry.input(description="The payment to void, which has captured nothing.")
class PaymentVoidInput:
    """A payment that is authorized or in progress."""

    idempotency_key: str = strawberry.field(description=KEY)
    payment_id: UUID = strawberry.field(description="The id of a payment that is AUTHORIZED or in progress.")
    reason: str | None = strawberry.field(
        default=None,
        description=(
            "The reason, at most 1,000 characters, which the buyer sees in the history; null or absent for none."
        ),
    )
