"""Queries of orders: by id, by number, by a guest's token, and in lists."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.errors import InvalidInput
from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.models import OrderFilter
from domains.order.search.listing import OrderSort
from gateway.graphql.core.context import Info
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import OWNER, PUBLIC, present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.order.inputs import OrderFilterInput
from gateway.graphql.order.types import Order

MAY_READ = requires(PermissionResource.ORDERS, PermissionAction.READ)


describe(
    OrderSort,
    "The fields that orders can be sorted by.",
    {
        OrderSort.CREATED_AT: "The time of creation.",
        OrderSort.ORDER_NUMBER: "The number as text, in the form of the company's pattern.",
        OrderSort.TOTAL: "The amount to pay, shipping and tax included.",
        OrderSort.STATUS: "The status, in the order of the enum; within a status, the time of creation.",
    },
    name="OrderSortField",
)


@strawberry.input(description="The sort order of orders.")
class OrderSortInput:
    """A field and a direction."""

    field: OrderSort = strawberry.field(
        default=OrderSort.CREATED_AT, description="The value to sort by; the newest come first by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.DESC, description="The direction; descending by default."
    )


@strawberry.type
class OrderQuery:
    """The order domain's fields of Query."""

    @query(OWNER | MAY_READ)
    async def order(
        self,
        info: Info,
        id: Annotated[
            UUID | None, strawberry.argument(description="The id of the order. Give either `id` or `number`.")
        ] = None,
        number: Annotated[
            str | None,
            strawberry.argument(
                description=("The order number as customers see it, in its exact case. Give either `number` or `id`.")
            ),
        ] = None,
    ) -> Order | None:
        """An order by its id or its number: the caller's own, or any with ORDERS:READ; null when it does not exist.

        Guests use `orderByToken`.
        """
        context, orders = info.context, info.context.services.order
        if id is not None and number is None:
            return present(Order, await orders.get_order_by_id(context.reader, context.actor, id))
        if number is not None and id is None:
            return present(Order, await orders.get_order_by_number(context.reader, context.actor, number))
        raise InvalidInput("Give either `id` or `number`.", field=("id",))

    @query(PUBLIC)
    async def order_by_token(
        self,
        info: Info,
        order_token: Annotated[
            str, strawberry.argument(description="The secret token that `orderCreate` returned to the guest.")
        ],
    ) -> Order | None:
        """A guest's order by its order token; null when no order has it."""
        order = await info.context.services.order.get_order_by_token(info.context.reader, order_token)
        return present(Order, order)

    @query(OWNER | MAY_READ)
    async def orders(
        self,
        info: Info,
        filter: Annotated[
            OrderFilterInput | None,
            strawberry.argument(description="Conditions on the orders; all orders that you may see by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "The beginning of the order number or e-mail address. For staff also the end of the number "
                    "(`237`), words of a name or company in its addresses, a postal code, a telephone number in "
                    "any form, a SKU or its end; with USERS:READ also a part of the customer's name."
                )
            ),
        ] = None,
        sort_by: Annotated[
            OrderSortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Order]:
        """The caller's own orders; with ORDERS:READ all orders of the shop, unless the filter has `mine`."""
        context, order = info.context, sort_by or OrderSortInput()
        filters = filter.as_filter(search) if filter else OrderFilter(search=search)
        page = await context.services.order.get_user_orders(
            context.reader,
            context.actor,
            PageArgs(first, after, last, before),
            filters,
            order.field,
            descending=order.direction is SortDirection.DESC,
        )
        return Connection[Order].of(page)
