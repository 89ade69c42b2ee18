"""Imports of WooCommerce's export, and their repetition."""

from typing import Any

import pytest

from domains.feed.csv.columns import Column
from domains.feed.imports.reports import RowFault
from domains.feed.models import BadRow, DuplicateSkus
from domains.kernel.monitoring.statement_counts import counting
from tests.domains.feed.files import csv_bytes, mug
from tests.domains.feed.shops import Shop
from tests.domains.feed.woocommerce.exports import COLOURS, SIZES, attribute, export, simple, variable, variation

SHIRT = variable(
    1, "Shirt", COLOURS, SIZES, SKU="shirt", Categories="Clothing > Shirts", Images="https://x.example/s.jpg"
)
RED = variation(11, "shirt", "Red", "Large", SKU="S-RL", Stock="3", Regular_price="20", Sale_price="15")
BLUE = variation(12, "shirt", "Blue", "Small", Regular_price="22")
ANY = variation(13, "shirt", "Green", "", SKU="GREEN", Stock="4")
MUG = simple(2, "Mug", SKU="MUG", Stock="7", Description="A <b>mug</b>.") | attribute(
    1, name="Material", values="Clay"
)
PLAIN = simple(3, "Plate", In_stock="0")
DRAFT = simple(4, "Bowl", SKU="BOWL", Published="-1")
GROUP = simple(5, "Set", SKU="SET", Type="grouped", Grouped_products="MUG, id:3")
FILE = export(SHIRT, MUG, PLAIN, RED, DRAFT, GROUP, BLUE, ANY)


async def test_an_export_of_woocommerce_is_imported(shop: Shop) -> None:
    report = await shop.import_file(FILE)
    assert (report.format, report.rows, report.products_created, report.products_skipped) == ("WooCommerce", 8, 4, 1)
    assert (report.bad_rows, report.variants, report.applied) == ([], 7, True)
    products = await shop.products()
    assert {slug: (row["sku"], row["is_active"], row["category"]) for slug, row in products.items()} == {
        "shirt": (None, True, "Shirts"),
        "mug": ("MUG", True, "Uncategorised"),
        "plate": ("id:3", True, "Uncategorised"),
        "bowl": ("BOWL", False, "Uncategorised"),
    }
    assert await shop.prices("shirt") == {
        "S-RL": "15.00",
        "id:1.blue.small": "22.00",
        "GREEN.large": "20.00",
        "GREEN.small": "20.00",
    }
    stock = {sku: free for sku, (free, _) in (await shop.stock()).items() if free}
    assert stock == {"S-RL": 3, "MUG": 7}


@pytest.mark.parametrize("options", [{}, {"strict": True}, {"duplicate_skus": DuplicateSkus.SUFFIX}])
async def test_importing_the_same_file_again_changes_nothing(shop: Shop, options: dict[str, Any]) -> None:
    await shop.import_file(FILE, **options)
    before, counts = await shop.export_file(), await shop.counts()
    report = await shop.import_file(FILE, **options)
    assert (report.products_created, report.products_updated, report.products_unchanged) == (0, 0, 4)
    assert report.stock_changes == 0
    assert (await shop.export_file(), await shop.counts()) == (before, counts)


async def test_a_dry_run_reports_the_same_and_stores_nothing(shop: Shop) -> None:
    dry, wet = await shop.import_file(FILE, dry_run=True), await shop.import_file(FILE)
    assert (dry.applied, dry.products_created, dry.warnings) == (False, wet.products_created, wet.warnings)


async def test_a_renamed_product_is_updated_and_keeps_its_slug(shop: Shop) -> None:
    await shop.import_file(FILE)
    renamed = export(SHIRT | {"Name": "Blouse"}, RED, BLUE, ANY, PLAIN | {"Name": "Dish"})
    report = await shop.import_file(renamed)
    assert (report.products_created, report.products_updated) == (0, 2)
    products = await shop.products()
    assert (products["shirt"]["name"], products["plate"]["name"]) == ("Blouse", "Dish")


