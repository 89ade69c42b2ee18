"""A shop with stock."""

from collections.abc import Awaitable, Callable

import pytest

from tests.gateway.graphql.catalog.conftest import make_category, make_product, shop, snapshot
from tests.gateway.site import Site

__all__ = ["shop", "snapshot"]
Product = str


@pytest.fixture
def stocked(shop: Site) -> Callable[..., Awaitable[Product]]:
    """Make a product whose variants have these SKUs and so many free units; its id."""

    async def make(**levels: int) -> Product:
        category = await make_category(shop)
        variants = [{"sku": sku, "stock": level} for sku, level in levels.items()]
        product = await make_product(shop, name="Polo", categoryId=category, basePrice="10.00", variants=variants)
        return str(product["id"])

    return make
