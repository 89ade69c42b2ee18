"""Payloads of the mutations of product alerts."""

from typing import Any
from uuid import UUID

import strawberry

from gateway.graphql.core.errors import UserError
from gateway.graphql.notification.product_alerts.types import ProductStockAlert


def _errors() -> Any:
    return strawberry.field(default_factory=list, description="Why nothing was changed; empty on success.")


def _alert(description: str) -> Any:
    return strawberry.field(default=None, description=f"{description} Null when there are errors.")


@strawberry.type(description="The result of `productAlertCreate`.")
class ProductAlertCreatePayload:
    """An alert, or the id of a confirmation."""

    alert: ProductStockAlert | None = strawberry.field(
        default=None,
        description="The alert of a user; null for a guest, whose alert `productAlertConfirm` creates.",
    )
    confirmation_id: UUID | None = strawberry.field(
        default=None, description="What a guest confirms with the mailed code; null for a user, and with errors."
    )
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `productAlertConfirm`.")
class ProductAlertConfirmPayload:
    """See AlertConfirmation.confirm."""

    alert: ProductStockAlert | None = _alert("The alert.")
    errors: list[UserError] = _errors()


@strawberry.type(description="The result of `productAlertDelete`.")
class ProductAlertDeletePayload:
    """See ProductAlerts.delete."""

    deleted_id: UUID | None = _alert("The id of the deleted alert.")
    errors: list[UserError] = _errors()
