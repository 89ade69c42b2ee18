"""Inputs of saved payment methods."""

from uuid import UUID

import strawberry


@strawberry.input(description="Where to save a payment method.")
class PaymentMethodSetupBeginInput:
    """See MethodSetups.begin."""

    provider: str | None = strawberry.field(
        default=None, description="The name of the payment provider; the shop's by default."
    )
    return_url: str | None = strawberry.field(
        default=None,
        description=(
            "The page of the shop to which the provider sends the customer back, as in `paymentCreate`. PayPal "
            "requires it."
        ),
    )


@strawberry.input(description="The setup to finish.")
class PaymentMethodSetupFinishInput:
    """See MethodSetups.finish."""

    setup_id: str = strawberry.field(description="The id that `paymentMethodSetupBegin` returned.")


@strawberry.input(description="Changes to a saved payment method. Omitted fields do not change.")
class PaymentMethodUpdateInput:
    """See SavedMethodChanges."""

    id: UUID = strawberry.field(description="The id of one of your own saved payment methods.")
    alias: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="Your own name for it, at most 100 characters; null or empty removes it.",
    )
    is_default: bool | None = strawberry.field(
        default=strawberry.UNSET,
        description="True makes it the default. False does nothing: make another the default.",
    )


@strawberry.input(description="The saved payment method to delete.")
class PaymentMethodDeleteInput:
    """See SavedMethods.remove."""

    id: UUID = strawberry.field(description="The id of one of your own saved payment methods.")
