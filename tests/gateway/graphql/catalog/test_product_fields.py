"""Products through the API: created and read with few statements."""

from typing import Any

from tests.gateway.graphql.catalog.conftest import make_category, make_product
from tests.gateway.site import Site

DETAIL = """
query ($slug: String!) {
  product(slug: $slug) {
    name image { url } price { amount currency } priceRange { lowest { amount } highest { amount } }
    category { name } variants { sku stock isInStock price { amount } } stock isInStock
  }
}
"""


async def test_a_product_with_its_first_stock_is_created_by_one_mutation(shop: Site) -> None:
    product = await make_product(
        shop,
        name="Polo",
        categoryId=await make_category(shop),
        basePrice="19.90",
        images=[{"url": "/polo.jpg"}],
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


async def test_a_product_by_its_slug_executes_one_statement(shop: Site) -> None:
    await make_product(
        shop,
        name="Polo",
        categoryId=await make_category(shop),
        basePrice="19.90",
        images=[{"url": "/polo.jpg"}],
        variants=[
            {"sku": "P-S", "stock": 3},
            {"sku": "P-L", "priceModifier": "2.10"},
            {"sku": "P-U", "isTracked": False},
        ],
    )

    answer = await shop.data(DETAIL, slug="polo")

    assert answer["product"] == {
        "name": "Polo",
        "image": {"url": "/polo.jpg"},
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
    assert (shop.count.data, shop.count.actor, shop.count.control) == (1, 0, 0)
    assert await shop.data(DETAIL, slug="polo") == answer
    assert (shop.count.data, shop.count.actor, shop.count.control) == (1, 0, 0)


LISTING = """
{
  products(first: 24) {
    nodes {
      name slug image { url } price { amount currency } isInStock
      category { name }
      variants { sku price { amount } stock isInStock }
    }
  }
}
"""


async def test_twenty_four_products_execute_one_statement_once_they_are_remembered(shop: Site) -> None:
    category = await make_category(shop)
    for number in range(25):
        await make_product(
            shop,
            name=f"Polo {number}",
            categoryId=category,
            basePrice="19.90",
            images=[{"url": "/polo.jpg"}, {"url": "/back.jpg"}],
            variants=[{"sku": f"{number}-{size}", "stock": 1} for size in "SML"],
        )

    shop.forget_products()
    await shop.data(LISTING)
    assert (shop.count.data, shop.count.actor, shop.count.control) == (2, 0, 0)
    answer = await shop.data(LISTING)

    nodes = answer["products"]["nodes"]
    assert len(nodes) == 24
    assert {(node["image"]["url"], node["category"]["name"], node["isInStock"]) for node in nodes} == {
        ("/polo.jpg", "Shirts", True)
    }
    assert {(len(node["variants"]), sum(v["stock"] for v in node["variants"])) for node in nodes} == {(3, 3)}
    assert (shop.count.data, shop.count.actor, shop.count.control) == (1, 0, 0)


async def test_the_category_tree_executes_one_statement_at_any_depth(shop: Site) -> None:
    parent = None
    for number in range(3):
        parent = await make_category(shop, f"Level {number}", parent)

    answer = await shop.data("{ categoryTree { name children { name children { name } } } }")

    assert answer["categoryTree"] == [
        {
            "name": "Level 0",
            "children": [
                {"name": "Level 1", "children": [{"name": "Level 2"}]},
            ],
        }
    ]
    assert shop.count.data == 1


async def test_each_relation_of_products_is_loaded_once(shop: Site) -> None:
    category = await make_category(shop)
    for number in range(3):
        await make_product(
            shop,
            name=f"Polo {number}",
            categoryId=category,
            basePrice="1.00",
            sku=f"P{number}",
            stock=number + 1,
            attributes=[{"name": "Fit", "value": "Slim"}],
        )

    answer = await shop.data(
        """{
          products(sortBy: {field: NAME, direction: ASC}) {
            nodes {
              sku stock isInStock priceRange { lowest { amount } } inventory { availableStock reservedStock }
              attributes { name value unit }
              category { name parent { name } attributesInForce { name } }
              reviews(first: 2) { nodes { rating } pageInfo { hasNextPage } }
            }
          }
        }""",
        "admin",
    )

    assert [(node["sku"], node["stock"], node["inventory"]) for node in answer["products"]["nodes"]] == [
        (f"P{number}", number + 1, {"availableStock": number + 1, "reservedStock": 0}) for number in range(3)
    ]
    # products with stock, inventory, reviews, and two for what the category asks
    assert shop.count.data == 5


async def test_writes_execute_a_fixed_number_of_statements(shop: Site) -> None:
    category = await make_category(shop)
    given = {
        "name": "Polo",
        "categoryId": category,
        "basePrice": "1.00",
        "attributes": [{"name": "Fit", "value": "Slim"}],
    }
    # The currency; locks; SKUs; rules; slugs; three tables; three for the index; the outbox.
    await make_plain(shop, {**given, "variants": [{"sku": f"A{number}"} for number in range(3)]})
    assert shop.count.data == 12
    await make_plain(shop, {**given, "variants": [{"sku": f"B{number}"} for number in range(50)]})
    assert shop.count.data == 12


async def make_plain(shop: Site, given: dict[str, Any]) -> None:
    query = "mutation ($input: ProductCreateInput!) { productCreate(input: $input) { errors { code } } }"
    answer = await shop.data(query, "admin", input=given)
    assert answer["productCreate"]["errors"] == []


async def test_a_gift_card_is_created_as_one_and_its_stock_is_not_counted(shop: Site) -> None:
    category = await make_category(shop)
    made = await make_product(
        shop,
        name="Gift card",
        categoryId=category,
        basePrice="10.00",
        isGiftCard=True,
        isTracked=True,
        variants=[{"sku": "G-10", "name": "10"}, {"sku": "G-50", "name": "50", "priceModifier": "40.00"}],
    )
    query = "query ($slug: String!) { product(slug: $slug) { isGiftCard isTracked variants { isTracked } } }"
    assert (await shop.data(query, slug="gift-card"))["product"] == {
        "isGiftCard": True,
        "isTracked": False,
        "variants": [{"isTracked": False}, {"isTracked": False}],
    }
    update = "mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) { errors { code path } } }"
    refused = await shop.refused(update, "admin", id=made["id"], isTracked=True)
    assert refused == {"code": "NOT_APPLICABLE", "path": ["input", "isTracked"]}
