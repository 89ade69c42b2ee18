"""The purchase as plain dictionaries: the expected result of every step, without a database."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from domains.cart.errors import CartEmpty, CartNotFound
from domains.inventory.errors import InsufficientStock
from domains.kernel.errors import DomainError
from domains.order.errors import (
    OrderExpired,
    OrderNotCancellable,
    OrderNotPayable,
    OrderNotRefundable,
    PromoCodeRefused,
    StatusNotAllowed,
)
from domains.order.models import OrderStatus
from domains.payment.errors import PaymentDeclined, PaymentInProgress, RefundTooLarge
from domains.payment.models import PaymentMethod
from domains.promotion.errors import PromoCodeInvalid

S = OrderStatus
ENDED = (S.CANCELLED, S.REFUNDED, S.FAILED)
Refused = type[DomainError] | tuple[type[DomainError], ...] | None  # None: it must succeed

PRICES = {"A": Decimal("10.00"), "B": Decimal("3.33")}
TEN_USES = 2  # of TEN: a tenth off, so often in all
WELCOME_OFF = Decimal(5)  # of WELCOME: once a buyer, on a first order
FREE_FROM = Decimal(30)
TO_PAY = timedelta(minutes=30)
TO_ACCEPT = timedelta(hours=1)  # from when an order was placed, where staff accept what is not paid
HOLDING = {S.PENDING, S.PAYMENT_PENDING, S.CONFIRMED, S.PAID, S.PROCESSING}
BY_HAND = {
    (S.PENDING, S.CONFIRMED),
    (S.PAYMENT_PENDING, S.CONFIRMED),
    (S.CONFIRMED, S.PROCESSING),
    (S.PAID, S.PROCESSING),
    (S.PROCESSING, S.SHIPPED),
    (S.SHIPPED, S.DELIVERED),
}


@dataclass
class ModelOrder:
    """The model of an order; `charged` is what an open payment's provider did, None without one.

    `voided` is the money that came too late and went back.
    """

    buyer: int
    units: dict[str, int]
    codes: set[str]
    total: Decimal
    status: OrderStatus
    placed_at: datetime
    expires_at: datetime | None
    method: PaymentMethod | None = None
    is_paid: bool = False
    refunded: Decimal = Decimal(0)
    charged: bool | None = None
    voided: Decimal = Decimal(0)

    @property
    def holds(self) -> bool:
        return self.status in HOLDING

    @property
    def counts(self) -> bool:
        """Whether its buyer has paid it for good."""
        return self.is_paid and not self.is_whole and self.status not in (S.CANCELLED, S.REFUNDED)

    @property
    def waits(self) -> bool:
        """Whether staff are to accept it."""
        return self.status is S.PENDING and self.method not in (None, PaymentMethod.CARD)

    @property
    def is_whole(self) -> bool:
        """Whether all that was paid was given back."""
        return self.is_paid and self.refunded == self.total


@dataclass
class ModelCart:
    """Units by SKU and codes; `exists` after the first addition."""

    units: dict[str, int] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)
    exists: bool = False


class Model:
    """The shop that the real one must agree with. Methods say what a step is refused with, and do it otherwise.

    Where `staff_accept`, no order is accepted unpaid by itself. `seen` counts what became of orders that waited.
    """

    def __init__(
        self, stock: dict[str, int], shipping: Decimal, buyers: int, now: datetime, *, staff_accept: bool
    ) -> None:
        self.free = dict(stock)
        self.shipping = shipping
        self.carts = [ModelCart() for _ in range(buyers)]
        self.guest = buyers - 1  # who proves no address
        self.orders: list[ModelOrder] = []
        self.now = now
        self.staff_accept = staff_accept
        self.seen: Counter[str] = Counter()

    # ---- what follows from it

    def reserved(self, sku: str) -> int:
        return sum(order.units.get(sku, 0) for order in self.orders if order.holds)

    def uses(self, code: str, buyer: int | None = None) -> int:
        """How often a code is used, by all or by one: an order that ended or was given back whole uses none."""
        return sum(code in order.codes and buyer in (None, order.buyer) for order in self.orders)

    def refuses(self, code: str, buyer: int) -> bool:
        """Whether the code is refused to an order of this buyer now."""
        if code == "TEN":
            return self.uses("TEN") >= TEN_USES
        is_first = buyer == self.guest or not self.paid_orders(buyer)  # a typed address has no past
        return self.uses("WELCOME", buyer) > 0 or not is_first

    def paid_orders(self, buyer: int) -> int:
        """The paid orders of a buyer that are neither cancelled nor fully refunded."""
        return sum(order.buyer == buyer and order.counts for order in self.orders)

    def total_of(self, units: dict[str, int], codes: set[str]) -> Decimal:
        """The total of an order."""
        subtotal = left = sum((PRICES[sku] * count for sku, count in units.items()), Decimal(0))
        if "TEN" in codes:
            left -= (subtotal / 10).quantize(Decimal("0.01"), ROUND_HALF_UP)
        if "WELCOME" in codes:
            left -= min(left, WELCOME_OFF)
        return left + (self.shipping if subtotal < FREE_FROM else 0)

    # ---- steps

    def fill(self, buyer: int, sku: str, count: int) -> Refused:
        cart = self.carts[buyer]
        wanted = cart.units.get(sku, 0) + count
        if wanted > self.free[sku]:
            return InsufficientStock
        cart.units[sku] = wanted
        cart.exists = True
        return None

    def add_code(self, buyer: int, code: str, *, is_known: bool) -> Refused:
        """Put a code into a cart; of a guest it is not known yet what they used."""
        cart = self.carts[buyer]
        if not cart.units:
            return (CartNotFound, CartEmpty)
        if self.refuses(code, buyer) and (is_known or code == "TEN"):
            return PromoCodeInvalid
        cart.codes.add(code)
        return None

    def quote(self, buyer: int) -> Decimal:
        """The current total for the buyer, without codes that no longer apply."""
        cart = self.carts[buyer]
        return self.total_of(cart.units, {code for code in cart.codes if not self.refuses(code, buyer)})

    def place(self, buyer: int, *, insists: bool) -> Refused:
        """Order a cart; who insists names the total, and so accepts that codes do not apply."""
        cart = self.carts[buyer]
        applied = {code for code in cart.codes if not self.refuses(code, buyer)}
        if not cart.units:
            return (CartNotFound, CartEmpty)
        if applied != cart.codes and not insists:
            return PromoCodeRefused
        if any(count > self.free[sku] for sku, count in cart.units.items()):
            return InsufficientStock
        total = self.total_of(cart.units, applied)
        status, expires_at = (S.PENDING, self.now + TO_PAY) if total else (S.CONFIRMED, None)
        for sku, count in cart.units.items():
            self.free[sku] -= count
        self.orders.append(ModelOrder(buyer, dict(cart.units), applied, total, status, self.now, expires_at))
        cart.units.clear()
        cart.codes.clear()
        return None

    def _not_payable(self, order: ModelOrder) -> Refused:
        if order.status not in (S.PENDING, S.CONFIRMED) or not order.total or order.is_paid:
            return OrderNotPayable
        return OrderExpired if order.expires_at and order.expires_at <= self.now else None

    def pay(self, order: ModelOrder, card: str) -> Refused:
        """Pay with a card that is "good", "declined", or silent: "charged" or "uncharged"."""
        if order.charged is not None and order.status not in ENDED:
            if not order.charged or (order.expires_at is not None and order.expires_at <= self.now):
                return PaymentInProgress
            self._settle(order)  # the provider is asked before another payment begins
        refused = self._not_payable(order)
        if refused is not None:
            return refused
        self._count(order, card)
        if order.status is S.PENDING and not order.waits:
            order.method = PaymentMethod.CARD
        if card == "good":
            self._paid(order)
        elif card == "declined":
            return PaymentDeclined
        else:
            order.charged = card == "charged"
            if order.status is S.PENDING:
                order.status = S.PAYMENT_PENDING
        return None

    def choose(self, order: ModelOrder, method: PaymentMethod) -> Refused:
        """Choose to pay by invoice or on delivery: the order is accepted, or waits for staff."""
        if order.status is S.PAYMENT_PENDING:
            return PaymentInProgress
        if order.status is not S.PENDING:
            return OrderNotPayable
        refused = self._not_payable(order)
        if refused is not None:
            return refused
        if self.staff_accept:
            self._count(order, "same" if order.method is method else "other")
            order.expires_at = order.placed_at + TO_ACCEPT
        else:
            order.status, order.expires_at = S.CONFIRMED, None
        order.method = method
        return None

    def _count(self, order: ModelOrder, what: str) -> None:
        """Count the outcome of an order that waits for staff."""
        if order.waits:
            self.seen[what] += 1

    def settle(self) -> None:
        """Every open payment is found out: welcome money pays, other money goes back, no money leaves it to pay."""
        for order in self.orders:
            self._settle(order)

    def _settle(self, order: ModelOrder) -> None:
        charged, order.charged = order.charged, None
        if charged and not order.is_paid and order.status not in ENDED:
            self._paid(order)
        elif charged:
            order.voided += order.total
        elif charged is False and order.status is S.PAYMENT_PENDING:
            order.status = S.PENDING
            self._count(order, "never charged")
            if order.expires_at is not None and order.expires_at <= self.now:
                self._end(order, S.FAILED)

    def _paid(self, order: ModelOrder) -> None:
        if order.status in (S.PENDING, S.PAYMENT_PENDING, S.CONFIRMED):
            order.status = S.PAID
        order.is_paid, order.expires_at = True, None
        order.method = PaymentMethod.CARD

    def expire(self) -> None:
        for order in self.orders:
            if order.status is S.PENDING and order.expires_at is not None and order.expires_at <= self.now:
                self._end(order, S.FAILED)

    def _end(self, order: ModelOrder, status: OrderStatus) -> None:
        self._count(order, status)
        for sku, count in order.units.items():
            self.free[sku] += count
        order.status = status
        order.codes = set()

    def cancel(self, order: ModelOrder) -> Refused:
        if order.status not in HOLDING - {S.PAYMENT_PENDING}:
            return OrderNotCancellable
        self._end(order, S.REFUNDED if order.is_paid else S.CANCELLED)
        order.expires_at = None
        if order.is_paid:
            order.refunded = order.total
        return None

    def refund(self, order: ModelOrder, amount: Decimal | None) -> Refused:
        """Give back an amount, or with None all that is left."""
        rest = order.total - order.refunded
        if not order.is_paid or (amount is None and not rest):
            return OrderNotRefundable
        if amount is not None and amount > rest:
            return RefundTooLarge
        order.refunded += rest if amount is None else amount
        if order.is_whole:
            order.codes = set()
        self._close(order)
        return None

    def move(self, order: ModelOrder, status: OrderStatus) -> Refused:
        """Move an order on by hand."""
        if (order.status, status) not in BY_HAND:
            return StatusNotAllowed
        self._count(order, status)
        order.status = status
        if status is S.CONFIRMED:
            order.expires_at = None
        self._close(order)
        return None

    def _close(self, order: ModelOrder) -> None:
        if order.is_whole and order.holds:
            self._end(order, S.REFUNDED)
        elif order.is_whole and order.status is S.DELIVERED:
            order.status = S.REFUNDED

    def restock(self, sku: str, count: int) -> Refused:
        if self.free[sku] + count < 0:
            return InsufficientStock
        self.free[sku] += count
        return None
