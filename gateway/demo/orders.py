"""The demo's trade, the same at each loading: promotions, weeks of orders in every state, carts that wait."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from domains.cart.models import CartRef, NewLine
from domains.inventory.models import InventoryItem
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.clock import set_to
from domains.kernel.database import Database, Tx
from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from domains.kernel.values.secret import Secret
from domains.order.models import AddressFields, NewOrder, Order, OrderStatus
from domains.order.payments.payments import PaymentData
from domains.payment.cards import CardDetails, has_check_digit
from domains.payment.errors import PaymentDeclined
from domains.payment.models import PaymentMethod
from domains.promotion.errors import PromoCodeInvalid
from domains.promotion.models import PromotionChanges
from gateway.demo.content import read_promotions
from gateway.services import Services

DAYS: Final = 40  # one order a day, until today
GUESTS: Final = ("Hanna Ek", "Ivo Maric", "Jana Weiss")
CODES: Final = ("WELCOME10", "HARBOUR15", "LIGHTHOUSE25", "REGULAR5")
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
WAITING: Final = (2, 3, 10)  # the buyers who leave a cart filled; the last is a guest
ENOUGH: Final = 10  # units, so that what the demo sells is not sold out by its own orders
APPROVED: Final = "424242"  # what the numbers of cards that pay begin with
DECLINED: Final = "4000000000000002"


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who buys: an account, or a guest by address."""

    actor: Actor
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class CreatedOrder:
    """An order, and the token that opens a guest's."""

    order: Order
    token: str | None


def fate_of(place: int) -> OrderStatus:
    """What becomes of the order of this place, of which the last is today's."""
    days = DAYS - place
    recent = RECENT.get(days, OrderStatus.DELIVERED)
    if days == 0:
        return recent
    if place % 9 == 4:
        return OrderStatus.CANCELLED
    if place % 9 == 7 and days > 9:
        return OrderStatus.REFUNDED
    return OrderStatus.FAILED if place % 13 == 6 else recent


