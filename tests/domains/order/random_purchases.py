"""Random purchases: terms of sale, products and promotions, the same in the database and in a quote."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from hypothesis import strategies as st

from domains.cart.models import CartRef, NewLine
from domains.catalog.models import NewCategory, NewProduct
from domains.inventory.models import StockCount
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock
from domains.kernel.database import Tx
from domains.kernel.values.money import minor_unit
from domains.order.models import Order
from domains.pricing.models import Quote
from domains.promotion.models import DiscountType, PromotionType
from domains.promotion.promotion_rules.changes import SHORTHAND, rules_after
from domains.promotion.rules import Buyer, DiscountRule, PricedLine
from gateway.graphql.company.settings import update_settings
from tests.domains.order.example_loop import ExampleLoop
from tests.domains.order.storefront import Storefront
from tests.domains.pricing.sale_terms import SaleTerms
from tests.domains.shipping.zones import flat_rate

START: Final = datetime(2096, 11, 21, 12, tzinfo=UTC)
DAY: Final = timedelta(days=1)
CATEGORIES: Final = ("all", "shirts", "books")  # shirts are within all, books stand alone
RATES: Final = ("0", "0.07", "0.19", "0.081", "0.25", "0.333333")
PERCENTAGES: Final = ("100", "50", "10", "33.3333", "0.5", "7.25", "99.9999")
SELDOM = st.sampled_from([False] * 7 + [True])
UNITS = st.one_of(st.integers(0, 120), st.integers(0, 30_001))


@dataclass(frozen=True, slots=True)
class Line:
    """A product, its quantity, at a price in the currency's minor unit and so many ten-thousandths."""

    category: int
    price: int
    quantity: int
    fine: int


