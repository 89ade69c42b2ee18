"""Queries of invoices and of the settings of documents."""

from typing import Annotated, Final
from uuid import UUID

import strawberry

from domains.kernel.permissions import PermissionAction, PermissionResource
from domains.order.invoices.models import InvoiceFilter
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import OWNER, input_values, present, query, requires
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.order.invoices.inputs import InvoiceFilterInput
from gateway.graphql.order.invoices.types import DocumentSettings, Invoice

READS_ORDERS: Final = requires(PermissionResource.ORDERS, PermissionAction.READ)
READS_SETTINGS: Final = requires(PermissionResource.SETTINGS, PermissionAction.READ)


@strawberry.type
class InvoiceQuery:
    """The fields of Query about invoices."""

    @query(OWNER | READS_ORDERS)
    async def invoice(
        self,
        info: Info,
        id: Annotated[UUID, strawberry.argument(description="The id of an invoice or a credit note.")],
    ) -> Invoice | None:
        """An invoice or a credit note: of an own order, or any with ORDERS:READ; null when there is none."""
        context = info.context
        found = await context.services.order.invoices.listing.get(context.reader, context.actor, id)
        return present(Invoice, found)

    @query(READS_ORDERS)
    async def invoices(
        self,
        info: Info,
        filter: Annotated[
            InvoiceFilterInput | None,
            strawberry.argument(description="Conditions on the invoices; all of them by default."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Invoice]:
        """The invoices and credit notes of the company, newest first."""
        page = await info.context.services.order.invoices.listing.find(
            info.context.reader,
            PageArgs(first, after, last, before),
            InvoiceFilter(**(input_values(filter) if filter else {})),
        )
        return Connection[Invoice].of(page)

    @query(READS_SETTINGS)
    async def document_settings(self, info: Info) -> DocumentSettings:
        """The settings of invoices and other documents."""
        context = info.context
        return present(DocumentSettings, await context.services.order.invoices.settings.current(context.reader))
