"""The GraphQL types of saved payment methods. None has a token."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.payment.models import NextActionType, SavedMethodType
from domains.payment.saved_methods import models
from gateway.graphql.core.enums import describe
from gateway.graphql.core.node import Node
from gateway.graphql.payment import types as _types  # noqa: F401 - NextActionType must be described before it is used

describe(
    SavedMethodType,
    "The kind of a saved payment method.",
    {
        SavedMethodType.CARD: "A credit or debit card, which has an expiry date.",
        SavedMethodType.PAYPAL: "A PayPal account, which its owner has approved.",
    },
)


@strawberry.type(
    description=(
        "A payment method that a provider keeps for a customer, who can pay with it again. "
        "The customer and staff with USERS:READ see it; its token is never shown."
    )
)
class SavedPaymentMethod(Node, model=models.SavedMethod):
    """The payment domain's SavedMethod."""

    user_id: UUID = strawberry.field(description="The id of the customer.")
    provider: str = strawberry.field(description="The name of the payment provider that keeps it.")
    type: SavedMethodType = strawberry.field(description="Whether it is a card or an account.")
    brand: str | None = strawberry.field(
        description="The brand of a card as the provider writes it, such as `visa`; null for an account."
    )
    last_4: str | None = strawberry.field(description="The last four digits of a card; null for an account.")
    expiry_month: int | None = strawberry.field(
        description="The month of expiry, 1 to 12, to whose end a card can be used; null for an account."
    )
    expiry_year: int | None = strawberry.field(description="The year of expiry in four digits; null for an account.")
    label: str | None = strawberry.field(
        description="What the provider shows of an account, such as a masked e-mail address; null for a card."
    )
    alias: str | None = strawberry.field(description="The customer's own name for it; null for none.")
    is_default: bool = strawberry.field(
        description="Whether it is the customer's default. A customer with saved methods has one."
    )
    is_expired: bool = strawberry.field(description="Whether the card has expired: it pays nothing any more.")
    created_at: datetime = strawberry.field(
        description="When the customer first saved it, by a payment or without one."
    )
    updated_at: datetime = strawberry.field(
        description="When the customer, or the provider's data of it, last changed it."
    )


@strawberry.type(description="What the customer must do in the browser before the payment method is saved.")
class PaymentMethodSetupAction:
    """See NextAction."""

    type: NextActionType = strawberry.field(
        description="Whether the customer approves on a page, or confirms with the provider's library."
    )
    url: str | None = strawberry.field(
        description=(
            "The page to open in the customer's browser: an absolute URL, or a path on the host of this API. "
            "Null for CONFIRMATION."
        )
    )
    client_secret: str | None = strawberry.field(
        description="What the provider's library needs for CONFIRMATION; null otherwise. Never store or log it."
    )


@strawberry.type(description="A payment method that the customer begins to save.")
class PaymentMethodSetup:
    """See BegunSetup."""

    setup_id: str = strawberry.field(
        description="Finishes the setup with `paymentMethodSetupFinish`, within an hour and by this customer only."
    )
    provider: str = strawberry.field(description="The name of the payment provider.")
    next_action: PaymentMethodSetupAction | None = strawberry.field(
        description="What the customer must do first; null when the setup can be finished at once."
    )
