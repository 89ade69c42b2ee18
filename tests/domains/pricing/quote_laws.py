"""The laws of every quote, and random carts to check them with."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from domains.kernel.values.money import minor_unit, round_half_up
from domains.pricing.models import LineQuote, Quote, ShippingQuote
from domains.promotion.models import DiscountType, PromotionType
from domains.promotion.rules import Buyer, PricedLine, PromotionRule
from tests.domains.pricing.sale_terms import SaleTerms

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CURRENCIES = ("JPY", "EUR", "KWD")
PRODUCTS = [UUID(int=number) for number in range(1, 7)]
RATES = (Decimal(0), Decimal("0.07"), Decimal("0.19"), Decimal("0.081"), Decimal("0.999999"))
CATEGORIES = [UUID(int=number) for number in range(101, 105)]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a total is made of."""

    lines: list[PricedLine]
    promotions: list[PromotionRule]
    terms: SaleTerms
    buyer: Buyer

    def total(self) -> Quote:
        """The quote of the case."""
        return self.terms.quote(self.lines, self.promotions, self.buyer, NOW)


def case_of_seed(seed: int) -> Case:
    """The random cart of a seed, always the same."""
    return random_case(Random(seed))  # noqa: S311 - nothing here is secret


def random_case(random: Random) -> Case:
    """A cart of up to five lines under up to four promotions."""
    currency = random.choice(CURRENCIES)
    terms = SaleTerms(
        currency,
        random.choice(RATES),
        random.random() < 0.5,
        _amount(random, currency, 20),
        random.choice((None, _amount(random, currency, 300))),
        {product: random.choice(RATES) for product in random.sample(PRODUCTS, random.choice((0, 0, 2, 4)))},
        random.choice((Decimal(0), random.choice(RATES))),
    )
    lines = [_line(random, UUID(int=1000 + number), currency) for number in range(random.randrange(6))]
    promotions = [_promotion(random, UUID(int=2000 + number), currency) for number in range(random.randrange(5))]
    uses = {promotion.id: random.randrange(3) for promotion in promotions}
    return Case(lines, promotions, terms, Buyer(UUID(int=1), None, random.randrange(4), uses))


def _amount(random: Random, currency: str, most: int) -> Decimal:
    unit = minor_unit(currency)
    return unit * random.choice((0, 1, random.randrange(100), random.randrange(int(most / unit) + 1)))


def _line(random: Random, key: UUID, currency: str) -> PricedLine:
    number = random.randrange(len(PRODUCTS))
    categories = frozenset(random.sample(CATEGORIES, random.randrange(3)))
    quantity = random.choice((1, 1, 2, 3, 7, 999))
    price, is_gift_card = _price(random, currency, 200), random.random() < 0.2
    return PricedLine(key, PRODUCTS[number], None, categories, quantity, price, is_gift_card)


def _price(random: Random, currency: str, most: int) -> Decimal:
    """A unit price: one in three has four decimals, whatever the currency can pay."""
    if random.random() < 2 / 3:
        return _amount(random, currency, most)
    return Decimal(random.choice((1, 5, 50, random.randrange(10_000), random.randrange(most * 10_000)))).scaleb(-4)


def _promotion(random: Random, id: UUID, currency: str) -> PromotionRule:
    kind = random.choice(list(DiscountType))
    value = Decimal(0)
    if kind is DiscountType.PERCENTAGE:
        value = random.choice((Decimal(random.randrange(101)), Decimal("33.3333"), Decimal(100)))
    elif kind is DiscountType.FIXED_AMOUNT:
        value = _amount(random, currency, 500)
    return PromotionRule(
        id=id,
        name=f"Promotion {id.int}",
        code=f"CODE{id.int}",
        type=random.choice(list(PromotionType)),
        discount_type=kind,
        currency=currency if random.random() < 0.95 else "CHF",
        start_date=NOW - timedelta(days=random.choice((1, 1, 1, 1, 1, 0, -1))),
        end_date=random.choice((None, None, NOW + timedelta(days=1), NOW + timedelta(days=1), NOW)),
        discount_value=value,
        buy_quantity=random.randrange(1, 4) if kind is DiscountType.BUY_X_GET_Y else None,
        get_quantity=random.randrange(1, 4) if kind is DiscountType.BUY_X_GET_Y else None,
        required_orders=random.choice((None, None, 2)),
        priority=random.randrange(3),
        is_exclusive=random.random() < 0.3,
        is_automatic=random.random() < 0.5,
        is_active=random.random() < 0.95,
        min_purchase_amount=random.choice((None, None, None, _amount(random, currency, 300))),
        max_usage_count=random.choice((None, None, 2)),
        current_usage_count=random.randrange(3),
        max_usage_per_user=random.choice((None, None, 2)),
        product_ids=frozenset(random.sample(PRODUCTS, random.choice((0, 0, 1, 3)))),
        category_ids=frozenset(random.sample(CATEGORIES, random.choice((0, 0, 1)))),
    )


def require_laws(case: Case) -> Quote:
    """The quote of a case, after checking every law."""
    totals = case.total()
    assert totals == Case(case.lines, case.promotions[::-1], case.terms, case.buyer).total()
    _require_sums(case, totals)
    _require_taxes(case, totals)
    _require_lines(case, totals)
    _require_promotions(case, totals)
    _require_gift_cards(case, totals)
    plain = Case(case.lines, [], case.terms, case.buyer).total()
    assert totals.total <= plain.total
    assert plain.discount == plain.shipping.discount == 0
    assert (plain.adjustments, plain.refused) == ((), ())
    return totals


