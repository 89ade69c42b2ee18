"""Reads the products of WooCommerce's grouped rows."""

from collections.abc import Iterator, Sequence
from typing import Final

from domains.feed.csv.cells import quote
from domains.feed.imports.reports import RowFault
from domains.feed.imports.variants import RowProblems
from domains.feed.models import BadRow, Entry, ReadOptions, RefusedProduct, Row, RowWarning, SkippedProduct
from domains.feed.woocommerce.columns import WooColumn, is_variation, reference
from domains.feed.woocommerce.products import handle_of
from domains.feed.woocommerce.texts import product_types
from domains.feed.woocommerce.variable_products import ProductGroup, sorted_variations

SUPPORTED_TYPES: Final = frozenset({"simple", "variable", "virtual", "downloadable"})
TYPE_REASONS: Final = {
    "external": "It is sold on another website, at its `External URL`.",
    "grouped": "The products in the group are imported separately.",
}


def read_group(key: str, rows: Sequence[Row | BadRow], reading: ReadOptions) -> Iterator[Entry]:
    """The product of a group of rows. Rows without variations that share a SKU are products of their own."""
    bad = [row for row in rows if isinstance(row, BadRow)]
    duplicates: dict[int, int] = {}
    valid_rows = _without_duplicates([row for row in rows if isinstance(row, Row)], duplicates)
    variations = [row for row in valid_rows if is_variation(row.cells)]
    product_rows = [row for row in valid_rows if not is_variation(row.cells)]
    if bad or (variations and len(product_rows) != 1):
        reason = _group_fault(product_rows)
        yield RefusedProduct(key, tuple(bad) or tuple(_refused(row, reason) for row in valid_rows))
        return
    for row in product_rows:
        yield _product(row, sorted_variations(variations), reading, duplicates if row is product_rows[0] else {})


def _without_duplicates(rows: Sequence[Row], duplicates: dict[int, int]) -> list[Row]:
    """The rows without exact duplicates; `duplicates` gets their lines, each with that of the first such row."""
    distinct: dict[frozenset[tuple[str, str]], Row] = {}
    for row in rows:
        first = distinct.setdefault(frozenset(row.cells.items()), row)
        if first is not row:
            duplicates[row.line] = first.line
    return list(distinct.values())


def _group_fault(product_rows: Sequence[Row]) -> str:
    if not product_rows:
        return f"The file lacks the product named in `{WooColumn.PARENT}`. Export products and variations together."
    lines = " and ".join(str(row.line) for row in product_rows[:2])
    return f"Lines {lines} are products with the same `{WooColumn.SKU}`: give each a SKU of its own."


def _refused(row: Row, reason: str) -> BadRow:
    if is_variation(row.cells):
        return BadRow(row.line, reference(row.cells), reason, WooColumn.PARENT)
    return BadRow(row.line, reference(row.cells), reason, WooColumn.SKU, RowFault.DUPLICATE_SKU)


def _product(row: Row, variations: Sequence[Row], reading: ReadOptions, duplicates: dict[int, int]) -> Entry:
    handle = handle_of(row.cells)
    if reason := _unsupported_reason(row, variations):
        warning = RowWarning(row.line, handle, f"{reason} The product is ignored.", WooColumn.TYPE)
        return SkippedProduct(handle, (warning,))
    problems = RowProblems(handle)
    for line, first in duplicates.items():
        problems.warn(line, WooColumn.ID, f"The row is the same as line {first}; it is imported once.")
    product = ProductGroup(row, problems, reading).product(variations)
    return product or RefusedProduct(handle, tuple(sorted(problems.bad_rows, key=lambda bad: bad.line)))


def _unsupported_reason(row: Row, variations: Sequence[Row]) -> str | None:
    """Why a product of its type cannot be imported, or None."""
    types = product_types(row.cells.get(WooColumn.TYPE, ""))
    unsupported = next((name for name in types if name not in SUPPORTED_TYPES), None)
    if unsupported:
        return f"The product type {quote(unsupported)} is not supported. {TYPE_REASONS.get(unsupported, '')}".rstrip()
    if "variable" in types and not variations:
        return "The product is variable, and the file has none of its variations."
    return None
