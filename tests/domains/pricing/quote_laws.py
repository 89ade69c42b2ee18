"""The laws of every quote, and random carts to check them with."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from domains.kernel.values.money import minor_unit, round_half_up
from domains.pricing.models import LineQuote, Quote
from domains.pricing.taxes import UNTAXED
from domains.promotion.models import DiscountType, PromotionType
from domains.promotion.rules import Buyer, DiscountRule, DiscountSource, PricedLine
from domains.tax.models import NO_TAXES, Tax, Taxes, TaxExemption, rate_of
from tests.domains.pricing.explanations import explained_amount
from tests.domains.pricing.random_rules import CATEGORIES, PRODUCTS, VARIANTS, random_rules
from tests.domains.pricing.sale_terms import SaleTerms

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CURRENCIES = ("JPY", "EUR", "KWD")
RATES = (Decimal(0), Decimal("0.07"), Decimal("0.19"), Decimal("0.081"), Decimal("0.999999"))
CLASSES = [UUID(int=number) for number in range(201, 204)]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a total is made of."""

    lines: list[PricedLine]
    promotions: list[DiscountRule]
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
        {each: _taxes(random) for each in random.sample(CLASSES, random.choice((0, 0, 1, 3)))},
        random.choice((None, NO_TAXES, _taxes(random))),
        random.choice((None, None, None, TaxExemption.REVERSE_CHARGE)),
    )
    lines = [_line(random, UUID(int=1000 + number), currency) for number in range(random.randrange(6))]
    promotions = [_promotion(random, UUID(int=2000 + number), currency) for number in range(random.randrange(5))]
    uses = {promotion.id: random.randrange(3) for promotion in promotions}
    return Case(lines, promotions, terms, Buyer(UUID(int=1), None, random.randrange(4), uses))


def _taxes(random: Random) -> Taxes:
    """A tax, or two such as GST and QST in Quebec."""
    if random.random() < 2 / 3:
        return (Tax("VAT", random.choice(RATES)),)
    return Tax("GST", Decimal("0.05")), Tax("QST", random.choice((Decimal("0.09975"), Decimal("0.07"))))


def _amount(random: Random, currency: str, most: int) -> Decimal:
    unit = minor_unit(currency)
    return unit * random.choice((0, 1, random.randrange(100), random.randrange(int(most / unit) + 1)))


def _line(random: Random, key: UUID, currency: str) -> PricedLine:
    number = random.randrange(len(PRODUCTS))
    categories = frozenset(random.sample(CATEGORIES, random.randrange(3)))
    quantity = random.choice((1, 1, 2, 3, 7, 999))
    price, is_gift_card = _price(random, currency, 200), random.random() < 0.2
    tax_class_id = random.choice((None, *CLASSES))
    return PricedLine(
        key,
        PRODUCTS[number],
        random.choice((None, *VARIANTS)),
        categories,
        quantity,
        price,
        is_gift_card,
        tax_class_id,
    )


def _price(random: Random, currency: str, most: int) -> Decimal:
    """A unit price: one in three has four decimals, whatever the currency can pay."""
    if random.random() < 2 / 3:
        return _amount(random, currency, most)
    return Decimal(random.choice((1, 5, 50, random.randrange(10_000), random.randrange(most * 10_000)))).scaleb(-4)


def _promotion(random: Random, id: UUID, currency: str) -> DiscountRule:
    kind = random.choice(list(DiscountType))
    value = Decimal(0)
    if kind is DiscountType.PERCENTAGE:
        value = random.choice((Decimal(random.randrange(101)), Decimal("33.3333"), Decimal(100)))
    elif kind is DiscountType.FIXED_AMOUNT:
        value = _amount(random, currency, 500)
    return DiscountRule(
        id=id,
        name=f"Promotion {id.int}",
        code=f"CODE{id.int}",
        type=random.choice(list(PromotionType)),
        discount_type=kind,
        currency=currency if random.random() < 0.95 else "CHF",
        start_date=NOW - timedelta(days=random.choice((1, 1, 1, 1, 1, 0, -1))),
        end_date=random.choice((None, None, NOW + timedelta(days=1), NOW + timedelta(days=1), NOW)),
        discount_value=value,
        rules=random_rules(random, kind, currency),
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
        **_of_coupon(random, currency),
    )


