"""The orders of the demo, the same for each load: promotions, weeks of orders of each status, open carts."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from slugify import slugify

from domains.cart.models import CartRef, NewLine
from domains.inventory.models import InventoryItem
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import set_to
from domains.kernel.database import Database, Tx
from domains.order.models import AddressFields, NewOrder, OrderStatus
from domains.order.payments.payments import PaymentData
from domains.order.payments.refund_lines import NewRefund
from domains.payment.models import PaymentMethod
from domains.promotion.errors import PromoCodeInvalid
from domains.promotion.models import PromotionChanges
from gateway.demo.content import read_promotions
from gateway.demo.coupons import SHARED_CODE, add_coupons
from gateway.demo.payments import Buyer, CreatedOrder, DemoPayments, Pay, approved_card
from gateway.demo.tenders import issue_small_card
from gateway.services import Services

DAYS: Final = 40  # one order a day, until today
GUESTS: Final = ("Hanna Ek", "Ivo Maric", "Jana Weiss")
CODES: Final = ("WELCOME10", "HARBOUR15", "LIGHTHOUSE25", "REGULAR5", SHARED_CODE)
GUEST_CODES: Final = ("HARBOUR15", "LIGHTHOUSE25")  # a cart cannot tell whether a guest has ordered before
STREETS: Final = ("3 Kiln Lane", "18 Quay Street", "7 Orchard Row", "41 Chapel Hill")
PATH: Final = (
    (OrderStatus.PROCESSING, timedelta(hours=4)),
    (OrderStatus.SHIPPED, timedelta(days=1)),
    (OrderStatus.DELIVERED, timedelta(days=3)),
)
RECENT: Final = {
    0: OrderStatus.PENDING,
    1: OrderStatus.PAID,
    2: OrderStatus.CONFIRMED,
    3: OrderStatus.PROCESSING,
    4: OrderStatus.SHIPPED,
    5: OrderStatus.SHIPPED,
}
OTHERS: Final = 2 * DAYS  # the index of the first of the other orders
GIFT_CARD_ORDER: Final = 29  # a gift card pays a part of it, and a bank card the rest
OPEN_CARTS: Final = {2: 10, 3: 30, 10: 50}  # hours by buyer; the second is reminded, the last is a guest
MIN_STOCK: Final = 10  # units, so that the demo's orders do not sell out its products


def final_status(index: int) -> OrderStatus:
    """The final status of an order by its index; the last order is today's."""
    days = DAYS - index
    recent = RECENT.get(days, OrderStatus.DELIVERED)
    if days == 0:
        return recent
    if index % 9 == 4:
        return OrderStatus.CANCELLED
    if index % 9 == 7 and days > 9:
        return OrderStatus.REFUNDED
    return OrderStatus.FAILED if index % 13 == 6 else recent


