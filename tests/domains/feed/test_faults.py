"""An invalid cell or row of a file affects only itself or its product."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from domains.catalog.imports.models import ProductDraft, SavedProduct
from domains.catalog.imports.product_import import Imports
from domains.feed.csv.columns import Column
from domains.feed.imports.reports import BadRow, RowFault
from domains.feed.models import DuplicateSkus
from domains.kernel.database import Tx
from tests.domains.feed.files import FIXTURES, csv_bytes, mug
from tests.domains.feed.shops import Shop
from tests.shared_data import SHARED

SIZED = mug(Option1_Name="Size", Option1_Value="S", Variant_SKU="M-S", Variant_Inventory_Qty="3")
LARGE = {
    "Handle": "mug",
    "Option1 Value": "L",
    "Variant SKU": "M-L",
    "Variant Price": "9",
    "Variant Inventory Qty": "4",
}


def lines(*rows: str) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


INVALID_VARIANTS = lines(
    "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price",
    "before,B,Title,Default Title,B-1,1",
    "dt,A,Title,Default Title,DTA,10",
    "dt,,,Other,DTB,10",
    "after,C,Title,Default Title,C-1,1",
)


@pytest.mark.parametrize("options", [{}, {"strict": True}, {"dry_run": True}])
async def test_a_row_without_options_among_variants_fails_only_its_product(
    shop: Shop, options: dict[str, bool]
) -> None:
    report = await shop.import_file(INVALID_VARIANTS, **options)
    reason = "The row has no options ('Default Title'), but other rows of the product have some."
    assert report.bad_rows == [BadRow(3, "dt", reason, Column.OPTION1_VALUE)]
    assert report.applied is not bool(options)
    assert sorted(await shop.products()) == ([] if options else ["after", "before"])


async def test_default_title_is_a_simple_product(shop: Shop) -> None:
    content = lines("Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price", "old,A,Title,Default,OLD,10")
    assert (await shop.import_file(content)).products_created == 1
    assert (await shop.products())["old"]["sku"] == "OLD"


async def test_default_title_among_other_option_values_is_a_variant(shop: Shop) -> None:
    content = csv_bytes(
        mug(Option1_Name="Title", Option1_Value="Default", Variant_SKU="A"),
        {"Handle": "mug", "Option1 Value": "Large", "Variant SKU": "B", "Variant Price": "12"},
    )
    await shop.import_file(content)
    assert await shop.prices("mug") == {"A": "9.90", "B": "12.00"}


@pytest.mark.parametrize("options", [{}, {"strict": True}, {"dry_run": True}])
async def test_a_save_error_fails_only_its_product(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, options: dict[str, bool]
) -> None:
    save = Imports.save

    async def fail(imports: Imports, tx: Tx, drafts: Sequence[ProductDraft]) -> list[SavedProduct]:
        saved = await save(imports, tx, drafts)
        if any(draft.slug == "mug-3" for draft in drafts):
            raise IndexError("a fault of ours")
        return saved

    monkeypatch.setattr(Imports, "save", fail)
    content = csv_bytes(*(mug(Variant_Inventory_Qty="3") | {"Handle": f"mug-{n}"} for n in range(7)))
    report = await shop.import_file(content, **options)
    reason = "The product could not be saved (IndexError); the server's log has the details."
    assert report.bad_rows == [BadRow(5, "mug-3", reason, code=RowFault.REFUSED)]
    assert (report.products_created, report.products_failed, report.stock_changes) == (6, 1, 6)
    assert len(await shop.products()) == (0 if options else 6)


async def test_scattered_rows_of_a_product_are_collected(shop: Shop) -> None:
    content = lines(
        "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price",
        "nc,Tee,Size,S,NC-S,10",
        "o,Other,,,OT,5",
        "nc,,,M,NC-M,10",
    )
    report = await shop.import_file(content)
    assert (report.products_created, report.variants, report.rows, report.bad_rows) == (2, 3, 3, [])
    assert list(await shop.prices("nc")) == ["NC-S", "NC-M"]
    assert (await shop.import_file(content)).products_unchanged == 2


async def test_a_product_with_scattered_rows_is_saved_whole_or_not_at_all(shop: Shop) -> None:
    report = await shop.import_file(csv_bytes(SIZED, mug() | {"Handle": "cup"}, LARGE | {"Variant Price": "x"}))
    assert [(bad.line, bad.handle) for bad in report.bad_rows] == [(4, "mug")]
    assert list(await shop.products()) == ["cup"]


async def test_a_shuffled_file_is_collected_in_the_order_of_first_rows(shop: Shop) -> None:
    heads = [SIZED | {"Handle": f"mug-{n}", "Variant SKU": f"S-{n}"} for n in range(30)]
    tails = [LARGE | {"Handle": f"mug-{n}", "Variant SKU": f"L-{n}"} for n in reversed(range(30))]
    report = await shop.import_file(csv_bytes(*heads, *tails))
    assert (report.products_created, report.variants, report.bad_rows) == (30, 60, [])
    assert list(await shop.prices("mug-7")) == ["S-7", "L-7"]


async def test_a_negative_quantity_is_saved_as_zero_with_a_warning(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug(Variant_SKU="M", Variant_Inventory_Qty="5")))
    report = await shop.import_file(csv_bytes(mug(Variant_SKU="M", Variant_Inventory_Qty="-3")))
    assert [(one.line, one.column) for one in report.warnings] == [(2, "Variant Inventory Qty")]
    assert (report.products_unchanged, report.stock_rows, report.stock_changes) == (1, 1, 1)
    assert await shop.stock() == {"M": (0, 2)}


async def test_an_unreadable_cell_keeps_the_stored_value(shop: Shop) -> None:
    sound = mug(
        Vendor="Kiln", Variant_Compare_At_Price="20", Image_Src="/a.jpg", Published="true", Status="active", Tags="a"
    )
    await shop.import_file(csv_bytes(sound))
    before = await shop.products()
    bad = {
        "Vendor": "x" * 300,
        "Variant Compare At Price": "?",
        "Image Src": "ftp://x",
        "Status": "?",
        "Tags": "t" * 300,
    }
    report = await shop.import_file(csv_bytes(sound | bad))
    assert (report.products_unchanged, report.warning_count, report.bad_rows) == (1, 5, [])
    assert await shop.products() == before


@pytest.mark.parametrize("zero", ["0", "0.00", "0,00"])
async def test_a_compare_at_price_of_zero_is_none(shop: Shop, zero: str) -> None:
    variants = [SIZED, LARGE]
    await shop.import_file(
        csv_bytes(*(variant | {"Variant Compare At Price": zero} for variant in variants), mug() | {"Handle": "x"})
    )
    report = await shop.import_file(csv_bytes(*(variant | {"Variant Compare At Price": ""} for variant in variants)))
    assert report.products_unchanged == 1
    report = await shop.import_file(csv_bytes(mug() | {"Handle": "x", "Variant Compare At Price": zero}))
    assert report.products_unchanged == 1


ONE_SKU = [
    mug(Option1_Name="Size", Option1_Value="S", Variant_SKU="M"),
    {"Handle": "mug", "Option1 Value": "L", "Variant SKU": "M", "Variant Price": "12"},
    mug(Variant_SKU="M") | {"Handle": "cup"},
]


async def test_duplicate_skus_are_refused_with_a_hint(shop: Shop) -> None:
    report = await shop.import_file(csv_bytes(*ONE_SKU))
    assert report.bad_rows == [BadRow(3, "mug", "The SKU 'M' is that of line 2.", Column.SKU, RowFault.DUPLICATE_SKU)]
    assert ("--duplicate-skus=suffix" in report.hints[0], len(report.hints)) == (True, 1)


async def test_duplicate_skus_get_suffixes_on_request_and_keep_them(shop: Shop) -> None:
    content = csv_bytes(*ONE_SKU, mug(Variant_SKU="M") | {"Handle": "pot"})
    report = await shop.import_file(content, duplicate_skus=DuplicateSkus.SUFFIX)
    assert (report.products_created, report.bad_rows) == (3, [])
    assert await shop.prices("mug") == {"M.s": "9.90", "M.l": "12.00"}
    products = await shop.products()
    assert (products["cup"]["sku"], products["pot"]["sku"]) == ("M", "M.pot")
    backwards = csv_bytes(mug(Variant_SKU="M") | {"Handle": "pot"}, *ONE_SKU)
    assert (await shop.import_file(backwards, duplicate_skus=DuplicateSkus.SUFFIX)).products_unchanged == 3
    assert (await shop.import_file(await shop.export_file())).products_unchanged == 3


async def test_variants_that_later_share_a_sku_keep_their_stored_skus(shop: Shop) -> None:
    await shop.import_file(csv_bytes(ONE_SKU[0]))
    await shop.import_file(csv_bytes(*ONE_SKU[:2]), duplicate_skus=DuplicateSkus.SUFFIX)
    assert await shop.prices("mug") == {"M": "9.90", "M.l": "12.00"}


async def test_a_generated_sku_that_another_product_has_is_no_conflict(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug(Variant_SKU="cup")))
    report = await shop.import_file(csv_bytes(mug() | {"Handle": "cup"}))
    assert (report.products_created, report.bad_rows) == (1, [])
    assert (await shop.import_file(csv_bytes(mug() | {"Handle": "cup"}))).products_unchanged == 1


TRACKED = mug(Variant_SKU="M", Variant_Inventory_Tracker="shopify")


async def test_new_skus_without_a_quantity_are_reported_once(shop: Shop) -> None:
    first, again = await shop.import_file(csv_bytes(TRACKED)), await shop.import_file(csv_bytes(TRACKED))
    assert (first.new_without_stock, again.new_without_stock) == (1, 0)
    assert "1 SKUs are new, and the file gives no quantity for them (`Variant Inventory Qty`)" in first.hints[0]
    assert again.hints == ()


async def test_the_default_stock_applies_to_skus_without_stock_history(shop: Shop) -> None:
    await shop.import_file(csv_bytes(TRACKED))
    report = await shop.import_file(csv_bytes(TRACKED), default_stock=25)
    assert (report.stock_rows, report.stock_changes, await shop.stock()) == (0, 1, {"M": (25, 1)})
    await shop.import_file(csv_bytes(TRACKED | {"Variant Inventory Qty": "0"}))
    assert (await shop.import_file(csv_bytes(TRACKED), default_stock=25)).stock_changes == 0


async def test_new_products_with_the_default_stock_are_in_stock_at_once(shop: Shop) -> None:
    await shop.import_file(csv_bytes(TRACKED), default_stock=25)
    assert await shop.owner.fetchval("select in_stock from product_search where company_id = $1", shop.id)


async def test_a_new_product_whose_sku_was_stocked_before_shows_the_stock_that_it_has(shop: Shop) -> None:
    await shop.import_file(csv_bytes(TRACKED | {"Variant Inventory Qty": "0"}))
    await shop.owner.execute("update products set sku = null where company_id = $1", shop.id)
    await shop.import_file(csv_bytes(TRACKED | {"Handle": "another"}), default_stock=25)
    shown = await shop.owner.fetch("select in_stock from product_search where company_id = $1", shop.id)
    assert ([row["in_stock"] for row in shown], await shop.stock()) == ([False, False], {"M": (0, 0)})


async def test_new_skus_can_be_untracked_by_default_and_stored_ones_stay_tracked(shop: Shop) -> None:
    await shop.import_file(csv_bytes(TRACKED))
    report = await shop.import_file(
        csv_bytes(TRACKED, TRACKED | {"Handle": "cup", "Variant SKU": "C"}), default_untracked=True
    )
    assert (report.products_unchanged, report.products_created, report.new_without_stock) == (1, 1, 0)
    tracked = {slug: product["is_tracked"] for slug, product in (await shop.products()).items()}
    assert tracked == {"mug": True, "cup": False}


@pytest.mark.parametrize("heading", ["Handle,Variant SKU,Variant Inventory Qty", "handle;sku;quantity"])
async def test_a_file_of_skus_and_quantities_sets_stock(shop: Shop, heading: str) -> None:
    await shop.import_file(csv_bytes(SIZED, LARGE, mug(Variant_SKU="C") | {"Handle": "cup"}))
    before = await shop.products(), await shop.prices("mug")
    mark = ";" if ";" in heading else ","
    rows = ["mug,M-L,7", "mug,M-S,8", "cup,C,9", "cup2,X,1", "mug,M-X,1"]
    report = await shop.import_file(lines(heading, *(row.replace(",", mark) for row in rows[:4])))
    assert (report.products_unchanged, report.stock_rows, report.stock_changes) == (2, 3, 3)
    assert [(bad.line, bad.reason) for bad in report.bad_rows] == [
        (5, "There is no product 'cup2' yet, and a new one needs a title.")
    ]
    assert {sku: stock for sku, (stock, _) in (await shop.stock()).items()} == {"M-L": 7, "M-S": 8, "C": 9}
    assert (await shop.products(), await shop.prices("mug")) == before
    report = await shop.import_file(lines(heading, *(row.replace(",", mark) for row in [rows[0], rows[4]])))
    assert [(bad.line, bad.reason) for bad in report.bad_rows] == [
        (3, "The product has no variant with the SKU 'M-X' yet, and a new one needs its options.")
    ]


async def test_a_file_of_prices_sets_prices(shop: Shop) -> None:
    await shop.import_file(csv_bytes(SIZED, LARGE))
    report = await shop.import_file(lines("Handle,Variant SKU,Variant Price", "mug,M-L,7"))
    assert (report.products_updated, await shop.prices("mug")) == (1, {"M-S": "9.90", "M-L": "7.00"})


async def test_a_simple_product_gets_variants_and_its_stock_follows_the_sku(shop: Shop) -> None:
    await shop.import_file(
        csv_bytes(mug(Variant_SKU="M-S", Variant_Inventory_Qty="6", Variant_Compare_At_Price="20"))
    )
    sizes = [{k: v for k, v in row.items() if k != "Variant Inventory Qty"} for row in (SIZED, LARGE)]
    report = await shop.import_file(csv_bytes(*sizes))
    assert (report.products_updated, report.bad_rows, report.warnings) == (1, [], [])
    assert (await shop.products())["mug"]["sku"] is None
    assert (await shop.stock())["M-S"] == (6, 1)
    item = await shop.owner.fetchrow(
        "select v.sku from inventory_items i join product_variants v on v.id = i.variant_id where i.company_id = $1",
        shop.id,
    )
    assert item["sku"] == "M-S"
    assert (await shop.products())["mug"]["compare_at_price"] == Decimal(20)
    assert (await shop.import_file(await shop.export_file())).products_unchanged == 1


async def test_a_product_whose_stock_no_variant_inherits_is_refused_alone(shop: Shop) -> None:
    old = mug(Variant_SKU="OLD", Variant_Inventory_Qty="6")
    await shop.import_file(csv_bytes(old))
    report = await shop.import_file(csv_bytes(mug() | {"Handle": "cup"}, SIZED, mug() | {"Handle": "pot"}))
    reason = "The SKU 'OLD' has 6 units in stock. Give that SKU to one of the variants, or set its stock to 0 first."
    assert report.bad_rows == [BadRow(3, "mug", reason, code=RowFault.REFUSED)]
    assert sorted(await shop.products()) == ["cup", "mug", "pot"]
    await shop.import_file(csv_bytes(old | {"Variant Inventory Qty": "0"}))
    assert (await shop.import_file(csv_bytes(SIZED))).products_updated == 1


async def test_a_compare_at_price_is_stored_and_shown(shop: Shop) -> None:
    strikes = [SIZED | {"Variant Compare At Price": "19.90"}, LARGE]
    await shop.import_file(csv_bytes(*strikes))
    # The card shows the base price, which is the large one's: it is not struck through.
    assert (await shop.products())["mug"]["compare_at_price"] is None
    cheapest = [SIZED, LARGE | {"Variant Compare At Price": "15"}]
    await shop.import_file(
        csv_bytes(*(row | {"Handle": "cup", "Variant SKU": row["Variant SKU"] + "2"} for row in cheapest))
    )
    assert (await shop.products())["cup"]["compare_at_price"] == Decimal(15)
    rows = await shop.owner.fetch("select sku, compare_at_price from product_variants where company_id = $1", shop.id)
    assert {row["sku"]: row["compare_at_price"] for row in rows} == {
        "M-S": Decimal("19.90"), "M-L": None, "M-S2": Decimal(0), "M-L2": None,
    }  # fmt: skip
    assert (await shop.import_file(await shop.export_file())).products_unchanged == 2


async def test_the_export_contains_the_status_of_products_without_sku_and_inactive_variants(
    shop: Shop, other_shop: Shop
) -> None:
    await shop.import_file(csv_bytes(SIZED, LARGE, mug(Variant_SKU="C") | {"Handle": "cup"}))
    await shop.owner.execute(
        "update product_variants set is_active = false where sku = 'M-L' and company_id = $1", shop.id
    )
    await shop.owner.execute("update products set sku = null where slug = 'cup' and company_id = $1", shop.id)
    content = await shop.export_file()
    assert (content.count(b",inactive,"), content.count(b",no sku,")) == (1, 1)
    assert (await shop.import_file(content)).products_unchanged == 2
    await other_shop.import_file(content)
    assert await other_shop.export_file() == content
    rows = await other_shop.owner.fetch(
        "select sku, is_active from product_variants where company_id = $1", other_shop.id
    )
    assert {row["sku"]: row["is_active"] for row in rows} == {"M-S": True, "M-L": False}
    assert (await other_shop.products())["cup"]["sku"] is None


async def test_handles_with_one_slug_are_not_merged(shop: Shop) -> None:
    report = await shop.import_file(csv_bytes(mug() | {"Handle": "mug cup"}, mug() | {"Handle": "mug!cup"}, mug()))
    assert [(bad.line, bad.handle) for bad in report.bad_rows] == [(3, "mug!cup")]
    assert sorted(await shop.products()) == ["mug", "mug-cup"]


async def test_a_duplicate_row_is_imported_once(shop: Shop) -> None:
    report = await shop.import_file(csv_bytes(SIZED, LARGE, LARGE))
    assert (report.variants, report.bad_rows) == (2, [])
    assert [(one.line, one.reason) for one in report.warnings] == [
        (4, "The row is the same as line 3; it is imported once.")
    ]


async def test_a_product_without_type_keeps_its_stored_category(shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug(Type="")))
    assert (await shop.products())["mug"]["category"] == "Uncategorised"
    await shop.import_file(csv_bytes(mug(Type="Cups")))
    report = await shop.import_file(csv_bytes(mug(Type="")))
    assert (report.products_unchanged, (await shop.products())["mug"]["category"]) == (1, "Cups")


FILES = [SHARED / "shopify-apparel.csv", SHARED / "shopify-home-and-garden.csv", *sorted(FIXTURES.glob("*.csv"))]
REAL = [field.read_bytes() for field in FILES if field.exists()]


@pytest.mark.parametrize("content", REAL)
async def test_importing_example_files_again_or_their_export_changes_nothing(
    shop: Shop, other_shop: Shop, content: bytes
) -> None:
    report = await shop.import_file(content)
    assert (report.bad_rows, report.warnings) == ([], [])
    assert (await shop.import_file(content)).products_unchanged == report.products_created
    first = await shop.export_file()
    assert (await shop.import_file(first)).products_unchanged == report.products_created
    await other_shop.import_file(first)
    assert await other_shop.export_file() == first


async def test_a_file_with_semicolons_and_localized_values_is_read_the_same(shop: Shop) -> None:
    cells = mug(Published="WAHR", Variant_Compare_At_Price="1.500,00", Variant_SKU="M") | {"Variant Price": "99,9"}
    await shop.import_file(b"sep=;\r\n" + csv_bytes(cells, delimiter=";"))
    product = (await shop.products())["mug"]
    assert (product["base_price"], product["compare_at_price"], product["is_active"]) == (
        *(Decimal("99.90"), Decimal(1500), True),
    )
