"""The rules of promotions as the API shows them."""

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from domains.promotion.models import PromotionRuleType
from domains.promotion.promotion_rules import models
from domains.promotion.promotion_rules.models import RULE_TYPES, VolumeScope
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import computed, present, present_all, relation
from gateway.graphql.promotion.rule_loaders import load_named_categories, load_named_products, load_named_variants

if TYPE_CHECKING:
    from gateway.graphql.catalog.category_types import Category
    from gateway.graphql.catalog.types import Product, ProductVariant

Products = Annotated["Product", strawberry.lazy("gateway.graphql.catalog.types")]
Variants = Annotated["ProductVariant", strawberry.lazy("gateway.graphql.catalog.types")]
Categories = Annotated["Category", strawberry.lazy("gateway.graphql.catalog.category_types")]
OF_PROMOTION = "Empty when none are named; without products, variants and categories they are those of the promotion."
TIMES = "How many times the rule applies to an order at most; null for no limit."

describe(
    PromotionRuleType,
    "The type of a rule of a promotion.",
    {
        PromotionRuleType.BUY_X_GET_Y: "Units that are bought make others cheaper or free.",
        PromotionRuleType.BUNDLE: "Units that are sold together as a set.",
        PromotionRuleType.VOLUME_DISCOUNT: "The more units, the less each of them costs.",
    },
)
describe(
    VolumeScope,
    "The units that are counted together for the tiers of a volume discount.",
    {
        VolumeScope.LINE: "The units of each line alone.",
        VolumeScope.ALL: "The units of all lines to which the promotion applies.",
    },
)


@strawberry.type(description="A number of units of certain products.")
class PromotionRuleUnits:
    """A number of units, and of what."""

    quantity: int = strawberry.field(description="The number of units.")
    products: list[Products] = relation(
        "product_ids", load_named_products, many=True, size=3, description=f"The products. {OF_PROMOTION}"
    )
    variants: list[Variants] = relation(
        "variant_ids", load_named_variants, many=True, size=3, description=f"The variants of products. {OF_PROMOTION}"
    )
    categories: list[Categories] = relation(
        "category_ids", load_named_categories, many=True, size=3, description=f"The categories. {OF_PROMOTION}"
    )


def _buy(self: models.BuyXGetY) -> PromotionRuleUnits:
    """The units to buy, each time."""
    return present(PromotionRuleUnits, self.buy)


def _get(self: models.BuyXGetY) -> PromotionRuleUnits:
    """The units to get, each time; the cheapest of a cart."""
    return present(PromotionRuleUnits, self.get)


def _items(self: models.Bundle) -> list[PromotionRuleUnits]:
    """The units of a set. A unit counts for one item of one set; sets contain the dearest units of a cart."""
    return present_all(PromotionRuleUnits, list(self.items))


@strawberry.type(description="Who buys some units gets the cheapest of others for less, or for nothing.")
class BuyXGetYRule:
    """The units to buy and to get."""

    buy: PromotionRuleUnits = computed(_buy)
    get: PromotionRuleUnits = computed(_get)
    percentage: Decimal = strawberry.field(description="The percentage off the units to get; 100: they are free.")
    times_per_order: int | None = strawberry.field(description=TIMES)


@strawberry.type(description="Units that are sold together as a set. Amounts are in the promotion's currency.")
class BundleRule:
    """The units of a set, and what it costs."""

    items: list[PromotionRuleUnits] = computed(_items)
    price: Decimal | None = strawberry.field(description="The price of one set; null if it has none.")
    percentage: Decimal | None = strawberry.field(description="The percentage off each set; null if there is none.")
    amount_off: Decimal | None = strawberry.field(description="The amount off each set; null if there is none.")
    times_per_order: int | None = strawberry.field(description=TIMES)


@strawberry.type(description="What each unit costs from a quantity on. Amounts are in the promotion's currency.")
class VolumeDiscountTier:
    """A quantity, and what is off from it on."""

    from_quantity: int = strawberry.field(description="The lowest number of units of the tier.")
    percentage: Decimal | None = strawberry.field(description="The percentage off; null if there is none.")
    amount_off_per_unit: Decimal | None = strawberry.field(
        description="The amount off each unit; null if there is none."
    )
    unit_price: Decimal | None = strawberry.field(description="The price of each unit; null if there is none.")


def _tiers(self: models.VolumeDiscount) -> list[VolumeDiscountTier]:
    """The tiers by rising quantity. The highest that is reached applies to all units."""
    return present_all(VolumeDiscountTier, list(self.tiers))


@strawberry.type(description="The more units of the promotion's products are bought, the less each of them costs.")
class VolumeDiscountRule:
    """The tiers, and the units that count for them."""

    tiers: list[VolumeDiscountTier] = computed(_tiers)
    scope: VolumeScope = strawberry.field(description="The units that are counted together.")


def _rule_type(self: models.Rule) -> PromotionRuleType:
    """Which of the following fields is not null."""
    return PromotionRuleType(RULE_TYPES[type(self)])


def _buy_x_get_y(self: models.Rule) -> BuyXGetYRule | None:
    """The rule of the type BUY_X_GET_Y; null for other types."""
    return present(BuyXGetYRule, self) if isinstance(self, models.BuyXGetY) else None


def _bundle(self: models.Rule) -> BundleRule | None:
    """The rule of the type BUNDLE; null for other types."""
    return present(BundleRule, self) if isinstance(self, models.Bundle) else None


def _volume_discount(self: models.Rule) -> VolumeDiscountRule | None:
    """The rule of the type VOLUME_DISCOUNT; null for other types."""
    return present(VolumeDiscountRule, self) if isinstance(self, models.VolumeDiscount) else None


@strawberry.type(description="A rule of a promotion on the units of a cart. A unit is used by one rule at most.")
class PromotionRule:
    """A rule of one of the types."""

    rule_type: PromotionRuleType = computed(_rule_type)
    priority: int = strawberry.field(description="Rules of a promotion with a higher priority apply first.")
    buy_x_get_y: BuyXGetYRule | None = computed(_buy_x_get_y)
    bundle: BundleRule | None = computed(_bundle)
    volume_discount: VolumeDiscountRule | None = computed(_volume_discount)
