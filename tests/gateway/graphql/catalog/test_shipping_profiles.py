"""The shipping profiles of products: set by staff, and shown to staff only."""

from typing import Any, Final

from domains.kernel.ids import new_id
from tests.gateway.graphql.catalog.conftest import make_category, make_product
from tests.gateway.site import Site

CREATE: Final = """mutation ($input: ShippingProfileCreateInput!) { shippingProfileCreate(input: $input) {
  shippingProfile { id } errors { code } } }"""
DELETE: Final = """mutation ($input: ShippingProfileDeleteInput!) { shippingProfileDelete(input: $input) {
  deletedId errors { code } } }"""
UPDATE: Final = """mutation ($input: ProductUpdateInput!) { productUpdate(input: $input) {
  product { shippingProfile { name } } errors { code message path } } }"""
LIST: Final = "{ products(first: 5) { nodes { name shippingProfile { name } } } }"


async def test_products_have_a_profile_or_the_default_one(shop: Site) -> None:
    made = await shop.data(CREATE, "admin", input={"name": "Bulky"})
    bulky = made["shippingProfileCreate"]["shippingProfile"]["id"]
    category = await make_category(shop)
    mug = await make_product(shop, name="Mug", categoryId=category, basePrice="10")
    await make_product(shop, name="Shelf", categoryId=category, basePrice="90", shippingProfileId=bulky)

    nodes = (await shop.data(LIST, "admin"))["products"]["nodes"]
    assert {each["name"]: each["shippingProfile"] for each in nodes} == {"Mug": None, "Shelf": {"name": "Bulky"}}
    await shop.data(LIST, "admin")
    assert shop.count.data == 3  # the products, their profiles by id, and the profiles

    async def update(profile_id: str | None) -> Any:
        return (await shop.data(UPDATE, "admin", input={"id": mug["id"], "shippingProfileId": profile_id}))[
            "productUpdate"
        ]

    assert (await update(bulky))["product"] == {"shippingProfile": {"name": "Bulky"}}
    refused = await update(str(new_id()))
    assert [(each["code"], each["path"]) for each in refused["errors"]] == [
        ("NOT_FOUND", ["input", "shippingProfileId"])
    ]
    kept = await shop.data(DELETE, "admin", input={"id": bulky})
    assert [each["code"] for each in kept["shippingProfileDelete"]["errors"]] == ["SHIPPING_PROFILE_IN_USE"]
    assert (await update(None))["product"] == {"shippingProfile": None}


async def test_customers_do_not_see_profiles(shop: Site) -> None:
    await make_product(shop, name="Mug", categoryId=await make_category(shop), basePrice="10")
    answer = await shop.post(LIST, "customer")
    assert [each["extensions"]["code"] for each in answer.json()["errors"]] == ["FORBIDDEN"]
