"""The lines of the ledger for what an order earns and gives back. Pure.

An order is recognized when it is accepted or money is captured, whichever is first. Its total is then owed; what was
recognized and is neither paid nor expected any more is written off. An edit posts what it changes of the sale.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from domains.ledger import chart
from domains.ledger.models import Account, NewLine, credit, debit
from domains.order.models import Order, OrderStatus
from domains.order.sales.sold_order import SoldOrder
from domains.payment.models import RefundLine, RefundLineKind

NOTHING: Final = Decimal(0)
ENDED: Final = {OrderStatus.CANCELLED, OrderStatus.REFUNDED, OrderStatus.FAILED}


def is_recognized(order: Order) -> bool:
    """Whether the order was ever accepted, or any of it paid."""
    return order.accepted_at is not None or order.paid_at is not None or order.amount_captured > 0


def written_off(order: Order) -> Decimal:
    """What was recognized and will not be paid, because the order has ended."""
    is_over = order.status in ENDED and is_recognized(order)
    return max(order.total - order.amount_captured + order.amount_repaid, NOTHING) if is_over else NOTHING


class _Earnings:
    """Sums of what is earned, by account and rate of tax."""

    def __init__(self, country: str | None) -> None:
        self._country = country
        self._amounts: defaultdict[tuple[Account, Decimal], Decimal] = defaultdict(Decimal)

    def add(self, account: Account, total: Decimal, tax: Decimal, rate: Decimal) -> None:
        """Add an amount that contains tax of a rate."""
        self._amounts[account, rate] += total - tax
        self._amounts[chart.TAX_PAYABLE, rate] += tax

    def lines(self) -> list[NewLine]:
        """A line for each account and rate, by account and falling rate."""
        amounts = sorted(self._amounts.items(), key=lambda each: (each[0][0].code, -each[0][1]))
        return [credit(account, amount, tax_rate=rate, country=self._country) for (account, rate), amount in amounts]


def sale(order: Order, sold: SoldOrder) -> list[NewLine]:
    """The total is owed, for sales, gift cards and shipping without their tax, and the tax by rate."""
    return [debit(chart.RECEIVABLE, order.total), *_earned(sold)]


def edit(before: SoldOrder, after: SoldOrder) -> list[NewLine]:
    """What an edit changes of a sale, by account, rate of tax and country: the sale after it, less the one before."""
    changed: defaultdict[tuple[Account, Decimal | None, str | None], Decimal] = defaultdict(Decimal)
    for sign, sold in ((-1, before), (1, after)):
        for line in _earned(sold):
            changed[line.account, line.tax_rate, line.country] += sign * line.amount
    lines = [
        credit(account, amount, tax_rate=rate, country=country)
        for (account, rate, country), amount in changed.items()
        if amount
    ]
    return [debit(chart.RECEIVABLE, sum((line.amount for line in lines), NOTHING)), *lines]


def _earned(sold: SoldOrder) -> list[NewLine]:
    """What lines and shipping earn, by account and rate."""
    earned = _Earnings(sold.country)
    for line in sold.lines:
        earned.add(_account_of(is_gift_card=line.is_gift_card), line.total, line.tax, line.tax_rate)
    for part in sold.shipping:
        earned.add(chart.SHIPPING, part.total, part.tax, part.tax_rate)
    return earned.lines()


def credit_note(lines: Iterable[RefundLine], sold: SoldOrder) -> list[NewLine]:
    """What a refund takes back of its order's sale, by its lines; an adjustment is an allowance without tax.

    What was paid above the total is no part of the sale any more: the edit took it back.
    """
    sold_lines = {line.id: line for line in sold.lines}
    earned, allowance, total = _Earnings(sold.country), NOTHING, NOTHING
    for line in lines:
        if line.kind is RefundLineKind.OVERPAYMENT:
            continue
        total += line.amount
        if line.kind is RefundLineKind.ADJUSTMENT:
            allowance += line.amount
        elif line.kind is RefundLineKind.SHIPPING:
            earned.add(chart.SHIPPING, line.amount, line.tax, line.tax_rate)
        else:
            item = sold_lines[line.order_item_id]
            earned.add(_account_of(is_gift_card=item.is_gift_card), line.amount, line.tax, line.tax_rate)
    taken_back = [line.reversed() for line in earned.lines()]
    return [*taken_back, *allowed(allowance), credit(chart.RECEIVABLE, total)]


def allowed(amount: Decimal) -> list[NewLine]:
    """An amount by which an order earns less."""
    return [debit(chart.ALLOWANCES, amount)]


def write_off(order: Order, amount: Decimal, sold: SoldOrder | None) -> list[NewLine]:
    """The amount is not owed any more: the reversal of the sale, or an allowance where a part was paid.

    A negative amount is owed again.
    """
    if sold is not None:
        sold_again = sale(order, sold)
        return reversed_lines(sold_again) if amount > 0 else sold_again
    return [*allowed(amount), credit(chart.RECEIVABLE, amount)]


def reversed_lines(lines: Sequence[NewLine]) -> list[NewLine]:
    """The lines, each on the other side."""
    return [line.reversed() for line in lines]


def _account_of(*, is_gift_card: bool) -> Account:
    return chart.GIFT_CARDS_SOLD if is_gift_card else chart.SALES