def _require_sums(case: Case, totals: Quote) -> None:
    lines, shipping = totals.lines, totals.shipping
    assert sum((line.total for line in lines), shipping.total) == totals.total
    assert sum(line.subtotal for line in lines) == totals.subtotal
    assert sum(line.discount for line in lines) == totals.discount
    assert sum((line.tax for line in lines), shipping.tax) == totals.tax
    on_top = 0 if case.terms.prices_include_tax else totals.tax
    paid = totals.subtotal - totals.discount + shipping.subtotal - shipping.discount
    assert paid + on_top == totals.total
    assert shipping.subtotal in {Decimal(0), case.terms.flat_shipping}
    assert sum(adjustment.amount for adjustment in totals.adjustments) == totals.discount + shipping.discount
    amounts = (totals.subtotal, totals.discount, shipping.total, shipping.discount, totals.tax)
    for amount in amounts:
        assert amount >= 0
        assert amount == round_half_up(amount, case.terms.currency)


def _require_taxes(case: Case, totals: Quote) -> None:
    terms, unit = case.terms, minor_unit(case.terms.currency)
    rates = [
        0 if line.is_gift_card else terms.product_rates.get(line.product_id, terms.tax_rate) for line in case.lines
    ]
    assert [[tax.rate for tax in line.taxes] for line in totals.lines] == [[rate] for rate in rates]
    assert [tax.rate for tax in totals.shipping.taxes] == [terms.shipping_rate]
    parts: list[LineQuote | ShippingQuote] = [*totals.lines, totals.shipping]
    for part in parts:
        assert sum(tax.amount for tax in part.taxes) == part.tax
        assert all(abs(tax.amount - tax.taxable * tax.rate) <= unit and tax.amount >= 0 for tax in part.taxes)
        assert sum(tax.taxable for tax in part.taxes) + part.tax == part.total
    assert [tax.rate for tax in totals.taxes] == sorted({tax.rate for tax in totals.taxes}, reverse=True)
    assert sum(tax.amount for tax in totals.taxes) == totals.tax
    assert sum(tax.taxable + tax.amount for tax in totals.taxes) == totals.total


def _require_lines(case: Case, totals: Quote) -> None:
    assert [line.key for line in totals.lines] == [line.key for line in case.lines]
    for line, total in zip(case.lines, totals.lines, strict=True):
        assert (total.quantity, total.unit_price) == (line.quantity, line.unit_price)
        assert total.subtotal == round_half_up(line.unit_price * line.quantity, case.terms.currency)
        assert 0 <= total.discount <= total.subtotal
        assert sum(adjustment.amount for adjustment in total.adjustments) == total.discount
        assert all(adjustment.amount > 0 and adjustment.explanation for adjustment in total.adjustments)
        base = total.total - total.tax
        assert total.subtotal - total.discount == (total.total if case.terms.prices_include_tax else base)
        assert {total.total, total.tax, total.discount} == {
            round_half_up(amount, case.terms.currency) for amount in (total.total, total.tax, total.discount)
        }


def goods_subtotal(case: Case, totals: Quote) -> Decimal:
    """The subtotal without gift cards."""
    lines = zip(case.lines, totals.lines, strict=True)
    return sum((total.subtotal for line, total in lines if not line.is_gift_card), Decimal(0))


def _require_gift_cards(case: Case, totals: Quote) -> None:
    """A gift card costs its price, and the other lines cost what they do without it."""
    for line, total in zip(case.lines, totals.lines, strict=True):
        if line.is_gift_card:
            assert total.total == total.subtotal
            assert total.discount == total.tax == 0
            assert total.adjustments == ()
    goods = [line for line in case.lines if not line.is_gift_card]
    alone = Case(goods, case.promotions, case.terms, case.buyer).total()
    keys = {line.key for line in goods}
    assert alone.lines == tuple(line for line in totals.lines if line.key in keys)
    assert (alone.shipping, alone.adjustments, alone.refused) == (
        totals.shipping,
        totals.adjustments,
        totals.refused,
    )


def _require_promotions(case: Case, totals: Quote) -> None:
    by_id = {promotion.id: promotion for promotion in case.promotions}
    applied = [by_id[discount.promotion_id] for discount in totals.adjustments]
    assert applied == sorted(applied, key=lambda one: (-one.priority, one.id))
    assert len(applied) == 1 or not any(one.is_exclusive for one in applied)
    asked = {promotion.id for promotion in case.promotions if not promotion.is_automatic}
    reported = {refusal.promotion_id for refusal in totals.refused}
    assert reported == asked - {promotion.id for promotion in applied}
    for promotion in applied:
        assert promotion.is_active
        assert promotion.start_date <= NOW < (promotion.end_date or NOW + timedelta(1))
        assert promotion.currency == case.terms.currency
        assert goods_subtotal(case, totals) >= (promotion.min_purchase_amount or 0)
        assert promotion.max_usage_count is None or promotion.current_usage_count < promotion.max_usage_count
        assert promotion.max_usage_per_user is None or case.buyer.uses[promotion.id] < promotion.max_usage_per_user
        assert promotion.type is not PromotionType.WELCOME or case.buyer.paid_orders == 0
        needed = promotion.required_orders if promotion.type is PromotionType.LOYALTY else None
        assert case.buyer.paid_orders >= (needed or 0)
    for line, total in zip(case.lines, totals.lines, strict=True):
        assert all(by_id[discount.promotion_id].covers(line) for discount in total.adjustments)