async def test_products_with_the_same_name_are_different_products(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug(Variant_SKU="FROM-SHOPIFY")))
    content = export(simple(1, "Mug", SKU="A"), simple(2, "Mug", SKU="B"), simple(3, "Mug"))
    for created, unchanged in ((3, 0), (0, 3)):
        report = await shop.import_file(content)
        assert (report.products_created, report.products_unchanged, report.bad_rows) == (created, unchanged, [])
    skus = {slug: row["sku"] for slug, row in (await shop.products()).items()}
    assert skus == {"mug": "FROM-SHOPIFY", "mug-2": "A", "mug-3": "B", "mug-4": "id:3"}


async def test_a_product_stored_under_another_handle_is_found_by_its_sku(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug(Variant_SKU="MUG") | {"Handle": "the-mug"}))
    report = await shop.import_file(export(MUG))
    assert (report.products_created, report.products_updated) == (0, 1)
    assert list(await shop.products()) == ["the-mug"]


async def test_a_file_without_ids_and_skus_identifies_products_by_name(shop: Shop) -> None:
    heading = ("ID", "SKU", "Name", "Regular price")
    content = export({"Name": "Mug", "Regular price": "9"}, heading=heading)
    for created in (1, 0):
        assert (await shop.import_file(content)).products_created == created


async def test_a_sku_of_two_products_is_refused_or_suffixed(shop: Shop) -> None:
    content = export(simple(1, "Mug", SKU="M"), simple(2, "Cup", SKU="M"))
    refused = await shop.import_file(content, dry_run=True)
    assert [(bad.line, bad.code, bad.column) for bad in refused.bad_rows] == [(3, RowFault.DUPLICATE_SKU, "SKU")]
    for created, unchanged in ((2, 0), (0, 2)):
        report = await shop.import_file(content, duplicate_skus=DuplicateSkus.SUFFIX)
        assert (report.products_created, report.products_unchanged, report.bad_rows) == (created, unchanged, [])


async def test_an_invalid_row_fails_only_its_product(shop: Shop) -> None:
    content = export(SHIRT, RED | {"Regular price": "?"}, BLUE, MUG, variation(99, "gone", "Red"))
    report = await shop.import_file(content)
    assert [(bad.line, bad.handle, bad.column) for bad in report.bad_rows] == [
        (3, "shirt", "Regular price"),
        (6, "gone", "Parent"),
    ]
    assert list(await shop.products()) == ["mug"]
    strict = await shop.import_file(export(MUG | {"Name": "Cup"}, variation(99, "gone", "Red")), strict=True)
    assert (strict.applied, list(await shop.products())) == (False, ["mug"])


async def test_refusals_of_the_catalogue_name_the_columns_of_the_file(shop: Shop) -> None:
    await shop.import_file(export(SHIRT, BLUE))
    report = await shop.import_file(export(SHIRT, BLUE | {"SKU": "NEW"}))
    reason = "The SKU 'NEW' has the options of the stored SKU 'id:1.blue.small'."
    assert report.bad_rows == [BadRow(3, "shirt", reason, "Attribute 1 value(s)", RowFault.REFUSED)]


async def test_the_hint_about_skus_without_stock_names_the_column_of_the_file(shop: Shop) -> None:
    report = await shop.import_file(export(SHIRT, RED, BLUE, ANY))
    assert report.new_without_stock == 2
    assert "the file gives no quantity for them (`Stock`)" in report.hints[0]


async def test_two_hundred_products_of_one_name_are_distinguished(shop: Shop) -> None:
    content = export(*(simple(n, "Mug", SKU=f"M-{n}") for n in range(1, 200)))
    assert (await shop.import_file(content)).products_created == 199
    assert (await shop.import_file(content)).products_unchanged == 199


async def test_any_number_of_products_is_found_with_one_statement(shop: Shop) -> None:
    async def statements(content: bytes) -> int:
        with counting() as count:
            await shop.import_file(content)
        return count.data

    def products(first: int, last: int) -> bytes:
        return export(*(simple(number, f"Mug {number}", SKU=f"M-{number}") for number in range(first, last)))

    await shop.import_file(products(0, 1))
    assert await statements(products(1, 3)) == await statements(products(3, 200))
    row = mug(Variant_SKU="M-0", Title="Mug 0", Variant_Price="20") | {"Handle": "mug-0", Column.ATTRIBUTES: ""}
    by_handle = await statements(csv_bytes(row))
    assert await statements(products(0, 2)) == await statements(products(0, 200)) == by_handle + 1
