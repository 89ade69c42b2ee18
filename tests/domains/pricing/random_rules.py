"""Random rules of promotions: buy X get Y, bundles and volume discounts, such as `parsing` accepts them."""

from decimal import Decimal
from random import Random
from uuid import UUID

from domains.kernel.values.money import minor_unit
from domains.promotion.models import DiscountType
from domains.promotion.promotion_rules.models import (
    Bundle,
    BuyXGetY,
    Rule,
    Tier,
    UnitSelection,
    VolumeDiscount,
    VolumeScope,
    simple,
)

PRODUCTS = [UUID(int=number) for number in range(1, 7)]
VARIANTS = [UUID(int=number) for number in range(301, 304)]
CATEGORIES = [UUID(int=number) for number in range(101, 105)]
PERCENTAGES = (Decimal(100), Decimal(50), Decimal("33.3333"), Decimal(10), Decimal("0.0001"))


def random_rules(random: Random, kind: DiscountType, currency: str) -> tuple[Rule, ...]:
    """Up to three rules of a type of discount, in their order; none of a type without rules."""
    makers = {
        DiscountType.BUY_X_GET_Y: _buy_x_get_y,
        DiscountType.BUNDLE: _bundle,
        DiscountType.VOLUME_DISCOUNT: _volume_discount,
    }
    if kind not in makers:
        return ()
    rules = [makers[kind](random, currency) for _ in range(random.choice((1, 1, 1, 2, 3)))]
    return tuple(sorted(rules, key=lambda rule: -rule.priority))


def _buy_x_get_y(random: Random, _currency: str) -> Rule:
    if random.random() < 0.4:
        return simple(random.randrange(1, 4), random.randrange(1, 4))
    percentage = random.choice((Decimal(100), *PERCENTAGES))
    return BuyXGetY(_units(random), _units(random), percentage, _times(random), priority=random.randrange(2))


def _bundle(random: Random, currency: str) -> Rule:
    items = tuple(_units(random) for _ in range(random.choice((1, 2, 2, 3))))
    if sum(item.quantity for item in items) == 1:
        items = (*items, _units(random))
    amount = _amount(random, currency, 100)
    kind = random.randrange(3)
    return Bundle(
        items,
        price=amount if kind == 0 else None,
        percentage=random.choice(PERCENTAGES) if kind == 1 else None,
        amount_off=amount + minor_unit(currency) if kind == 2 else None,
        times_per_order=_times(random),
        priority=random.randrange(2),
    )


def _volume_discount(random: Random, _currency: str) -> Rule:
    quantities = sorted(random.sample((1, 2, 3, 5, 10, 500, 1_000), random.choice((1, 2, 3))))
    kind = random.choice(("percentage", "amount_off_per_unit", "unit_price"))
    values = sorted(random.sample(range(1, 1_000_000), len(quantities)), reverse=kind == "unit_price")
    pairs = zip(quantities, values, strict=True)
    tiers = [Tier(quantity, **{kind: Decimal(value).scaleb(-4)}) for quantity, value in pairs]
    return VolumeDiscount(tuple(tiers), random.choice(list(VolumeScope)), priority=random.randrange(2))


def _units(random: Random) -> UnitSelection:
    """Some units of anything that the promotion covers, or of products, variants and categories."""
    quantity = random.choice((1, 1, 1, 2, 3))
    if random.random() < 0.3:
        return UnitSelection(quantity)
    return UnitSelection(
        quantity,
        frozenset(random.sample(PRODUCTS, random.choice((0, 1, 2)))),
        frozenset(random.sample(VARIANTS, random.choice((0, 0, 0, 1)))),
        frozenset(random.sample(CATEGORIES, random.choice((0, 0, 1)))),
    )


def _times(random: Random) -> int | None:
    return random.choice((None, None, 1, 2))


def _amount(random: Random, currency: str, most: int) -> Decimal:
    unit = minor_unit(currency)
    return unit * random.randrange(int(most / unit) + 1)
