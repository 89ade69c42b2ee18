"""Inputs of the rules of promotions."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types import has_object_definition

from domains.promotion.promotion_rules.models import VolumeScope
from gateway.graphql.core.fields import input_values
from gateway.graphql.promotion import rule_types  # noqa: F401 - it describes the enum used here

PRIORITY = "The rank among the rules of the promotion: a higher one applies first, equal ones in their order."
TIMES = "How many times the rule applies to an order at most, at least 1; null for no limit."
PERCENTAGE = "The percentage off, above 0 and up to 100."


@strawberry.input(
    description=(
        "A number of units. They are of any of the products, variants and categories that are named; of the products "
        "and categories of the promotion if none are."
    )
)
class PromotionRuleUnitsInput:
    """A number of units, and of what."""

    quantity: int = strawberry.field(description="The number of units, 1 to 999.")
    product_ids: list[UUID] | None = strawberry.field(
        default=strawberry.UNSET, description="Products, with all their variants; at most 250 ids."
    )
    variant_ids: list[UUID] | None = strawberry.field(
        default=strawberry.UNSET, description="Variants of products; at most 250 ids."
    )
    category_ids: list[UUID] | None = strawberry.field(
        default=strawberry.UNSET, description="Categories, with their descendants; at most 250 ids."
    )


@strawberry.input(description="Who buys the units of `buy` gets the cheapest ones of `get` for less, or for nothing.")
class BuyXGetYRuleInput:
    """The units to buy and to get."""

    buy: PromotionRuleUnitsInput = strawberry.field(description="The units to buy, each time.")
    get: PromotionRuleUnitsInput = strawberry.field(description="The units to get, each time.")
    percentage: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description=f"{PERCENTAGE} 100 by default: the units are free."
    )
    times_per_order: int | None = strawberry.field(default=strawberry.UNSET, description=TIMES)
    priority: int = strawberry.field(default=0, description=PRIORITY)


@strawberry.input(
    description=(
        "Units that are sold together as a set. Give exactly one of `price`, `percentage` and `amountOff`, in the "
        "company's currency."
    )
)
class BundleRuleInput:
    """The units of a set, and what it costs."""

    items: list[PromotionRuleUnitsInput] = strawberry.field(
        description="The units of a set, 1 to 8 items with 2 to 999 units together."
    )
    price: Decimal | None = strawberry.field(default=strawberry.UNSET, description="The price of one set.")
    percentage: Decimal | None = strawberry.field(default=strawberry.UNSET, description=PERCENTAGE)
    amount_off: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="The amount off each set, above 0."
    )
    times_per_order: int | None = strawberry.field(default=strawberry.UNSET, description=TIMES)
    priority: int = strawberry.field(default=0, description=PRIORITY)


@strawberry.input(
    description=(
        "What each unit costs from a quantity on. Give exactly one of `percentage`, `amountOffPerUnit` and "
        "`unitPrice`, the same in all tiers of a rule."
    )
)
class VolumeDiscountTierInput:
    """A quantity, and what is off from it on."""

    from_quantity: int = strawberry.field(description="The lowest number of units of the tier, 1 to 1,000,000.")
    percentage: Decimal | None = strawberry.field(default=strawberry.UNSET, description=PERCENTAGE)
    amount_off_per_unit: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="The amount off each unit, above 0, with at most four decimal places."
    )
    unit_price: Decimal | None = strawberry.field(
        default=strawberry.UNSET, description="The price of each unit, with at most four decimal places."
    )


@strawberry.input(description="The more units of the promotion's products are bought, the less each of them costs.")
class VolumeDiscountRuleInput:
    """The tiers, and the units that count for them."""

    tiers: list[VolumeDiscountTierInput] = strawberry.field(
        description="1 to 20 tiers by rising quantity, each better than the one below it."
    )
    scope: VolumeScope = strawberry.field(
        default=VolumeScope.LINE, description="The units that are counted together; LINE by default."
    )
    priority: int = strawberry.field(default=0, description=PRIORITY)


@strawberry.input(
    one_of=True, description="A rule of a promotion. Give exactly the field of the promotion's `discountType`."
)
class PromotionRuleInput:
    """Exactly one of the types of rules."""

    buy_x_get_y: BuyXGetYRuleInput | None = strawberry.field(
        default=strawberry.UNSET, description="The rule of a promotion of the type BUY_X_GET_Y."
    )
    bundle: BundleRuleInput | None = strawberry.field(
        default=strawberry.UNSET, description="The rule of a promotion of the type BUNDLE."
    )
    volume_discount: VolumeDiscountRuleInput | None = strawberry.field(
        default=strawberry.UNSET, description="The rule of a promotion of the type VOLUME_DISCOUNT."
    )


def plain_rules(rules: Sequence[PromotionRuleInput]) -> list[dict[str, Any]]:
    """Rules as the mappings of their set fields that the domain reads."""
    return [_plain(rule) for rule in rules]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not has_object_definition(value):
        return value
    return {name: _plain(each) for name, each in input_values(value).items()}
