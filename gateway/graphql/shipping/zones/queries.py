"""Queries of shipping zones, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.shipping.zones.arguments import Search
from gateway.graphql.shipping.zones.inputs import ShippingZoneSortInput
from gateway.graphql.shipping.zones.types import ShippingZone

MAY_READ = requires(PermissionResource.SETTINGS, PermissionAction.READ)


@strawberry.type
class ShippingZoneQuery:
    """The fields of Query for shipping zones."""

    @query(MAY_READ)
    async def shipping_zone(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a shipping zone of this company.")],
    ) -> ShippingZone | None:
        """A shipping zone with its methods; null when there is none."""
        context = info.context
        return present(ShippingZone, await context.services.shipping.zones.find(context.reader, id))

    @query(MAY_READ)
    async def shipping_zones(
        self,
        info: Info,
        search: Search = None,
        sort_by: Annotated[
            ShippingZoneSortInput | None, strawberry.argument(description="The order; the oldest first by default.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ShippingZone]:
        """The shipping zones of the company, inactive ones included."""
        context, args = info.context, PageArgs(first, after, last, before)
        sort = (sort_by or ShippingZoneSortInput()).as_sort()
        page = await context.services.shipping.zones.find_page(context.reader, args, search=search, sort=sort)
        return Connection[ShippingZone].of(page)
