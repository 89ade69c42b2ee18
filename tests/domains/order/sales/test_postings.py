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
from domains.order.sales.sold_order import SoldLine, SoldOrder, SoldShipping
from domains.payment.models import RefundLineKind
from domains.pricing.taxes import taxed
from domains.tax.models import Tax

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
    shipping: list[SoldShipping] = []
    for rate in draw(st.lists(st.sampled_from(RATES), unique=True)):
        total = draw(CENTS)
        shipping.append(SoldShipping(total, (total * rate / (1 + rate)).quantize(D("0.01")), rate))
    parts: list[SoldLine | SoldShipping] = [*lines, *shipping]
    order = SimpleNamespace(total=sum(part.total for part in parts), tax_amount=sum(part.tax for part in parts))
    return order, SoldOrder(lines, shipping, "DE")


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
    refunded: list[Any] = [
        SimpleNamespace(
            kind=RefundLineKind.ITEM,
            order_item_id=line.id,
            amount=line.total,
            tax=line.tax,
            tax_rate=line.tax_rate,
        )
        for line in lines.lines
    ]
    refunded += [
        SimpleNamespace(kind=RefundLineKind.SHIPPING, amount=part.total, tax=part.tax, tax_rate=part.tax_rate)
        for part in lines.shipping
    ]
    note = postings.credit_note(refunded, lines)
    assert balances([*sale, *note]) == {}
    assert balances([*sale, *postings.reversed_lines(sale)]) == {}


def test_gift_cards_are_no_sales_and_each_rate_has_its_lines() -> None:
    lines = [
        SoldLine(new_id(), new_id(), D("11.90"), D("1.90"), D("0.19"), is_gift_card=False),
        SoldLine(new_id(), new_id(), D("10.70"), D("0.70"), D("0.07"), is_gift_card=False),
        SoldLine(new_id(), new_id(), D("50.00"), D(0), D(0), is_gift_card=True),
    ]
    shipping = [SoldShipping(D("5.95"), D("0.95"), D("0.19")), SoldShipping(D("2.14"), D("0.14"), D("0.07"))]
    order: Any = SimpleNamespace(total=D("80.69"))
    sold = SoldOrder(lines, shipping, "DE")
    sale = [(line.account.code, line.tax_rate, line.signed) for line in postings.sale(order, sold)]
    assert [each for each in sale if each[2]] == [
        ("1100", None, D("80.69")),
        ("2000", D("0.19"), D("-2.85")),
        ("2000", D("0.07"), D("-0.84")),
        ("2110", D(0), D("-50.00")),
        ("4000", D("0.19"), D("-10.00")),
        ("4000", D("0.07"), D("-10.00")),
        ("4100", D("0.19"), D("-5.00")),
        ("4100", D("0.07"), D("-2.00")),
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
        status=status,
        accepted_at=accepted_at,
        paid_at=None,
        amount_captured=D(captured),
        amount_repaid=D(0),
        total=D(10),
    )
    assert postings.written_off(order) == D(expected)


def test_the_lines_of_a_new_order_are_those_of_its_rows() -> None:
    product: UUID = new_id()
    row: Any = {"product_id": product, "total_price": D(3), "tax_amount": D(1), "tax_rate": D("0.5"), "quantity": 2}
    parts = [taxed(D(total), (Tax("VAT", D("0.5")),), "EUR", is_included=True) for total in (3, 6)]
    sold = SoldOrder.of_items([row, row | {"is_gift_card": True}], parts, "FR")
    assert sold.shipping == [SoldShipping(D(9), D(3), D("0.5"))]
    assert [(line.total, line.tax, line.tax_rate, line.is_gift_card) for line in sold.lines] == [
        (D(3), D(1), D("0.5"), False),
        (D(3), D(1), D("0.5"), True),
    ]
    assert (sold.product_ids, sold.country) == ([product], "FR")
