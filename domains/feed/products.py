"""Rows into products: the rows of one handle, checked together; one bad row makes its product fail, no other."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domains.catalog.inputs import MOST_IMAGES
from domains.catalog.variants import MOST_VARIANTS
from domains.feed.gathering import Scattered, gathered
from domains.feed.models import BadRow, DuplicateSkus, FeedProduct
from domains.feed.rows import Row, RowReader
from domains.feed.sheets import Reading, Sheet
from domains.kernel.money import UnitPrices

MAX_ROWS = MOST_VARIANTS + 2 * MOST_IMAGES
MAX_CHARACTERS = 4_194_304


@dataclass(frozen=True, slots=True)
class RefusedProduct:
    """A product that a file does not give soundly, with the rows at fault; without a handle these are of none."""

    handle: str
    bad_rows: tuple[BadRow, ...]


def read_products(
    reader: RowReader,
    prices: UnitPrices,
    scattered: Scattered | None = None,
    *,
    duplicate_skus: DuplicateSkus = DuplicateSkus.REFUSE,
) -> Iterator[FeedProduct | RefusedProduct]:
    """The products of a file, prices such as `prices`; one product's rows in memory at a time.

    They come in the file's order, then those whose rows stand apart, as `scattered` knows from an earlier reading.
    """
    reading = Reading(prices, reader.heading.given, duplicate_skus)
    for handle, together in gathered(reader, scattered or Scattered()):
        group = _bounded(handle, together)
        if isinstance(group, RefusedProduct):
            yield group
            continue
        sheet = Sheet(handle, reading)
        for row in group:
            if isinstance(row, BadRow):
                sheet.bad_rows.append(row)
            else:
                sheet.read(row)
        product = sheet.product()
        yield product or RefusedProduct(handle, tuple(sorted(sheet.bad_rows, key=lambda bad: bad.line)))
        if sheet.strangers:
            yield RefusedProduct(sheet.strangers[0].handle, tuple(sheet.strangers))


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
