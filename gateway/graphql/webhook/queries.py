"""Queries of webhooks, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.webhook.models import DeliveryFilter
from domains.webhook.topics import OFFERED, description_of
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.webhook.inputs import WebhookDeliveryFilterInput, WebhookDeliverySortInput
from gateway.graphql.webhook.types import WebhookDelivery, WebhookEndpoint, WebhookTopic

MAY_READ = requires(PermissionResource.SETTINGS, PermissionAction.READ)


@strawberry.type
class WebhookQuery:
    """The webhook domain's fields of Query."""

    @query(MAY_READ)
    async def webhook_topics(self, info: Info) -> list[WebhookTopic]:
        """The topics of events that webhooks can receive."""
        return [
            WebhookTopic(topic=topic, description=description_of(event), version=event.version)
            for topic, event in OFFERED.items()
        ]

    @query(MAY_READ)
    async def webhook_endpoint(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a webhook endpoint of this company.")],
    ) -> WebhookEndpoint | None:
        """A webhook endpoint by its id; null when there is none. Its secret is not shown."""
        context = info.context
        return present(WebhookEndpoint, await context.services.webhook.endpoints.find(context.reader, id))

    @query(MAY_READ)
    async def webhook_endpoints(
        self,
        info: Info,
        is_active: Annotated[
            bool | None, strawberry.argument(description="Only active or only disabled ones; null for both.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[WebhookEndpoint]:
        """The webhook endpoints of the company, the oldest first, at most 20. No secret is shown."""
        context, args = info.context, PageArgs(first, after, last, before)
        page = await context.services.webhook.endpoints.find_page(context.reader, args, is_active=is_active)
        return Connection[WebhookEndpoint].of(page)

    @query(MAY_READ)
    async def webhook_deliveries(
        self,
        info: Info,
        filter: Annotated[
            WebhookDeliveryFilterInput | None,
            strawberry.argument(description="Conditions on the deliveries; all of the last 30 days by default."),
        ] = None,
        sort_by: Annotated[
            WebhookDeliverySortInput | None, strawberry.argument(description="The order; newest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[WebhookDelivery]:
        """The deliveries of events to webhook endpoints of the company."""
        page = await info.context.services.webhook.deliveries.find_page(
            info.context.reader,
            PageArgs(first, after, last, before),
            filters=filter.as_filter() if filter else DeliveryFilter(),
            sort=(sort_by or WebhookDeliverySortInput()).as_sort(),
        )
        return Connection[WebhookDelivery].of(page)
