"""A shop that issues invoices, with the operations of its tests."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

from domains.kernel.actor import Actor
from domains.order.invoices.models import Invoice
from domains.order.models import Order, OrderStatus
from domains.order.payments.refund_lines import NewRefund
from tests.domains.order.storefront import Storefront

SELLER: Final = {
    "legal_name": "Łódź Trading s.r.o.",
    "address_line_1": "1 High Street",
    "postal_code": "10115",
    "city": "Berlin",
    "country": "DE",
}


@dataclass
class Billing:
    """A shop with a customer and a clerk."""

    shop: Storefront
    ada: Actor
    clerk: Actor

    @classmethod
    async def opened(cls, shop: Storefront, **settings: Any) -> "Billing":
        """The shop with 500 of A; it issues invoices of what is shipped from now on."""
        await shop.stock("A", 500)
        made = cls(shop, await shop.customer(), await shop.staff())
        await made.set(**SELLER, invoices_from=shop.clock.now() - timedelta(minutes=1), **settings)
        return made

    async def set(self, **settings: Any) -> None:
        """Change settings of documents."""
        await self.shop.run(lambda tx: self.shop.services.order.invoices.settings.update(tx, settings, "EUR"))

    async def paid(self, units: int = 2) -> Order:
        """A paid order."""
        return await self.shop.pay(self.ada, await self.shop.buy(self.ada, ("A", units)))

    async def shipped(self, units: int = 2) -> Order:
        """An order that was paid and shipped."""
        order, orders = await self.paid(units), self.shop.services.order
        for status in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
            order = await self.shop.run(
                partial(orders.update_status, actor=self.clerk, order_id=order.id, status=status), self.clerk
            )
        return order

    async def refund(self, order: Order, amount: str | None = None, **given: Any) -> None:
        """Refund an order, in part by an amount."""
        wanted = NewRefund(amount=None if amount is None else Decimal(amount), **given)
        await self.shop.services.order.refunds.refund(self.shop.database, self.clerk, order.id, wanted)

    async def work(self) -> int:
        """Run the job once."""
        return await self.shop.services.order.invoices.issue_due(self.shop.database, self.shop.system)

    async def issue(self, order: Order) -> Invoice:
        """Issue an invoice on request."""
        invoices = self.shop.services.order.invoices
        invoice: Invoice = await self.shop.run(lambda tx: invoices.issue(tx, self.clerk, order.id), self.clerk)
        return invoice

    async def documents(self, *orders: Order) -> list[Invoice]:
        """The invoices and credit notes of orders, oldest first."""
        reader = self.shop.database.reader(self.shop.company_id)
        return await self.shop.services.order.invoices.listing.of_orders(reader, [order.id for order in orders])
