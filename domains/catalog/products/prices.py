"""The prices of products and variants; the only module that computes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from domains.kernel.values.money import Money


class HasBasePrice(Protocol):
    """A product's base price."""

    @property
    def base_price(self) -> Decimal:
        """The price of the product itself."""
        ...

    @property
    def currency(self) -> str:
        """The currency of all its prices (ISO 4217)."""
        ...


class ProductPrices(HasBasePrice, Protocol):
    """A product's stored prices."""

    @property
    def compare_at_price(self) -> Decimal | None:
        """The compare-at price, such as the price before a sale."""
        ...


class HasModifier(Protocol):
    """A variant's price modifier."""

    @property
    def price_modifier(self) -> Decimal:
        """The amount added to the product's base price; negative for a cheaper variant."""
        ...


class VariantPrices(HasModifier, Protocol):
    """A variant's stored prices, in its product's currency."""

    @property
    def compare_at_price(self) -> Decimal | None:
        """The variant's own compare-at price; without one it is the product's plus the modifier."""
        ...


@dataclass(frozen=True, slots=True)
class Price:
    """A price, with the compare-at price if there is one."""

    amount: Money
    compare_at: Money | None


@dataclass(frozen=True, slots=True)
class PriceRange:
    """The lowest and the highest price that a product is sold for."""

    lowest: Money
    highest: Money


def amount_of(product: HasBasePrice, variant: HasModifier | None = None) -> Money:
    """The price of a product, or of one of its variants."""
    amount = product.base_price + variant.price_modifier if variant else product.base_price
    return Money(amount, product.currency)


def price_of(product: ProductPrices, variant: VariantPrices | None = None) -> Price:
    """The price of a product, or of one of its variants, with its compare-at price.

    A compare-at price that is not above the price is omitted.
    """
    amount = amount_of(product, variant)
    compare_at = product.compare_at_price
    if variant and variant.compare_at_price is not None:
        compare_at = variant.compare_at_price
    elif variant and compare_at is not None:
        compare_at += variant.price_modifier
    if compare_at is None or compare_at <= amount.amount:
        return Price(amount, None)
    return Price(amount, Money(compare_at, product.currency))


def range_of(own: Money, of_variants: Sequence[Money]) -> PriceRange:
    """The range of a product's prices: of its variants on sale, or its own price without any."""
    amounts = [price.amount for price in of_variants] or [own.amount]
    return PriceRange(Money(min(amounts), own.currency), Money(max(amounts), own.currency))
