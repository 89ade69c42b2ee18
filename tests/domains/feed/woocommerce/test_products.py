"""Rows of WooCommerce become products: the meaning of each cell, and the effect of invalid ones."""

from datetime import date
from decimal import Decimal

import pytest

from domains.catalog.categories.attributes import AttributeValue
from domains.feed.csv.rows import RowReader
from domains.feed.imports.products import read_products
from domains.feed.imports.reports import RowFault
from domains.feed.imports.row_groups import SplitGroups
from domains.feed.models import BadRow, DuplicateSkus, Entry, FeedProduct, FeedVariant, RefusedProduct, SkippedProduct
from domains.kernel.values.money import UnitPrices
from tests.domains.feed.woocommerce.exports import (
    COLOURS,
    SIZES,
    Cells,
    attribute,
    export,
    simple,
    variable,
    variation,
)

TODAY = date(2026, 11, 28)


def read(content: bytes, duplicate_skus: DuplicateSkus = DuplicateSkus.REFUSE) -> list[Entry]:
    """All that a file gives, read twice as an import does."""
    scan = RowReader([content])
    assert scan.heading.dialect.name == "WooCommerce"
    split_groups = SplitGroups(scan.heading.dialect.groups())
    split_groups.scan(scan)
    prices = UnitPrices("EUR", 2)
    return list(read_products(RowReader([content]), prices, split_groups, duplicate_skus=duplicate_skus, today=TODAY))


def product(*rows: Cells) -> FeedProduct:
    (one,) = read(export(*rows))
    assert isinstance(one, FeedProduct), one
    return one


def variant(**cells: str) -> FeedVariant:
    return product(simple(1, "Mug", SKU="MUG", **cells)).variants[0]


def refusals(*rows: Cells) -> list[BadRow]:
    refused = [entry for entry in read(export(*rows)) if isinstance(entry, RefusedProduct)]
    return [bad for entry in refused for bad in entry.bad_rows]


def warnings(*rows: Cells) -> list[tuple[int, str | None, str]]:
    found = [entry for entry in read(export(*rows)) if not isinstance(entry, RefusedProduct)]
    return [(warning.line, warning.column, warning.reason) for entry in found for warning in entry.warnings]


def test_a_simple_product_is_read_completely() -> None:
    one = product(
        simple(
            44,
            "Tom &amp; Jerry's Mug",
            SKU="MUG",
            Is_featured="1",
            Short_description="<p>A <b>fine</b> mug.</p>",
            Description="First.\\n\\nSecond,\\nbroken. C:\\\\new",
            Stock="7",
            Regular_price="19.90",
            Categories="Kitchen > Mugs\\, large &amp; small",
            Tags="clay, hand\\, made",
            Images="https://x.example/a.jpg, https://x.example/b.jpg",
            Brands="Makers > Potter & Sons",
        )
        | attribute(1, name="Material", values="Clay, Glaze")
    )
    assert (one.handle, one.title, one.is_simple) == ("tom-jerry-s-mug", "Tom & Jerry's Mug", True)
    assert one.body == "<p>First.</p><p>Second,<br>broken. C:\\new</p>"
    assert (one.summary, one.vendor, one.category) == ("A fine mug.", "Potter & Sons", "Mugs, large & small")
    assert (one.tags, one.is_published, one.is_featured) == (("clay", "hand", "made"), True, True)
    assert one.images == ("https://x.example/a.jpg", "https://x.example/b.jpg")
    assert one.attributes == (AttributeValue("Material", "Clay, Glaze"),)
    (only,) = one.variants
    assert (only.sku, only.is_generated, only.options) == ("MUG", False, ())
    assert (only.price, only.compare_at_price, only.is_tracked, only.quantity) == (Decimal("19.90"), None, True, 7)
    assert one.matching_skus == ("MUG", "id:44")
    assert one.warnings == ()


def test_a_variable_product_is_sold_as_its_variations() -> None:
    one = product(
        variable(1, "Shirt", COLOURS, SIZES, SKU="shirt"),
        variation(2, "shirt", "Red", "Large", SKU="S-RL", Stock="3", Images="https://x.example/red.jpg"),
        variation(3, "shirt", "Blue", "Small", Sale_price="15", In_stock="0", Published="0"),
    )
    red, blue = one.variants
    assert red.options == (("Colour", "Red"), ("Size", "Large"))
    assert (red.sku, red.quantity, red.is_tracked, red.is_active) == ("S-RL", 3, True, True)
    assert red.images == ("https://x.example/red.jpg",)
    assert blue.options == (("Colour", "Blue"), ("Size", "Small"))
    assert (blue.sku, blue.is_generated, blue.quantity, blue.is_active) == ("id:1.blue.small", True, 0, False)
    assert (blue.price, blue.compare_at_price) == (Decimal(15), Decimal(20))
    assert (one.is_simple, one.attributes) == (False, ())


