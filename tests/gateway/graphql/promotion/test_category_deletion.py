"""`categoryDelete` names the references of a category: subcategories, products, and current promotions."""

from dataclasses import replace
from typing import Any

from domains.kernel.permissions import Grant, PermissionAction, PermissionResource
from tests.gateway.graphql.catalog.conftest import make_category, make_product
from tests.gateway.graphql.promotion.conftest import make_promotion
from tests.gateway.site import Site

DELETE = """mutation ($input: CategoryDeleteInput!) {
  categoryDelete(input: $input) { deletedId errors { code message path } } }"""
UPDATE = """mutation ($input: PromotionUpdateInput!) {
  promotionUpdate(input: $input) { promotion { applicableCategories { id } } errors { code message path } } }"""
ARCHIVE = "mutation ($input: ProductDeleteInput!) { productDelete(input: $input) { errors { code } } }"


async def delete(shop: Site, category: str, token: str = "admin", **given: Any) -> Any:
    return (await shop.data(DELETE, token, input={"id": category, **given}))["categoryDelete"]


async def update(shop: Site, promotion: Any, **given: Any) -> Any:
    return (await shop.data(UPDATE, "admin", input={"id": promotion["id"], **given}))["promotionUpdate"]


async def test_a_category_of_a_promotion_cannot_be_deleted_until_it_is_moved(shop: Site) -> None:
    category, target = await make_category(shop), await make_category(shop, "Target")
    promotion = await make_promotion(shop, name="Summer", categoryIds=[category])
    for given in ({}, {"moveProductsTo": target}):
        assert (await delete(shop, category, **given))["errors"] == [
            {
                "code": "CATEGORY_IN_USE",
                "message": "1 promotion is for the category (Summer): end them, or change their categories.",
                "path": ["input", "id"],
            }
        ]
    assert (await update(shop, promotion, isActive=False))["errors"] == []
    assert await delete(shop, category, moveProductsTo=target) == {"deletedId": category, "errors": []}
    (error,) = (await update(shop, promotion, isActive=True))["errors"]
    assert (error["code"], error["path"]) == ("TARGETS_DELETED", ["input", "categoryIds"])
    again = await update(shop, promotion, isActive=True, categoryIds=[target])
    assert again == {"promotion": {"applicableCategories": [{"id": target}]}, "errors": []}


async def test_everything_that_references_a_category_is_reported_together(shop: Site) -> None:
    category = await make_category(shop)
    for name in ("Shoes", "Boots"):
        await make_category(shop, name, category)
    for number in range(6):
        await make_promotion(shop, name=f"P{number}", code=f"P{number}", categoryIds=[category])
    for sku in ("A", "B"):
        product = await make_product(shop, name=sku, categoryId=category, basePrice="1.00")
    await shop.data(ARCHIVE, "admin", input={"id": product["id"]})
    (error,) = (await delete(shop, category))["errors"]
    assert error == {
        "code": "CATEGORY_IN_USE",
        "message": (
            "The category has sub-categories (2: Shoes, Boots): move or delete them first. "
            "6 promotions are for the category (P0, P1, P2, P3, P4, …): end them, or change their categories. "
            "The category has 2 products, 1 of them archived: move them to another category."
        ),
        "path": ["input", "id"],
    }


async def test_names_of_promotions_are_reported_to_staff_with_permission_only(shop: Site) -> None:
    category = await make_category(shop)
    grants = frozenset({Grant(PermissionResource.CATEGORIES, PermissionAction.MANAGE)})
    shop.actors["librarian"] = replace(shop.actors["clerk"], grants=grants)
    await make_promotion(shop, name="Secret", categoryIds=[category])
    (error,) = (await delete(shop, category, "librarian"))["errors"]
    assert error["message"] == "1 promotion is for the category: end them, or change their categories."
