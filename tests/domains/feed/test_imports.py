"""Imports of files: their result, repetition, and invalid rows."""

from decimal import Decimal

import pytest

from domains.feed.csv.columns import Column
from domains.feed.errors import UnreadableFile
from domains.feed.imports.reports import BadRow, RowFault
from domains.kernel.monitoring.statement_counts import counting
from tests.domains.feed.files import FIXTURES, csv_bytes, mug
from tests.domains.feed.shops import Shop
from tests.shared_data import SHARED

POTTERY = (FIXTURES / "pottery.csv").read_bytes()
KNITWEAR = (FIXTURES / "knitwear.csv").read_bytes()
NOTHING = dict.fromkeys(
    ("categories", "products", "product_variants", "inventory_items", "stock_movements", "outbox_events"), 0
)


async def test_a_shopify_file_becomes_products_variants_categories_and_stock(shop: Shop) -> None:
    report = await shop.import_file(POTTERY)
    assert (report.rows, report.products_created, report.variants, report.stock_changes) == (7, 4, 6, 5)
    assert (report.applied, report.bad_rows) == (True, [])
    assert "Cost per item" in report.ignored_columns
    products = await shop.products()
    assert {slug: product["category"] for slug, product in products.items()} == {
        "stoneware-mug": "Tableware",
        "teapot-crane": "Tableware",
        "salt-pig": "Uncategorised",
        "seconds-box": "Uncategorised",
    }
    assert products["salt-pig"] == {
        "slug": "salt-pig",
        "name": "Salt Pig",
        "category": "Uncategorised",
        "base_price": Decimal(32),
        "compare_at_price": None,
        "sku": "KS-SALT",
        "is_tracked": False,
        "is_active": True,
        "brand": "Kiln Street",
        "tags": ["Kitchen", "Gift"],
        "images": ["https://images.example.com/salt-pig.jpg"],
    }
    assert products["seconds-box"]["is_active"] is False
    assert len(products["teapot-crane"]["images"]) == 2
    assert await shop.prices("stoneware-mug") == {
        "stoneware-mug.small.ash": "14.50",
        "stoneware-mug.small.cobalt": "14.50",
        "KS-MUG-L-ASH": "18.90",
    }
    assert await shop.stock() == {
        "KS-MUG-L-ASH": (0, 0),
        "KS-SALT": (4, 1),
        "seconds-box": (1, 1),
        "stoneware-mug.small.ash": (12, 1),
        "stoneware-mug.small.cobalt": (7, 1),
        "teapot-crane": (2, 1),
    }


async def test_stock_movements_of_an_import_name_it_as_their_reason(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug(Variant_Inventory_Qty="3")))
    movement = await shop.owner.fetchrow("select * from stock_movements where company_id = $1", shop.id)
    assert (movement["actor_kind"], movement["available_delta"], movement["reason"]) == ("IMPORT", 3, "Import")


async def test_a_body_is_stored_as_safe_html_with_a_plain_summary(shop: Shop) -> None:
    await shop.import_file(POTTERY)
    row = await shop.owner.fetchrow(
        "select description, long_description from products where company_id = $1 and slug = 'stoneware-mug'", shop.id
    )
    assert row["long_description"] == "<p>Thrown by hand, glazed in <b>two</b> colours.</p>"
    assert row["description"] == "Thrown by hand, glazed in two colours."


@pytest.mark.parametrize("options", [{}, {"strict": True}])
async def test_importing_a_file_again_changes_nothing(shop: Shop, options: dict[str, bool]) -> None:
    await shop.import_file(POTTERY, **options)
    before = await shop.counts(), await shop.products(), await shop.stock()
    report = await shop.import_file(POTTERY, **options)
    assert (report.products_unchanged, report.products_updated, report.products_created) == (4, 0, 0)
    assert report.stock_changes == 0
    assert (await shop.counts(), await shop.products(), await shop.stock()) == before


