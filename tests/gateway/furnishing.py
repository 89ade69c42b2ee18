"""A shop with one of everything that has an id, made through the API itself."""

from decimal import Decimal
from typing import Any

from domains.kernel.actor import Actor
from domains.promotion.models import DiscountType, NewPromotion, PromotionType
from domains.role.models import SystemRole
from tests.gateway.auth.conftest import Site

CATEGORY = """mutation ($name: String!, $parentId: UUID) {
  categoryCreate(input: {name: $name, parentId: $parentId}) { category { id } errors { message } } }"""
ATTRIBUTE = """mutation ($categoryId: UUID!) {
  categoryAttributeCreate(input: {categoryId: $categoryId, name: "Fit", type: TEXT, isRequired: false,
    isFilterable: true, options: []}) { attribute { id } errors { message } } }"""
PRODUCT = """mutation ($name: String!, $categoryId: UUID!, $sku: String!) {
  productCreate(input: {name: $name, categoryId: $categoryId, basePrice: "10", isActive: true,
    variants: [{sku: $sku, options: [{name: "Size", value: "M"}], stock: 7}]}) {
    product { id variants { id sku } } errors { message path } } }"""
REVIEW = """mutation ($productId: UUID!) {
  reviewCreate(input: {productId: $productId, rating: 4}) { review { id } errors { message } } }"""
ROLE = """mutation {
  roleCreate(input: {name: "Clerk", priority: 1, permissionIds: []}) { role { id } errors { message } } }"""
ADDRESS = """mutation {
  addressCreate(input: {type: SHIPPING, fullName: "A B", addressLine1: "1 Way", city: "Berlin", postalCode: "10115",
    country: "DE", isDefault: true}) { address { id } errors { message } } }"""
CART_ITEM = """mutation ($productId: UUID!, $variantId: UUID) {
  cartItemAdd(input: {productId: $productId, variantId: $variantId}) { cart { items { id } } errors { message } } }"""
CODE = """mutation ($code: String!) {
  cartPromotionApply(input: {code: $code}) { cart { totals { discounts { promotionId } } } errors { message } } }"""
MINE = "{ me { id } sessions(first: 1) { nodes { id } } }"

PROMOTION: NewPromotion = {
    "name": "A tenth",
    "code": "TENTH",
    "type": PromotionType.SEASONAL,
    "discount_type": DiscountType.PERCENTAGE,
    "discount_value": Decimal(10),
}


async def furnish(site: Site, admin: str, customer: str) -> dict[str, str]:
    """The ids (and the SKU) of what the shop now holds, by kind."""

    async def made(query: str, field: str, token: str = admin, **variables: Any) -> Any:
        payload = await site.data(query, token, **variables)
        assert payload["errors"] == []
        return payload[field]

    category = await made(CATEGORY, "category", name="Shirts")
    attribute = await made(ATTRIBUTE, "attribute", categoryId=category["id"])
    product = await made(
        PRODUCT, "product", name="A shirt", categoryId=category["id"], sku=f"SHIRT-{site.company_id.hex[-6:]}"
    )
    review = await made(REVIEW, "review", customer, productId=product["id"])
    role = await made(ROLE, "role")
    address = await made(ADDRESS, "address", customer)
    variant = product["variants"][0]["id"]
    await made(CART_ITEM, "cart", customer, productId=product["id"], variantId=variant)
    cart = await made(CART_ITEM, "cart", productId=product["id"], variantId=variant)
    await site.db.run(
        lambda tx: site.services.promotion.create_promotion(tx, PROMOTION), Actor.system(site.company_id)
    )
    carried = await made(CODE, "cart", code="TENTH")
    mine = (await site.post(MINE, customer)).json()["data"]
    staff = await site.data("{ me { id } }", admin)
    return {
        "category": category["id"],
        "attribute": attribute["id"],
        "product": product["id"],
        "variant": variant,
        "promotion": carried["totals"]["discounts"][0]["promotionId"],
        "cartItem": cart["items"][0]["id"],
        "sku": product["variants"][0]["sku"],
        "review": review["id"],
        "role": role["id"],
        "address": address["id"],
        "user": mine["me"]["id"],
        "staff": staff["id"],
        "session": mine["sessions"]["nodes"][0]["id"],
        "company": str(site.company_id),
    }


async def people(site: Site) -> tuple[str, str]:
    """The tokens of an administrator and a customer of the shop."""
    return await site.token(SystemRole.ADMIN), await site.token(SystemRole.CUSTOMER)