class DemoOrders:
    """Creates promotions, orders and carts through the services, each at its time."""

    def __init__(
        self, services: Services, db: Database, staff: Actor, people: Mapping[str, UUID], payments: DemoPayments
    ) -> None:
        self._services = services
        self._db = db
        self._staff = staff
        self._payments = payments
        self._now = db.clock.now()
        company = staff.company_id
        given = [(Actor(ActorKind.USER, company, user_id=user_id), name, "") for name, user_id in people.items()]
        given += [(Actor.anonymous(company), name, f"{slugify(name, separator='.')}@example.com") for name in GUESTS]
        self.buyers = [Buyer(*each, approved_card(index)) for index, each in enumerate(given)]

    async def create_promotions(self, tx: Tx, categories: Mapping[str, UUID]) -> None:
        """Create the promotions and coupons, by default active since before the first order."""
        with set_to(self._now - timedelta(days=DAYS + 1)):
            for demo in read_promotions():
                given: PromotionChanges = {"category_ids": [categories[slug] for slug in demo.categories]}
                if demo.rules:
                    given["rules"] = [await self._named(tx, rule) for rule in demo.rules]
                if demo.starts_in is not None:
                    given["start_date"] = self._now + timedelta(days=demo.starts_in)
                if demo.ends_in is not None:
                    given["end_date"] = self._now + timedelta(days=demo.ends_in)
                await self._services.promotion.create_promotion(tx, {**demo.promotion, **given})
            await add_coupons(self._services.promotion, tx)

    async def _named(self, tx: Tx, rule: Mapping[str, Any]) -> Mapping[str, Any]:
        """A rule with the ids of the products whose slugs it names."""
        named: dict[str, Any] = {}
        for key, value in rule.items():
            if key == "products":
                found = [await self._services.catalog.find_product_by_slug(tx, self._staff, slug) for slug in value]
                named["product_ids"] = [product.id for product in found]
            elif isinstance(value, list):
                named[key] = [await self._named(tx, each) for each in value]
            else:
                named[key] = await self._named(tx, value) if isinstance(value, dict) else value
        return named

    async def create(self, skus: Sequence[str], others: Sequence[Pay] = ()) -> None:
        """Order, pay, ship, deliver, cancel and refund day by day; an order of today is paid in each other way."""
        items = await self._plentiful(skus)
        for index in range(DAYS + 1):
            target = final_status(index)
            at = self._now - timedelta(days=DAYS - index, minutes=index * 53 % 600 if index < DAYS else 0)
            buyer = self.buyers[index * 3 % len(self.buyers)]
            with set_to(at):
                created = await self._order(index, buyer, items)
                await self._conclude(index, target, buyer, created)
            await self._fulfil(index, target, created.order.id, at)
            await self._payments.follow_up(index, created.order.id, at)
        for index, pay in enumerate(others):
            await pay(self.buyers[index], await self._order(OTHERS + index, self.buyers[index], items))

    async def open_carts(self, skus: Sequence[str]) -> None:
        """Leave some open carts, one of them so long ago that it counts as abandoned."""
        items = await self._plentiful(skus)
        for index, hours in OPEN_CARTS.items():
            with set_to(self._now - timedelta(hours=hours)):
                await self._add_to_cart(DAYS + index, self.buyers[index], items)
        await self._db.run(self._services.cart.delete_expired, Actor.system(self._staff.company_id))

    async def _plentiful(self, skus: Sequence[str]) -> list[InventoryItem]:
        """The items that the demo's orders do not sell out."""
        found = await self._services.inventory.listing.items_by_sku(self._db.reader(self._staff.company_id), skus)
        return [item for item in found if item.available_stock >= MIN_STOCK]

    async def _add_to_cart(self, index: int, buyer: Buyer, items: Sequence[InventoryItem]) -> str | None:
        """Add one to three products to the buyer's cart, and to every other cart a code; returns a guest's token."""
        cart = self._services.cart
        codes = GUEST_CODES if buyer.actor.user_id is None else CODES
        code = codes[index // 2 % len(codes)] if index % 2 else None

        async def work(tx: Tx) -> str | None:
            token: str | None = None
            for turn in range(1 + index % 3):
                item = items[(index * 17 + turn * 29) % len(items)]
                line = NewLine(item.product_id, item.variant_id, 1 + (index + turn) % 2)
                opened = await cart.add_item(tx, CartRef.of(buyer.actor, token), line)
                token = opened.token or token
            if code is not None:
                # The code does not apply to every cart; then the cart has none.
                with suppress(PromoCodeInvalid):
                    await cart.apply_promotion(tx, CartRef.of(buyer.actor, token), code)
            return token

        return await self._db.run(work, buyer.actor)

    async def _order(self, index: int, buyer: Buyer, items: Sequence[InventoryItem]) -> CreatedOrder:
        token = await self._add_to_cart(index, buyer, items)
        if index == GIFT_CARD_ORDER:
            apply = self._services.cart.tenders.apply
            code = await self._db.run(lambda tx: issue_small_card(self._services.payment, tx), self._staff)
            await self._db.run(lambda tx: apply(tx, CartRef.of(buyer.actor, token), code.reveal()), buyer.actor)
        street = STREETS[index % len(STREETS)]
        given = NewOrder(
            shipping=AddressFields(
                full_name=buyer.name, address_line_1=street, city="Stoke", postal_code="ST1 1AA", country="GB"
            ),
            cart_token=token,
            email=buyer.email or None,
            notes="Please ring twice." if index % 7 == 2 else None,
        )
        orders = self._services.order
        ticket = await orders.checkout.take_ticket(self._db, buyer.actor)
        placed = await self._db.run(lambda tx: orders.create_order(tx, buyer.actor, given, ticket), buyer.actor)
        return CreatedOrder(placed.order, placed.token)

    async def _conclude(self, index: int, target: OrderStatus, buyer: Buyer, created: CreatedOrder) -> None:
        """The action of the buyer on the day: payment, invoice, cancellation, or none."""
        orders, order = self._services.order, created.order
        if target in (OrderStatus.PENDING, OrderStatus.FAILED):
            return
        if target is OrderStatus.CANCELLED:
            reason = "Ordered by mistake"
            await orders.cancel_order(self._db, buyer.actor, order.id, reason=reason, token=created.token)
            return
        if target is OrderStatus.CONFIRMED or is_cash_on_delivery(index):
            method = PaymentMethod.INVOICE if target is OrderStatus.CONFIRMED else PaymentMethod.CASH_ON_DELIVERY
            accepted = PaymentData(method=method)
            await orders.process_payment(self._db, self._staff, order.id, accepted)
            return
        await self._payments.pay(index, buyer, created)

    async def _fulfil(self, index: int, target: OrderStatus, order_id: UUID, at: datetime) -> None:
        """The actions of the shop on later days: fulfilment, manual payment, refund, or expiry."""
        orders = self._services.order
        if target is OrderStatus.FAILED:
            with set_to(at + timedelta(hours=1)):
                await orders.expiry.end_unpaid(self._db, Actor.system(self._staff.company_id))
            return
        for status in _steps(target):
            with set_to(at + dict(PATH)[status]):
                await self._step(order_id, status)
                if status is OrderStatus.DELIVERED and is_cash_on_delivery(index):
                    await self._mark_paid(order_id)
        if target is OrderStatus.REFUNDED:
            with set_to(at + timedelta(days=8)):
                await orders.refunds.refund(self._db, self._staff, order_id, NewRefund(reason="Sent back unused"))

    async def _mark_paid(self, order_id: UUID) -> None:
        orders, staff = self._services.order, self._staff
        manual_payments, reference = orders.manual_payments, "Driver's receipt"
        await self._db.run(lambda tx: manual_payments.mark_paid(tx, staff, order_id, reference=reference), staff)

    async def _step(self, order_id: UUID, status: OrderStatus) -> None:
        tracking = f"RM {order_id.int % 10**9:09} GB" if status is OrderStatus.SHIPPED else None
        orders, staff = self._services.order, self._staff
        await self._db.run(
            lambda tx: orders.update_status(tx, staff, order_id, status, tracking_number=tracking), staff
        )


def is_cash_on_delivery(index: int) -> bool:
    """Whether an order, by its index, is paid in cash on delivery."""
    return index % 10 == 8


def _steps(target: OrderStatus) -> list[OrderStatus]:
    """The statuses that the shop sets to reach this one."""
    path = [status for status, _ in PATH]
    if target is OrderStatus.REFUNDED:
        return path
    return path[: path.index(target) + 1] if target in path else []
