"""Queries of warehouses, for staff."""

from typing import Annotated
from uuid import UUID

import strawberry

from domains.kernel.errors import InvalidInput
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import input_values, present, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.inventory.types import MAY_READ
from gateway.graphql.inventory.warehouse_inputs import WarehouseFilterInput
from gateway.graphql.inventory.warehouse_types import Warehouse


@strawberry.type
class WarehouseQuery:
    """The fields of Query about warehouses."""

    @query(MAY_READ)
    async def warehouse(
        self,
        info: Info,
        id: Annotated[
            UUID | None, strawberry.argument(description="The id of a warehouse. Give either `id` or `code`.")
        ] = None,
        code: Annotated[
            str | None,
            strawberry.argument(description="The code of a warehouse, in any case. Give either `code` or `id`."),
        ] = None,
    ) -> Warehouse | None:
        """A warehouse by its id or its code; null when there is none."""
        warehouses, reader = info.context.services.inventory.warehouses, info.context.reader
        if id is not None and code is None:
            return present(Warehouse, await warehouses.find(reader, id))
        if code is not None and id is None:
            return present(Warehouse, await warehouses.find_by_code(reader, code))
        raise InvalidInput("Give either `id` or `code`.", field=("id",))

    @query(MAY_READ)
    async def warehouses(
        self,
        info: Info,
        filter: Annotated[
            WarehouseFilterInput | None,
            strawberry.argument(description="Conditions on the warehouses; all warehouses by default."),
        ] = None,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="A part of the name, ignoring case, at most 255 characters; null or empty for all."
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Warehouse]:
        """The warehouses of the company, the lowest priority first."""
        context, args = info.context, PageArgs(first, after, last, before)
        conditions = input_values(filter) if filter else {}
        page = await context.services.inventory.warehouses.find_page(
            context.reader, args, search=search, **conditions
        )
        return Connection[Warehouse].of(page)
