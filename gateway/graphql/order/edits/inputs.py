"""Inputs of edits of orders."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import strawberry

from domains.order.editing.models import LineChange, NewEdit
from domains.order.editing.new_lines import NewOrderLine
from gateway.graphql.core.fields import from_input
from gateway.graphql.order.inputs import KEY, OrderAddressInput

ORDER = "The id of an order of which units are left to ship, and that is not being paid."
ADDED = "Lines to add, at most 250. Each is a line of its own, without discounts."
CHANGED = "Lines with a new number of units, at most 250, each once."
ADDRESS = (
    "The new address of the delivery, for an order of which nothing is packed; its shipping method must serve it. "
    "The order is taxed for it."
)


@strawberry.input(description="Units of a product or variant to add to an order.")
class OrderEditLineInput:
    """See NewOrderLine."""

    product_id: UUID = strawberry.field(description="The id of a product that is for sale.")
    variant_id: UUID | None = strawberry.field(
        default=None, description="The id of the variant; null for a product without variants."
    )
    quantity: int = strawberry.field(description="The number of units, 1 to 10,000.")
    unit_price: Decimal | None = strawberry.field(
        default=None,
        description=(
            "The price of a unit in the order's currency, which contains tax where `Order.pricesIncludeTax` is true; "
            "null for the present price."
        ),
    )


@strawberry.input(description="The new number of units of a line.")
class OrderEditChangeInput:
    """See LineChange."""

    order_item_id: UUID = strawberry.field(description="The id of a line of the order.")
    quantity: int = strawberry.field(
        description="The new `OrderItem.currentQuantity`, at least what is packed or refunded; 0 removes the line."
    )


@strawberry.input(description="What to change of an order. Give lines to add, changes of lines, or an address.")
class OrderEditPreviewInput:
    """See NewEdit."""

    order_id: UUID = strawberry.field(description=ORDER)
    add_lines: list[OrderEditLineInput] = strawberry.field(default_factory=list, description=ADDED)
    changes: list[OrderEditChangeInput] = strawberry.field(default_factory=list, description=CHANGED)
    shipping_address: OrderAddressInput | None = strawberry.field(default=None, description=ADDRESS)


@strawberry.input(description="What to change of an order, all of it or nothing.")
class OrderEditInput:
    """See Edits.edit."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description=ORDER)
    add_lines: list[OrderEditLineInput] = strawberry.field(default_factory=list, description=ADDED)
    changes: list[OrderEditChangeInput] = strawberry.field(default_factory=list, description=CHANGED)
    shipping_address: OrderAddressInput | None = strawberry.field(default=None, description=ADDRESS)
    expected_total: Decimal | None = strawberry.field(
        default=None,
        description=(
            "The total of the order after the edit, as `orderEditPreview` has shown it: with another total the edit "
            "is refused; null for any."
        ),
    )
    reason: str | None = strawberry.field(
        default=None, description="Why, at most 1,000 characters, for staff and as the reason of the refund."
    )
    refund: bool = strawberry.field(
        default=True,
        description=(
            "Whether what was paid above the new total is refunded at once, which needs ORDERS:MANAGE; false leaves "
            "it as `Order.amountOverpaid`."
        ),
    )


def as_new_edit(given: OrderEditInput | OrderEditPreviewInput) -> NewEdit:
    """The domain's input."""
    new = NewEdit(
        add_lines=[from_input(NewOrderLine, line) for line in given.add_lines],
        changes=[from_input(LineChange, change) for change in given.changes],
        shipping_address=given.shipping_address.as_fields() if given.shipping_address else None,
    )
    if isinstance(given, OrderEditPreviewInput):
        return new
    return replace(new, expected_total=given.expected_total, reason=given.reason)