@dataclass(frozen=True, slots=True)
class Offered:
    """A promotion: what `create_promotion` is given besides what it is for, and whether the cart carries its code."""

    given: dict[str, Any]
    carried: bool
    amounts: dict[str, int]  # in the currency's minor unit
    lines: frozenset[int]
    categories: frozenset[int]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a purchase is made of, and what is given back of it later, in per cent."""

    terms: SaleTerms  # amounts in the minor unit
    lines: list[Line]
    promotions: list[Offered]
    paid_orders: int
    refunds: list[int]


@st.composite
def offers(draw: Callable[[Any], Any], number: int, lines: int) -> Offered:
    """A promotion of any kind, in force more often than not."""
    kind, type_ = draw(st.sampled_from(DiscountType)), draw(st.sampled_from(PromotionType))
    automatic = draw(st.booleans())
    given: dict[str, Any] = {
        "name": f"Promotion {number}",
        "code": None if automatic and draw(st.booleans()) else f"CODE{number}",
        "type": type_,
        "discount_type": kind,
        "is_automatic": automatic,
        "is_exclusive": draw(SELDOM),
        "priority": draw(st.integers(0, 2)),
        "is_active": not draw(SELDOM),
        "start_date": START - 2 * DAY,
        "end_date": draw(st.sampled_from([None, None, None, None, None, START + DAY, START + DAY, START])),
        "max_usage_count": draw(st.sampled_from([None, 1, 5])),
        "max_usage_per_user": draw(st.sampled_from([None, 1])),
    }
    amounts = {"min_purchase_amount": draw(UNITS)} if draw(SELDOM) else {}
    if kind is DiscountType.PERCENTAGE:
        given["discount_value"] = Decimal(draw(st.sampled_from(PERCENTAGES)))
    elif kind is DiscountType.FIXED_AMOUNT:
        amounts["discount_value"] = draw(UNITS) + 1
    elif kind is DiscountType.BUY_X_GET_Y:
        given |= {"buy_quantity": draw(st.integers(1, 3)), "get_quantity": draw(st.integers(1, 3))}
    elif kind is DiscountType.BUNDLE:
        items = [{"quantity": draw(st.integers(2, 3))}]
        given["rules"] = [{"bundle": {"items": items, "percentage": draw(st.sampled_from(PERCENTAGES))}}]
    elif kind is DiscountType.VOLUME_DISCOUNT:
        tier = {"from_quantity": draw(st.integers(1, 4)), "percentage": draw(st.sampled_from(PERCENTAGES))}
        given["rules"] = [{"volume_discount": {"tiers": [tier], "scope": draw(st.sampled_from(["LINE", "ALL"]))}}]
    if type_ is PromotionType.LOYALTY:
        given["required_orders"] = draw(st.integers(1, 2))
    nothing = st.just(frozenset[int]())
    few = st.one_of(nothing, nothing, nothing, st.frozensets(st.integers(0, lines - 1), max_size=2))
    some = st.sampled_from([frozenset[int](), frozenset({0}), frozenset[int](), frozenset({1}), frozenset({2})])
    carried = given["code"] is not None and not draw(SELDOM)
    return Offered(given, carried, amounts, draw(few), draw(some))


@st.composite
def cases(draw: Callable[[Any], Any]) -> Case:
    """A purchase of up to five lines under up to four promotions, in a currency of 0, 2 or 3 decimals."""
    terms = SaleTerms(
        draw(st.sampled_from(["JPY", "EUR", "KWD"])),
        Decimal(draw(st.sampled_from(RATES))),
        draw(st.booleans()),
        Decimal(draw(st.sampled_from([490, 999, 1, 0]))),
        draw(st.sampled_from([None, Decimal(50_000), Decimal(100_001), Decimal(0)])),
    )
    fine = st.sampled_from([0, 1, 50, 4_999]) if draw(st.booleans()) else st.just(0)
    quantities = st.sampled_from([1, 1, 2, 3, 7, 13, 999])
    lines = draw(st.lists(st.builds(Line, st.integers(0, 2), UNITS, quantities, fine), min_size=1, max_size=5))
    promotions = [draw(offers(number, len(lines))) for number in range(draw(st.sampled_from([3, 4, 2, 0])))]
    refunds = draw(st.lists(st.integers(1, 120), max_size=4))
    return Case(terms, lines, promotions, draw(st.integers(0, 2)), refunds)


@dataclass
class Purchase:
    """A case in the database, with its values for the quote."""

    case: Case
    shop: Storefront
    terms: SaleTerms
    lines: list[PricedLine] = field(default_factory=list)
    promotions: list[DiscountRule] = field(default_factory=list)
    buyer: Actor = field(init=False)

    def totals(self) -> Quote:
        """The expected totals."""
        offered = zip(self.case.promotions, self.promotions, strict=True)
        wanted = [terms for one, terms in offered if one.carried or terms.is_automatic]
        buyer = Buyer(self.buyer.user_id, None, self.case.paid_orders)
        return self.terms.quote(self.lines, wanted, buyer, START)

    async def order(self, totals: Quote) -> Order:
        """Fill the cart, carry the codes, and order it, knowing the total where codes do not apply."""
        for line in self.lines:
            wanted = NewLine(line.product_id, None, line.quantity)
            ref = CartRef.of(self.buyer, None)
            await self.shop.run(
                lambda tx, ref=ref, wanted=wanted: self.shop.services.cart.add_item(tx, ref, wanted), self.buyer
            )
        for offered in self.case.promotions:
            if offered.carried:
                await self.shop.apply(self.buyer, offered.given["code"])
        given = {"expected_total": totals.total} if totals.refused else {}
        return (await self.shop.place(self.buyer, **given)).order


async def create_purchase(examples: ExampleLoop, case: Case) -> Purchase:
    """A new shop in which a case can be bought."""
    shop = examples.shop(await examples.company(), FixedClock(START))
    unit = minor_unit(case.terms.currency)
    threshold = case.terms.free_shipping_threshold
    terms = replace(
        case.terms,
        flat_shipping=case.terms.flat_shipping * unit,
        free_shipping_threshold=None if threshold is None else threshold * unit,
    )
    purchase = Purchase(case, shop, terms)
    purchase.buyer = await shop.customer()
    await shop.run(lambda tx: _agree(tx, purchase))
    await shop.stock("PAST", None)
    for _ in range(case.paid_orders):
        await shop.pay(purchase.buyer, await shop.buy(purchase.buyer, ("PAST", 1)))
    await shop.run(lambda tx: _apply_terms(tx, purchase, unit))
    return purchase


async def _agree(tx: Tx, purchase: Purchase) -> None:
    terms = purchase.terms
    settings: Any = {
        "currency": terms.currency,
        "unit_price_decimals": 4,
        "tax_rate": terms.tax_rate,
        "prices_include_tax": terms.prices_include_tax,
    }
    await update_settings(purchase.shop.services, tx, purchase.shop.system, settings)
    await flat_rate(purchase.shop.services.shipping, tx, terms.flat_shipping, terms.free_shipping_threshold)


async def _apply_terms(tx: Tx, purchase: Purchase, unit: Decimal) -> None:
    services, terms = purchase.shop.services, purchase.terms
    whole = (await services.catalog.categories.create(tx, NewCategory(name=CATEGORIES[0]))).id
    part = (await services.catalog.categories.create(tx, NewCategory(name=CATEGORIES[1], parent_id=whole))).id
    alone = (await services.catalog.categories.create(tx, NewCategory(name=CATEGORIES[2]))).id
    categories = (whole, part, alone)
    above = (frozenset({whole}), frozenset({whole, part}), frozenset({alone}))
    for number, line in enumerate(purchase.case.lines):
        price, sku = line.price * unit + Decimal(line.fine).scaleb(-4), f"SKU-{number}"
        new = NewProduct(name=sku, category_id=categories[line.category], base_price=price, sku=sku)
        product = await services.catalog.create_product(tx, new)
        await services.inventory.ledger.set(tx, [StockCount(sku, line.quantity)])
        key = UUID(int=number)
        purchase.lines.append(PricedLine(key, product.id, None, above[line.category], line.quantity, price))
    for offered in purchase.case.promotions:
        amounts = {name: count * unit for name, count in offered.amounts.items()}
        given: Any = offered.given | amounts
        targets = {
            "product_ids": [purchase.lines[number].product_id for number in sorted(offered.lines)],
            "category_ids": [categories[number] for number in sorted(offered.categories)],
        }
        promotion = await services.promotion.create_promotion(tx, given | targets)
        rules = rules_after(given, given["discount_type"], terms.currency)
        facts = {name: value for name, value in given.items() if name not in {*SHORTHAND, "rules"}}
        facts |= {name: frozenset(ids) for name, ids in targets.items()}
        purchase.promotions.append(DiscountRule(id=promotion.id, currency=terms.currency, rules=rules, **facts))
