"""Queries of webhooks."""

from typing import Annotated, Final

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.payment.webhooks.inputs import PaymentWebhookFilterInput, PaymentWebhookSortInput
from gateway.graphql.payment.webhooks.types import PaymentWebhook

MAY_READ: Final = requires(PermissionResource.ORDERS, PermissionAction.READ)


@strawberry.type
class WebhookQuery:
    """The fields of Query about webhooks."""

    @query(MAY_READ)
    async def payment_webhooks(
        self,
        info: Info,
        filter: Annotated[
            PaymentWebhookFilterInput | None,
            strawberry.argument(description="Conditions on the webhooks; all webhooks by default."),
        ] = None,
        sort_by: Annotated[
            PaymentWebhookSortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[PaymentWebhook]:
        """The events of payment providers of the last 90 days, and what became of them."""
        page = await info.context.services.payment.webhooks.find_webhooks(
            info.context.reader,
            PageArgs(first, after, last, before),
            filters=filter.as_filter() if filter else None,
            sort=(sort_by or PaymentWebhookSortInput()).as_sort(),
        )
        return Connection[PaymentWebhook].of(page)