def test_rows_are_read_in_any_order() -> None:
    head, red = variable(1, "Shirt", COLOURS), variation(2, "id:1", "Red")
    between, blue = simple(9, "Mug"), variation(3, "id:1", "Blue", Position="-1")
    for rows in ([red, head, between, blue], [blue, between, red, head], [head, red, blue, between]):
        entries = read(export(*rows))
        shirt = next(one for one in entries if isinstance(one, FeedProduct) and one.title == "Shirt")
        assert [variant.sku for variant in shirt.variants] == ["id:1.blue", "id:1.red"]
        assert len(entries) == 2


def test_a_parent_with_a_sku_may_be_referenced_by_its_id() -> None:
    between = simple(8, "Mug")
    mug, shirt = read(export(variation(2, "id:1", "Red"), between, variable(1, "Shirt", COLOURS, SKU="shirt")))
    assert isinstance(mug, FeedProduct)
    assert isinstance(shirt, FeedProduct)
    assert [variant.options for variant in shirt.variants] == [(("Colour", "Red"),)]


def test_a_variation_without_parent_is_refused_alone() -> None:
    content = export(variation(2, "gone", "Red", SKU="R"), simple(3, "Mug"))
    orphan, mug = read(content)
    reason = "The file lacks the product named in `Parent`. Export products and variations together."
    assert orphan == RefusedProduct("gone", (BadRow(2, "gone", reason, "Parent"),))
    assert isinstance(mug, FeedProduct)


def test_two_parents_with_one_sku_are_refused_with_their_variations() -> None:
    bad = refusals(
        variable(1, "Shirt", COLOURS, SKU="S"), variable(2, "Socks", COLOURS, SKU="S"), variation(3, "S", "Red")
    )
    assert [(one.line, one.code) for one in bad] == [
        (2, RowFault.DUPLICATE_SKU),
        (3, RowFault.DUPLICATE_SKU),
        (4, RowFault.INVALID),
    ]
    assert {one.reason for one in bad} == {
        "Lines 2 and 3 are products with the same `SKU`: give each a SKU of its own."
    }


def test_two_simple_products_with_one_sku_are_two_products() -> None:
    one, two = read(export(simple(1, "Mug", SKU="M"), simple(2, "Cup", SKU="M")))
    assert isinstance(one, FeedProduct)
    assert isinstance(two, FeedProduct)
    assert (one.title, two.title) == ("Mug", "Cup")
    one, two = read(export(simple(1, "Mug", SKU="M"), simple(2, "Cup", SKU="M")), DuplicateSkus.SUFFIX)
    assert isinstance(one, FeedProduct)
    assert isinstance(two, FeedProduct)
    assert (
        one.matching_skus[0] == one.variants[0].fallback_sku != two.variants[0].fallback_sku == two.matching_skus[0]
    )


def test_a_duplicate_row_is_read_once() -> None:
    row = simple(1, "Mug")
    assert warnings(row, row) == [(3, "ID", "The row is the same as line 2; it is imported once.")]


@pytest.mark.parametrize(
    ("cells", "price", "compare_at"),
    [
        ({"Regular_price": "20"}, "20", None),
        ({"Regular_price": "19,90"}, "19.90", None),
        ({"Regular_price": "20", "Sale_price": "15"}, "15", "20"),
        ({"Regular_price": "20", "Sale_price": "20"}, "20", None),
        ({"Regular_price": "20", "Sale_price": "15", "Date_sale_price_ends": "2026-11-28 23:59:59"}, "15", "20"),
        ({"Regular_price": "20", "Sale_price": "15", "Date_sale_price_ends": "2026-11-27 23:59:59"}, "20", None),
        ({"Regular_price": "20", "Sale_price": "15", "Date_sale_price_starts": "2026-11-29 0:00:00"}, "20", None),
        ({"Regular_price": "20", "Sale_price": "15", "Date_sale_price_starts": "2026-11-28"}, "15", "20"),
        ({"Regular_price": "0"}, "0", None),
    ],
)
def test_a_sale_price_applies_during_the_sale(cells: dict[str, str], price: str, compare_at: str | None) -> None:
    found = variant(**cells)
    assert (found.price, found.compare_at_price) == (Decimal(price), Decimal(compare_at) if compare_at else None)


def test_an_ending_and_an_inactive_sale_are_reported() -> None:
    ends = simple(1, "Mug", Sale_price="15", Date_sale_price_ends="2026-12-01")
    assert warnings(ends) == [
        (2, "Date sale price ends", "The sale ends on 2026-12-01; its price is not changed back on that day.")
    ]
    past = simple(1, "Mug", Sale_price="15", Date_sale_price_ends="2026-01-01")
    assert warnings(past) == [(2, "Sale price", "The sale does not run today: the regular price is imported.")]


