"""Mutations of invoices and of the settings of documents."""

from typing import Annotated, Final

import strawberry

from domains.kernel.database import Tx
from domains.kernel.permissions import PermissionAction, PermissionResource
from gateway.graphql.core.context import Info
from gateway.graphql.core.fields import command, input_values, present, requires
from gateway.graphql.order.invoices.inputs import DocumentSettingsUpdateInput, OrderInvoiceIssueInput
from gateway.graphql.order.invoices.payloads import DocumentSettingsUpdatePayload, OrderInvoiceIssuePayload
from gateway.graphql.order.invoices.types import DocumentSettings, Invoice

UPDATES_ORDERS: Final = requires(PermissionResource.ORDERS, PermissionAction.UPDATE)
UPDATES_SETTINGS: Final = requires(PermissionResource.SETTINGS, PermissionAction.UPDATE)


@strawberry.type
class InvoiceMutation:
    """Issuing invoices, and their settings."""

    @command(UPDATES_ORDERS, idempotent=True)
    async def order_invoice_issue(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            OrderInvoiceIssueInput, strawberry.argument(description="The order, which has no valid invoice yet.")
        ],
    ) -> OrderInvoiceIssuePayload:
        """Issue the invoice of an order now. Without this it is issued when all of its goods are shipped.

        Credit notes are issued by themselves, within a minute of a refund, an edit or a cancellation.
        """
        context = info.context
        invoice = await context.services.order.invoices.issue(tx, context.actor, input.order_id)
        return OrderInvoiceIssuePayload(invoice=present(Invoice, invoice))

    @command(UPDATES_SETTINGS)
    async def document_settings_update(
        self,
        info: Info,
        tx: Tx,
        input: Annotated[
            DocumentSettingsUpdateInput, strawberry.argument(description="The settings to change, with their values.")
        ],
    ) -> DocumentSettingsUpdatePayload:
        """Change the settings of documents, all or none. Documents that were issued before do not change."""
        context = info.context
        currency = (await context.services.company.current(tx)).currency
        settings = await context.services.order.invoices.settings.update(tx, input_values(input), currency)
        return DocumentSettingsUpdatePayload(settings=present(DocumentSettings, settings))
