"""The lines of refunds: each takes its part of what is left, and the parts add up to the whole exactly."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.errors import DomainError
from domains.kernel.ids import new_id
from domains.kernel.validation import errors_of
from domains.kernel.values.money import minor_unit
from domains.order.payments.refund_division import divided
from domains.order.payments.refund_lines import NewRefund, RefundableOrder, RefundedUnits, Rest, refund_lines
from domains.payment.models import NewRefundLine, RefundLineKind

ITEM, SHIPPING, ADJUSTMENT, _ = RefundLineKind
CURRENCIES = ("EUR", "JPY", "KWD")
NOTHING = Decimal(0)
FULL, REDUCED = Decimal("0.19"), Decimal("0.07")
RATES = (NOTHING, REDUCED, FULL)
CHAIR, TABLE = new_id(), new_id()


@st.composite
def orders(draw: st.DrawFn) -> RefundableOrder:
    """Orders of which nothing was refunded, and all that they cost was captured."""
    currency = draw(st.sampled_from(CURRENCIES))
    unit = minor_unit(currency)

    def rest(quantity: int, rate: Decimal) -> Rest:
        amount = draw(st.integers(0, 10_000_000))
        return Rest(quantity, amount * unit, draw(st.integers(0, amount)) * unit, rate)

    rates = st.sampled_from(RATES)
    items = {new_id(): rest(draw(st.integers(1, 12)), draw(rates)) for _ in range(draw(st.integers(1, 3)))}
    shipping = [rest(0, rate) for rate in draw(st.lists(rates, unique=True))]
    amount = sum((each.amount for each in (*items.values(), *shipping)), NOTHING)
    return RefundableOrder(currency, amount, items, shipping)


def after(order: RefundableOrder, lines: Sequence[NewRefundLine]) -> RefundableOrder:
    """What these lines leave of an order."""

    def less(rest: Rest, own: Sequence[NewRefundLine]) -> Rest:
        assert {line.tax_rate for line in own} <= {rest.tax_rate}
        return Rest(
            rest.quantity - sum(line.quantity or 0 for line in own),
            rest.amount - sum((line.amount for line in own), NOTHING),
            rest.tax - sum((line.tax for line in own), NOTHING),
            rest.tax_rate,
        )

    of_shipping = [line for line in lines if line.kind is SHIPPING]
    return RefundableOrder(
        order.currency,
        order.amount - sum((line.amount for line in lines), NOTHING),
        {key: less(rest, [line for line in lines if line.order_item_id == key]) for key, rest in order.items.items()},
        [less(rest, [line for line in of_shipping if line.tax_rate == rest.tax_rate]) for rest in order.shipping],
    )


def is_empty(rest: Rest) -> bool:
    return (rest.quantity, rest.amount, rest.tax) == (0, NOTHING, NOTHING)


@given(orders(), st.data())
def test_all_units_in_any_portions_and_shipping_add_up_to_the_whole(
    order: RefundableOrder, data: st.DataObject
) -> None:
    left, refunded, unit = order, NOTHING, minor_unit(order.currency)
    while left.amount:
        options = [NewRefund(lines=[RefundedUnits(key, n)]) for key, n in refundable_units(left)]
        if left.shipping_amount:
            part = data.draw(st.integers(1, int(left.shipping_amount / unit)))
            options += [NewRefund(shipping=True), NewRefund(shipping_amount=part * unit)]
        chosen = data.draw(st.sampled_from(options))
        lines = refund_lines(chosen, left)
        assert chosen.shipping_amount in (None, sum(line.amount for line in lines))
        for line in lines:
            assert NOTHING <= line.tax <= line.amount
            assert line.amount % unit == line.tax % unit == 0
            refunded += line.amount
        left = after(left, lines)
    assert refunded == order.amount
    assert all(rest.amount == rest.tax == 0 for rest in (*left.items.values(), *left.shipping))


def refundable_units(order: RefundableOrder) -> list[tuple[UUID, int]]:
    """The quantities of lines that can be refunded alone, because their amount is not zero."""
    return [
        (key, quantity)
        for key, rest in order.items.items()
        for quantity in range(1, rest.quantity + 1)
        if rest.units(quantity, order.currency).amount
    ]


@given(orders(), st.integers(1, 12), st.booleans(), st.integers(-50, 50))
def test_everything_that_is_left_is_itemized_and_is_the_captured_rest(
    order: RefundableOrder, quantity: int, shipping: bool, goodwill: int
) -> None:
    item_id, rest = next(iter(order.items.items()))
    units = [RefundedUnits(item_id, min(quantity, rest.quantity))]
    first = NewRefund(lines=units, shipping=shipping, adjustment=goodwill * minor_unit(order.currency))
    try:
        left = after(order, refund_lines(first, order))
    except DomainError:  # nothing, or more than was captured
        left = order
    if not left.amount:
        return
    lines = refund_lines(NewRefund(), left)
    assert sum(line.amount for line in lines) == left.amount
    ended = after(left, lines)
    assert ended.amount == 0
    assert all(map(is_empty, ended.items.values()))
    assert all(map(is_empty, ended.shipping))
    adjusted = sum(line.amount for line in lines if line.kind is ADJUSTMENT)
    itemized = sum(rest.amount for rest in (*left.items.values(), *left.shipping))
    assert adjusted == left.amount - itemized


@given(orders(), st.lists(st.integers(0, 10**7), min_size=1, max_size=4), st.integers(-50, 50))
def test_a_refund_is_divided_over_payments_without_a_remainder(
    order: RefundableOrder, available: list[int], goodwill: int
) -> None:
    unit = minor_unit(order.currency)
    lines = [*refund_lines(NewRefund(), order)] if order.amount else []
    if goodwill:
        lines.append(NewRefundLine.adjustment(goodwill * unit))
    total = sum((line.amount for line in lines), NOTHING)
    rooms = [each * unit for each in available]
    if not 0 < total <= sum(rooms):
        return
    parts = divided(lines, rooms, order.currency)
    sums = [sum((line.amount for line in part), NOTHING) for part in parts]
    assert all(
        amount <= room and (amount > 0) == bool(part) for amount, room, part in zip(sums, rooms, parts, strict=True)
    )
    used = next(position for position, _ in enumerate(rooms) if sum(rooms[: position + 1]) >= total)
    assert sums[:used] == rooms[:used]
    assert merged(chain.from_iterable(parts)) == merged(lines)
    assert all(0 <= line.tax <= max(line.amount, NOTHING) for part in parts for line in part)


def merged(lines: Iterable[NewRefundLine]) -> dict[Any, tuple[int, Decimal, Decimal]]:
    """Units, amount and tax of each kind, line of the order and rate of tax."""
    sums: dict[Any, tuple[int, Decimal, Decimal]] = {}
    for line in lines:
        key = (line.kind, line.order_item_id, line.tax_rate)
        quantity, amount, tax = sums.get(key, (0, NOTHING, NOTHING))
        sums[key] = (quantity + (line.quantity or 0), amount + line.amount, tax + line.tax)
    return sums


SHOP = RefundableOrder(
    "EUR",
    Decimal("24.90"),
    {
        CHAIR: Rest(3, Decimal("10.00"), Decimal("1.60"), FULL),
        TABLE: Rest(1, Decimal("10.00"), Decimal("1.60"), FULL),
    },
    [Rest(0, Decimal("3.33"), Decimal("0.53"), FULL), Rest(0, Decimal("1.57"), Decimal("0.10"), REDUCED)],
)


def test_units_are_refunded_pro_rata_and_the_last_takes_the_remainder() -> None:
    left, found = SHOP, []
    for _ in range(3):
        (line,) = lines = refund_lines(NewRefund(lines=[RefundedUnits(CHAIR, 1)]), left)
        found.append((line.kind, line.order_item_id, line.quantity, str(line.amount), str(line.tax)))
        left = after(left, lines)
    assert found == [
        (ITEM, CHAIR, 1, "3.33", "0.53"),
        (ITEM, CHAIR, 1, "3.34", "0.54"),
        (ITEM, CHAIR, 1, "3.33", "0.53"),
    ]


def test_lines_shipping_and_a_deduction_make_one_refund() -> None:
    new = NewRefund(lines=[RefundedUnits(TABLE, 1)], shipping_amount=Decimal(2), adjustment=Decimal("-1.50"))
    assert refund_lines(new, SHOP) == [
        NewRefundLine(ITEM, Decimal("10.00"), Decimal("1.60"), TABLE, 1, FULL),
        NewRefundLine(SHIPPING, Decimal("1.36"), Decimal("0.22"), tax_rate=FULL),
        NewRefundLine(SHIPPING, Decimal("0.64"), Decimal("0.04"), tax_rate=REDUCED),
        NewRefundLine(ADJUSTMENT, Decimal("-1.50"), NOTHING),
    ]


def units(item_id: UUID, quantity: int) -> NewRefund:
    return NewRefund(lines=[RefundedUnits(item_id, quantity)])


REFUSED: dict[str, tuple[NewRefund, list[tuple[str, str]]]] = {
    "no units": (units(CHAIR, 0), [("OUT_OF_RANGE", "lines.0.quantity")]),
    "more units than are left": (units(CHAIR, 4), [("REFUND_QUANTITY_TOO_LARGE", "lines.0.quantity")]),
    "another order's line": (units(new_id(), 1), [("NOT_FOUND", "lines.0.order_item_id")]),
    "a line twice": (
        NewRefund(lines=[RefundedUnits(CHAIR, 1), RefundedUnits(CHAIR, 1)]),
        [("DUPLICATE_VALUE", "lines.1.order_item_id")],
    ),
    "no lines": (NewRefund(lines=[]), [("OUT_OF_RANGE", "amount")]),
    "shipping above the rest": (NewRefund(shipping_amount=Decimal(5)), [("REFUND_TOO_LARGE", "shipping_amount")]),
    "shipping below zero": (NewRefund(shipping_amount=Decimal(-1)), [("OUT_OF_RANGE", "shipping_amount")]),
    "too fine": (NewRefund(adjustment=Decimal("0.001")), [("TOO_MANY_DECIMALS", "adjustment")]),
    "not a number": (NewRefund(adjustment=Decimal("NaN")), [("OUT_OF_RANGE", "adjustment")]),
    "only a deduction": (NewRefund(adjustment=Decimal(-1)), [("OUT_OF_RANGE", "amount")]),
    "above the captured rest": (NewRefund(adjustment=Decimal(25)), [("REFUND_TOO_LARGE", "amount")]),
    "everything that is wrong": (
        NewRefund(
            amount=Decimal("0.001"),
            lines=[RefundedUnits(CHAIR, 0), RefundedUnits(TABLE, 2)],
            shipping=True,
            shipping_amount=Decimal("Infinity"),
            adjustment=Decimal("1.234"),
        ),
        [
            ("NOT_APPLICABLE", "amount"),
            ("NOT_APPLICABLE", "shipping_amount"),
            ("TOO_MANY_DECIMALS", "amount"),
            ("OUT_OF_RANGE", "lines.0.quantity"),
            ("REFUND_QUANTITY_TOO_LARGE", "lines.1.quantity"),
            ("OUT_OF_RANGE", "shipping_amount"),
            ("TOO_MANY_DECIMALS", "adjustment"),
        ],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_all_errors_of_a_refund_are_raised_together(case: str) -> None:
    new, expected = REFUSED[case]
    with pytest.raises(DomainError) as refused:
        refund_lines(new, SHOP)
    assert [(error.code, ".".join(error.field)) for error in errors_of(refused.value)] == expected
