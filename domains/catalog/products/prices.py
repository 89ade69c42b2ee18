"""What a product or a variant costs: the one place where prices are worked out."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from domains.kernel.values.money import Money


class HasBasePrice(Protocol):
    """What a product's prices begin with."""

    @property
    def base_price(self) -> Decimal:
        """The price of the product itself."""
        ...

    @property
    def currency(self) -> str:
        """The currency of all its prices (ISO 4217)."""
        ...


class ProductPrices(HasBasePrice, Protocol):
    """What a product says of its price."""

    @property
    def compare_at_price(self) -> Decimal | None:
        """The price it is compared with, such as the one before a sale."""
        ...


class HasModifier(Protocol):
    """What a variant adds to its product's price."""

    @property
    def price_modifier(self) -> Decimal:
        """What is added to the product's base price; below zero for what is cheaper."""
        ...


class VariantPrices(HasModifier, Protocol):
    """What a variant says of its price, in its product's currency."""

    @property
    def compare_at_price(self) -> Decimal | None:
        """The variant's own price to compare with; without one its product's holds, moved by the modifier."""
        ...


@dataclass(frozen=True, slots=True)
class Price:
    """What a thing costs, and the higher price to compare it with if there is one."""

    amount: Money
    compare_at: Money | None


@dataclass(frozen=True, slots=True)
class PriceRange:
    """The lowest and the highest price that a product is sold for."""

    lowest: Money
    highest: Money


def amount_of(product: HasBasePrice, variant: HasModifier | None = None) -> Money:
    """What a product costs, or one of its variants."""
    amount = product.base_price + variant.price_modifier if variant else product.base_price
    return Money(amount, product.currency)


def price_of(product: ProductPrices, variant: VariantPrices | None = None) -> Price:
    """The price of a product, or of one of its variants, with what it compares to.

    A price to compare with that is not higher than the price says nothing, and is left out.
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
