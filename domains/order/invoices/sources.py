"""What the content of an invoice is made of, read for an order that is locked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.company.models import Company
from domains.company.service import CompanyService
from domains.kernel.database import Tx
from domains.kernel.settings import SettingsTable
from domains.order import data
from domains.order.invoices.models import DocumentSettings
from domains.order.models import Order, OrderAddress, OrderItem, OrderTax
from domains.payment.models import Payment, Refund, RefundLine, RefundStatus
from domains.payment.service import PaymentService
from domains.tax.models import TaxSettings
from domains.tax.service import TaxService

NOT_CREDITED: Final = frozenset({"OVERPAYMENT"})
"""The kinds of lines of refunds for which no credit note is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """An order with its lines, taxes, addresses and payments; the company and its settings."""

    order: Order
    items: Sequence[OrderItem]
    taxes: Sequence[OrderTax]
    addresses: Mapping[UUID, OrderAddress]
    payments: Sequence[Payment]
    company: Company
    settings: DocumentSettings
    tax: TaxSettings


@dataclass(frozen=True, slots=True)
class Repayment:
    """A refund that succeeded, with its lines."""

    refund: Refund
    lines: Sequence[RefundLine]


class InvoiceSources:
    """Reads what invoices and credit notes are made of."""

    def __init__(
        self,
        settings: SettingsTable[DocumentSettings],
        company: CompanyService,
        tax: TaxService,
        payment: PaymentService,
    ) -> None:
        self.settings = settings
        self._company = company
        self._tax = tax
        self._payment = payment

    async def of(self, tx: Tx, order: Order) -> Sources:
        """The sources of an order that is locked. Four statements, one more for settings that are not cached."""
        places = [place for place in {order.billing_address_id, order.shipping_address_id} if place is not None]
        addresses = await data.order_address.find_many(tx, where={"id": {"in": places}})
        return Sources(
            order=order,
            items=await data.order_item.find_many(tx, where={"order_id": order.id}, order_by=[{"id": "asc"}]),
            taxes=await data.order_tax.find_many(tx, where={"order_id": order.id}, order_by=[{"id": "asc"}]),
            addresses={address.id: address for address in addresses},
            payments=await self._payment.payments_of(tx, [order.id]),
            company=await self._company.current(tx),
            settings=await self.settings.current(tx),
            tax=await self._tax.settings.current(tx),
        )

    async def repayments(self, tx: Tx, sources: Sources) -> list[Repayment]:
        """The refunds of an order that succeeded, in the order in which they did. Two statements.

        Without what returns an overpayment: the invoice that an edit replaced was taken back as a whole.
        """
        found = await self._payment.refunds.of_payments(tx, [payment.id for payment in sources.payments])
        settled = [refund for refund in found if refund.status is RefundStatus.SUCCEEDED]
        lines = await self._payment.refunds.lines_of(tx, [refund.id for refund in settled])
        settled.sort(key=lambda refund: (refund.settled_at or refund.updated_at, refund.id))
        repayments = []
        for refund in settled:
            own = [line for line in lines if line.refund_id == refund.id]
            credited = [line for line in own if line.kind.value not in NOT_CREDITED]
            if credited or not own:
                repayments.append(Repayment(refund, credited))
        return repayments
