"""Rows into products: the rows of one handle, checked together; one bad row makes its product fail, no other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from domains.feed.columns import Column
from domains.feed.models import BadRow, FeedProduct
from domains.feed.rows import Row, RowReader
from domains.feed.sheets import Sheet
from domains.kernel.money import UnitPrices

MAX_ROWS = 2_500
MAX_CHARACTERS = 4_194_304


@dataclass(frozen=True, slots=True)
class RefusedProduct:
    """A product that a file does not give soundly, with the rows at fault."""

    handle: str
    bad_rows: tuple[BadRow, ...]


def read_products(reader: RowReader, prices: UnitPrices) -> Iterator[FeedProduct | RefusedProduct]:
    """The products of a file in its order, their prices such as `prices`; one product's rows in memory at a time.

    Rows of a product stand together in Shopify's files. Rows that come back to an earlier handle are refused: the
    product may be saved already. To know them costs one hash a product.
    """
    given = frozenset(column for column, _ in reader.heading.places)
    seen: set[int] = set()
    for handle, together in groupby(reader, key=_handle_of):
        group = _bounded(handle, together)
        if isinstance(group, RefusedProduct):
            yield group
        elif handle and hash(handle) in seen:
            reason = f"Rows of `{handle}` stand further up already. The rows of a product must stand together."
            yield RefusedProduct(handle, tuple(BadRow(row.line, handle, reason) for row in group))
        else:
            yield _read_product(Sheet(handle, prices, given), group)
        seen.add(hash(handle))


def _handle_of(row: Row | BadRow) -> str:
    handle = row.handle if isinstance(row, BadRow) else row.cells.get(Column.HANDLE, "")
    return handle.lower()


def _bounded(handle: str, rows: Iterable[Row | BadRow]) -> Sequence[Row | BadRow] | RefusedProduct:
    """The rows of a group, or one complaint when they are too many to hold."""
    held: list[Row | BadRow] = []
    characters = 0
    for row in rows:
        characters += sum(map(len, row.cells.values())) if isinstance(row, Row) else 0
        held.append(row)
        if len(held) > MAX_ROWS or characters > MAX_CHARACTERS:
            reason = f"The product has more than {MAX_ROWS:,} rows or {MAX_CHARACTERS:,} characters."
            return RefusedProduct(handle, (BadRow(held[0].line, handle, reason),))
    return held


def _read_product(sheet: Sheet, group: Sequence[Row | BadRow]) -> FeedProduct | RefusedProduct:
    for row in group:
        if isinstance(row, BadRow):
            sheet.bad_rows.append(row)
        else:
            sheet.read(row)
    return sheet.product() or RefusedProduct(sheet.handle, tuple(sheet.bad_rows))
