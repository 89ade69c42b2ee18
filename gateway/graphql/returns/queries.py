"""Queries of return requests."""

from dataclasses import replace
from typing import Annotated

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.returns.models import ReturnFilter
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import AUTHENTICATED, PUBLIC, present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.order.inputs import TOKEN
from gateway.graphql.returns.inputs import ReturnFilterInput
from gateway.graphql.returns.types import ReturnRequest

MAY_READ = requires(PermissionResource.ORDERS, PermissionAction.READ)
Filter = Annotated[
    ReturnFilterInput | None,
    strawberry.argument(description="Conditions on the return requests; all of them by default."),
]


@strawberry.type
class ReturnQuery:
    """The fields of Query about returns."""

    @query(PUBLIC)
    async def return_request(
        self,
        info: Info,
        rma_number: Annotated[str, strawberry.argument(description="The number, such as `RMA-1001`, in any case.")],
        order_token: Annotated[str | None, strawberry.argument(description=TOKEN)] = None,
    ) -> ReturnRequest | None:
        """A return request by its number: your own, a guest's by the order's token, or any with ORDERS:READ.

        Null when there is none.
        """
        context = info.context
        found = await context.services.returns.by_number(context.reader, context.actor, rma_number, token=order_token)
        return present(ReturnRequest, found)

    @query(MAY_READ)
    async def returns(
        self,
        info: Info,
        filter: Filter = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ReturnRequest]:
        """The return requests of the company, newest first."""
        filters = filter.as_filter() if filter else ReturnFilter()
        page = await info.context.services.returns.listing.find(
            info.context.reader, PageArgs(first, after, last, before), filters
        )
        return Connection[ReturnRequest].of(page)

    @query(AUTHENTICATED)
    async def my_returns(
        self,
        info: Info,
        filter: Filter = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ReturnRequest]:
        """Your own return requests, newest first."""
        context = info.context
        filters = replace(filter.as_filter() if filter else ReturnFilter(), user_id=context.actor.user_id)
        page = await context.services.returns.listing.find(
            context.reader, PageArgs(first, after, last, before), filters
        )
        return Connection[ReturnRequest].of(page)
