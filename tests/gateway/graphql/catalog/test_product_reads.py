"""Products are read with few statements and exactly, whoever has read them before."""

from typing import Any

import pytest

from tests.gateway.graphql.catalog.conftest import make_category, make_product
from tests.gateway.site import Site

EVERYTHING = """
fragment Everything on Product {
  id name slug description longDescription viewCount price { amount currency } compareAtPrice { amount }
  brand model tags sku
  isTracked isActive isFeatured isGiftCard rating reviewCount createdAt updatedAt categoryId stock isInStock
  category { id name } attributes { id name value unit } images { url altText }
  priceRange { lowest { amount } highest { amount } }
  variants { id sku name options { name value } price { amount } priceModifier { amount } compareAtPrice { amount }
             isActive isTracked displayOrder stock isInStock createdAt updatedAt images { url } product { id } }
}
"""
LIST = "query { products(sortBy: {field: NAME}) { nodes { ...Everything } } }" + EVERYTHING
ONE = "query ($id: ID!) { product(id: $id) { ...Everything } }" + EVERYTHING
NODE = "query ($id: ID!) { node(id: $id) { ... on Product { ...Everything } } }" + EVERYTHING
UPDATE = (
    """
mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) { product { ...Everything } errors { code } } }
"""
    + EVERYTHING
)


@pytest.fixture
async def polo(shop: Site) -> Any:
    """A product with everything, one of whose variants customers do not see."""
    return await make_product(
        shop,
        name="Polo",
        categoryId=await make_category(shop),
        basePrice="19.90",
        compareAtPrice="25",
        description="Short",
        longDescription="<p>Long</p>",
        images=[{"url": "/polo.jpg", "altText": "A polo"}],
        attributes=[{"name": "Fit", "value": "Slim"}],
        variants=[
            {"sku": "P-S", "options": [{"name": "Size", "value": "S"}], "stock": 3},
            {"sku": "P-L", "priceModifier": "2.10", "isActive": False, "stock": 5},
            {"sku": "P-U", "options": [{"name": "Size", "value": "U"}], "isTracked": False},
        ],
    )


async def test_everything_of_a_product_is_one_statement_once_it_is_remembered(shop: Site, polo: Any) -> None:
    # The product of a variant is another relation, by which the shown product is loaded again.
    listed = await shop.data(LIST)
    again = await shop.data(LIST)
    assert shop.count.data == 2
    assert again == listed
    alone = await shop.data(ONE, id=polo["id"])
    assert shop.count.data == 2
    assert alone["product"] == listed["products"]["nodes"][0]
    found = await shop.data(NODE, id=polo["id"])
    assert found["node"] == alone["product"]
    assert (alone["product"]["description"], alone["product"]["longDescription"]) == ("Short", "<p>Long</p>")
    assert (alone["product"]["stock"], alone["product"]["isInStock"]) == (3, True)


async def test_stock_and_texts_are_read_when_they_are_selected_only(shop: Site, polo: Any) -> None:
    await shop.data("{ products { nodes { name } } }")
    for selection, parts in (
        ("nodes { name }", ()),
        ("nodes { ...F }", ("inventory_items",)),
        ("edges { node { variants { ... on ProductVariant { amount: stock } } } }", ("inventory_items",)),
        ("nodes { text: description }", ("p.description",)),
        ("nodes { longDescription viewCount }", ("p.long_description", "p.view_count")),
    ):
        fragment = "fragment F on Product { ...G } fragment G on Product { isInStock }" if "...F" in selection else ""
        await shop.data(f"{{ products {{ {selection} }} }} {fragment}")
        assert shop.count.data == 1
        (statement,) = shop.count.texts
        columns = ("inventory_items", "p.description", "p.long_description", "p.view_count")
        assert [part for part in columns if part in statement] == list(parts)


async def test_staff_and_customers_see_their_own_variants_in_any_order(shop: Site, polo: Any) -> None:
    for token in ("admin", None, "customer", "admin", "stranger", None):
        answer = await shop.data(LIST, token)
        skus = [each["sku"] for product in answer["products"]["nodes"] for each in product["variants"]]
        if token == "stranger":
            assert skus == []
        else:
            assert skus == (["P-S", "P-L", "P-U"] if token == "admin" else ["P-S", "P-U"])
            (product,) = answer["products"]["nodes"]
            assert product["stock"] == 3
            assert product["priceRange"]["highest"] == {"amount": "19.90"}


async def test_the_payload_of_a_change_says_what_a_query_says(shop: Site, polo: Any) -> None:
    await shop.data(LIST, "admin")
    changed = await shop.data(UPDATE, "admin", input={"id": polo["id"], "name": "Polo shirt", "description": None})
    assert changed["productUpdate"]["errors"] == []
    assert changed["productUpdate"]["product"]["name"] == "Polo shirt"
    for _ in range(2):
        assert (await shop.data(LIST, "admin"))["products"]["nodes"] == [changed["productUpdate"]["product"]]


async def test_stock_and_views_show_at_once_though_the_product_is_remembered(
    shop: Site, polo: Any, owner: Any
) -> None:
    await shop.data(LIST)
    await owner.execute("update inventory_items set available_stock = 0, total_stock = 0 where sku = 'P-S'")
    await owner.execute("update products set view_count = 41 where id = $1", polo["id"])
    (product,) = (await shop.data(LIST))["products"]["nodes"]
    assert (product["stock"], product["viewCount"]) == (0, 41)
    assert [(each["stock"], each["isInStock"]) for each in product["variants"]] == [(0, False), (0, True)]


async def test_a_renamed_category_shows_at_once(shop: Site, polo: Any) -> None:
    before = await shop.data(LIST)
    (product,) = before["products"]["nodes"]
    rename = "mutation ($input: CategoryUpdateInput!) { categoryUpdate(input: $input) { errors { code } } }"
    await shop.data(rename, "admin", input={"id": product["categoryId"], "name": "Tops"})
    (renamed,) = (await shop.data(LIST))["products"]["nodes"]
    assert renamed == product | {"category": {"id": product["categoryId"], "name": "Tops"}}
