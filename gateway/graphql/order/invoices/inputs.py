"""Inputs of invoices and of the settings of documents."""

from datetime import datetime
from uuid import UUID

import strawberry

from domains.order.invoices.models import InvoiceKind
from gateway.graphql.order.inputs import KEY
from gateway.graphql.order.invoices import types as _types  # noqa: F401 - InvoiceKind must be a GraphQL enum first

LINE = "at most 255 characters; null for none."
BLOCK = "at most 1,000 characters; null for none."
PATTERN = "with `{number}` once, at most 40 characters."


@strawberry.input(description="Conditions on invoices. Null and absent fields set no condition.")
class InvoiceFilterInput:
    """All given conditions must hold."""

    kind: InvoiceKind | None = strawberry.field(default=None, description="Only invoices, or only credit notes.")
    order_id: UUID | None = strawberry.field(default=None, description="Those of one order.")
    number: str | None = strawberry.field(default=None, description="The one with this number, in its exact case.")
    issued_from: datetime | None = strawberry.field(default=None, description="Those issued at this time or later.")
    issued_before: datetime | None = strawberry.field(default=None, description="Those issued before this time.")


@strawberry.input(description="The order whose invoice is issued now.")
class OrderInvoiceIssueInput:
    """An order."""

    idempotency_key: str = strawberry.field(description=KEY)
    order_id: UUID = strawberry.field(description="The id of an order without an invoice, which need not be shipped.")


@strawberry.input(description="The settings of documents to change; what is absent stays.")
class DocumentSettingsUpdateInput:
    """Settings."""

    legal_name: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"The seller's name as documents show it, {LINE}"
    )
    address_line_1: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"The first line of the seller's address, {LINE}"
    )
    address_line_2: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"The second line of the address, {LINE}"
    )
    postal_code: str | None = strawberry.field(default=strawberry.UNSET, description=f"The postal code, {LINE}")
    city: str | None = strawberry.field(default=strawberry.UNSET, description=f"The city, {LINE}")
    province: str | None = strawberry.field(default=strawberry.UNSET, description=f"The province or state, {LINE}")
    country: str | None = strawberry.field(
        default=strawberry.UNSET, description="The country, ISO 3166-1 alpha-2; null for none."
    )
    registration: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"The entry in a commercial register, {LINE}"
    )
    email: str | None = strawberry.field(default=strawberry.UNSET, description=f"The e-mail address, {LINE}")
    phone: str | None = strawberry.field(default=strawberry.UNSET, description=f"The telephone number, {LINE}")
    bank_details: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"The bank account to which buyers pay, {BLOCK}"
    )
    footer: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"A text below the sums of invoices, {BLOCK}"
    )
    document_language: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The language of documents of orders without one, a tag of BCP 47. Texts are in en, de, fr, es, "
        "it and nl; documents in other languages have the English ones.",
    )
    invoice_pattern: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"The pattern of numbers of invoices, {PATTERN}"
    )
    credit_note_pattern: str | None = strawberry.field(
        default=strawberry.UNSET, description=f"The pattern of numbers of credit notes, {PATTERN}"
    )
    invoices_from: datetime | None = strawberry.field(
        default=strawberry.UNSET,
        description="Orders that are shipped since then get an invoice without a request; null to request each.",
    )
    retention_years: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="How many years after the year of issue invoices name a buyer whose data were erased, 0 to 30.",
    )