def _of_coupon(random: Random, currency: str) -> dict[str, Any]:
    """What a coupon has beside a promotion, for one in two."""
    if random.random() < 0.5:
        return {}
    return {
        "source": DiscountSource.COUPON,
        "maximum_discount": random.choice((None, _amount(random, currency, 50))),
        "excluded_product_ids": frozenset(random.sample(PRODUCTS, random.choice((0, 1)))),
        "excluded_category_ids": frozenset(random.sample(CATEGORIES, random.choice((0, 0, 1)))),
    }


def require_laws(case: Case) -> Quote:
    """The quote of a case, after checking every law."""
    totals = case.total()
    assert totals == Case(case.lines, case.promotions[::-1], case.terms, case.buyer).total()
    _require_sums(case, totals)
    _require_taxes(case, totals)
    _require_lines(case, totals)
    _require_promotions(case, totals)
    _require_explanations(totals)
    _require_gift_cards(case, totals)
    plain = Case(case.lines, [], case.terms, case.buyer).total()
    _require_no_increase(totals, plain)
    assert plain.discount == plain.shipping.discount == 0
    assert (plain.adjustments, plain.refused) == ((), ())
    return totals


def _require_no_increase(totals: Quote, plain: Quote) -> None:
    """A discount makes nothing dearer. Where tax is added, it may move that of shipping which is split like goods."""
    moved = 0 if totals.prices_include_tax else totals.shipping.tax - plain.shipping.tax
    assert totals.total - moved <= plain.total


def _require_sums(case: Case, totals: Quote) -> None:
    lines, shipping = totals.lines, totals.shipping
    assert sum((line.total for line in lines), shipping.total) == totals.total
    assert sum(line.subtotal for line in lines) == totals.subtotal
    assert sum(line.discount for line in lines) == totals.discount
    assert sum((line.tax for line in lines), shipping.tax) == totals.tax
    on_top = 0 if totals.prices_include_tax else totals.tax
    paid = totals.subtotal - totals.discount + shipping.subtotal - shipping.discount
    assert paid + on_top == totals.total
    assert shipping.subtotal in {Decimal(0), case.terms.flat_shipping} or _is_net(case)
    assert sum(adjustment.amount for adjustment in totals.adjustments) == totals.discount + shipping.discount
    amounts = (totals.subtotal, totals.discount, shipping.total, shipping.discount, totals.tax)
    for amount in amounts:
        assert amount >= 0
        assert amount == round_half_up(amount, case.terms.currency)


def _require_taxes(case: Case, totals: Quote) -> None:
    taxes, unit = case.terms.taxes, minor_unit(case.terms.currency)
    rates = [_rates(case, line) for line in case.lines]
    assert [[tax.rate for tax in line.taxes] for line in totals.lines] == rates
    for part in (*(line.taxed for line in totals.lines), *totals.shipping.parts):
        assert {tax.taxable for tax in part.taxes} == {part.taxable}
        assert all(abs(tax.amount - tax.taxable * tax.rate) <= unit and tax.amount >= 0 for tax in part.taxes)
        assert abs(part.tax - round_half_up(part.taxable * part.tax_rate, case.terms.currency)) <= unit
    assert all(line.taxed.total == line.total for line in totals.lines)
    assert sum(part.total for part in totals.shipping.parts) == totals.shipping.total
    of_shipping = {tuple(tax.rate for tax in part.taxes) for part in totals.shipping.parts}
    if taxes.exemption is not None:
        assert of_shipping == {(Decimal(0),)}
        assert totals.tax == 0
    elif taxes.shipping is not None:
        assert of_shipping == {tuple(tax.rate for tax in taxes.shipping or (UNTAXED,))}
    elif totals.shipping.total:
        standard = tuple(tax.rate for tax in taxes.standard)
        of_goods = {tuple(each) for each, line in zip(rates, case.lines, strict=True) if not line.is_gift_card}
        assert of_shipping <= of_goods | {standard}
    assert [tax.rate for tax in totals.taxes] == sorted((tax.rate for tax in totals.taxes), reverse=True)
    assert len({(tax.name, tax.rate) for tax in totals.taxes}) == len(totals.taxes)
    assert sum(tax.amount for tax in totals.taxes) == totals.tax


