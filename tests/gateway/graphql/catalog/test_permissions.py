"""Permissions of the catalogue: a denied call changes nothing, objects of other companies are not found."""

from dataclasses import replace
from typing import Any

import pytest

from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.gateway.graphql.catalog.operations import PEOPLE, STAFF, Build, call, codes, fill
from tests.gateway.site import Site

EVERYTHING = STAFF | PEOPLE


@pytest.mark.parametrize(("name", "build"), STAFF.items())
async def test_staff_operations_are_denied_to_others(shop: Site, snapshot: Any, name: str, build: Build) -> None:
    shelf = await fill(shop)
    before = await snapshot()

    for token, code in ((None, "UNAUTHENTICATED"), ("customer", "FORBIDDEN"), ("clerk", "FORBIDDEN")):
        answer = await call(shop, name, build(shelf), token)
        assert [error["extensions"]["code"] for error in answer["errors"]] == [code]

    assert await snapshot() == before
    assert await codes(shop, name, build(shelf), "admin") == []


@pytest.mark.parametrize(("name", "build"), PEOPLE.items())
async def test_operations_of_users_require_a_login(shop: Site, snapshot: Any, name: str, build: Build) -> None:
    shelf = await fill(shop)
    before = await snapshot()

    answer = await call(shop, name, build(shelf), None)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert await snapshot() == before


@pytest.mark.parametrize(("name", "build"), EVERYTHING.items())
async def test_the_administrator_of_another_company_finds_nothing(
    shop: Site, snapshot: Any, name: str, build: Build
) -> None:
    shelf = await fill(shop)
    before = await snapshot()

    assert await codes(shop, name, build(shelf), "stranger") == ["NOT_FOUND"]

    assert await snapshot() == before


@pytest.mark.parametrize(("name", "build"), EVERYTHING.items())
async def test_unknown_ids_are_not_found(shop: Site, snapshot: Any, name: str, build: Build) -> None:
    await fill(shop)
    unknown = "0198c5a2-7d1e-7c43-9f5a-3b1d5e6f7a8b"
    nothing = type("Nothing", (), {"__getattr__": lambda _self, _name: unknown})()
    given = {**build(nothing)}
    if "sku" in given and name.startswith("stock"):
        given["sku"] = "unknown"
    if "changes" in given:
        given["changes"] = [{"sku": "unknown", "quantity": 1}]
    if "levels" in given:
        given["levels"] = [{"sku": "unknown", "available": 1}]
    before = await snapshot()

    assert await codes(shop, name, given, "admin") == ["NOT_FOUND"]

    assert await snapshot() == before


async def test_a_review_is_changed_by_its_author_or_moderators(shop: Site, snapshot: Any) -> None:
    shelf = await fill(shop)
    before = await snapshot()

    assert await codes(shop, "reviewUpdate", {"id": shelf.review, "rating": 1}, "clerk") == ["NOT_FOUND"]
    assert await codes(shop, "reviewUpdate", {"id": shelf.review, "rating": 1}, "admin") == ["NOT_FOUND"]
    assert await codes(shop, "reviewDelete", {"id": shelf.review}, "clerk") == ["NOT_FOUND"]
    assert await codes(shop, "reviewVote", {"id": shelf.review}, "customer") == ["OWN_REVIEW"]
    assert await codes(shop, "reviewCreate", {"productId": shelf.product, "rating": 1}, "customer") == [
        "ALREADY_REVIEWED"
    ]
    assert await snapshot() == before
    assert await codes(shop, "reviewVote", {"id": shelf.review}, "clerk") == []
    assert await codes(shop, "reviewUpdate", {"id": shelf.review, "rating": 1}, "customer") == []
    assert await codes(shop, "reviewDelete", {"id": shelf.review}, "admin") == []


async def test_stock_and_its_ledger_are_for_staff(shop: Site) -> None:
    shelf = await fill(shop)
    await codes(shop, "stockUpdate", {"sku": "V-1", "quantity": 3, "type": "PURCHASE"}, "admin")
    query = """{
      inventoryItems { nodes { sku availableStock product { id } } }
      stockMovements { nodes { type quantity inventory { sku } } }
    }"""

    for token, code in ((None, "UNAUTHENTICATED"), ("customer", "FORBIDDEN")):
        answer = await shop.ask(query, token)
        assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    assert await shop.data(query, "admin") == {
        "inventoryItems": {"nodes": [{"sku": "V-1", "availableStock": 3, "product": {"id": shelf.product}}]},
        "stockMovements": {"nodes": [{"type": "PURCHASE", "quantity": 3, "inventory": {"sku": "V-1"}}]},
    }
    assert await shop.data(query, "stranger") == {"inventoryItems": {"nodes": []}, "stockMovements": {"nodes": []}}


async def test_first_stock_requires_the_permission_for_inventory(shop: Site, snapshot: Any) -> None:
    shelf = await fill(shop)
    before = await snapshot()
    given = {"name": "New", "categoryId": shelf.category, "basePrice": "1.00", "sku": "N", "stock": 1}

    answer = await call(shop, "productCreate", given, "editor")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert await snapshot() == before
    assert await codes(shop, "productCreate", {**given, "stock": None}, "editor") == []


async def test_moving_products_of_a_deleted_category_requires_the_permission_for_products(
    shop: Site, snapshot: Any
) -> None:
    shelf = await fill(shop)
    grants = frozenset({Grant(PermissionResource.CATEGORIES, PermissionAction.MANAGE)})
    shop.actors["librarian"] = replace(shop.actors["clerk"], grants=grants)
    before = await snapshot()
    given = {"id": shelf.category, "moveProductsTo": shelf.empty}

    answer = await call(shop, "categoryDelete", given, "librarian")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert await snapshot() == before
    assert await codes(shop, "categoryDelete", given, "admin") == []
    assert await codes(shop, "categoryDelete", {"id": shelf.empty}, "librarian") == ["CATEGORY_IN_USE"]


async def test_drafts_and_hidden_categories_are_visible_to_staff_only(shop: Site) -> None:
    shelf = await fill(shop)
    query = """query ($id: ID!, $category: ID!) {
      product(id: $id) { id } category(id: $category) { id } categoryTree { id } categories { nodes { id } }
    }"""

    await codes(shop, "productUnpublish", {"id": shelf.product}, "admin")
    await codes(shop, "categoryUpdate", {"id": shelf.category, "isActive": False}, "admin")

    hidden = await shop.data(query, id=shelf.product, category=shelf.category)
    assert (hidden["product"], hidden["category"]) == (None, None)
    assert hidden["categoryTree"] == hidden["categories"]["nodes"] == [{"id": shelf.empty}]
    seen = await shop.data(query, "admin", id=shelf.product, category=shelf.category)
    assert (seen["product"], seen["category"]) == ({"id": shelf.product}, {"id": shelf.category})
    assert len(seen["categoryTree"]) == 2
    foreign = await shop.data(query, "stranger", id=shelf.product, category=shelf.category)
    assert foreign == {"product": None, "category": None, "categoryTree": [], "categories": {"nodes": []}}