async def test_changes_in_the_file_change_the_products(shop: Shop) -> None:
    sized = mug(Option1_Name="Size", Option1_Value="S", Variant_Inventory_Qty="3")
    await shop.import_file(csv_bytes(sized, {"Handle": "mug", "Option1 Value": "L", "Variant Price": "12"}))
    dearer = sized | {"Variant Price": "14.00", "Title": "Big mug", "Variant Inventory Qty": "1"}
    report = await shop.import_file(csv_bytes(dearer))
    assert (report.products_updated, report.stock_changes) == (1, 1)
    assert (await shop.products())["mug"]["name"] == "Big mug"
    assert await shop.prices("mug") == {"mug.s": "14.00", "mug.l": "12.00"}
    assert await shop.stock() == {"mug.s": (1, 2)}


async def test_columns_missing_from_the_file_keep_stored_values(shop: Shop) -> None:
    await shop.import_file(
        csv_bytes(mug(Vendor="Kiln", Tags="a, b", Image_Src="https://example.com/a.jpg", Type="Cups"))
    )
    report = await shop.import_file(csv_bytes(mug() | {"Variant Price": "5"}))
    assert report.products_updated == 1
    product = (await shop.products())["mug"]
    assert (product["base_price"], product["brand"], product["tags"]) == (Decimal(5), "Kiln", ["a", "b"])
    assert (product["category"], product["images"]) == ("Cups", ["https://example.com/a.jpg"])


async def test_a_generated_sku_yields_to_the_stored_sku(shop: Shop) -> None:
    sized = mug(Option1_Name="Size", Option1_Value="S")
    await shop.import_file(
        csv_bytes(sized | {"Variant SKU": "KEEP-1"}, mug() | {"Handle": "cup", "Variant SKU": "KEEP-2"})
    )
    quantities = {"Variant Inventory Qty": "7"}
    report = await shop.import_file(csv_bytes(sized | quantities, mug() | {"Handle": "cup"} | quantities))
    assert (report.products_unchanged, report.bad_rows) == (2, [])
    assert await shop.stock() == {"KEEP-1": (7, 1), "KEEP-2": (7, 1)}


async def test_an_invalid_row_fails_only_its_product(shop: Shop) -> None:
    content = csv_bytes(mug(), mug() | {"Handle": "cup", "Variant Price": "x"}, mug() | {"Handle": "pot"})
    report = await shop.import_file(content)
    assert (report.products_created, report.products_failed, report.bad_row_count) == (2, 1, 1)
    assert (report.bad_rows[0].line, report.bad_rows[0].handle) == (3, "cup")
    assert sorted(await shop.products()) == ["mug", "pot"]


@pytest.mark.parametrize("options", [{"strict": True}, {"dry_run": True}, {"strict": True, "dry_run": True}])
async def test_a_strict_import_with_an_invalid_row_and_a_dry_run_store_nothing(
    shop: Shop, options: dict[str, bool]
) -> None:
    report = await shop.import_file(csv_bytes(mug(Variant_Inventory_Qty="3"), {"Handle": "cup"}), **options)
    assert (report.applied, report.bad_row_count, report.rows) == (False, 1, 2)
    assert await shop.counts() == NOTHING


async def test_a_strict_import_of_valid_rows_stores_all(shop: Shop) -> None:
    report = await shop.import_file(KNITWEAR, strict=True)
    assert (report.applied, report.products_created, report.variants, report.rows) == (True, 2, 4, 4)


async def test_a_strict_import_stores_nothing_when_the_catalogue_refuses_a_product(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug(Variant_SKU="M-1")))
    before = await shop.counts()
    report = await shop.import_file(
        csv_bytes(mug() | {"Handle": "a"}, mug(Variant_SKU="M-1") | {"Handle": "b"}), strict=True
    )
    reason = "The SKU 'M-1' belongs to the product 'mug' (Mug)."
    assert report.bad_rows == [BadRow(3, "b", reason, Column.SKU, RowFault.DUPLICATE_SKU)]
    assert (report.applied, await shop.counts()) == (False, before)


async def test_a_dry_run_reports_what_the_import_does(shop: Shop) -> None:
    content = POTTERY + b"\n" + b"x," * 34 + b"\n"
    dry = await shop.import_file(content, dry_run=True)
    assert await shop.counts() == NOTHING
    wet = await shop.import_file(content)
    assert (dry.applied, wet.applied) == (False, True)
    for report in (dry, wet):
        report.seconds, report.dry_run, report.applied = 0, False, False
    assert dry == wet
    assert dry.bad_row_count == 1