def _rates(case: Case, line: PricedLine) -> list[Decimal]:
    """The rates of a line."""
    taxes = case.terms.taxes
    if line.is_gift_card or taxes.exemption is not None:
        return [Decimal(0)]
    return [tax.rate for tax in taxes.of_class(line.tax_class_id)]


def _is_net(case: Case) -> bool:
    """Whether the prices are reduced by the tax that they contain."""
    return case.terms.exemption is not None and case.terms.prices_include_tax


def _require_subtotal(case: Case, line: PricedLine, total: LineQuote) -> None:
    """The subtotal is the price, without the tax in it where the sale is exempt."""
    price = line.unit_price
    if _is_net(case) and not line.is_gift_card:
        price = price / (1 + rate_of(case.terms.taxes.of_class(line.tax_class_id)))
        assert abs(total.unit_price - price) <= Decimal("0.00005")
    else:
        assert total.unit_price == price
    assert total.subtotal == round_half_up(price * line.quantity, case.terms.currency)


def _taken_by(discount: DiscountRule, totals: Quote) -> Decimal:
    """What a discount takes off the order."""
    return sum((each.amount for each in totals.adjustments if each.source_id == discount.id), Decimal(0))


def _require_lines(case: Case, totals: Quote) -> None:
    assert [line.key for line in totals.lines] == [line.key for line in case.lines]
    for line, total in zip(case.lines, totals.lines, strict=True):
        assert total.quantity == line.quantity
        _require_subtotal(case, line, total)
        assert 0 <= total.discount <= total.subtotal
        assert sum(adjustment.amount for adjustment in total.adjustments) == total.discount
        assert all(adjustment.amount > 0 and adjustment.explanation for adjustment in total.adjustments)
        base = total.total - total.tax
        assert total.subtotal - total.discount == (total.total if totals.prices_include_tax else base)
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
            assert total.total == total.subtotal == round_half_up(line.unit_price * line.quantity, totals.currency)
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


def _require_explanations(totals: Quote) -> None:
    """What the only discount takes off a line follows from the numbers in its explanation, where it has them all."""
    if len(totals.adjustments) != 1 or totals.exemption is not None:
        return
    for line in totals.lines:
        for adjustment in line.adjustments:
            amount = explained_amount(adjustment.explanation, line.quantity, line.subtotal, totals.currency)
            assert amount in {None, adjustment.amount}, adjustment


def _require_promotions(case: Case, totals: Quote) -> None:
    by_id = {promotion.id: promotion for promotion in case.promotions}
    applied = [by_id[discount.source_id] for discount in totals.adjustments]
    assert applied == sorted(applied, key=lambda one: (-one.priority, one.id))
    assert len(applied) == 1 or not any(one.is_exclusive for one in applied)
    asked = {promotion.id for promotion in case.promotions if not promotion.is_automatic}
    reported = {refusal.source_id for refusal in totals.refused}
    assert reported == asked - {promotion.id for promotion in applied}
    for promotion in applied:
        assert promotion.is_active
        assert promotion.start_date <= NOW < (promotion.end_date or NOW + timedelta(1))
        assert promotion.currency == case.terms.currency
        assert goods_subtotal(case, totals) >= (promotion.min_purchase_amount or 0)
        assert _taken_by(promotion, totals) <= (promotion.maximum_discount or 10**9)
        assert promotion.max_usage_count is None or promotion.current_usage_count < promotion.max_usage_count
        assert promotion.max_usage_per_user is None or case.buyer.uses[promotion.id] < promotion.max_usage_per_user
        assert promotion.type is not PromotionType.WELCOME or case.buyer.paid_orders == 0
        needed = promotion.required_orders if promotion.type is PromotionType.LOYALTY else None
        assert case.buyer.paid_orders >= (needed or 0)
    for line, total in zip(case.lines, totals.lines, strict=True):
        assert all(by_id[discount.source_id].covers(line) for discount in total.adjustments)
