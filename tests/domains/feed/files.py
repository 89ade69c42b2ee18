"""Product files for tests: generated from rows, or read from the fixtures."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from domains.feed.csv.rows import RowReader
from domains.feed.imports.products import read_products
from domains.feed.models import Entry, FeedProduct, RefusedProduct
from domains.kernel.values.currencies import exponent_of
from domains.kernel.values.money import UnitPrices

FIXTURES = Path(__file__).parent / "fixtures"


def csv_bytes(*rows: Mapping[str, str], delimiter: str = ",") -> bytes:
    """A file with these rows; its columns are those that any row has, and the required ones."""
    columns = dict.fromkeys(["Handle", "Title", "Variant Price", *(column for row in rows for column in row)])
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def mug(**cells: str) -> dict[str, str]:
    """A valid row; underscores in names stand for spaces."""
    return {
        "Handle": "mug",
        "Title": "Mug",
        "Variant Price": "9.90",
        **{name.replace("_", " "): text for name, text in cells.items()},
    }


def read(content: bytes | Iterable[bytes], currency: str = "EUR") -> list[Entry]:
    """All that a file gives."""
    return list(
        read_products(
            RowReader([content] if isinstance(content, bytes) else content),
            UnitPrices(currency, exponent_of(currency)),
        )
    )


def read_one(content: bytes, currency: str = "EUR") -> FeedProduct:
    """The one sound product of a file."""
    (product,) = read(content, currency)
    assert isinstance(product, FeedProduct), product
    return product


def reasons(content: bytes, currency: str = "EUR") -> list[tuple[int, str, str]]:
    """Line, handle and reason of every bad row."""
    refused = [product for product in read(content, currency) if isinstance(product, RefusedProduct)]
    return [(bad.line, bad.handle, bad.reason) for product in refused for bad in product.bad_rows]
