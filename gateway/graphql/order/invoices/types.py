"""The GraphQL types of invoices and of the settings of documents."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import strawberry

from domains.order.invoices import models
from domains.order.invoices.models import InvoiceKind
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, relation
from gateway.graphql.core.node import Node
from gateway.graphql.core.scalars import Money
from gateway.graphql.order.amounts import money_of
from gateway.graphql.order.invoices.loaders import load_order_invoices

DOCUMENT_PATH: Final = "/invoices/{invoice_id}.pdf"

describe(
    InvoiceKind,
    "The kind of an invoice.",
    {
        InvoiceKind.INVOICE: "An invoice of an order.",
        InvoiceKind.CREDIT_NOTE: "A credit note, which takes back an invoice or a part of it.",
    },
)


@strawberry.type(
    description="An invoice or a credit note of an order, as it was issued. Who sees the order sees it. The numbers "
    "of a kind have no gaps."
)
class Invoice(Node, model=models.Invoice):
    """The order domain's Invoice."""

    currency: strawberry.Private[str]

    order_id: UUID = strawberry.field(description="The id of the order whose goods it charges or credits.")
    kind: InvoiceKind = strawberry.field(description="Whether it is an invoice or a credit note.")
    number: str = strawberry.field(
        description="The number by which people refer to it, unique among those of its kind in the company."
    )
    corrected_id: UUID | None = strawberry.field(
        description="The id of the invoice that a credit note corrects; null for an invoice."
    )
    refund_id: UUID | None = strawberry.field(
        description="The id of the refund of a credit note; null for an invoice, and for a credit note that takes "
        "back what is left of an invoice after an edit or a cancellation."
    )
    language: str = strawberry.field(description="The language of the document, a tag of BCP 47.")
    total: Money = money_of("total", "The amount of the document with tax; positive for credit notes too.")
    tax: Money = money_of("tax", "The part of `total` that is tax.")
    issued_at: datetime = strawberry.field(description="When it got its number; its content has not changed since.")

    @computed
    def document_path(self: models.Invoice) -> str:
        """The path of the document as PDF on the host of this API.

        For the bearer token of a customer with the order or of staff with ORDERS:READ, or for the header
        `X-Order-Token` with the order token of a guest.
        """
        return DOCUMENT_PATH.format(invoice_id=self.id)


@strawberry.type(description="The settings of invoices and other documents of the company.")
class DocumentSettings:
    """The order domain's DocumentSettings."""

    legal_name: str | None = strawberry.field(
        description="The seller's name as documents show it; null until it is set. No invoice is issued without it."
    )
    address_line_1: str | None = strawberry.field(
        description="The first line of the seller's address; null until it is set. No invoice is issued without it."
    )
    address_line_2: str | None = strawberry.field(description="The second line of the address; null for none.")
    postal_code: str | None = strawberry.field(description="The postal code of the address; null for none.")
    city: str | None = strawberry.field(
        description="The city of the address; null until it is set. No invoice is issued without it."
    )
    province: str | None = strawberry.field(description="The province or state of the address; null for none.")
    country: str | None = strawberry.field(
        description="The country of the address, ISO 3166-1 alpha-2; null until it is set. No invoice is issued "
        "without it. In `US` and `CA` documents have the paper size Letter, elsewhere A4."
    )
    registration: str | None = strawberry.field(
        description="The entry in a commercial register, such as `HRB 12345, Berlin`; null for none."
    )
    email: str | None = strawberry.field(description="The e-mail address on documents; null for none.")
    phone: str | None = strawberry.field(description="The telephone number on documents; null for none.")
    bank_details: str | None = strawberry.field(
        description="The bank account to which buyers pay, in several lines; null for none."
    )
    footer: str | None = strawberry.field(description="A text below the sums of invoices; null for none.")
    document_language: str = strawberry.field(
        description="The language of documents of orders without one, a tag of BCP 47."
    )
    invoice_pattern: str = strawberry.field(
        description="The pattern of numbers of invoices: `{number}` once, padded by `{number:06}`, with `{year}`, "
        "`{month}` and `{day}` as needed."
    )
    credit_note_pattern: str = strawberry.field(description="The pattern of numbers of credit notes.")
    invoices_from: datetime | None = strawberry.field(
        description="Orders that are shipped since then get an invoice without a request; null when each invoice is "
        "requested by `orderInvoiceIssue`."
    )
    retention_years: int = strawberry.field(
        description="How many years after the year of issue invoices name a buyer whose data were erased."
    )


ORDER_INVOICES: Final[Any] = relation(
    "id",
    load_order_invoices,
    many=True,
    size=2,
    description="The invoices and credit notes of the order, oldest first.",
)
"""The field of an order."""
