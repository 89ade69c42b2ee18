"""Files of WooCommerce with any cells are read to their end, and each row is in the result."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from domains.catalog.validation import normalize_sku
from domains.feed.csv.rows import RowReader
from domains.feed.errors import UnreadableFile
from domains.feed.imports.products import read_products
from domains.feed.imports.row_groups import SplitGroups
from domains.feed.models import RefusedProduct, SkippedProduct
from domains.kernel.values.money import UnitPrices
from tests.domains.feed.woocommerce.exports import HEADING, Cells, export
from tests.domains.feed.woocommerce.test_products import TODAY

WORDS = (
    *(
        "",
        "0",
        "1",
        "-1",
        "2",
        "id:1",
        "id:2",
        "1,5",
        "19.90",
        "simple",
        "variable",
        "variation",
        "grouped",
        "parent",
    ),
    *(
        "Red",
        "Red, Blue",
        "A > B\\, c",
        "https://x.example/a.jpg",
        "2026-11-28",
        "'=1",
        "\\n\\\\n",
        "&#0;&amp;",
        "\u00a0",
    ),
    *(
        "<p>x</p>",
        "hidden",
        "x" * 300,
        "Größe",
        "\u202e",
        "9" * 30,
        "²",
        "Uncategorized",
        "{}",
        "\ud7ff",
        "\ufeff",
        ">",
    ),
)
CELL = st.one_of(
    st.sampled_from(WORDS), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
)
COLUMNS = [column for column in HEADING if not column.startswith(("Meta", "Download 1"))]
KEYS = st.fixed_dictionaries({
    "ID": st.sampled_from(["1", "2", "3", "", "x"]),
    "Type": st.sampled_from(["simple", "variable", "variation", "variation, virtual", ""]),
    "SKU": st.sampled_from(["", "A", "B", "id:1"]),
    "Parent": st.sampled_from(["", "A", "B", "id:1", "id:2"]),
    "Name": st.sampled_from(["", "Mug", "東京", "…"]),
    "Regular price": st.sampled_from(["1", "2,50", "", "x"]),
    "Attribute 1 name": st.sampled_from(["Colour", "", "Size"]),
    "Attribute 1 value(s)": st.sampled_from(["Red", "Blue, Green", "", "red"]),
})  # fmt: skip
ROWS = st.lists(st.builds(dict[str, str].__or__, KEYS, st.dictionaries(st.sampled_from(COLUMNS), CELL)), max_size=6)


@given(rows=ROWS)
def test_any_cells_yield_products_refusals_or_warnings(rows: list[Cells]) -> None:
    content = export(*rows)
    scan = RowReader([content])
    split_groups = SplitGroups(scan.heading.dialect.groups())
    split_groups.scan(scan)
    entries = list(read_products(RowReader([content]), UnitPrices("EUR", 2), split_groups, today=TODAY))
    assert bool(entries) is (scan.count > 0)
    for entry in entries:
        if isinstance(entry, RefusedProduct):
            assert entry.bad_rows
        elif isinstance(entry, SkippedProduct):
            assert entry.warnings
        else:
            skus = [variant.sku for variant in entry.variants]
            assert len(set(skus)) == len(skus) > 0
            assert all(sku and normalize_sku(sku, ()) == sku for sku in skus)


@given(heading=st.lists(st.sampled_from([*HEADING, "Handle", "", "?", "ID", "weight (stone)"]), max_size=9))
def test_any_heading_is_read_or_refused(heading: list[str]) -> None:
    with suppress(UnreadableFile):
        reader = RowReader([export(heading=tuple(heading))])
        assert len(reader.heading.columns) <= len(heading)
