"""Invalid input through the API: a clear error, nothing changed, never a fault."""

import json
from typing import Any

import pytest

from tests.gateway.graphql.catalog.conftest import make_category
from tests.gateway.graphql.catalog.operations import call, codes, fill, mutation
from tests.gateway.site import Site

GOOD = {"name": "Polo", "basePrice": "10.00"}


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"name": ""}, "REQUIRED", ["input", "name"]),
        ({"name": "x" * 1_000}, "TOO_LONG", ["input", "name"]),
        ({"basePrice": "-0.01"}, "OUT_OF_RANGE", ["input", "basePrice"]),
        ({"basePrice": "1E+20"}, "OUT_OF_RANGE", ["input", "basePrice"]),
        ({"basePrice": "0.001"}, "TOO_MANY_DECIMALS", ["input", "basePrice"]),
        ({"compareAtPrice": "-1"}, "OUT_OF_RANGE", ["input", "compareAtPrice"]),
        ({"slug": "a b"}, "INVALID", ["input", "slug"]),
        ({"slug": ""}, "INVALID", ["input", "slug"]),
        ({"sku": " "}, "REQUIRED", ["input", "sku"]),
        ({"images": [{"url": "ftp://x"}]}, "INVALID", ["input", "images", "0", "url"]),
        ({"tags": ["x" * 300]}, "TOO_LONG", ["input", "tags", "0"]),
        ({"stock": 5}, "SKU_REQUIRED", ["input", "stock"]),
        ({"sku": "A", "stock": -1}, "OUT_OF_RANGE", ["input", "stock"]),
        ({"variants": [{"sku": ""}]}, "REQUIRED", ["input", "variants", "0", "sku"]),
        (
            {"variants": [{"sku": "A", "priceModifier": "-11"}]},
            "PRICE_BELOW_ZERO",
            ["input", "variants", "0", "priceModifier"],
        ),
        (
            {"variants": [{"sku": "A", "options": [{"name": f"O{n}", "value": "x"} for n in range(4)]}]},
            "TOO_MANY",
            ["input", "variants", "0", "options"],
        ),
        (
            {"variants": [{"sku": "A", "color": "Red"}, {"sku": "B", "color": "red"}]},
            "OPTIONS_TAKEN",
            ["input", "variants", "1", "options"],
        ),
        ({"attributes": [{"name": "Fit", "value": ""}]}, "REQUIRED", ["input", "attributes", "0", "value"]),
        (
            {"attributes": [{"name": "Fit", "value": "a"}, {"name": "FIT", "value": "b"}]},
            "DUPLICATE_VALUE",
            ["input", "attributes", "1"],
        ),
    ],
)
async def test_an_invalid_value_is_refused_with_code_and_path(
    shop: Site, snapshot: Any, given: dict[str, Any], code: str, path: list[str]
) -> None:
    category = await make_category(shop)
    before = await snapshot()

    answer = await call(shop, "productCreate", {"categoryId": category, **GOOD, **given}, "admin")

    (error,) = answer["data"]["productCreate"]["errors"]
    assert (error["code"], error["path"]) == (code, path)
    assert await snapshot() == before


@pytest.mark.parametrize(
    "given",
    [
        {"basePrice": "NaN"},
        {"basePrice": "Infinity"},
        {"basePrice": 1.5},
        {"basePrice": None},
        {"name": None},
        {"name": 5},
        {"name": "a\x00b"},
        {"name": "a\ud800"},
        {"categoryId": "not-a-uuid"},
        {"stock": 2**31},
        {"stock": "1"},
        {"unknown": 1},
    ],
)
async def test_a_value_of_the_wrong_type_is_refused_before_execution(
    shop: Site, snapshot: Any, given: dict[str, Any]
) -> None:
    category = await make_category(shop)
    before = await snapshot()

    variables = {"input": {"categoryId": category, **GOOD, **given}}
    # Written here, because the client would not send half of a surrogate pair.
    content = json.dumps({"query": mutation("productCreate"), "variables": variables})
    response = await shop.send(who="admin", content=content, headers={"content-type": "application/json"})

    assert response.status_code in {200, 400}
    assert {error["extensions"]["code"] for error in response.json()["errors"]} <= {"BAD_USER_INPUT", "BAD_REQUEST"}
    assert await snapshot() == before


