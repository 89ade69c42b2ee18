"""Edits of orders in the API, and what an edit would make of one."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import UUID

import strawberry

from domains.kernel.actor import ActorKind
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.kernel.values.money import Money as KernelMoney
from domains.kernel.values.money import round_half_up
from domains.order import models
from domains.order.editing.models import EditPlan
from domains.order.models import OrderEdit as OrderEditModel
from domains.order.summary import OrderFacts
from gateway.graphql.auth.loaders import load_users
from gateway.graphql.core.context import Context
from gateway.graphql.core.fields import computed, guarded, present, relation, requires
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.engine.loading import many_per_key, one_per_key
from gateway.graphql.order.amounts import money_of

if TYPE_CHECKING:
    from gateway.graphql.auth.types import User

READS_ORDERS = requires(PermissionResource.ORDERS, PermissionAction.READ)
READS_USERS = requires(PermissionResource.USERS, PermissionAction.READ)
Author = Annotated["User", strawberry.lazy("gateway.graphql.auth.types")]


@strawberry.type(description="Units of a line of an order, before and after an edit.")
class OrderEditLine:
    """A line that an edit added, changed or removed."""

    order_item_id: UUID = strawberry.field(description="The id of the line, also of one that was removed.")
    sku: str = strawberry.field(description="The stock-keeping unit of the line; empty when the product had none.")
    quantity_before: int = strawberry.field(description="The units before the edit; 0 for a line that was added.")
    quantity_after: int = strawberry.field(description="The units after the edit; 0 for a line that was removed.")


@strawberry.type(description="A change of the lines or the address of an order by staff. It is never changed.")
class OrderEdit(Node, model=models.OrderEdit):
    """An edit with the totals before and after it."""

    currency: strawberry.Private[str]
    changes: strawberry.Private[Any]

    reason: str | None = strawberry.field(
        description="Why, as staff have written it; null when they have not, and after the buyer's data was erased."
    )
    total_before: Money = money_of("total_before", "What the order cost before the edit, with tax and shipping.")
    total_after: Money = money_of("total_after", "What the order cost after the edit, with tax and shipping.")
    actor_kind: ActorKind = strawberry.field(description="Whether a user or the platform made the edit.")
    created_at: datetime = strawberry.field(description="When the edit was made.")
    created_by: UUID | None = guarded(
        READS_USERS,
        "created_by",
        description="The id of the user who made the edit; null for the platform. Requires USERS:READ.",
    )
    created_by_user: Author | None = relation(
        "created_by",
        load_users,
        guard=READS_USERS,
        description="The user who made the edit; null for the platform. Requires USERS:READ.",
    )

    @computed
    def lines(self) -> list[OrderEditLine]:
        """The lines that were added, then those whose units were changed; empty for a change of the address."""
        changes: Any = self.changes
        added = [(line["order_item_id"], line["sku"], 0, line["quantity"]) for line in changes["added"]]
        changed = [(line["order_item_id"], line["sku"], line["from"], line["to"]) for line in changes["changed"]]
        return [
            OrderEditLine(order_item_id=UUID(item), sku=sku, quantity_before=before, quantity_after=after)
            for item, sku, before, after in [*added, *changed]
        ]

    @computed
    def is_address_changed(self) -> bool:
        """Whether the order is sent to another address since then."""
        changes: Any = self.changes
        return changes["address"] is not None


@strawberry.type(description="What an edit would make of an order. It does not say whether the units are in stock.")
class OrderEditPreview:
    """The amounts before and after an edit; all are in the order's currency."""

    total_before: Money = strawberry.field(description="The present total of the order.")
    subtotal: Money = strawberry.field(description="The sum of all lines before discounts, after the edit.")
    discount_amount: Money = strawberry.field(description="The sum of the discounts on the lines, after the edit.")
    tax_amount: Money = strawberry.field(description="The tax on lines and shipping, after the edit.")
    shipping_cost: Money = strawberry.field(description="What shipping costs with tax, after the edit.")
    total_after: Money = strawberry.field(
        description="The total after the edit; send it as `expectedTotal` to make the edit at this total only."
    )
    difference: Decimal = strawberry.field(
        description="`totalAfter` less `totalBefore`, in the order's currency; negative when the order costs less."
    )
    amount_due: Money = strawberry.field(description="What the buyer would have left to pay.")
    amount_overpaid: Money = strawberry.field(description="What would be paid above the total, and can be refunded.")

    @classmethod
    def of(cls, plan: EditPlan) -> "OrderEditPreview":
        """The amounts of a plan."""
        before, after = plan.order, plan.after

        def money(amount: Decimal) -> Money:
            return present(Money, KernelMoney(amount, before.currency))

        return cls(
            total_before=money(before.total),
            subtotal=money(after.subtotal),
            discount_amount=money(after.discount_amount),
            tax_amount=money(after.tax_amount),
            shipping_cost=money(after.shipping_cost),
            total_after=money(after.total),
            difference=round_half_up(after.total - before.total, before.currency),
            amount_due=money(plan.amount_due),
            amount_overpaid=money(plan.amount_overpaid),
        )


async def load_edits(context: Context, keys: Sequence[UUID]) -> Sequence[list[OrderEditModel]]:
    """The edits of orders, oldest first."""
    edits = await context.services.order.edits.of_orders(context.reader, keys)
    return many_per_key(keys, edits, lambda edit: edit.order_id)


async def load_edits_by_id(context: Context, keys: Sequence[UUID]) -> Sequence[OrderEditModel | None]:
    """Edits by their ids."""
    edits = await context.services.order.edits.by_id(context.reader, keys)
    return one_per_key(keys, edits, lambda edit: edit.id)


def _overpaid(root: Any) -> Money:
    """What was paid above the total, after an edit has lowered it, and is not refunded: see `orderRefund`."""
    return present(Money, KernelMoney(OrderFacts.of(root).overpaid, root.currency))


ORDER_EDITS: Final = relation(
    "id",
    load_edits,
    many=True,
    size=1,
    guard=READS_ORDERS,
    description="The changes of its lines and address by staff, oldest first. Requires ORDERS:READ.",
)
AMOUNT_OVERPAID: Final = computed(_overpaid)
"""The fields of an order."""