class DemoOrders:
    """Makes promotions, orders and carts through the services, each at its time."""

    def __init__(self, services: Services, db: Database, staff: Actor, people: Mapping[str, UUID]) -> None:
        self._services = services
        self._db = db
        self._staff = staff
        self._now = db.clock.now()
        company = staff.company_id
        self._buyers = [
            Buyer(Actor(ActorKind.USER, company, user_id=user_id), name, "") for name, user_id in people.items()
        ] + [
            Buyer(Actor.anonymous(company), name, f"{name.lower().replace(' ', '.')}@example.com") for name in GUESTS
        ]

    async def promote(self, tx: Tx, categories: Mapping[str, UUID]) -> None:
        """Make the promotions, in force since before the first order unless they say otherwise."""
        with set_to(self._now - timedelta(days=DAYS + 1)):
            for demo in read_promotions():
                given: PromotionChanges = {"category_ids": [categories[slug] for slug in demo.categories]}
                if demo.starts_in is not None:
                    given["start_date"] = self._now + timedelta(days=demo.starts_in)
                if demo.ends_in is not None:
                    given["end_date"] = self._now + timedelta(days=demo.ends_in)
                await self._services.promotion.create_promotion(tx, {**demo.given, **given})

    async def trade(self, skus: Sequence[str]) -> None:
        """Order, pay, ship, deliver, cancel and refund day after day, and leave some carts filled."""
        found = await self._services.inventory.listing.items_by_sku(self._db.reader(self._staff.company_id), skus)
        items = [item for item in found if item.available_stock >= ENOUGH]
        for place in range(DAYS + 1):
            fate = fate_of(place)
            at = self._now - timedelta(days=DAYS - place, minutes=place * 53 % 600 if place < DAYS else 0)
            buyer = self._buyers[place * 3 % len(self._buyers)]
            with set_to(at):
                bought = await self._order(place, buyer, items)
                await self._conclude(place, fate, buyer, bought)
            await self._move_on(place, fate, bought.order.id, at)
        for place in WAITING:
            with set_to(self._now - timedelta(hours=place * 5)):
                await self._fill(DAYS + place, self._buyers[place], items)
        # The carts of the first guests are past their time already.
        await self._db.run(self._services.cart.delete_expired, Actor.system(self._staff.company_id))

    async def _fill(self, place: int, buyer: Buyer, items: Sequence[InventoryItem]) -> str | None:
        """Put one to three things into the buyer's cart, and every other time a code; a guest's token."""
        cart = self._services.cart
        codes = GUEST_CODES if buyer.actor.user_id is None else CODES
        code = codes[place // 2 % len(codes)] if place % 2 else None

        async def work(tx: Tx) -> str | None:
            token: str | None = None
            for turn in range(1 + place % 3):
                item = items[(place * 17 + turn * 29) % len(items)]
                wanted = NewLine(item.product_id, item.variant_id, 1 + (place + turn) % 2)
                opened = await cart.add_item(tx, CartRef.of(buyer.actor, token), wanted)
                token = opened.token or token
            if code is not None:
                # Not every cart is large enough, nor every order the first: then it goes without.
                with suppress(PromoCodeInvalid):
                    await cart.apply_promotion(tx, CartRef.of(buyer.actor, token), code)
            return token

        return await self._db.run(work, buyer.actor)

    async def _order(self, place: int, buyer: Buyer, items: Sequence[InventoryItem]) -> CreatedOrder:
        token = await self._fill(place, buyer, items)
        street = STREETS[place % len(STREETS)]
        given = NewOrder(
            shipping=AddressFields(
                full_name=buyer.name, address_line_1=street, city="Stoke", postal_code="ST1 1AA", country="GB"
            ),
            cart_token=token,
            email=buyer.email or None,
            notes="Please ring twice." if place % 7 == 2 else None,
        )
        orders = self._services.order
        ticket = await orders.checkout.take_ticket(self._db, buyer.actor)
        placed = await self._db.run(lambda tx: orders.create_order(tx, buyer.actor, given, ticket), buyer.actor)
        return CreatedOrder(placed.order, placed.token)

    async def _conclude(self, place: int, fate: OrderStatus, buyer: Buyer, bought: CreatedOrder) -> None:
        """What the buyer does on the day: pays, has it accepted by invoice, calls it off, or nothing."""
        orders, order = self._services.order, bought.order
        if fate in (OrderStatus.PENDING, OrderStatus.FAILED):
            return
        if fate is OrderStatus.CANCELLED:
            reason = "Ordered by mistake"
            await orders.cancel_order(self._db, buyer.actor, order.id, reason=reason, token=bought.token)
            return
        if fate is OrderStatus.CONFIRMED or is_paid_at_the_door(place):
            method = PaymentMethod.INVOICE if fate is OrderStatus.CONFIRMED else PaymentMethod.CASH_ON_DELIVERY
            accepted = PaymentData(method=method)
            await orders.process_payment(self._db, self._staff, order.id, accepted)
            return
        if place % 10 == 3:
            with suppress(PaymentDeclined):
                await self._pay(buyer, bought, DECLINED)
        await self._pay(buyer, bought, _card_of(self._buyers.index(buyer)))

    async def _pay(self, buyer: Buyer, bought: CreatedOrder, number: str) -> None:
        card = CardDetails(Secret(number), 12, self._now.year + 3, Secret("123"))
        given = PaymentData(method=PaymentMethod.CARD, card=card, token=bought.token)
        await self._services.order.process_payment(self._db, buyer.actor, bought.order.id, given)

    async def _move_on(self, place: int, fate: OrderStatus, order_id: UUID, at: datetime) -> None:
        """What the shop does in the days after: sends it, takes or gives back money, or ends what nobody paid."""
        orders = self._services.order
        if fate is OrderStatus.FAILED:
            with set_to(at + timedelta(hours=1)):
                await self._db.run(orders.expiry.end_unpaid, Actor.system(self._staff.company_id))
            return
        for status in _steps(fate):
            with set_to(at + dict(PATH)[status]):
                await self._step(order_id, status)
                if status is OrderStatus.DELIVERED and is_paid_at_the_door(place):
                    await self._take(order_id)
        if fate is OrderStatus.REFUNDED:
            with set_to(at + timedelta(days=8)):
                await orders.refunds.refund(self._db, self._staff, order_id, reason="Sent back unused")

    async def _take(self, order_id: UUID) -> None:
        orders, staff = self._services.order, self._staff
        by_hand, reference = orders.manual_payments, "Driver's receipt"
        await self._db.run(lambda tx: by_hand.mark_paid(tx, staff, order_id, reference=reference), staff)

    async def _step(self, order_id: UUID, status: OrderStatus) -> None:
        tracking = f"RM {order_id.int % 10**9:09} GB" if status is OrderStatus.SHIPPED else None
        orders, staff = self._services.order, self._staff
        await self._db.run(
            lambda tx: orders.update_status(tx, staff, order_id, status, tracking_number=tracking), staff
        )


def _card_of(place: int) -> str:
    """The card of the buyer of this place, which pays: one each, as a card pays few first orders."""
    digits = f"{APPROVED}{place:09}"
    return next(number for check in "0123456789" if has_check_digit(number := digits + check))


def is_paid_at_the_door(place: int) -> bool:
    """Whether the buyer of the order of this place pays in cash, when it arrives."""
    return place % 10 == 8


def staff_of(company_id: UUID, user_id: UUID) -> Actor:
    """The administrator as whoever works on orders."""
    grants = frozenset({Grant(PermissionResource.ORDERS, PermissionAction.MANAGE)})
    return Actor(ActorKind.USER, company_id, user_id=user_id, grants=grants)


def _steps(fate: OrderStatus) -> list[OrderStatus]:
    """The statuses that the shop sets on the way to this one."""
    path = [status for status, _ in PATH]
    if fate is OrderStatus.REFUNDED:
        return path
    return path[: path.index(fate) + 1] if fate in path else []
