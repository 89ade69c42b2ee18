"""Payloads of the mutations of saved payment methods."""

from typing import Any

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.payment.methods.types import PaymentMethodSetup, PaymentMethodSetupAction, SavedPaymentMethod


def _errors() -> Any:
    return strawberry.field(default_factory=list, description="Why nothing was changed; empty on success.")


def _method(description: str) -> Any:
    return strawberry.field(default=None, description=f"{description} Null when there are errors.")


@strawberry.type(description="The result of `paymentMethodSetupBegin`.")
class PaymentMethodSetupBeginPayload:
    """See MethodSetups.begin."""

    setup: PaymentMethodSetup | None = strawberry.field(
        default=None, description="The begun setup. Null when there are errors."
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `paymentMethodSetupFinish`.")
class PaymentMethodSetupFinishPayload:
    """See MethodSetups.finish."""

    payment_method: SavedPaymentMethod | None = strawberry.field(
        default=None, description="The saved payment method. Null when there are errors, and until it is saved."
    )
    next_action: PaymentMethodSetupAction | None = strawberry.field(
        default=None,
        description="What the customer must still do. Null once it is saved, or while the provider works.",
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `paymentMethodUpdate`.")
class PaymentMethodUpdatePayload:
    """See SavedMethods.update."""

    payment_method: SavedPaymentMethod | None = _method("The changed payment method.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `paymentMethodDelete`.")
class PaymentMethodDeletePayload:
    """See SavedMethods.remove."""

    payment_method: SavedPaymentMethod | None = _method("The deleted payment method.")
    errors: list[UserError] = _errors()
