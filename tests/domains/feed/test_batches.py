"""Products of an import that the catalogue refuses, one by one."""

import pytest

from tests.domains.feed.files import csv_bytes, mug
from tests.domains.feed.shops import Shop

CUP = mug() | {"Handle": "cup"}
LARGE = {"Handle": "mug", "Option1 Value": "L", "Variant SKU": "M-L", "Variant Price": "9"}
SIZED = mug(Option1_Name="Size", Option1_Value="S", Variant_SKU="M-S")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ([mug(Variant_SKU="M")], [CUP | {"Variant SKU": "M"}], "The SKU 'M' belongs to the product 'mug' (Mug)."),
        ([SIZED], [CUP | {"Variant SKU": "M-S"}], "The SKU 'M-S' belongs to the product 'mug' (Mug)."),
        (
            [SIZED],
            [mug()],
            "The stored product has variants, and the file has none: add their options, or delete the product first.",
        ),
        (
            [mug(Variant_SKU="M-1")],
            [mug(Variant_SKU="M-2")],
            "The stored product has the SKU 'M-1', the file has 'M-2': change one of them first.",
        ),
        ([SIZED], [SIZED | {"Variant SKU": "M-2"}], "The SKU 'M-2' has the options of the stored SKU 'M-S'."),
        (
            [SIZED, LARGE],
            [SIZED | {"Option1 Value": "L"}],
            "The SKU 'M-S' has the options of the stored SKU 'M-L'.",
        ),
        (
            [SIZED],
            [SIZED, LARGE, CUP | {"Variant SKU": "M-L"}],
            "The SKU 'M-L' is already used by the product 'mug' further up.",
        ),
    ],
)  # fmt: skip
async def test_a_product_in_conflict_with_the_catalogue_is_refused_alone(
    shop: Shop, before: list[dict[str, str]], after: list[dict[str, str]], reason: str
) -> None:
    await shop.import_file(csv_bytes(*before))
    report = await shop.import_file(csv_bytes(*after, mug() | {"Handle": "saved-too"}))
    assert [bad.reason for bad in report.bad_rows] == [reason]
    assert "saved-too" in await shop.products()


async def test_a_simple_product_can_get_variants(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug()))
    report = await shop.import_file(csv_bytes(SIZED))
    assert (report.products_updated, report.bad_rows) == (1, [])
    assert (await shop.products())["mug"]["sku"] is None
    assert await shop.prices("mug") == {"M-S": "9.90"}


async def test_categories_are_identified_by_name_and_get_a_free_slug(shop: Shop) -> None:
    names = ["C", "C++", "c", "Café", "cafe", "CAFÉ", "红", "!"]
    content = [mug(Type=name) | {"Handle": f"mug-{place}"} for place, name in enumerate(names)]
    await shop.import_file(csv_bytes(*content))
    assert [product["category"] for product in (await shop.products()).values()] == [
        *("C", "C++", "C", "Café", "cafe", "Café", "红", "!"),
    ]
    rows = await shop.owner.fetch("select slug from categories where company_id = $1 order by slug", shop.id)
    assert [row["slug"] for row in rows] == ["c", "c-2", "cafe", "cafe-2", "category", "hong"]


async def test_a_renamed_category_is_found_by_its_new_name_and_not_duplicated(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug(Type="Cups")))
    await shop.owner.execute("update categories set name = 'Mugs & Cups' where company_id = $1", shop.id)
    report = await shop.import_file(await shop.export_file())
    assert (report.products_unchanged, (await shop.counts())["categories"]) == (1, 1)
    await shop.import_file(csv_bytes(mug(Type="Mugs & Cups") | {"Handle": "cup"}))
    assert (await shop.counts())["categories"] == 1


async def test_a_product_stays_in_its_category_of_the_same_name(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug(Type="Cups")))
    await shop.owner.execute("update categories set slug = 'tableware-cups' where company_id = $1", shop.id)
    report = await shop.import_file(csv_bytes(mug(Type="Cups")))
    assert report.products_unchanged == 1
