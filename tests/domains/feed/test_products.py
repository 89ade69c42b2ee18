"""Rows become products: the meaning of Shopify's columns, and refused values."""

from decimal import Decimal

import pytest

from domains.feed.csv.columns import Column
from domains.feed.csv.rows import RowReader
from domains.feed.imports.products import MAX_ROWS
from domains.feed.models import FeedProduct
from tests.domains.feed.files import csv_bytes, mug, read, read_one, reasons


def test_a_default_title_means_no_variants() -> None:
    product = read_one(csv_bytes(mug(Option1_Name="Title", Option1_Value="Default Title")))
    assert product.is_simple
    assert [(variant.sku, variant.options) for variant in product.variants] == [("mug", ())]


def test_options_create_variants_in_the_order_of_the_file() -> None:
    product = read_one(
        csv_bytes(
            mug(Option1_Name="Size", Option1_Value="Large", Option2_Name="Color", Option2_Value="Red"),
            {"Handle": "mug", "Option1 Value": "Small", "Option2 Value": "Blue", "Variant Price": "8"},
        )
    )
    assert not product.is_simple
    assert [variant.label for variant in product.variants] == ["Large / Red", "Small / Blue"]
    assert product.variants[1].options == (("Size", "Small"), ("Color", "Blue"))
    assert [variant.price for variant in product.variants] == [Decimal("9.90"), Decimal("8.00")]


@pytest.mark.parametrize(
    ("cells", "category"),
    [
        ({"Type": "Cups", "Tags": "Clay, Blue"}, "Cups"),
        ({"Type": "Cups", "Product Category": "Home & Garden > Kitchen > Mugs"}, "Cups"),
        ({"Type": "", "Product Category": "Apparel & Accessories > Clothing > Shirts", "Tags": "sale"}, "Shirts"),
        ({"Product Category": "Shirts"}, "Shirts"),
        ({"Type": "", "Product Category": "", "Tags": "clearance, cotton"}, None),
    ],
)  # fmt: skip
def test_the_category_is_the_type_or_the_end_of_product_category_and_never_a_tag(
    cells: dict[str, str], category: str | None
) -> None:
    assert read_one(csv_bytes(mug(**cells))).category == category


def test_no_inventory_tracker_means_untracked() -> None:
    tracked = read_one(csv_bytes(mug(Variant_Inventory_Tracker="shopify", Variant_Inventory_Qty="3")))
    untracked = read_one(csv_bytes(mug(Variant_Inventory_Tracker="", Variant_Inventory_Qty="3")))
    assert (tracked.variants[0].is_tracked, tracked.variants[0].quantity) == (True, 3)
    assert (untracked.variants[0].is_tracked, untracked.variants[0].quantity) == (False, 3)


def test_an_empty_quantity_keeps_the_stock() -> None:
    assert read_one(csv_bytes(mug(Variant_Inventory_Qty=""))).variants[0].quantity is None


@pytest.mark.parametrize(
    ("cells", "published"),
    [
        ({}, True),
        ({"Published": "TRUE"}, True),
        ({"Published": "false"}, False),
        ({"Published": "true", "Status": "draft"}, False),
        ({"Published": "true", "Status": "Active"}, True),
    ],
)
def test_published_and_status_are_both_required(cells: dict[str, str], published: bool) -> None:
    assert read_one(csv_bytes(mug(**cells))).is_published is published


def test_images_are_ordered_by_position_without_duplicates() -> None:
    image = "https://example.com/{}.jpg".format
    product = read_one(
        csv_bytes(
            mug(Image_Src=image("b"), Image_Position="2"),
            {"Handle": "mug", "Image Src": image("a"), "Image Position": "1"},
            {"Handle": "mug", "Image Src": image("c")},
            {"Handle": "mug", "Image Src": image("b"), "Image Position": "9"},
        )
    )
    assert product.images == (image("a"), image("b"), image("c"))
    assert len(product.variants) == 1