@pytest.mark.parametrize(
    ("cells", "is_tracked", "quantity"),
    [
        ({"Stock": "7", "In_stock": "1"}, True, 7),
        ({"Stock": "0", "In_stock": "0"}, True, 0),
        ({"Stock": "'-3", "In_stock": "backorder", "Backorders_allowed": "notify"}, True, 0),
        ({"Stock": "", "In_stock": "1"}, False, None),
        ({"Stock": "", "In_stock": "0"}, True, 0),
        ({"Stock": "", "In_stock": "backorder"}, False, None),
        ({"Stock": "", "In_stock": ""}, False, None),
        ({"Stock": "", "In_stock": "perhaps"}, True, None),
        ({"Stock": "many", "In_stock": "1"}, True, None),
    ],
)
def test_a_product_without_stock_management_is_sold_while_it_is_in_stock(
    cells: dict[str, str], is_tracked: bool, quantity: int | None
) -> None:
    found = variant(**cells)
    assert (found.is_tracked, found.quantity) == (is_tracked, quantity)


@pytest.mark.parametrize(
    ("published", "visibility", "is_published"),
    [
        ("1", "visible", True),
        ("1", "catalog", True),
        ("1", "hidden", False),
        ("0", "visible", False),
        ("-1", "visible", False),
        ("'-1", "visible", False),
        ("2", "visible", False),
        ("", "", True),
        ("perhaps", "visible", False),
    ],
)
def test_drafts_private_pending_and_hidden_products_are_hidden(
    published: str, visibility: str, is_published: bool
) -> None:
    one = product(simple(1, "Mug") | {"Published": published, "Visibility in catalog": visibility})
    assert one.is_published is is_published


def test_variations_of_a_draft_are_active() -> None:
    one = product(variable(1, "Shirt", COLOURS, Published="-1"), variation(2, "id:1", "Red", Published="-1"))
    assert (one.is_published, one.variants[0].is_active) == (False, True)


def test_a_variation_for_any_value_yields_a_variant_for_each_other_value() -> None:
    one = product(
        variable(1, "Shirt", COLOURS, SIZES),
        variation(2, "id:1", "Red", "", SKU="RED", Regular_price="25"),
        variation(3, "id:1", "Red", "Small", SKU="RS", Regular_price="22"),
        variation(4, "id:1", "", "Small"),
    )
    assert [(variant.sku, variant.options, variant.price) for variant in one.variants] == [
        ("RED", (("Colour", "Red"), ("Size", "Large")), Decimal(25)),
        ("RS", (("Colour", "Red"), ("Size", "Small")), Decimal(22)),
        ("id:1.blue.small", (("Colour", "Blue"), ("Size", "Small")), Decimal(20)),
        ("id:1.green.small", (("Colour", "Green"), ("Size", "Small")), Decimal(20)),
    ]


def test_stock_shared_by_several_variants_is_left_out() -> None:
    rows = (variable(1, "Shirt", COLOURS, SIZES), variation(2, "id:1", "Red", "", SKU="RED", Stock="5"))
    one = product(*rows)
    assert [(variant.sku, variant.quantity, variant.is_tracked) for variant in one.variants] == [
        ("RED.large", None, True),
        ("RED.small", None, True),
    ]
    remedy = "and each variant needs a stock of its own. It is ignored: set the stock of each variant."
    assert warnings(*rows) == [(3, "Stock", f"2 variants share a stock of 5, {remedy}")]
    rest = (
        variable(1, "Shirt", COLOURS, Stock="9"),
        variation(2, "id:1", "Red", Stock="parent"),
        variation(3, "id:1", "Blue", Stock="parent"),
    )
    assert warnings(*rest) == [(2, "Stock", f"2 variants share a stock of 9, {remedy}")]
    assert [variant.quantity for variant in product(*rest).variants] == [None, None]
    assert [variant.quantity for variant in product(*rest[:2]).variants] == [9]


def test_attributes_not_used_for_variations_belong_to_the_product() -> None:
    rows = (variable(1, "Shirt", COLOURS, {"name": "Fabric", "values": "Wool"}), variation(2, "id:1", "Red"))
    assert product(*rows).attributes == (AttributeValue("Fabric", "Wool"),)
    hidden = simple(1, "Mug") | attribute(1, name="Cost", values="3", visible="0")
    assert product(hidden).attributes == ()
    assert warnings(hidden) == [
        (2, "Attribute 1 value(s)", "The attribute 'Cost' is hidden on the product page. It is ignored.")
    ]