@pytest.mark.parametrize(
    "content",
    [
        POTTERY + "café".encode("latin-1"),
        POTTERY[:-40],
        POTTERY + b'mug,"never closed\n',
        POTTERY.replace(b"Handle,", b"Name,", 1),
        POTTERY.replace(b"Salt Pig", b"Salt\x00Pig"),
        POTTERY.decode().encode("utf-16"),
        b"",
    ],
)
async def test_a_file_with_an_unreadable_end_changes_nothing(shop: Shop, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        await shop.import_file(content)
    assert await shop.counts() == NOTHING


async def test_a_byte_order_mark_is_ignored(shop: Shop) -> None:
    report = await shop.import_file(b"\xef\xbb\xbf" + KNITWEAR)
    assert (report.products_created, report.bad_rows) == (2, [])


async def test_an_archived_product_is_restored(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug()))
    await shop.owner.execute(
        "update products set archived_at = now(), is_active = false where company_id = $1", shop.id
    )
    report = await shop.import_file(csv_bytes(mug(Published="true")))
    assert report.products_updated == 1
    row = await shop.owner.fetchrow("select archived_at, is_active from products where company_id = $1", shop.id)
    assert (row["archived_at"], row["is_active"]) == (None, True)


async def test_imported_products_are_searchable_and_in_stock_at_once(shop: Shop) -> None:
    tracked = {"Variant Inventory Tracker": "shopify"}
    await shop.import_file(
        csv_bytes(
            mug(Variant_Inventory_Qty="3") | tracked,
            mug(Variant_Inventory_Qty="0") | tracked | {"Handle": "cup"},
            mug() | {"Handle": "pot"},
            mug(Variant_Inventory_Qty="3") | tracked | {"Handle": "draft", "Published": "false"},
            mug() | {"Handle": "untracked-draft", "Published": "false"},
        )
    )
    rows = await shop.owner.fetch(
        "select p.slug, s.in_stock, s.is_listed from product_search s join products p on p.id = s.product_id"
        " where s.company_id = $1",
        shop.id,
    )
    assert {row["slug"]: (row["in_stock"], row["is_listed"]) for row in rows} == {
        "mug": (True, True),
        "cup": (False, True),
        "pot": (True, True),
        "draft": (False, False),
        "untracked-draft": (False, False),
    }
    topics = await shop.owner.fetch("select topic from outbox_events where company_id = $1", shop.id)
    assert "product.availability_changed" not in {row["topic"] for row in topics}


async def test_the_number_of_statements_of_an_import_is_constant(shop: Shop, other_shop: Shop) -> None:
    def content(products: int) -> bytes:
        return csv_bytes(
            *(mug(Variant_Inventory_Qty="3") | {"Handle": f"mug-{number}"} for number in range(products))
        )

    with counting() as few:
        await shop.import_file(content(2))
    with counting() as many:
        await other_shop.import_file(content(200))
    assert few.data == many.data
    assert few.data <= 30


async def test_imports_are_isolated_by_company(shop: Shop, other_shop: Shop) -> None:
    await shop.import_file(KNITWEAR)
    before = await shop.counts(), await shop.stock()
    report = await other_shop.import_file(KNITWEAR)
    assert report.products_created == 2
    assert (await shop.counts(), await shop.stock()) == before


WHOLE_FILES = [
    (FIXTURES / "pottery.csv", (7, 4, 6)),
    (FIXTURES / "knitwear.csv", (4, 2, 4)),
    (SHARED / "shopify-apparel.csv", (22, 20, 22)),
    (SHARED / "shopify-home-and-garden.csv", (21, 20, 21)),
]


@pytest.mark.parametrize(
    ("content", "rows", "products", "variants"),
    [pytest.param(field.read_bytes(), *expected, id=field.name) for field, expected in WHOLE_FILES if field.exists()],
)
async def test_example_files_are_imported_completely(
    shop: Shop, content: bytes, rows: int, products: int, variants: int
) -> None:
    report = await shop.import_file(content, strict=True)
    assert (report.rows, report.products_created, report.variants) == (rows, products, variants)
    assert (report.applied, report.bad_rows) == (True, [])
