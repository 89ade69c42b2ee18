"""Images as objects: URLs with alt texts, of products, variants and categories."""

from typing import Any

from tests.gateway.graphql.catalog.conftest import make_category
from tests.gateway.site import Site

SHOWN = "images { url altText sortOrder } image { url altText sortOrder }"
CREATE = f"""mutation ($input: ProductCreateInput!) {{ productCreate(input: $input) {{
  product {{ id {SHOWN} variants {{ id {SHOWN} }} }} errors {{ code path }} }} }}"""
UPDATE = f"""mutation ($input: ProductUpdateInput!) {{ productUpdate(input: $input) {{
  product {{ {SHOWN} }} errors {{ code path }} }} }}"""
VARIANT_UPDATE = f"""mutation ($input: ProductVariantUpdateInput!) {{ productVariantUpdate(input: $input) {{
  variant {{ {SHOWN} }} errors {{ code path }} }} }}"""
CATEGORY_UPDATE = """mutation ($input: CategoryUpdateInput!) { categoryUpdate(input: $input) {
  category { image { url altText sortOrder } } errors { code path } } }"""
FRONT = {"url": "/front.jpg", "altText": "A lamp, lit"}
BACK = {"url": "/back.jpg"}


def shown(*images: dict[str, str]) -> dict[str, Any]:
    """What the API shows of a product or variant with these pictures."""
    made = [
        {"url": each["url"], "altText": each.get("altText"), "sortOrder": place} for place, each in enumerate(images)
    ]
    return {"images": made, "image": made[0] if made else None}


async def test_images_have_alt_texts_and_positions(shop: Site) -> None:
    category, admin = await make_category(shop), "admin"
    variant = {"sku": "L-1", "images": [BACK, {**FRONT, "altText": " "}, BACK]}
    made = await shop.do(
        CREATE, admin, name="Lamp", categoryId=str(category), basePrice="9", images=[FRONT, BACK], variants=[variant]
    )
    product = made["product"]
    (form,) = product.pop("variants")
    assert product == {"id": product["id"], **shown(FRONT, BACK)}
    assert form == {"id": form["id"], **shown(BACK, {"url": "/front.jpg"})}

    turned = await shop.do(UPDATE, admin, id=product["id"], images=[BACK, FRONT])
    assert turned["product"] == shown(BACK, FRONT)
    renamed = await shop.do(UPDATE, admin, id=product["id"], name="Lamp 2")
    assert renamed["product"] == shown(BACK, FRONT)
    without = await shop.do(UPDATE, admin, id=product["id"], images=None)
    assert without["product"] == shown()
    payload = await shop.do(VARIANT_UPDATE, admin, id=form["id"], images=[FRONT])
    assert payload["variant"] == shown(FRONT)


async def test_a_category_has_one_image(shop: Site) -> None:
    category, admin = str(await make_category(shop)), "admin"
    given = await shop.do(CATEGORY_UPDATE, admin, id=category, image=FRONT)
    assert given["category"] == {"image": {**FRONT, "sortOrder": 0}}
    same = await shop.do(CATEGORY_UPDATE, admin, id=category, isFeatured=True)
    assert same["category"] == given["category"]
    assert (await shop.do(CATEGORY_UPDATE, admin, id=category, image=None))["category"] == {"image": None}


async def test_an_invalid_image_is_refused_with_its_path(shop: Site) -> None:
    category, admin = str(await make_category(shop)), "admin"
    images = [FRONT, {"url": "ftp://x", "altText": "x" * 513}]
    payload = await shop.value(
        CREATE, admin, input={"name": "Lamp", "categoryId": category, "basePrice": "9", "images": images}
    )
    assert payload["errors"] == [
        {"code": "INVALID", "path": ["input", "images", "1", "url"]},
        {"code": "TOO_LONG", "path": ["input", "images", "1", "altText"]},
    ]
