"""Queries of carriers, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.shipping.carriers.types import Carrier, CarrierAdapter

MAY_READ = requires(PermissionResource.SETTINGS, PermissionAction.READ)


@strawberry.type
class CarrierQuery:
    """The fields of Query about carriers."""

    @query(MAY_READ)
    async def carrier(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of a carrier of this company.")],
    ) -> Carrier | None:
        """A carrier by its id; null when there is none. No secret is shown."""
        context = info.context
        return present(Carrier, await context.services.shipping.carriers.find(context.reader, id))

    @query(MAY_READ)
    async def carriers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Carrier]:
        """The carriers of the company, the oldest first, at most 50. No secret is shown."""
        context, args = info.context, PageArgs(first, after, last, before)
        page = await context.services.shipping.carriers.find_page(context.reader, args)
        return Connection[Carrier].of(page)

    @query(MAY_READ)
    async def carrier_adapters(self, info: Info) -> list[CarrierAdapter]:
        """The adapters of this installation by name, to which carriers can be connected."""
        adapters = info.context.services.shipping.carriers.adapters
        return [CarrierAdapter.of(each) for each in adapters.offered]