def test_a_product_with_too_many_variations_is_refused_before_expanding_them() -> None:
    many = {"name": "Colour", "values": ", ".join(map(str, range(60)))}
    head = variable(1, "Shirt", many, many | {"name": "Size"})
    bad = refusals(head, *(variation(number, "id:1", "", "") for number in range(2, 2_000)))
    assert [(one.line, one.reason) for one in bad] == [(2, "The product has more than 2,000 variations.")]


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (
            "external",
            "is not supported. It is sold on another website, at its `External URL`. The product is ignored.",
        ),
        ("grouped", "is not supported. The products in the group are imported separately. The product is ignored."),
        ("subscription", "is not supported. The product is ignored."),
    ],
)
def test_unsupported_product_types_are_skipped(kind: str, reason: str) -> None:
    (one,) = read(export(simple(1, "Mug") | {"Type": kind}))
    assert isinstance(one, SkippedProduct)
    assert [warning.reason for warning in one.warnings] == [f"The product type {kind!r} {reason}"]


def test_a_variable_product_without_variations_is_skipped() -> None:
    (one,) = read(export(variable(1, "Shirt", COLOURS)))
    assert isinstance(one, SkippedProduct)


def test_unsupported_values_are_reported_by_product() -> None:
    row = simple(1, "Mug", Type="simple, downloadable, virtual") | {"Weight (kg)": "0.4", "Tax class": "reduced-rate"}
    assert warnings(row) == [
        (2, "Tax class", "These columns are not supported: `Tax class`, `Weight (kg)`. Their values are ignored."),
        (
            2,
            "Type",
            "The product is downloadable. Its downloads are not imported: customers who buy it receive none.",
        ),
        (2, "Type", "The product is virtual. It is imported as a product that is shipped."),
    ]
    assert warnings(simple(1, "Mug", Categories="Uncategorized, Mugs, Gifts")) == [
        (2, "Categories", "A product has one category: 'Mugs' is imported, 'Gifts' ignored.")
    ]
    assert product(simple(1, "Mug", Categories="Uncategorized")).category is None


@pytest.mark.parametrize(
    ("rows", "line", "column", "reason"),
    [
        ([simple(1, "Mug", Regular_price="")], 2, "Regular price", "`Regular price` is missing."),
        ([simple(1, "")], 2, "Name", "`Name` is missing."),
        ([simple(1, "Mug", ID="one")], 2, "ID", "`ID` must be a whole number."),
        (
            [variable(1, "Shirt", COLOURS), variation(2, "id:1", "Red", Regular_price="x")],
            3,
            "Regular price",
            "`Regular price` must be a number such as 19.90, not negative; it is 'x'.",
        ),
        (
            [variable(1, "Shirt", COLOURS), variation(2, "id:1", "Red"), variation(3, "id:1", "red")],
            4,
            "Attribute 1 value(s)",
            "The options are those of line 3.",
        ),
        (
            [variable(1, "Shirt", {"name": "Colour", "values": ""}), variation(2, "id:1", "")],
            3,
            "Attribute 1 value(s)",
            "The variation has no value of 'Colour', and its product lists none.",
        ),
        (
            [variable(1, "Shirt", COLOURS), variation(2, "id:1", "Red", Attribute_1_name="")],
            3,
            "Attribute 1 value(s)",
            "The variation has no attribute that distinguishes it from others.",
        ),
        (
            [
                variable(1, "Shirt", COLOURS),
                variation(2, "id:1", "Red", SKU="S"),
                variation(3, "id:1", "Blue", SKU="S"),
            ],
            4,
            "SKU",
            "The SKU 'S' is that of line 3.",
        ),
    ],
)
def test_an_invalid_required_cell_refuses_the_product(rows: list[Cells], line: int, column: str, reason: str) -> None:
    assert [(bad.line, bad.column, bad.reason) for bad in refusals(*rows)] == [(line, column, reason)]


def test_an_invalid_image_is_only_left_out() -> None:
    one = product(simple(1, "Mug", Images="ftp://x/a.jpg, https://x.example/b.jpg"))
    assert one.images == ("https://x.example/b.jpg",)
    assert [warning.column for warning in one.warnings] == ["Images"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_every_kind_of_line_end_and_separator_is_read(end: str, mark: str) -> None:
    (one,) = read(export(simple(1, "Größe, 東京"), end=end, mark=mark))
    assert isinstance(one, FeedProduct)
    assert one.title == "Größe, 東京"


def test_columns_missing_from_the_file_keep_stored_values() -> None:
    (one,) = read(export(simple(1, "Mug", SKU="M"), heading=("SKU", "Name", "Regular price")))
    assert isinstance(one, FeedProduct)
    assert one.columns == {"Title", "Variant SKU", "Variant Price"}
