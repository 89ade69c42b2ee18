"""Weights, dimensions and what is shipped through the API: shown to everyone, changed by staff."""

from typing import Any

import pytest

from tests.gateway.graphql.catalog.conftest import make_category, make_product
from tests.gateway.site import Site

PRODUCT = """query ($slug: String!) { product(slug: $slug) {
  weight length width height requiresShipping variants { sku weight length width height } } }"""
LIST = "{ products(first: 5) { nodes { name weight requiresShipping variants { sku weight } } } }"
UPDATE = """mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) {
  product { weight length requiresShipping price { amount } } errors { code message path } } }"""
UPDATE_VARIANT = """mutation ($input: ProductVariantUpdateInput!) { productVariantUpdate(input: $input) {
  variant { weight height } errors { code message path } } }"""
ADD_VARIANT = """mutation ($input: ProductVariantCreateInput!) { productVariantCreate(input: $input) {
  variant { weight length } errors { code message path } } }"""


@pytest.fixture
async def jug(shop: Site) -> Any:
    """A jug in two sizes, of which one has a weight of its own."""
    return await make_product(
        shop,
        name="Jug",
        categoryId=await make_category(shop),
        basePrice="10",
        weight="1.25",
        length="30",
        width="20.5",
        variants=[{"sku": "J-S", "weight": "0.4", "height": "12.5"}, {"sku": "J-L"}],
    )


async def test_customers_see_the_measures_of_products_and_variants(shop: Site, jug: Any) -> None:
    shown = (await shop.data(PRODUCT, "customer", slug="jug"))["product"]
    assert shown == {
        "weight": "1.250",
        "length": "30.0",
        "width": "20.5",
        "height": None,
        "requiresShipping": True,
        "variants": [
            {"sku": "J-S", "weight": "0.400", "length": "30.0", "width": "20.5", "height": "12.5"},
            {"sku": "J-L", "weight": "1.250", "length": "30.0", "width": "20.5", "height": None},
        ],
    }
    assert shop.count.data == 1
    listed = (await shop.data(LIST, "customer"))["products"]["nodes"]
    assert listed == [
        {
            "name": "Jug",
            "weight": "1.250",
            "requiresShipping": True,
            "variants": [{"sku": "J-S", "weight": "0.400"}, {"sku": "J-L", "weight": "1.250"}],
        }
    ]


async def test_changes_are_shown_at_once_and_null_removes(shop: Site, jug: Any) -> None:
    await shop.data(PRODUCT, "customer", slug="jug")
    given = {"id": jug["id"], "weight": "2", "length": None, "requiresShipping": False}
    assert (await shop.data(UPDATE, "editor", input=given))["productUpdate"] == {
        "product": {"weight": "2.000", "length": None, "requiresShipping": False, "price": {"amount": "10.00"}},
        "errors": [],
    }
    small = {"id": jug["variants"][0]["id"], "weight": None}
    changed = (await shop.data(UPDATE_VARIANT, "editor", input=small))["productVariantUpdate"]
    assert changed == {"variant": {"weight": "2.000", "height": "12.5"}, "errors": []}
    added = {"productId": jug["id"], "sku": "J-XL", "options": [{"name": "Size", "value": "XL"}], "weight": "4"}
    created = (await shop.data(ADD_VARIANT, "editor", input=added))["productVariantCreate"]
    assert created == {"variant": {"weight": "4.000", "length": None}, "errors": []}
    shown = (await shop.data(PRODUCT, "customer", slug="jug"))["product"]
    assert [variant["weight"] for variant in shown["variants"]] == ["2.000", "2.000", "4.000"]
    assert (shown["length"], shown["requiresShipping"]) == (None, False)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"weight": "-0.001"}, "`weight` is in kilograms, from 0 to 100,000."),
        ({"weight": "100000.001"}, "`weight` is in kilograms, from 0 to 100,000."),
        ({"weight": "1.2345"}, "`weight` is in kilograms, with at most 3 decimals."),
        ({"height": "0"}, "`height` is in centimetres, above 0 and at most 100,000."),
        ({"width": "1.25"}, "`width` is in centimetres, with at most 1 decimal."),
    ],
)
async def test_impossible_measures_are_refused_and_nothing_changes(
    shop: Site, jug: Any, snapshot: Any, given: dict[str, str], error: str
) -> None:
    before = await snapshot()
    ((name, _),) = given.items()
    answer = await shop.data(UPDATE, "editor", input={"id": jug["id"], **given})
    assert [(each["message"], each["path"]) for each in answer["productUpdate"]["errors"]] == [
        (error, ["input", name])
    ]
    variant = {"id": jug["variants"][0]["id"], **given}
    answer = await shop.data(UPDATE_VARIANT, "editor", input=variant)
    assert [each["path"] for each in answer["productVariantUpdate"]["errors"]] == [["input", name]]
    assert await snapshot() == before
