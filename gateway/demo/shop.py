"""What the stories of the demo share: buyers order at set times, and staff work on their orders."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, TypeVar
from uuid import UUID

from domains.cart.models import CartRef, NewLine
from domains.kernel.actor import Actor
from domains.kernel.clock import set_to
from domains.kernel.database import Database, Tx
from domains.order.models import AddressFields, NewOrder, OrderItem, OrderStatus
from domains.order.payments.payments import PaymentData
from gateway.demo.payments import Buyer, CreatedOrder, approved_card
from gateway.services import Services

T = TypeVar("T")
FIRST_CARD: Final = 1_000  # a card pays few first orders, so each sale has its own
CUSTOMER: Final = 0  # the place of the customer with a public password among the buyers
GUEST: Final = -1  # and that of a guest
SHIPPED_AFTER: Final = 0.5  # days
DELIVERED_AFTER: Final = 2.0


@dataclass(frozen=True, slots=True)
class Home:
    """Where a buyer lives, and the language of their documents."""

    language: str
    street: str
    city: str
    postal_code: str


HOMES: Final[Mapping[str, Home]] = {
    "GB": Home("en", "3 Kiln Lane", "Stoke", "ST1 1AA"),
    "DE": Home("de", "Am Wall 7", "Bremen", "28195"),
    "FR": Home("fr", "12 rue des Tanneurs", "Lille", "59800"),
}


@dataclass(frozen=True, slots=True)
class Sale:
    """A paid order, its buyer with the token of a guest, and its lines by SKU."""

    order_id: UUID
    buyer: Buyer
    token: str | None
    lines: Mapping[str, OrderItem]


class DemoShop:
    """Sells and ships orders through the services, at times before the demo is loaded."""

    def __init__(self, services: Services, db: Database, staff: Actor, buyers: Sequence[Buyer]) -> None:
        self.services = services
        self.db = db
        self.staff = staff
        self._buyers = buyers
        self._now = db.clock.now()
        self._sales = 0

    def ago(self, days: float) -> AbstractContextManager[None]:
        """What happens this many days before the demo is loaded."""
        return set_to(self._now - timedelta(days=days))

    def buyer(self, place: int) -> Buyer:
        """The buyer at a place."""
        return self._buyers[place]

    async def staff_run(self, work: Callable[[Tx], Awaitable[T]]) -> T:
        """The result of a transaction of staff."""
        return await self.db.run(work, self.staff)

    async def sell(self, days: float, place: int, units: Mapping[str, int], country: str = "GB") -> Sale:
        """Let a buyer, by their place, order and pay units of SKUs some days ago."""
        self._sales += 1
        buyer = replace(self.buyer(place), card=approved_card(FIRST_CARD + self._sales))
        with self.ago(days):
            created = await self._order(buyer, units, country)
            paid = PaymentData(instrument=buyer.card, token=created.token)
            await self.services.order.process_payment(self.db, buyer.actor, created.order.id, paid)
        reader = self.db.reader(self.staff.company_id)
        items = await self.services.order.items_of(reader, [created.order.id])
        return Sale(created.order.id, buyer, created.token, {item.sku: item for item in items})

    async def process(self, days: float, sale: Sale) -> None:
        """Begin to process a paid order."""
        await self._set(days, sale, OrderStatus.PROCESSING)

    async def deliver(self, days: float, place: int, units: Mapping[str, int], country: str = "GB") -> Sale:
        """As `sell`; the order is shipped in one parcel and delivered in two days."""
        sale = await self.sell(days, place, units, country)
        await self.process(days - SHIPPED_AFTER, sale)
        await self._set(days - SHIPPED_AFTER, sale, OrderStatus.SHIPPED)
        await self._set(days - DELIVERED_AFTER, sale, OrderStatus.DELIVERED)
        return sale

    async def _set(self, days: float, sale: Sale, status: OrderStatus) -> None:
        with self.ago(days):
            await self.staff_run(lambda tx: self.services.order.update_status(tx, self.staff, sale.order_id, status))

    async def _order(self, buyer: Buyer, units: Mapping[str, int], country: str) -> CreatedOrder:
        reader = self.db.reader(self.staff.company_id)
        found = await self.services.inventory.listing.items_by_sku(reader, list(units))
        orders, cart = self.services.order, self.services.cart

        async def fill(tx: Tx) -> str | None:
            token: str | None = None
            for item in found:
                line = NewLine(item.product_id, item.variant_id, units[item.sku])
                token = (await cart.add_item(tx, CartRef.of(buyer.actor, token), line)).token or token
            return token

        home = HOMES[country]
        given = NewOrder(
            shipping=AddressFields(
                full_name=buyer.name,
                address_line_1=home.street,
                city=home.city,
                postal_code=home.postal_code,
                country=country,
            ),
            cart_token=await self.db.run(fill, buyer.actor),
            email=buyer.email or None,
            language=home.language,
        )
        ticket = await orders.checkout.take_ticket(self.db, buyer.actor)
        placed = await self.db.run(lambda tx: orders.create_order(tx, buyer.actor, given, ticket), buyer.actor)
        return CreatedOrder(placed.order, placed.token)
