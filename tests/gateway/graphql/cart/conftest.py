"""A shop with shirts and carts."""

from typing import Any

import pytest

from tests.gateway.graphql.catalog.conftest import make_category, make_product, shop, snapshot
from tests.gateway.site import Site

__all__ = ["shop", "snapshot"]


@pytest.fixture
async def shirt(shop: Site) -> Any:
    """A product in two variants, ten of each, at 20.00 EUR."""
    return await make_shirt(shop)


async def make_shirt(shop: Site, name: str = "Shirt", **given: Any) -> Any:
    category = await make_category(shop, f"Category of {name}")
    variants = [
        {"sku": f"{name}-{size}", "options": [{"name": "Size", "value": size}], "stock": 10} for size in ("S", "M")
    ]
    return await make_product(
        shop, name=name, categoryId=category, basePrice="20.00", isActive=True, variants=variants, **given
    )


def line(shirt: Any, quantity: int = 1, size: int = 0) -> dict[str, Any]:
    """A size of a shirt, as an input names it."""
    return {"productId": shirt["id"], "variantId": shirt["variants"][size]["id"], "quantity": quantity}
