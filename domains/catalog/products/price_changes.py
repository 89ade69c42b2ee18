"""Changes of the prices that products are sold for."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol
from uuid import UUID

from domains.catalog.events import ChangedPrice, PriceChanged
from domains.catalog.products.prices import HasBasePrice, HasModifier, amount_of
from domains.kernel.database import Tx
from domains.kernel.values.money import Money


class PricedProduct(HasBasePrice, Protocol):
    """A product's SKU and base price."""

    @property
    def sku(self) -> str | None:
        """The SKU of a product without variants."""
        ...


class PricedVariant(HasModifier, Protocol):
    """A variant's id, SKU and price modifier."""

    @property
    def id(self) -> UUID:
        """The id of the variant."""
        ...

    @property
    def sku(self) -> str:
        """The SKU of the variant."""
        ...


class VariantModifier(NamedTuple):
    """The price modifier of a variant."""

    id: UUID
    sku: str
    price_modifier: Decimal


class UnitPrice(NamedTuple):
    """The price that a variant, or a product without variants, is sold for."""

    variant_id: UUID | None
    sku: str | None
    price: Money


def unit_prices(product: PricedProduct, variants: Iterable[PricedVariant]) -> list[UnitPrice]:
    """The price of each variant of a product; without variants, its own."""
    of_variants = [UnitPrice(variant.id, variant.sku, amount_of(product, variant)) for variant in variants]
    return of_variants or [UnitPrice(None, product.sku, amount_of(product))]


def changes(before: Iterable[UnitPrice], after: Iterable[UnitPrice]) -> list[ChangedPrice]:
    """The prices that differ, each compared with that of the same variant, or else of the same SKU, before."""
    old = list(before)
    by_sku = {price.sku: price for price in old if price.sku is not None}
    by_variant = {price.variant_id: price for price in old}
    changed: list[ChangedPrice] = []
    for new in after:
        known = by_variant.get(new.variant_id) or by_sku.get(new.sku or "")
        if known is not None and known.price != new.price:
            changed.append(
                {
                    "variant_id": new.variant_id,
                    "sku": new.sku,
                    "old_price": known.price.shown(),
                    "new_price": new.price.shown(),
                }
            )
    return changed


def emit(tx: Tx, product_id: UUID, currency: str, changed: Sequence[ChangedPrice]) -> None:
    """Emit PriceChanged, if any price has changed."""
    if changed:
        tx.emit(PriceChanged(product_id=product_id, currency=currency, prices=list(changed)))
