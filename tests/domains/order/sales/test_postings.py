"""The lines of sales and credit notes: they balance, and take back exactly what was sold."""

from collections import defaultdict
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.ids import new_id
from domains.ledger.models import NewLine
from domains.order.models import OrderStatus
from domains.order.sales import postings
from domains.order.sales.sold_order import SoldLine, SoldOrder
from domains.payment.models import RefundLineKind

D = Decimal
RATES = [D(0), D("0.07"), D("0.19")]
CENTS = st.integers(0, 100_000).map(lambda cents: D(cents) / 100)


@st.composite
def sold_orders(draw: st.DrawFn) -> tuple[Any, SoldOrder]:
    """An order with lines of several rates, gift cards among them, and taxed shipping."""
    lines: list[SoldLine] = []
    for total in draw(st.lists(CENTS, min_size=1, max_size=5)):
        rate = draw(st.sampled_from(RATES))
        tax = (total * rate / (1 + rate)).quantize(D("0.01"))
        lines.append(SoldLine(new_id(), new_id(), total, tax, rate, draw(st.booleans())))
    shipping, rate = draw(CENTS), draw(st.sampled_from(RATES))
    shipping_tax = (shipping * rate / (1 + rate)).quantize(D("0.01"))
    order = SimpleNamespace(
        total=sum(line.total for line in lines) + shipping,
        tax_amount=sum(line.tax for line in lines) + shipping_tax,
        shipping_cost=shipping,
        shipping_tax_rate=rate,
    )
    return order, SoldOrder(lines, "DE")


def balances(lines: list[NewLine]) -> dict[Any, Decimal]:
    """The amounts by account, rate and country, positive on the debit side, without zeros."""
    sums: defaultdict[Any, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.account.code, line.tax_rate, line.country] += line.signed
    return {key: amount for key, amount in sums.items() if amount}


@given(sold=sold_orders())
def test_a_sale_balances_and_a_credit_note_of_everything_reverses_it(sold: tuple[Any, SoldOrder]) -> None:
    order, lines = sold
    sale = postings.sale(order, lines)
    assert sum(line.signed for line in sale) == 0
    tax = -sum(line.signed for line in sale if line.account.code == "2000")
    assert tax == order.tax_amount
    shipping_tax = order.tax_amount - sum(line.tax for line in lines.lines)
    refunded: list[Any] = [
        SimpleNamespace(kind=RefundLineKind.ITEM, order_item_id=line.id, amount=line.total, tax=line.tax)
        for line in lines.lines
    ]
    refunded.append(SimpleNamespace(kind=RefundLineKind.SHIPPING, amount=order.shipping_cost, tax=shipping_tax))
    refund: Any = SimpleNamespace(amount=order.total)
    note = postings.credit_note(refund, refunded, order, lines)
    assert balances([*sale, *note]) == {}
    assert balances([*sale, *postings.reversed_lines(sale)]) == {}


def test_gift_cards_are_no_sales_and_each_rate_has_its_lines() -> None:
    lines = [
        SoldLine(new_id(), new_id(), D("11.90"), D("1.90"), D("0.19"), is_gift_card=False),
        SoldLine(new_id(), new_id(), D("10.70"), D("0.70"), D("0.07"), is_gift_card=False),
        SoldLine(new_id(), new_id(), D("50.00"), D(0), D(0), is_gift_card=True),
    ]
    order: Any = SimpleNamespace(
        total=D("78.55"), tax_amount=D("3.55"), shipping_cost=D("5.95"), shipping_tax_rate=D("0.19")
    )
    sale = [(line.account.code, line.tax_rate, line.signed) for line in postings.sale(order, SoldOrder(lines, "DE"))]
    assert [each for each in sale if each[2]] == [
        ("1100", None, D("78.55")),
        ("2000", D("0.19"), D("-2.85")),
        ("2000", D("0.07"), D("-0.70")),
        ("2110", D(0), D("-50.00")),
        ("4000", D("0.19"), D("-10.00")),
        ("4000", D("0.07"), D("-10.00")),
        ("4100", D("0.19"), D("-5.00")),
    ]


@pytest.mark.parametrize(
    ("status", "is_accepted", "captured", "expected"),
    [
        (OrderStatus.CONFIRMED, True, "0", "0"),
        (OrderStatus.CANCELLED, False, "0", "0"),
        (OrderStatus.CANCELLED, True, "0", "10"),
        (OrderStatus.FAILED, False, "3", "7"),
        (OrderStatus.REFUNDED, True, "10", "0"),
        (OrderStatus.SHIPPED, True, "4", "0"),
    ],
)
def test_what_was_recognized_and_not_paid_is_written_off_at_the_end(
    status: OrderStatus, is_accepted: bool, captured: str, expected: str
) -> None:
    accepted_at = object() if is_accepted else None
    order: Any = SimpleNamespace(
        status=status, accepted_at=accepted_at, paid_at=None, amount_captured=D(captured), total=D(10)
    )
    assert postings.written_off(order) == D(expected)


def test_the_lines_of_a_new_order_are_those_of_its_rows() -> None:
    product: UUID = new_id()
    row: Any = {"product_id": product, "total_price": D(3), "tax_amount": D(1), "tax_rate": D("0.5")}
    sold = SoldOrder.of_items([row, row | {"is_gift_card": True}], "FR")
    assert [(line.total, line.tax, line.tax_rate, line.is_gift_card) for line in sold.lines] == [
        (D(3), D(1), D("0.5"), False),
        (D(3), D(1), D("0.5"), True),
    ]
    assert (sold.product_ids, sold.country) == ([product], "FR")