def test_a_product_names_the_columns_that_the_file_contains() -> None:
    assert sorted(read_one(csv_bytes(mug(Vendor=""))).columns) == ["Handle", "Title", "Variant Price", "Vendor"]


NO_NUMBER = "must be a number such as 19.90, not negative; it is"
LEFT_OUT = "It is ignored."
NO_QUANTITY = "must be a whole number from 0 to 1,000,000,000; it is"
NO_IMAGE = (
    "must be a URL that begins with https:// or http://, or a path that begins with one slash. "
    'It must not contain spaces, `"`, `<`, `>`, `\\`, a user name or a password.'
)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Variant Price": ""}, "`Variant Price` is missing."),
        ({"Variant Price": "-1"}, f"`Variant Price` {NO_NUMBER} '-1'."),
        ({"Variant Price": "1e3"}, f"`Variant Price` {NO_NUMBER} '1e3'."),
        ({"Variant Price": "1,500"}, f"`Variant Price` {NO_NUMBER} '1,500', which may be thousands or decimals."),
        ({"Variant Price": "NaN"}, f"`Variant Price` {NO_NUMBER} 'NaN'."),
        ({"Variant Price": "٣"}, f"`Variant Price` {NO_NUMBER} '٣'."),
        ({"Variant Price": "9.999"}, "`Variant Price`: An amount in EUR has at most 2 decimal places."),
        ({"Variant Price": "9" * 16}, "`Variant Price`: An amount must be between 0 and 1000000000000000."),
        ({"Title": ""}, "`Title` is missing on the product's first row."),
        ({"Title": "x" * 256}, "`Title` has 256 characters; at most 255 are allowed."),
        ({"Variant SKU": "x" * 101}, "`Variant SKU` has 101 characters; at most 100 are allowed."),
        ({"Option1 Value": "Red"}, "`Option1 Value` has a value, but the product's first row has no `Option1 Name`."),
        ({"Option1 Name": "Size"}, "`Option1 Value` is missing."),
        ({"Option1 Name": "Size", "Option2 Name": "size"}, "Two options have the same name."),
        ({"Handle": ""}, "`Handle` is missing."),
        ({"Handle": "!"}, "`Handle` must be made of letters, digits and hyphens."),
    ],
)  # fmt: skip
def test_an_invalid_cell_is_reported_with_line_handle_and_reason(cells: dict[str, str], reason: str) -> None:
    row = mug() | cells
    assert reasons(csv_bytes({**row, "Vendor": "two\nlines"})) == [(2, row["Handle"], reason)]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Variant Compare At Price": "x"}, f"`Variant Compare At Price` {NO_NUMBER} 'x'. {LEFT_OUT}"),
        ({"Variant Inventory Qty": "-3"}, "`Variant Inventory Qty` is -3; a negative stock is read as 0."),
        ({"Variant Inventory Qty": "1.5"}, f"`Variant Inventory Qty` {NO_QUANTITY} '1.5'. {LEFT_OUT}"),
        ({"Variant Inventory Qty": "9" * 60}, f"`Variant Inventory Qty` {NO_QUANTITY} '{'9' * 40}…'. {LEFT_OUT}"),
        ({"Published": "perhaps"}, f"`Published` must be TRUE or FALSE; it is 'perhaps'. {LEFT_OUT}"),
        ({"Status": "gone"}, f"`Status` must be active, draft, archived or unlisted; it is 'gone'. {LEFT_OUT}"),
        ({"Status": "Unlisted"}, "An unlisted product, which is found by its URL only, is hidden."),
        ({"Image Src": "javascript:alert(1)"}, f"`Image Src` {NO_IMAGE} {LEFT_OUT}"),
        ({"Image Position": "0"}, f"`Image Position` must be a whole number from 1; it is '0'. {LEFT_OUT}"),
        ({"Variant Image": "ftp://a/b"}, f"`Variant Image` {NO_IMAGE} {LEFT_OUT}"),
        ({"Handle": "a b™"}, "`Handle` 'a b™' is imported as 'a-btm'."),
        ({"Variant SKU": "M\n1"}, "`Variant SKU` has characters that are not printable; it is read as 'M 1'."),
        ({"Vendor": "x" * 256}, f"`Vendor` has 256 characters; at most 255 are allowed. {LEFT_OUT}"),
        ({"Body (HTML)": "x" * 50_001}, f"`Body (HTML)` has 50001 characters; at most 50000 are allowed. {LEFT_OUT}"),
    ],
)  # fmt: skip
def test_an_invalid_optional_cell_is_only_a_warning(cells: dict[str, str], reason: str) -> None:
    product = read_one(csv_bytes(mug() | cells))
    (column,) = cells
    assert [(one.line, one.reason, one.column) for one in product.warnings] == [(2, reason, column)]
    assert (product.title, product.variants[0].price) == ("Mug", Decimal("9.90"))


