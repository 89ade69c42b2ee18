"""Inputs of product alerts."""

from decimal import Decimal
from uuid import UUID

import strawberry

from domains.notification.product_alerts.models import (
    ProductAlertFilter,
    ProductAlertKind,
    ProductAlertSort,
)
from gateway.graphql.core.enums import describe
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.notification.product_alerts import types as _types  # noqa: F401 - describes ProductAlertKind first

describe(
    ProductAlertSort,
    "The fields that product alerts can be sorted by.",
    {
        ProductAlertSort.CREATED_AT: "The time at which the visitor asked first.",
        ProductAlertSort.EXPIRES_AT: "When the alert ends.",
    },
    name="ProductAlertSortField",
)


@strawberry.input(description="A product to be told of once.")
class ProductAlertCreateInput:
    """See NewProductAlert."""

    product_id: UUID = strawberry.field(description="The id of a product that is for sale.")
    variant_id: UUID | None = strawberry.field(
        default=None, description="The id of the variant; required for a product that is sold in variants."
    )
    kind: ProductAlertKind = strawberry.field(
        default=ProductAlertKind.BACK_IN_STOCK, description="What to wait for; stock by default."
    )
    target_price: Decimal | None = strawberry.field(
        default=None,
        description=(
            "The highest price to be told of, in the product's currency and below its present price; null for any "
            "lower price. Of PRICE_DROP only."
        ),
    )
    email: str | None = strawberry.field(
        default=None,
        description="The address of a guest, to which a code is sent; null for a user, whose account has one.",
    )
    language: str | None = strawberry.field(
        default=None, description="The language of the e-mail (BCP 47), such as `de`; the company's by default."
    )


@strawberry.input(description="The confirmation of a guest's product alert.")
class ProductAlertConfirmInput:
    """A code."""

    confirmation_id: UUID = strawberry.field(description="The `confirmationId` that `productAlertCreate` returned.")
    code: str = strawberry.field(
        description="The six digits of the mailed code. It becomes invalid after five attempts."
    )


@strawberry.input(description="The product alert to delete.")
class ProductAlertDeleteInput:
    """An alert."""

    id: UUID = strawberry.field(description="The id of an alert of your own; with USERS:UPDATE of any.")


@strawberry.input(description="Conditions on product alerts, all of which must hold. Omitted ones set none.")
class ProductAlertFilterInput:
    """See ProductAlertFilter."""

    product_id: UUID | None = strawberry.field(
        default=None, description="Only alerts of a product and of its variants."
    )
    variant_id: UUID | None = strawberry.field(default=None, description="Only alerts of one variant.")
    user_id: UUID | None = strawberry.field(default=None, description="Only alerts that the account of a user has.")
    kind: ProductAlertKind | None = strawberry.field(default=None, description="Alerts that wait for this.")
    notified: bool | None = strawberry.field(
        default=None, description="True: those that were told; false: those that wait."
    )

    def as_filter(self) -> ProductAlertFilter:
        """The domain's ProductAlertFilter."""
        return ProductAlertFilter(
            product_id=self.product_id,
            variant_id=self.variant_id,
            user_id=self.user_id,
            kind=self.kind,
            notified=self.notified,
        )


@strawberry.input(description="The order of a list of product alerts.")
class ProductAlertSortInput:
    """A field and a direction."""

    field: ProductAlertSort = strawberry.field(
        default=ProductAlertSort.CREATED_AT, description="The value to sort by; the newest come first by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )
