"""The payloads of invoices, and how they are rebuilt for a repeated idempotency key."""

from collections.abc import Mapping
from typing import Any, Self

import strawberry

from domains.kernel.idempotency.outcomes import Outcome
from gateway.graphql.core.context import Info
from gateway.graphql.core.errors import UserError
from gateway.graphql.core.fields import present
from gateway.graphql.order.invoices.types import DocumentSettings, Invoice


@strawberry.type(description="The result of `orderInvoiceIssue`.")
class OrderInvoiceIssuePayload:
    """The invoice, or the errors."""

    invoice: Invoice | None = strawberry.field(
        default=None, description="The new invoice; null when the request was refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the request was refused; empty on success."
    )

    def outcome(self) -> Mapping[str, Any]:
        """The invoice's id."""
        return {"invoice_id": self.invoice.id if self.invoice else None}

    @classmethod
    async def from_outcome(cls, info: Info, input: Any, outcome: Outcome) -> Self:
        """The invoice, which never changes."""
        del input
        invoice_id = outcome.id("invoice_id")
        if invoice_id is None:
            return cls()
        context = info.context
        found = await context.services.order.invoices.listing.visible(context.reader, context.actor, [invoice_id])
        return cls(invoice=present(Invoice, found[0]) if found else None)


@strawberry.type(description="The result of `documentSettingsUpdate`.")
class DocumentSettingsUpdatePayload:
    """The settings, or the errors."""

    settings: DocumentSettings | None = strawberry.field(
        default=None, description="The settings afterwards; null when the change was refused."
    )
    errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the change was refused; empty on success."
    )
