"""The amounts of edited lines, for random lines and edits: never negative, exact, and those of the wanted units."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domains.kernel.values.money import allocate, round_half_up
from domains.order.editing.amounts import EditedLine, OrderedLine
from domains.pricing.taxes import taxed
from domains.tax.models import Tax

RATES = st.sampled_from([(), ("0.19",), ("0.05", "0.09975")])
CURRENCIES = st.sampled_from(["EUR", "JPY"])


def line(
    currency: str, unit_price: Decimal, wanted: int, shares: list[int], rates: tuple[str, ...], *, is_included: bool
) -> OrderedLine:
    """A line as the checkout makes it, with discounts that take off at most all of it."""
    subtotal = round_half_up(unit_price * wanted, currency)
    weights = [Decimal(each) for each in shares]
    percentage = Decimal(min(sum(shares), 100))
    discount = round_half_up(subtotal * percentage / 100, currency)
    amounts = allocate(discount, weights, currency) if discount else []
    taxes = tuple(Tax(f"T{number}", Decimal(rate)) for number, rate in enumerate(rates))
    amount = taxed(subtotal - discount, taxes, currency, is_included=is_included)
    item: Any = SimpleNamespace(
        quantity=wanted + 2,
        dropped_quantity=2,
        unit_price=unit_price,
        discount_amount=discount,
        tax_amount=amount.tax,
        total_price=amount.total,
        currency=currency,
    )
    rows: Any = [SimpleNamespace(name=each.name, rate=each.rate) for each in amount.taxes]
    discounts: Any = [
        SimpleNamespace(id=UUID(int=number), amount=each) for number, each in enumerate(amounts) if each
    ]
    return OrderedLine(item, rows, discounts, is_included)


@st.composite
def lines(draw: st.DrawFn) -> OrderedLine:
    currency = draw(CURRENCIES)
    cents = draw(st.integers(0, 200_000))
    price = Decimal(cents).scaleb(-4) if draw(st.booleans()) else round_half_up(Decimal(cents) / 7, currency)
    shares = draw(st.lists(st.integers(1, 60), max_size=3))
    return line(currency, price, draw(st.integers(1, 12)), shares, draw(RATES), is_included=draw(st.booleans()))


def require_sound(edited: EditedLine) -> None:
    """Figures that add up, at the scale of the currency, and none negative."""
    currency, amount = edited.item.currency, edited.amount
    assert 0 <= edited.discount <= edited.subtotal
    assert amount.total == amount.taxable + amount.tax >= 0
    left = edited.subtotal - edited.discount
    assert left == (amount.total if edited.before.is_included else amount.taxable)
    assert sum(edited.adjustments.values()) == edited.discount
    assert all(share >= 0 for share in edited.adjustments.values())
    for figure in (edited.subtotal, edited.discount, amount.total, amount.tax):
        assert figure == round_half_up(figure, currency)


@given(lines(), st.integers(0, 20))
def test_amounts_are_those_of_the_wanted_units(before: OrderedLine, wanted: int) -> None:
    edited = before.with_wanted(wanted, before.rates)
    require_sound(edited)
    assert edited.subtotal == round_half_up(before.item.unit_price * wanted, before.item.currency)
    assert edited.added - edited.dropped == wanted - before.wanted
    assert not (edited.added and edited.dropped)
    if wanted >= before.wanted:
        assert edited.discount == before.item.discount_amount
    if not wanted:
        assert (edited.amount.total, edited.discount) == (Decimal(0), Decimal(0))


@given(lines())
def test_a_line_that_keeps_its_units_keeps_its_amounts(before: OrderedLine) -> None:
    edited = before.with_wanted(before.wanted, before.rates)
    figures = (edited.amount.total, edited.amount.tax, edited.discount, edited.subtotal)
    item = before.item
    assert figures == (item.total_price, item.tax_amount, item.discount_amount, before.subtotal)


@given(lines(), st.lists(st.integers(0, 12), min_size=1, max_size=5))
def test_the_discount_of_each_step_is_its_share_of_what_was_left(before: OrderedLine, steps: list[int]) -> None:
    current = before
    for wanted in sorted(steps, reverse=True):
        edited = current.with_wanted(wanted, before.rates)
        require_sound(edited)
        if wanted < current.wanted:
            share = current.item.discount_amount * wanted / current.wanted
            assert edited.discount == min(round_half_up(share, before.item.currency), edited.subtotal)
        item: Any = SimpleNamespace(
            quantity=wanted,
            dropped_quantity=0,
            unit_price=before.item.unit_price,
            discount_amount=edited.discount,
            tax_amount=edited.amount.tax,
            total_price=edited.amount.total,
            currency=before.item.currency,
        )
        rows: Any = [
            SimpleNamespace(id=row.id, amount=edited.adjustments[row.id])
            for row in current.adjustments
            if edited.adjustments[row.id]
        ]
        current = OrderedLine(item, before.taxes, rows, before.is_included)
