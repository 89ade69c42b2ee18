"""The discounts of orders in the API: what each takes off a line or off shipping."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order import models
from domains.order.models import OrderAdjustmentSource
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import guarded, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.order.amounts import money_of

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

SEES_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
LazyUser = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]

describe(
    OrderAdjustmentSource,
    "What gave a discount of an order.",
    {
        OrderAdjustmentSource.COUPON: "A coupon, whose code the buyer entered.",
        OrderAdjustmentSource.PROMOTION: "A promotion, automatic or by its code.",
        OrderAdjustmentSource.GROUP_BUY: "A purchase of a group of buyers.",
        OrderAdjustmentSource.MANUAL: "Staff, by `orderDiscountAdd`.",
    },
)


@strawberry.type(
    description="What one discount takes off a line of an order, or off its shipping. Those of a line add up to its "
    "`discountAmount`."
)
class OrderAdjustment(Node, model=models.OrderAdjustment):
    """A discount of a line or of shipping."""

    currency: strawberry.Private[str]

    order_item_id: UUID | None = strawberry.field(description="The id of the line; null for shipping.")
    source_type: OrderAdjustmentSource = strawberry.field(description="What gave the discount.")
    source_id: UUID | None = strawberry.field(
        description="The id of the promotion, coupon or group buy; for MANUAL the id that `orderDiscountRemove` "
        "takes. Null for an order of an earlier version whose promotion is not known."
    )
    code: str | None = strawberry.field(description="The code that the buyer entered; null without one.")
    name: str = strawberry.field(
        description="The name of the promotion or coupon at the time of the order, or the reason that staff gave."
    )
    description: str = strawberry.field(
        description="How the amount is computed, for the buyer: `10 % off`, `Buy 2, get 1 free: 1 free`."
    )
    amount: Money = money_of("amount", "What it takes off, before the tax that is added to prices; positive.")
    created_at: datetime = strawberry.field(
        description="When the discount was given; for all but MANUAL the time of the order."
    )
    created_by: UUID | None = guarded(
        SEES_USERS,
        "created_by",
        description="The id of the user who gave a MANUAL discount; null otherwise. Requires USERS:READ.",
    )
    created_by_user: LazyUser | None = relation(
        "created_by",
        load_users,
        guard=SEES_USERS,
        description="The user who gave a MANUAL discount; null otherwise. Requires USERS:READ.",
    )
