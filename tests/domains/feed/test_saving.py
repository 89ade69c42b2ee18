"""What the catalogue refuses of an import, product by product."""

import pytest

from tests.domains.feed.files import csv_bytes, mug
from tests.domains.feed.shops import Shop

CUP = mug() | {"Handle": "cup"}
LARGE = {"Handle": "mug", "Option1 Value": "L", "Variant SKU": "M-L", "Variant Price": "9"}
SIZED = mug(Option1_Name="Size", Option1_Value="S", Variant_SKU="M-S")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ([mug(Variant_SKU="M-1")], [CUP | {"Variant SKU": "M-1"}], "The SKU 'M-1' belongs to another product."),
        ([SIZED], [CUP | {"Variant SKU": "M-S"}], "The SKU 'M-S' belongs to another product."),
        (
            [SIZED],
            [mug()],
            "The product has variants here, and the file gives none: give their options, or delete it first.",
        ),
        (
            [mug(Variant_SKU="M-S")],
            [SIZED],
            "The SKU 'M-S' is that of the product itself here; give the variant another.",
        ),
        (
            [mug(Variant_SKU="M-1")],
            [mug(Variant_SKU="M-2")],
            "The product has the SKU 'M-1' here, the file says 'M-2': change one of them first.",
        ),
        ([SIZED], [SIZED | {"Variant SKU": "M-2"}], "The options of the SKU 'M-2' are those of the SKU 'M-S' here."),
        (
            [SIZED, LARGE],
            [SIZED | {"Option1 Value": "L"}],
            "The options of the SKU 'M-S' are those of the SKU 'M-L' here.",
        ),
        (
            [SIZED],
            [SIZED, LARGE, CUP | {"Variant SKU": "M-L"}],
            "The SKU 'M-L' is given to the product 'mug' further up already.",
        ),
    ],
)  # fmt: skip
async def test_what_does_not_go_with_the_shop_is_refused_by_itself(
    shop: Shop, before: list[dict[str, str]], after: list[dict[str, str]], reason: str
) -> None:
    await shop.take_in(csv_bytes(*before))
    report = await shop.take_in(csv_bytes(*after, mug() | {"Handle": "saved-too"}))
    assert [bad.reason for bad in report.bad_rows] == [reason]
    assert "saved-too" in await shop.products()


async def test_a_simple_product_may_get_variants(shop: Shop) -> None:
    await shop.take_in(csv_bytes(mug()))
    report = await shop.take_in(csv_bytes(SIZED))
    assert (report.products_updated, report.bad_rows) == (1, [])
    assert (await shop.products())["mug"]["sku"] is None
    assert await shop.prices("mug") == {"M-S": "9.90"}


async def test_names_that_make_one_slug_are_one_category(shop: Shop) -> None:
    content = [
        mug(Type=name) | {"Handle": f"mug-{place}"} for place, name in enumerate(["Café", "cafe", "CAFÉ", "红", "!"])
    ]
    await shop.take_in(csv_bytes(*content))
    rows = await shop.owner.fetch("select slug from categories where company_id = $1 order by slug", shop.id)
    assert [row["slug"][:9] for row in rows] == ["cafe", "category-", "hong"]


async def test_a_product_stays_in_its_category_of_the_same_name(shop: Shop) -> None:
    await shop.take_in(csv_bytes(mug(Type="Cups")))
    await shop.owner.execute("update categories set slug = 'tableware-cups' where company_id = $1", shop.id)
    report = await shop.take_in(csv_bytes(mug(Type="Cups")))
    assert report.products_unchanged == 1
