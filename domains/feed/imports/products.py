"""Reads products from rows. The rows of a product are validated group_of_rows; a bad row refuses its product only."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from domains.catalog.validation import MAX_IMAGES
from domains.catalog.variants.options import MAX_VARIANTS
from domains.feed.csv.rows import RowReader
from domains.feed.imports.row_groups import SplitGroups, group_rows
from domains.feed.models import BadRow, DuplicateSkus, Entry, ReadOptions, RefusedProduct, Row
from domains.feed.shopify import product_rows as shopify
from domains.feed.shopify.columns import SHOPIFY
from domains.feed.woocommerce import product_rows as woocommerce
from domains.feed.woocommerce.columns import WOOCOMMERCE
from domains.kernel.values.money import UnitPrices

MAX_ROWS = MAX_VARIANTS + 2 * MAX_IMAGES
MAX_CHARACTERS = 4_194_304
Group = Sequence[Row | BadRow]
READERS: Final[Mapping[str, Callable[[str, Group, ReadOptions], Iterator[Entry]]]] = {
    SHOPIFY.name: shopify.read_group,
    WOOCOMMERCE.name: woocommerce.read_group,
}


def read_products(
    reader: RowReader,
    prices: UnitPrices,
    split_groups: SplitGroups | None = None,
    *,
    duplicate_skus: DuplicateSkus = DuplicateSkus.REFUSE,
    today: date | None = None,
) -> Iterator[Entry]:
    """The products of a file, with prices by the rules `prices`; one product's rows in memory at a time.

    They come in the file's order, then those whose rows are not adjacent: `split_groups`, from an earlier reading.
    """
    dialect = reader.heading.dialect
    read_group = READERS[dialect.name]
    reading = ReadOptions(prices, reader.heading.columns, duplicate_skus, today)
    for key, group_of_rows in group_rows(reader, split_groups or SplitGroups(dialect.groups())):
        group = _bounded_group(key, group_of_rows)
        if isinstance(group, RefusedProduct):
            yield group
        else:
            yield from read_group(key, group, reading)


def _bounded_group(handle: str, rows: Iterable[Row | BadRow]) -> Group | RefusedProduct:
    """The rows of a group, or a refusal when they are too many."""
    bounded: list[Row | BadRow] = []
    characters = 0
    for row in rows:
        characters += sum(map(len, row.cells.values())) if isinstance(row, Row) else 0
        bounded.append(row)
        if len(bounded) > MAX_ROWS or characters > MAX_CHARACTERS:
            reason = f"The product has more than {MAX_ROWS:,} rows or {MAX_CHARACTERS:,} characters."
            return RefusedProduct(handle, (BadRow(bounded[0].line, handle, reason),))
    return bounded
