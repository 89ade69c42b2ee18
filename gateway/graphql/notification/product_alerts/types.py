"""Product alerts as the API shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.notification.product_alerts import models
from domains.notification.product_alerts.models import ProductAlertKind
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.catalog.loaders import load_products, load_variants_by_id
from gateway.graphql.catalog.types import Product, ProductVariant
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.order.amounts import money_of

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

AlertUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]
READ_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
describe(
    ProductAlertKind,
    "What a product alert waits for.",
    {
        ProductAlertKind.BACK_IN_STOCK: "Units are available again.",
        ProductAlertKind.PRICE_DROP: "The price is below `price`, or at most `targetPrice`.",
    },
)


@strawberry.type(description="A wish to be told once by e-mail, when a product is back in stock or cheaper.")
class ProductStockAlert(Node, model=models.ProductStockAlert):
    """An alert."""

    kind: ProductAlertKind = strawberry.field(description="What it waits for.")
    product_id: UUID = strawberry.field(description="The product that the visitor waits for.")
    variant_id: UUID | None = strawberry.field(
        description="The id of the variant; null for a product without variants."
    )
    user_id: UUID | None = strawberry.field(
        description="The user, who is told at the address of the account; null for a guest."
    )
    email: str | None = strawberry.field(description="The confirmed address of a guest; null for a user.")
    language: str | None = strawberry.field(
        description="The language of the e-mail (BCP 47); null for that of the company."
    )
    notified: bool = strawberry.field(
        description="Whether the wish has come true and the e-mail was created. It is created once."
    )
    notified_at: datetime | None = strawberry.field(description="When that was; null before.")
    expires_at: datetime = strawberry.field(description="When the alert ends and is deleted.")
    created_at: datetime = strawberry.field(description="When the alert was created first.")
    product: Product | None = relation(
        "product_id", load_products, description="The product; null when the caller may not see it."
    )
    variant: ProductVariant | None = relation(
        "variant_id", load_variants_by_id, description="The variant; null for a product without variants."
    )
    user: AlertUser | None = relation(
        "user_id", load_users, guard=READ_USERS, description="The user; null for a guest. Requires USERS:READ."
    )

    price: Money = money_of("price", "The price of one unit when the alert was created or renewed.")

    @computed
    def target_price(self: models.ProductStockAlert) -> Money | None:
        """The highest price to be told of; null for any below `price`."""
        return None if self.target_price is None else present(Money, KernelMoney(self.target_price, self.currency))


@strawberry.type(description="How many wait for a product or variant.")
class ProductAlertDemand:
    """See AlertDemand."""

    product_id: UUID = strawberry.field(description="The product that the visitor waits for.")
    variant_id: UUID | None = strawberry.field(
        description="The id of the variant; null for a product without variants."
    )
    back_in_stock: int = strawberry.field(description="The number of alerts that wait for stock.")
    price_drop: int = strawberry.field(description="The number of alerts that wait for a lower price.")
    product: Product | None = relation(
        "product_id", load_products, description="The product; null when the caller may not see it."
    )
    variant: ProductVariant | None = relation(
        "variant_id", load_variants_by_id, description="The variant; null for a product without variants."
    )
