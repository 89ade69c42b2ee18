"""Manual discounts: staff take an amount or a percentage off an order that is not paid yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from domains.kernel.actor import Actor
from domains.kernel.clock import Clock
from domains.kernel.database import Tx
from domains.kernel.errors import InvalidInput, OutOfRange, TooMany
from domains.kernel.ids import new_id
from domains.kernel.text.validation import require_text
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import require_amount, round_half_up
from domains.kernel.values.percentages import require_percentage
from domains.order import data, lifecycle, transitions
from domains.order.discounts import sql
from domains.order.discounts.amounts import (
    NOTHING,
    ChangedLine,
    DiscountedLine,
    OrderTotals,
    given_back,
    lines_of,
)
from domains.order.errors import (
    DiscountNotFound,
    OrderExpired,
    OrderItemNotFound,
    OrderNotDiscountable,
    PriceChanged,
)
from domains.order.events import OrderConfirmed, OrderDiscountChanged
from domains.order.models import Order, OrderAdjustment, OrderAdjustmentSource
from domains.order.payments.acceptance import Acceptance
from domains.order.summary import OrderFacts
from domains.order.transitions import Step
from domains.promotion.discounts import Share, amount_off, amount_shares, percentage_shares

MAX_DISCOUNTS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDiscount:
    """A discount of the lines of an order, or of one of them: a percentage of what is left to pay, or an amount.

    An amount is in the order's currency, and like prices with or without tax. `expected_total` is the total of the
    order before the change.
    """

    reason: str
    percentage: Decimal | None = None
    amount: Decimal | None = None
    order_item_id: UUID | None = None
    expected_total: Decimal | None = None


class ManualDiscounts:
    """Adds and removes manual discounts. Taxes follow at the frozen rates of each line; shipping stays as it is."""

    def __init__(self, acceptance: Acceptance, clock: Clock) -> None:
        self._acceptance = acceptance
        self._clock = clock

    async def add(self, tx: Tx, actor: Actor, order_id: UUID, new: NewDiscount) -> Order:
        """Take a discount off an order that is not paid, accepted or being paid. Gift cards have no discounts.

        An order that becomes free is accepted, as at the checkout. Raises OrderNotFound, OrderNotDiscountable,
        OrderExpired, PriceChanged, OrderItemNotFound, Required and TooLong for the reason, InvalidInput, OutOfRange,
        TooManyDecimals, and TooMany beyond 20 discounts. Emits OrderDiscountChanged, and OrderConfirmed for an order
        that becomes free.
        """
        order = await self._lock(tx, actor, order_id, new.expected_total)
        lines, given = await self._read(tx, order)
        if len({each.source_id for each in given}) >= MAX_DISCOUNTS:
            raise TooMany(f"An order has at most {MAX_DISCOUNTS} manual discounts.", field=("order_id",))
        reason, shares = _validated(order, lines, new)
        discount_id, changed = new_id(), []
        rows: list[data.OrderAdjustmentCreate] = []
        for line, share in zip(_covered(lines, new.order_item_id), shares, strict=True):
            if share.amount:
                changed.append(line.with_discount(share.amount))
                rows.append(_row(actor, order, line, share, discount_id, reason))
        total = round_half_up(sum((share.amount for share in shares), NOTHING), order.currency)
        comment = f"Discount of {total:f} {order.currency}: {reason}"
        tx.defer(data.order_adjustment.insertion(tx, rows))
        return await self._change(tx, actor, order, changed, comment)

    async def remove(
        self, tx: Tx, actor: Actor, order_id: UUID, discount_id: UUID, expected_total: Decimal | None = None
    ) -> Order:
        """Take back a manual discount of an order that is not paid, accepted or being paid.

        Raises OrderNotFound, OrderNotDiscountable, OrderExpired, PriceChanged, DiscountNotFound. Emits
        OrderDiscountChanged.
        """
        order = await self._lock(tx, actor, order_id, expected_total)
        lines, given = await self._read(tx, order)
        own = [each for each in given if each.source_id == discount_id]
        if not own:
            raise DiscountNotFound
        changed = given_back(lines, {each.order_item_id: each.amount for each in own})
        where: data.OrderAdjustmentWhere = {"id": {"in": [each.id for each in own]}}
        await data.order_adjustment.delete_many(tx, where=where)
        total = round_half_up(sum((each.amount for each in own), NOTHING), order.currency)
        comment = f"Discount of {total:f} {order.currency} removed: {own[0].name}"
        return await self._change(tx, actor, order, changed, comment)

    async def _lock(self, tx: Tx, actor: Actor, order_id: UUID, expected: Decimal | None) -> Order:
        """The order, locked, if it can be discounted."""
        order = await transitions.lock(tx, actor, order_id, None)
        if not lifecycle.may_discount(OrderFacts.of(order)):
            raise OrderNotDiscountable(order.status)
        if order.expires_at is not None and order.expires_at <= self._clock.now():
            raise OrderExpired
        if expected is not None and expected != order.total:
            raise PriceChanged(expected, order.total, order.currency)
        return order

    async def _read(self, tx: Tx, order: Order) -> tuple[list[DiscountedLine], list[OrderAdjustment]]:
        """The lines of an order that can have discounts, and its manual discounts."""
        items = await data.order_item.find_many(tx, where={"order_id": order.id}, order_by=[{"id": "asc"}])
        taxes = await data.order_tax.find_many(tx, where={"order_id": order.id}, order_by=[{"id": "asc"}])
        manual: data.OrderAdjustmentWhere = {"order_id": order.id, "source_type": OrderAdjustmentSource.MANUAL}
        given = await data.order_adjustment.find_many(tx, where=manual, order_by=[{"id": "asc"}])
        return lines_of(order, items, taxes), given

    async def _change(
        self, tx: Tx, actor: Actor, order: Order, changed: Sequence[ChangedLine], comment: str
    ) -> Order:
        """Store changed lines and the totals of their order, which is accepted if nothing is left to pay."""
        totals = OrderTotals.of(order, changed)
        await sql.store(tx, changed)
        amounts: data.OrderUpdate = {
            "discount_amount": totals.discount,
            "tax_amount": totals.tax,
            "total": totals.total,
        }
        after = await transitions.record(tx, actor, order, Step(amounts, comment, is_noted=True))
        tx.emit(
            OrderDiscountChanged(
                order_id=order.id, order_number=order.order_number, total=after.total, currency=order.currency
            )
        )
        if after.total:
            return after
        after = await self._acceptance.accept(tx, actor, after, Step({}, "Nothing to pay"))
        tx.emit(OrderConfirmed(order_id=after.id, order_number=after.order_number, payment_method=None))
        return after


def _covered(lines: Sequence[DiscountedLine], item_id: UUID | None) -> list[DiscountedLine]:
    """The lines that a discount is of. Raises OrderItemNotFound."""
    covered = [line for line in lines if item_id is None or line.item.id == item_id]
    if item_id is not None and not covered:
        raise OrderItemNotFound
    return covered


def _validated(order: Order, lines: Sequence[DiscountedLine], new: NewDiscount) -> tuple[str, list[Share]]:
    """The reason, and the share of each line. Raises all errors at once."""
    with collect_errors() as each:
        with each:
            reason = require_text(new.reason, field=("reason",))
        with each:
            shares = _shares(order, _covered(lines, new.order_item_id), new)
    return reason, shares


def _shares(order: Order, lines: Sequence[DiscountedLine], new: NewDiscount) -> list[Share]:
    currency, of_lines = order.currency, [line.left for line in lines]
    left = sum(of_lines, NOTHING)
    if (new.percentage is None) == (new.amount is None):
        raise InvalidInput("Give either `percentage` or `amount`.", field=("amount",))
    if not left:
        raise OutOfRange("There is no amount left that it could reduce.", field=("order_id",))
    if new.percentage is not None:
        percentage = require_percentage(new.percentage, field=("percentage",))
        shares = percentage_shares(percentage, of_lines, currency)
        if not any(share.amount for share in shares):
            raise OutOfRange("The discount takes nothing off this order.", field=("percentage",))
        return shares
    amount = require_amount(new.amount or NOTHING, currency, field=("amount",))
    if not 0 < amount <= left:
        most = round_half_up(left, currency)
        raise OutOfRange(f"The amount is above 0 and at most {most:f} {currency}.", field=("amount",))
    return amount_shares(amount, of_lines, currency, amount_off(amount, currency))


def _row(
    actor: Actor,
    order: Order,
    line: DiscountedLine,
    share: Share,
    discount_id: UUID,
    reason: str,
) -> data.OrderAdjustmentCreate:
    return {
        "id": new_id(),
        "order_id": order.id,
        "order_item_id": line.item.id,
        "source_type": OrderAdjustmentSource.MANUAL,
        "source_id": discount_id,
        "name": reason,
        "description": share.explanation,
        "amount": share.amount,
        "currency": order.currency,
        "created_by": actor.user_id,
    }
