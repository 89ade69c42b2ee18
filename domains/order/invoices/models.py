"""Models of invoices and credit notes, and of the settings of documents."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.order.data import DocumentSettingsRow as DocumentSettings
from domains.order.data import InvoiceKind
from domains.order.data import InvoiceRow as Invoice

__all__ = ["DocumentSettings", "Invoice", "InvoiceFilter", "InvoiceKind"]

NOTHING: Final = Decimal(0)
Content = dict[str, Any]
"""What a document shows, as JSON: amounts and rates are texts with a decimal point, days are ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """A filter of invoices; all given conditions must hold. `number` is the whole number, in its case."""

    kind: InvoiceKind | None = None
    order_id: UUID | None = None
    number: str | None = None
    issued_from: datetime | None = None
    issued_before: datetime | None = None