@pytest.mark.parametrize(
    ("name", "given", "code"),
    [
        ("productUpdate", {"slug": None}, "REQUIRED"),
        ("productUpdate", {"name": None}, "REQUIRED"),
        ("productUpdate", {"basePrice": None}, "REQUIRED"),
        ("productUpdate", {"isActive": None}, "REQUIRED"),
        ("productUpdate", {"categoryId": None}, "NOT_FOUND"),
        ("productUpdate", {"sku": "OWN"}, "SKU_ON_PRODUCT"),
        ("productVariantUpdate", {"sku": None}, "REQUIRED"),
        ("productVariantUpdate", {"sku": "V-1"}, "SKU_TAKEN"),
        ("productVariantUpdate", {"priceModifier": "-10.01"}, "PRICE_BELOW_ZERO"),
        ("productVariantUpdate", {"displayOrder": 2**31 - 1}, "OUT_OF_RANGE"),
        ("categoryUpdate", {"slug": None}, "REQUIRED"),
        ("categoryUpdate", {"slug": "empty"}, "SLUG_TAKEN"),
        ("categoryMove", {}, "REQUIRED"),
        ("productUpdate", {"basePrice": "999999999999999.99"}, "OUT_OF_RANGE"),
    ],
)
async def test_an_invalid_change_changes_nothing(
    shop: Site, snapshot: Any, name: str, given: dict[str, Any], code: str
) -> None:
    shelf = await fill(shop)
    assert await codes(shop, "productVariantUpdate", {"id": shelf.variant, "priceModifier": "0.01"}, "admin") == []
    ids = {
        "productUpdate": shelf.product,
        "productVariantUpdate": shelf.variant,
        "categoryUpdate": shelf.category,
        "categoryMove": shelf.category,
    }
    before = await snapshot()

    assert await codes(shop, name, {"id": ids[name], **given}, "admin") == [code]

    assert await snapshot() == before


async def test_a_deleted_product_cannot_be_changed(shop: Site, snapshot: Any) -> None:
    shelf = await fill(shop)
    assert await codes(shop, "productDelete", {"id": shelf.product}, "admin") == []
    before = await snapshot()

    for name, given in (
        ("productUpdate", {"id": shelf.product, "name": "Back"}),
        ("productPublish", {"id": shelf.product}),
        ("productDelete", {"id": shelf.product}),
        ("productVariantCreate", {"productId": shelf.product, "sku": "X"}),
        ("productVariantUpdate", {"id": shelf.variant, "name": "X"}),
        ("productVariantDelete", {"id": shelf.variant}),
        ("reviewCreate", {"productId": shelf.product, "rating": 5}),
        ("stockUpdate", {"sku": "V-1", "quantity": 1}),
        ("stockSet", {"levels": [{"sku": "V-1", "available": 1}]}),
    ):
        assert await codes(shop, name, given, "admin") == ["NOT_FOUND"], name
    assert (await shop.data("query ($id: ID!) { product(id: $id) { id } }", "admin", id=shelf.product))[
        "product"
    ] is None
    assert await snapshot() == before


async def test_a_variant_with_stock_is_deactivated_instead_of_deleted(shop: Site, snapshot: Any) -> None:
    shelf = await fill(shop)
    assert await codes(shop, "stockSet", {"levels": [{"sku": "V-2", "available": 1}]}, "admin") == []
    before = await snapshot()

    (error,) = (await call(shop, "productVariantDelete", {"id": shelf.variant}, "admin"))["data"][
        "productVariantDelete"
    ]["errors"]
    assert (error["code"], error["message"]) == (
        "VARIANT_IN_USE",
        "The variant has or had stock. Set `isActive` to false to take it off sale.",
    )
    assert await codes(shop, "stockUpdate", {"sku": "V-2", "quantity": -2}, "admin") == ["INSUFFICIENT_STOCK"]

    assert await snapshot() == before
    assert await codes(shop, "productVariantUpdate", {"id": shelf.variant, "isActive": False}, "admin") == []


async def test_invalid_arguments_of_queries_are_refused(shop: Site) -> None:
    await fill(shop)
    for query, code in (
        ("{ product { id } }", "INVALID"),
        ('{ product(slug: "polo", id: "0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b") { id } }', "INVALID"),
        ("{ categories(first: 101) { nodes { id } } }", "OUT_OF_RANGE"),
        ('{ categories(after: "nonsense") { nodes { id } } }', "CURSOR_INVALID"),
        ("{ reviews(first: 1, last: 1) { nodes { id } } }", "INVALID"),
        ("{ products { nodes { reviews(first: -1) { nodes { id } } } } }", "OUT_OF_RANGE"),
    ):
        answer = await shop.ask(query)
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code], query
    assert await shop.data('{ product(slug: "no such") { id } category(slug: "") { id } }') == {
        "product": None,
        "category": None,
    }
