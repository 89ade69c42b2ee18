"""Queries of shipping profiles, for staff."""

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.shipping.profiles.types import ShippingProfile
from gateway.graphql.shipping.zones.arguments import Search

MAY_READ = requires(PermissionResource.SETTINGS, PermissionAction.READ)


@strawberry.type
class ShippingProfileQuery:
    """The fields of Query for shipping profiles."""

    @query(MAY_READ)
    async def shipping_profiles(
        self,
        info: Info,
        search: Search = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[ShippingProfile]:
        """The shipping profiles of the company, the oldest first."""
        context, args = info.context, PageArgs(first, after, last, before)
        page = await context.services.shipping.profiles.find_page(context.reader, args, search=search)
        return Connection[ShippingProfile].of(page)
