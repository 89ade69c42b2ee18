"""A shop with promotions."""

from typing import Any

from tests.gateway.graphql.catalog.conftest import make_category, make_product, shop
from tests.gateway.site import Site

__all__ = ["make_category", "make_product", "shop"]
CREATE = """mutation ($input: PromotionCreateInput!) {
  promotionCreate(input: $input) { promotion {
    id name code type discountType discountValue currency priority isExclusive isAutomatic isActive
    minPurchaseAmount { amount currency } discountAmount { amount } maxUsageCount currentUsageCount
    applicableProducts { id } applicableCategories { id } }
    errors { code message path } } }"""


def ten(**given: Any) -> dict[str, Any]:
    """An input for ten percent off with the code TEN by default."""
    base = {"name": "Ten", "code": "TEN", "type": "SEASONAL", "discountType": "PERCENTAGE", "discountValue": "10"}
    return {**base, **given}


async def make_promotion(shop: Site, **given: Any) -> Any:
    payload = (await shop.data(CREATE, "admin", input=ten(**given)))["promotionCreate"]
    assert payload["errors"] == []
    return payload["promotion"]