@pytest.mark.parametrize("cells", [{"Published": "perhaps"}, {"Status": "gone"}, {"Status": "unlisted"}])
def test_a_product_with_an_unreadable_status_is_hidden(cells: dict[str, str]) -> None:
    assert read_one(csv_bytes(mug() | cells)).is_published is False


def test_an_overlong_tag_leaves_out_the_tags() -> None:
    product = read_one(csv_bytes(mug(Tags="a, " + "x" * 256)))
    assert (product.tags, Column.TAGS in product.columns) == ((), False)


def test_amounts_are_validated_in_the_companys_currency() -> None:
    assert read_one(csv_bytes(mug() | {"Variant Price": "1200"}), "JPY").variants[0].price == Decimal(1200)
    assert reasons(csv_bytes(mug()), "JPY") == [
        (2, "mug", "`Variant Price`: An amount in JPY has at most 0 decimal places.")
    ]


def test_an_invalid_row_fails_its_product_and_no_other() -> None:
    content = csv_bytes(
        mug(Option1_Name="Size", Option1_Value="S"),
        {"Handle": "mug", "Option1 Value": "M", "Variant Price": "x"},
        {"Handle": "mug", "Option1 Value": "s", "Variant Price": "1"},
        {"Handle": "mug"},
        {"Handle": "cup", "Title": "Cup", "Variant Price": "4"},
    )
    assert [line for line, _, _ in reasons(content)] == [3, 4, 5]
    assert reasons(content)[1:] == [
        (4, "mug", "The options are those of line 2."),
        (5, "mug", "The row has neither a variant nor an image."),
    ]
    assert [product.handle for product in read(content) if isinstance(product, FeedProduct)] == ["cup"]


def test_a_row_with_too_many_fields_fails_its_product() -> None:
    content = b"Handle,Title,Variant Price\nmug,Mug,1\nmug,,,,x\ncup,Cup,2\n"
    assert reasons(content) == [(3, "mug", "The row has 5 fields, the heading 3.")]
    assert [product.handle for product in read(content) if isinstance(product, FeedProduct)] == ["cup"]


def test_one_sku_belongs_to_one_variant() -> None:
    content = csv_bytes(
        mug(Option1_Name="Size", Option1_Value="S", Variant_SKU="M1"),
        {"Handle": "mug", "Option1 Value": "M", "Variant Price": "1", "Variant SKU": "M1"},
    )
    assert reasons(content) == [(3, "mug", "The SKU 'M1' is that of line 2.")]


def test_a_product_with_too_many_rows_is_refused_and_the_next_one_is_read() -> None:
    sizes = ({"Handle": "mug", "Image Src": f"https://example.com/{n}"} for n in range(MAX_ROWS + 9))
    content = csv_bytes(mug(), *sizes, {"Handle": "cup", "Title": "Cup", "Variant Price": "4"})
    assert reasons(content) == [(2, "mug", "The product has more than 2,500 rows or 4,194,304 characters.")]
    assert isinstance(read(content)[1], FeedProduct)


def test_invalid_rows_are_counted() -> None:
    reader = RowReader([csv_bytes(mug(), {"Handle": "x"}, {"Handle": "y"})])
    assert len(list(reader)) == reader.count == 3
