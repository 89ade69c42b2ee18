"""What is derived from the columns of a product, whether they are those of a row or of a document."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple, Protocol
from uuid import UUID

from domains.catalog.products.prices import HasBasePrice, ProductPrices, amount_of, price_of
from domains.kernel.values.money import Money

_CENT: Final = Decimal("0.01")


class Rated(Protocol):
    """The sum and number of a product's ratings."""

    @property
    def rating_sum(self) -> int:
        """The sum."""
        ...

    @property
    def review_count(self) -> int:
        """The number."""
        ...


class Priced(HasBasePrice, Protocol):
    """A product and its price."""

    @property
    def id(self) -> UUID:
        """The id of the product."""
        ...


class Pictured(Protocol):
    """The images of a product."""

    @property
    def images(self) -> list[str]:
        """The URLs, the main image first."""
        ...


def mean_rating(total: int, reviews: int) -> Decimal:
    """The mean of ratings with this sum, to two places; 0 without any."""
    return (Decimal(total) / reviews).quantize(_CENT, ROUND_HALF_UP) if reviews else Decimal("0.00")


class ProductValues:
    """What is derived from the columns of a product, whether it is a row or read from its document."""

    __slots__ = ()

    @property
    def rating(self: Rated) -> Decimal:
        """The mean of its published reviews to two places, 0 without any."""
        return mean_rating(self.rating_sum, self.review_count)

    @property
    def price(self: HasBasePrice) -> Money:
        """The price without a variant."""
        return amount_of(self)

    @property
    def price_key(self: Priced) -> tuple[UUID, Money]:
        """The key of its price range."""
        return (self.id, amount_of(self))

    @property
    def compare_at(self: ProductPrices) -> Money | None:
        """The compare-at price; None without a higher one."""
        return price_of(self).compare_at

    @property
    def image(self: Pictured) -> str | None:
        """The first image."""
        return self.images[0] if self.images else None


class SoldStock(NamedTuple):
    """What decides the stock of a product, as an actor sees it.

    `variant_ids` are those for sale: None alone for a product without variants. `is_untracked`: one of them is
    sold without counting stock.
    """

    product_id: UUID
    variant_ids: tuple[UUID | None, ...]
    is_untracked: bool


class RowStock(NamedTuple):
    """What decides the stock of a product whose variants are not known yet."""

    product_id: UUID
    is_tracked: bool


class SoldVariant(Protocol):
    """What decides whether a variant is for sale."""

    @property
    def id(self) -> UUID:
        """The id of the variant."""
        ...

    @property
    def is_active(self) -> bool:
        """Whether it is for sale."""
        ...

    @property
    def is_tracked(self) -> bool:
        """Whether its stock is counted."""
        ...


def sold_stock(product_id: UUID, variants: Sequence[SoldVariant], *, is_tracked: bool) -> SoldStock:
    """What decides the stock of a product with these variants; `is_tracked` is of a product without any."""
    if not variants:
        return SoldStock(product_id, (None,), not is_tracked)
    active = [variant for variant in variants if variant.is_active]
    return SoldStock(
        product_id, tuple(variant.id for variant in active), any(not variant.is_tracked for variant in active)
    )
