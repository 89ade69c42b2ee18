"""The rows that belong together in a file of WooCommerce's, as the products that they make."""

from collections.abc import Iterator, Sequence
from typing import Final

from domains.feed.csv.cells import quote
from domains.feed.imports.reports import RowFault
from domains.feed.imports.variants import RowProblems
from domains.feed.models import BadRow, Entry, ReadOptions, RefusedProduct, Row, RowWarning, SkippedProduct
from domains.feed.woocommerce.columns import WooColumn, is_variation, reference
from domains.feed.woocommerce.products import handle_of
from domains.feed.woocommerce.texts import kinds
from domains.feed.woocommerce.variable_products import Family, in_order

SOLD: Final = frozenset({"simple", "variable", "virtual", "downloadable"})
ELSEWHERE: Final = {
    "external": "It is sold by somebody else, at its `External URL`.",
    "grouped": "Its members are imported as products of their own.",
}


def read_group(key: str, rows: Sequence[Row | BadRow], reading: ReadOptions) -> Iterator[Entry]:
    """The product that rows make. Rows that only share a SKU, and have no variations, are products of their own."""
    bad = [row for row in rows if isinstance(row, BadRow)]
    doubles: dict[int, int] = {}
    sound = _singles([row for row in rows if isinstance(row, Row)], doubles)
    variations = [row for row in sound if is_variation(row.cells)]
    heads = [row for row in sound if not is_variation(row.cells)]
    if bad or (variations and len(heads) != 1):
        reason = _unclear(heads)
        yield RefusedProduct(key, tuple(bad) or tuple(_refused(row, reason) for row in sound))
        return
    for head in heads:
        yield _product(head, in_order(variations), reading, doubles if head is heads[0] else {})


def _singles(rows: Sequence[Row], doubles: dict[int, int]) -> list[Row]:
    """The rows, of those that say the same the first; `doubles` gets the lines of the others, with the first's."""
    kept: dict[frozenset[tuple[str, str]], Row] = {}
    for row in rows:
        first = kept.setdefault(frozenset(row.cells.items()), row)
        if first is not row:
            doubles[row.line] = first.line
    return list(kept.values())


def _unclear(heads: Sequence[Row]) -> str:
    if not heads:
        return f"The file lacks the product named in `{WooColumn.PARENT}`. Export products and variations together."
    lines = " and ".join(str(head.line) for head in heads[:2])
    return f"Lines {lines} are products with the same `{WooColumn.SKU}`: give each a SKU of its own."


def _refused(row: Row, reason: str) -> BadRow:
    if is_variation(row.cells):
        return BadRow(row.line, reference(row.cells), reason, WooColumn.PARENT)
    return BadRow(row.line, reference(row.cells), reason, WooColumn.SKU, RowFault.DUPLICATE_SKU)


def _product(head: Row, variations: Sequence[Row], reading: ReadOptions, doubles: dict[int, int]) -> Entry:
    handle = handle_of(head.cells)
    if reason := _not_sold(head, variations):
        return SkippedProduct(handle, (RowWarning(head.line, handle, f"{reason} It is ignored.", WooColumn.TYPE),))
    problems = RowProblems(handle)
    for line, first in doubles.items():
        problems.warn(line, WooColumn.ID, f"The row is the same as line {first}; it is imported once.")
    product = Family(head, problems, reading).product(variations)
    return product or RefusedProduct(handle, tuple(sorted(problems.bad_rows, key=lambda bad: bad.line)))


def _not_sold(head: Row, variations: Sequence[Row]) -> str | None:
    """Why a product of its kind cannot be sold here, or None."""
    types = kinds(head.cells.get(WooColumn.TYPE, ""))
    foreign = next((kind for kind in types if kind not in SOLD), None)
    if foreign:
        return f"A product of the type {quote(foreign)} is not sold here. {ELSEWHERE.get(foreign, '')}".rstrip()
    if "variable" in types and not variations:
        return "The product is sold in variations, and the file has none of them."
    return None
