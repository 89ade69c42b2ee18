"""Products through the API: made and read in few statements."""

from typing import Any

from tests.gateway.shop import Shop

CATEGORY = """
mutation ($name: String!, $parent: UUID) {
  categoryCreate(input: {name: $name, parentId: $parent}) { category { id slug } errors { code message path } }
}
"""
CREATE = """
mutation ($input: ProductCreateInput!) {
  productCreate(input: $input) {
    product { id slug name basePrice { amount currency } variants { id sku stock price { amount } } stock isInStock }
    errors { code message path }
  }
}
"""
DETAIL = """
query ($slug: String!) {
  product(slug: $slug) {
    name image price { amount currency } priceRange { lowest { amount } highest { amount } }
    category { name } variants { sku stock isInStock price { amount } } stock isInStock
  }
}
"""


async def make_category(shop: Shop, name: str = "Shirts", parent: str | None = None) -> str:
    answer = await shop.data(CATEGORY, "admin", name=name, parent=parent)
    assert answer["categoryCreate"]["errors"] == []
    return str(answer["categoryCreate"]["category"]["id"])


async def make_product(shop: Shop, **given: Any) -> Any:
    answer = await shop.data(CREATE, "admin", input=given)
    assert answer["productCreate"]["errors"] == [], answer
    return answer["productCreate"]["product"]


async def test_a_product_with_its_first_stock_is_one_mutation(shop: Shop) -> None:
    product = await make_product(
        shop,
        name="Polo",
        categoryId=await make_category(shop),
        basePrice="19.90",
        images=["/polo.jpg"],
        variants=[
            {"sku": "P-S", "options": [{"name": "Size", "value": "S"}], "stock": 3},
            {"sku": "P-L", "options": [{"name": "Size", "value": "L"}], "priceModifier": "2.10"},
        ],
    )

    assert product["basePrice"] == {"amount": "19.90", "currency": "EUR"}
    assert [(v["sku"], v["stock"], v["price"]["amount"]) for v in product["variants"]] == [
        ("P-S", 3, "19.90"),
        ("P-L", 0, "22.00"),
    ]
    assert (product["stock"], product["isInStock"]) == (3, True)


async def test_a_product_by_its_slug_takes_four_statements(shop: Shop) -> None:
    await make_product(
        shop,
        name="Polo",
        categoryId=await make_category(shop),
        basePrice="19.90",
        images=["/polo.jpg"],
        variants=[
            {"sku": "P-S", "stock": 3},
            {"sku": "P-L", "priceModifier": "2.10"},
            {"sku": "P-U", "isTracked": False},
        ],
    )

    answer = await shop.data(DETAIL, slug="polo")

    assert answer["product"] == {
        "name": "Polo",
        "image": "/polo.jpg",
        "price": {"amount": "19.90", "currency": "EUR"},
        "priceRange": {"lowest": {"amount": "19.90"}, "highest": {"amount": "22.00"}},
        "category": {"name": "Shirts"},
        "variants": [
            {"sku": "P-S", "stock": 3, "isInStock": True, "price": {"amount": "19.90"}},
            {"sku": "P-L", "stock": 0, "isInStock": False, "price": {"amount": "22.00"}},
            {"sku": "P-U", "stock": 0, "isInStock": True, "price": {"amount": "19.90"}},
        ],
        "stock": 3,
        "isInStock": True,
    }
    assert (shop.count.data, shop.count.actor, shop.count.control) == (4, 0, 0)
