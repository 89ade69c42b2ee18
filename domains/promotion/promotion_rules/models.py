"""The rules of promotions on the units of a cart: buy X get Y, bundles and volume discounts.

Amounts are in the currency of the promotion, percentages above 0 and up to 100. Docs: docs/promotions.md.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias
from uuid import UUID

from domains.promotion.models import DiscountType

if TYPE_CHECKING:
    from domains.promotion.rules import PricedLine

ALL_OF_IT: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class UnitSelection:
    """A number of units of these products, variants and categories; of the promotion's targets if none are named."""

    quantity: int
    product_ids: frozenset[UUID] = frozenset()
    variant_ids: frozenset[UUID] = frozenset()
    category_ids: frozenset[UUID] = frozenset()

    @property
    def is_own(self) -> bool:
        """Whether it names products, variants or categories."""
        return bool(self.product_ids or self.variant_ids or self.category_ids)

    def names(self, line: "PricedLine") -> bool:
        """Whether it names the product, the variant or a category of a line."""
        return (
            line.product_id in self.product_ids
            or line.variant_id in self.variant_ids
            or not self.category_ids.isdisjoint(line.category_ids)
        )


@dataclass(frozen=True, slots=True)
class BuyXGetY:
    """For each `buy` the cheapest units of `get` cost less, or nothing at 100 %, at most `times_per_order` times."""

    buy: UnitSelection
    get: UnitSelection
    percentage: Decimal = ALL_OF_IT
    times_per_order: int | None = None
    priority: int = field(default=0, kw_only=True)

    @property
    def selections(self) -> tuple[UnitSelection, ...]:
        """The selections of units."""
        return (self.buy, self.get)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Whole sets of `items` have a price, or cost a percentage or an amount less; exactly one of the three is set."""

    items: tuple[UnitSelection, ...]
    price: Decimal | None = None
    percentage: Decimal | None = None
    amount_off: Decimal | None = None
    times_per_order: int | None = None
    priority: int = field(default=0, kw_only=True)

    @property
    def quantity(self) -> int:
        """The number of units in a set."""
        return sum(item.quantity for item in self.items)

    @property
    def selections(self) -> tuple[UnitSelection, ...]:
        """The selections of units."""
        return self.items


@dataclass(frozen=True, slots=True)
class Tier:
    """What each unit costs from a quantity on; exactly one of percentage, amount off and unit price is set."""

    from_quantity: int
    percentage: Decimal | None = None
    amount_off_per_unit: Decimal | None = None
    unit_price: Decimal | None = None


class VolumeScope(StrEnum):
    """The units whose number decides on the tier of a volume discount."""

    LINE = "LINE"
    ALL = "ALL"


@dataclass(frozen=True, slots=True)
class VolumeDiscount:
    """The highest tier that the units of the scope reach applies to all of them. Tiers rise."""

    tiers: tuple[Tier, ...]
    scope: VolumeScope = VolumeScope.LINE
    priority: int = field(default=0, kw_only=True)

    @property
    def selections(self) -> tuple[UnitSelection, ...]:
        """The targets of the promotion."""
        return (OF_TARGETS,)


OF_TARGETS: Final = UnitSelection(1)
Rule: TypeAlias = BuyXGetY | Bundle | VolumeDiscount
RULE_TYPES: Final = {
    BuyXGetY: DiscountType.BUY_X_GET_Y,
    Bundle: DiscountType.BUNDLE,
    VolumeDiscount: DiscountType.VOLUME_DISCOUNT,
}


def shorthand(rules: tuple[Rule, ...]) -> BuyXGetY | None:
    """The rule that `buy_quantity` and `get_quantity` describe: the only one, of the targets, free, without limit."""
    if len(rules) != 1 or not isinstance(rule := rules[0], BuyXGetY):
        return None
    return rule if rule == simple(rule.buy.quantity, rule.get.quantity, rule.priority) else None


def simple(buy: int, get: int, priority: int = 0) -> BuyXGetY:
    """Of each `buy + get` units of the promotion's targets the cheapest `get` are free."""
    return BuyXGetY(UnitSelection(buy), UnitSelection(get), priority=priority)
