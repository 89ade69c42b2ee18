"""What is left to refund of an order, and the lines of a refund. Pure.

Amounts contain the tax, in the order's currency and at its scale. Each refund takes its part of what earlier refunds
left, so the parts never exceed the whole, and the last unit takes the remainder.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from operator import itemgetter
from typing import Final, Self
from uuid import UUID

from domains.kernel.errors import DuplicateValue, NotApplicable, OutOfRange
from domains.kernel.validation import collect_errors, prefix_errors
from domains.kernel.values.money import allocate, require_amount, round_half_up
from domains.order.errors import OrderItemNotFound, RefundQuantityTooLarge
from domains.order.models import Order
from domains.order.sales.sold_order import SoldLine, SoldOrder, SoldShipping
from domains.payment.amounts import require_positive
from domains.payment.errors import RefundTooLarge
from domains.payment.models import NOTHING, NewRefundLine, RefundDestination, RefundLine, RefundLineKind


@dataclass(frozen=True, slots=True)
class RefundedUnits:
    """The number of units of an order's line to refund."""

    order_item_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefund:
    """What to refund of an order: an amount; or lines, shipping and an adjustment; or else everything that is left.

    `shipping` refunds all of shipping that is left, `shipping_amount` a part. A negative adjustment is a deduction,
    such as a fee. `overpayment` refunds what was paid above the total, after an edit has lowered it; an amount does
    so first. With a `payment_id` only that payment is refunded. The `destination` is that of `Targets`.
    """

    amount: Decimal | None = None
    lines: Sequence[RefundedUnits] | None = None
    shipping: bool = False
    shipping_amount: Decimal | None = None
    adjustment: Decimal | None = None
    overpayment: bool = False
    payment_id: UUID | None = None
    reason: str | None = None
    destination: RefundDestination | None = None

    @property
    def is_itemized(self) -> bool:
        """Whether it has lines, shipping or an adjustment."""
        has_amounts = self.shipping_amount is not None or self.adjustment is not None
        return self.lines is not None or self.shipping or self.overpayment or has_amounts


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left to refund of a line, or of the shipping of a rate of tax: units, their amount, and its tax."""

    quantity: int
    amount: Decimal
    tax: Decimal
    tax_rate: Decimal

    def units(self, quantity: int, currency: str) -> Self:
        """The part of this many units, at most those that are left; all of them have the whole amount."""
        if quantity == self.quantity:
            return self
        amount, tax = (round_half_up(each * quantity / self.quantity, currency) for each in (self.amount, self.tax))
        return replace(self, quantity=quantity, amount=amount, tax=tax)

    def portion(self, amount: Decimal, currency: str) -> Self:
        """The part with this amount, which is at most the whole, and its share of the tax."""
        if amount == self.amount:
            return self
        return replace(self, amount=amount, tax=round_half_up(self.tax * amount / self.amount, currency))


NO_REST: Final = Rest(0, NOTHING, NOTHING, NOTHING)


@dataclass(frozen=True, slots=True)
class RefundableOrder:
    """What is left to refund: of each line, of shipping by rate of tax, and in all of what was captured.

    `overpaid` is the part of that which was paid above the total.
    """

    currency: str
    amount: Decimal
    items: Mapping[UUID, Rest]
    shipping: Sequence[Rest]
    overpaid: Decimal = NOTHING

    @property
    def shipping_amount(self) -> Decimal:
        """What is left of shipping, at most what is left in all."""
        return min(sum((rest.amount for rest in self.shipping), NOTHING), self.amount)

    def of_item(self, item_id: UUID) -> Rest:
        """What is left of a line, at most what is left in all."""
        if not self.amount:
            return NO_REST
        rest = self.items[item_id]
        return rest if rest.amount <= self.amount else rest.portion(self.amount, self.currency)

    @classmethod
    def of(cls, order: Order, sold: SoldOrder, refunded: Iterable[RefundLine], amount: Decimal) -> "RefundableOrder":
        """What these lines of refunds, of which none has failed, left of an order; `amount` is left in all."""
        lines = list(refunded)
        items = sorted(((line.id, line) for line in sold.lines if line.id), key=itemgetter(0))
        shipping = sorted(sold.shipping, key=lambda part: part.tax_rate, reverse=True)
        of_shipping = [line for line in lines if line.kind is RefundLineKind.SHIPPING]
        return cls(
            order.currency,
            amount,
            {
                item_id: _rest(line, line.quantity, [own for own in lines if own.order_item_id == item_id])
                for item_id, line in items
            },
            [_rest(part, 0, [own for own in of_shipping if own.tax_rate == part.tax_rate]) for part in shipping],
            overpaid_of(order, lines, amount),
        )


def overpaid_of(order: Order, refunded: Iterable[RefundLine], amount: Decimal) -> Decimal:
    """What was paid of an order above its total and is neither returned nor being returned; at most `amount`."""
    returned = sum((line.amount for line in refunded if line.kind is RefundLineKind.OVERPAYMENT), NOTHING)
    return max(min(order.amount_captured - order.total - returned, amount), NOTHING)


def _rest(whole: SoldLine | SoldShipping, quantity: int, refunded: Sequence[RefundLine]) -> Rest:
    return Rest(
        quantity - sum(line.quantity or 0 for line in refunded),
        whole.total - sum(line.amount for line in refunded),
        whole.tax - sum(line.tax for line in refunded),
        whole.tax_rate,
    )


def refund_lines(new: NewRefund, order: RefundableOrder) -> list[NewRefundLine]:
    """The lines of a new refund; their sum is its amount.

    Everything that is left is itemized, and what the captured amount has more or less is an adjustment. Raises all of
    NotApplicable, OutOfRange, TooManyDecimals, OrderItemNotFound, DuplicateValue, RefundQuantityTooLarge and
    RefundTooLarge together.
    """
    lines: list[NewRefundLine] = []
    with collect_errors() as each:
        with each:
            _require_one_form(new)
        for part in _parts(new, order):
            with each:
                lines += part()
    total = sum((line.amount for line in lines), NOTHING)
    if total <= 0:
        raise OutOfRange("The amount of a refund must be more than zero.", field=("amount",))
    if total > order.amount:
        raise RefundTooLarge(total, order.amount, order.currency)
    return lines


def _require_one_form(new: NewRefund) -> None:
    with collect_errors() as each:
        with each:
            if new.amount is not None and new.is_itemized:
                raise NotApplicable("Give the amount, or lines, shipping and an adjustment.", field=("amount",))
        with each:
            if new.shipping and new.shipping_amount is not None:
                raise NotApplicable("All of shipping is refunded: leave out the amount.", field=("shipping_amount",))


def _parts(new: NewRefund, order: RefundableOrder) -> Iterator[Callable[[], list[NewRefundLine]]]:
    """The parts of a refund, each of which may raise an error of its own."""
    if new.amount is None and not new.is_itemized:
        yield partial(_everything, order)
    if new.amount is not None:
        yield partial(_amount, new.amount, order)
    known: set[UUID] = set()
    for position, units in enumerate(new.lines or ()):
        yield partial(_units, units, order, position, is_repeated=units.order_item_id in known)
        known.add(units.order_item_id)
    if new.shipping:
        yield partial(_shipping, order.shipping)
    if new.shipping_amount is not None:
        yield partial(_shipping_amount, new.shipping_amount, order)
    if new.overpayment:
        yield partial(_overpayment, order)
    if new.adjustment is not None:
        yield partial(_adjustment, new.adjustment, order.currency)


def _everything(order: RefundableOrder) -> list[NewRefundLine]:
    items = [_item(item_id, rest) for item_id, rest in order.items.items() if rest.quantity or rest.amount]
    lines = [*items, *_shipping(order.shipping), *_returned(order.overpaid)]
    rest = order.amount - sum((line.amount for line in lines), NOTHING)
    return [*lines, NewRefundLine.adjustment(rest)] if rest else lines


def _amount(amount: Decimal, order: RefundableOrder) -> list[NewRefundLine]:
    """An amount returns what was paid above the total first; the rest is an adjustment."""
    exact = require_positive(amount, order.currency)
    returned = min(exact, order.overpaid)
    rest = exact - returned
    return [*_returned(returned), NewRefundLine.adjustment(rest)] if rest else _returned(returned)


def _overpayment(order: RefundableOrder) -> list[NewRefundLine]:
    if not order.overpaid:
        raise NotApplicable("Nothing was paid above the total of this order.", field=("overpayment",))
    return _returned(order.overpaid)


def _returned(amount: Decimal) -> list[NewRefundLine]:
    return [NewRefundLine.overpayment(amount)] if amount else []


def _units(units: RefundedUnits, order: RefundableOrder, position: int, *, is_repeated: bool) -> list[NewRefundLine]:
    with prefix_errors(("lines", str(position))):
        rest = order.items.get(units.order_item_id)
        if rest is None:
            raise OrderItemNotFound
        if is_repeated:
            raise DuplicateValue("This line of the order is given twice.", field=("order_item_id",))
        if units.quantity < 1:
            raise OutOfRange("The quantity must be at least 1.", field=("quantity",))
        if units.quantity > rest.quantity:
            raise RefundQuantityTooLarge(units.quantity, rest.quantity)
        return [_item(units.order_item_id, rest.units(units.quantity, order.currency))]


def _item(item_id: UUID, part: Rest) -> NewRefundLine:
    return NewRefundLine(RefundLineKind.ITEM, part.amount, part.tax, item_id, part.quantity, part.tax_rate)


def _shipping(parts: Sequence[Rest]) -> list[NewRefundLine]:
    """A line for each rate of tax."""
    return [
        NewRefundLine(RefundLineKind.SHIPPING, part.amount, part.tax, tax_rate=part.tax_rate)
        for part in parts
        if part.amount
    ]


def _shipping_amount(amount: Decimal, order: RefundableOrder) -> list[NewRefundLine]:
    exact = require_amount(amount, order.currency, field=("shipping_amount",))
    left = [rest.amount for rest in order.shipping]
    if exact > sum(left):
        raise RefundTooLarge(exact, sum(left, NOTHING), order.currency, field=("shipping_amount",))
    parts = zip(order.shipping, allocate(exact, left, order.currency), strict=True)
    return _shipping([rest.portion(part, order.currency) for rest, part in parts])


def _adjustment(amount: Decimal, currency: str) -> list[NewRefundLine]:
    exact = require_amount(abs(amount), currency, field=("adjustment",))
    return [NewRefundLine.adjustment(exact.copy_sign(amount))] if exact else []
