"""Offers: a product, or one variant of it, as it can be bought now, with the data that carts and orders need."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, TypeAlias
from uuid import UUID

from domains.catalog.models import Product, Variant
from domains.catalog.products import offer_sql
from domains.catalog.search.facet_tokens import FacetTokens
from domains.kernel.database import Reader
from domains.kernel.values.money import Money

OfferKey: TypeAlias = tuple[UUID, UUID | None]
"""A product and its variant, or None for the product itself."""


@dataclass(frozen=True)
class Offer:
    """A sellable item: a variant, or a product without variants.

    `is_listed`: customers can find the product. `needs_variant`: it is sold by variant, and none is given.
    `category_ids` are its category and the ancestors; none of an archived product.
    """

    product: Product
    variant: Variant | None
    is_listed: bool
    needs_variant: bool
    category_ids: frozenset[UUID]

    @property
    def is_sold(self) -> bool:
        """Whether customers can buy it, apart from stock."""
        return self.is_listed and not self.needs_variant and (self.variant is None or self.variant.is_active)

    @property
    def key(self) -> OfferKey:
        """The key of the offer."""
        return (self.product.id, self.variant.id if self.variant else None)

    @property
    def sku(self) -> str | None:
        """The SKU; a product without variants may have none."""
        return self.variant.sku if self.variant else self.product.sku

    @property
    def is_tracked(self) -> bool:
        """Whether its stock is counted."""
        return self.variant.is_tracked if self.variant else self.product.is_tracked

    @cached_property
    def price(self) -> Money:
        """The present price of one unit."""
        return self.variant.price if self.variant else self.product.price

    @property
    def weight(self) -> Decimal | None:
        """The kilograms of one unit; None if they are unknown."""
        return (self.variant or self.product).weight

    @property
    def requires_shipping(self) -> bool:
        """Whether it is shipped; a download, a service and a gift card are not."""
        return self.product.requires_shipping

    @property
    def shipping_profile_id(self) -> UUID | None:
        """The shipping profile; None for the company's default."""
        return self.product.shipping_profile_id

    @property
    def name(self) -> str:
        """The product's name, and the variant's in parentheses."""
        return f"{self.product.name} ({self.variant.name})" if self.variant else self.product.name


# An offer's columns and where they come from, for the domains above to join with what they keep of products and
# variants: $1 is the company.
COLUMNS: Final = offer_sql.COLUMNS
joins = offer_sql.joins


def from_record(record: Any, company_id: UUID | None, start: int = 0) -> Offer:
    """The offer whose COLUMNS begin at `start` in a record."""
    product, variant, is_listed, needs_variant, tokens = offer_sql.read_record(record, start)
    return Offer(
        product, variant, is_listed, needs_variant, FacetTokens.for_company(company_id).categories_in(tokens)
    )


class Offers:
    """Finds offers."""

    async def find(self, db: Reader, keys: Collection[OfferKey]) -> dict[OfferKey, Offer]:
        """The offers of these keys. A missing product or variant is omitted. One statement, or none.

        Archived, hidden and inactive items are included, with `is_sold` false.
        """
        if not keys:
            return {}
        offers = [from_record(record, db.company_id) for record in await offer_sql.find(db, list(keys))]
        return {offer.key: offer for offer in offers}
