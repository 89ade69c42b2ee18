"""The mutations of manual discounts of orders, for staff."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.database import Tx
from domains.order.discounts.manual_discounts import NewDiscount
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, from_input, present
from gateway.graphql.order.inputs import KEY
from gateway.graphql.order.mutations import MAY_UPDATE
from gateway.graphql.order.payloads import OrderOutcome
from gateway.graphql.order.types import Order

EXPECTED = "The total of the order before the change, as you saw it: with another total it is refused; null for any."


@strawberry.input(description="A discount that staff give on an order. Give either `percentage` or `amount`.")
class OrderDiscountAddInput:
    """See ManualDiscounts.add."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order that is not paid, accepted or being paid.")
    reason: str = strawberry.field(
        description="Why, 1 to 255 characters. The buyer sees it as the name of the discount and in the history."
    )
    percentage: Decimal | None = strawberry.field(
        default=None, description="The percentage above 0 and up to 100 of what is left of the lines after discounts."
    )
    amount: Decimal | None = strawberry.field(
        default=None,
        description=(
            "The amount above 0 and at most what is left, in the order's currency. Like its prices it contains the "
            "tax or not."
        ),
    )
    order_item_id: UUID | None = strawberry.field(
        default=None, description="The id of the line that it is of; null for all lines but gift cards."
    )
    expected_total: Decimal | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.input(description="The manual discount to take back.")
class OrderDiscountRemoveInput:
    """See ManualDiscounts.remove."""

    order_id: UUID = strawberry.field(description="The id of an order that is not paid, accepted or being paid.")
    discount_id: UUID = strawberry.field(description="The `sourceId` of its adjustments.")
    expected_total: Decimal | None = strawberry.field(default=None, description=EXPECTED)


@strawberry.type(description="The result of `orderDiscountAdd`.")
class OrderDiscountAddPayload(OrderOutcome):
    """The order, or the errors."""


@strawberry.type(description="The result of `orderDiscountRemove`.")
class OrderDiscountRemovePayload(OrderOutcome):
    """The order, or the errors."""


@strawberry.type
class OrderDiscountMutation:
    """The manual discounts' fields of Mutation."""

    @command(MAY_UPDATE, idempotent=True)
    async def order_discount_add(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[OrderDiscountAddInput, strawberry.argument(description="The order, how much, and why.")],
    ) -> OrderDiscountAddPayload:
        """Take an amount or a percentage off an unpaid order. An order that becomes free is accepted."""
        new = from_input(NewDiscount, input, exclude=("idempotency_key", "order_id"))
        order = await info.context.services.order.discounts.add(tx, info.context.actor, input.order_id, new)
        return OrderDiscountAddPayload(order=present(Order, order))

    @command(MAY_UPDATE)
    async def order_discount_remove(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            OrderDiscountRemoveInput,
            strawberry.argument(description="The discount, by the `sourceId` of its rows."),
        ],
    ) -> OrderDiscountRemovePayload:
        """Take back a discount that staff gave on an order which is still unpaid."""
        order = await info.context.services.order.discounts.remove(
            tx, info.context.actor, input.order_id, input.discount_id, input.expected_total
        )
        return OrderDiscountRemovePayload(order=present(Order, order))
