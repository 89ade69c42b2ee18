"""Lists of payments, their transactions and refunds, for staff."""

from typing import Annotated, TypeAlias

import strawberry

from domains.payment.listing.lists import ALL_PAYMENTS, ALL_REFUNDS, ALL_TRANSACTIONS
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.core.sorting import SortDirection
from gateway.graphql.payment.listing.inputs import (
    PaymentFilterInput,
    PaymentTransactionFilterInput,
    RefundFilterInput,
)
from gateway.graphql.payment.listing.types import READS_ORDERS, PaymentTransaction
from gateway.graphql.payment.types import Payment, Refund

ByTime: TypeAlias = Annotated[
    SortDirection, strawberry.argument(description="The direction of the times; the newest come first by default.")
]


@strawberry.type
class PaymentListQuery:
    """Lists of payments in Query."""

    @query(READS_ORDERS)
    async def payments(
        self,
        info: Info,
        filter: Annotated[
            PaymentFilterInput | None,
            strawberry.argument(description="Conditions on the payments; all of the company by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(description="The provider's id of a payment, all of it; null or empty for all."),
        ] = None,
        direction: ByTime = SortDirection.DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Payment]:
        """The payment attempts of all orders, by the time at which they were begun."""
        page = await info.context.services.payment.lists.payments(
            info.context.reader,
            PageArgs(first, after, last, before),
            filter.as_filter() if filter else ALL_PAYMENTS,
            search=search,
            direction=direction.value,
        )
        return Connection[Payment].of(page)

    @query(READS_ORDERS)
    async def payment_transactions(
        self,
        info: Info,
        filter: Annotated[
            PaymentTransactionFilterInput | None,
            strawberry.argument(description="Conditions on the transactions; all of the company by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(description="The provider's id of a transaction, all of it; null or empty for all."),
        ] = None,
        direction: ByTime = SortDirection.DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PaymentTransaction]:
        """What moved at payment providers or was reserved there, by the time at which it happened."""
        page = await info.context.services.payment.lists.transactions(
            info.context.reader,
            PageArgs(first, after, last, before),
            filter.as_filter() if filter else ALL_TRANSACTIONS,
            search=search,
            direction=direction.value,
        )
        return Connection[PaymentTransaction].of(page)

    @query(READS_ORDERS)
    async def refunds(
        self,
        info: Info,
        filter: Annotated[
            RefundFilterInput | None,
            strawberry.argument(description="Conditions on the refunds; all of the company by default."),
        ] = None,
        direction: ByTime = SortDirection.DESC,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Refund]:
        """The refunds of all payments, by the time at which they were requested."""
        page = await info.context.services.payment.lists.refunds(
            info.context.reader,
            PageArgs(first, after, last, before),
            filter.as_filter() if filter else ALL_REFUNDS,
            direction=direction.value,
        )
        return Connection[Refund].of(page)
