"""One product's rows while they are read: the first gives the product, each a variant, an image or both."""

from dataclasses import replace

from domains.feed.cells import (
    BadCell,
    read_amount,
    read_handle,
    read_position,
    read_published,
    read_quantity,
    read_sku,
    read_tags,
    read_text,
    read_url,
)
from domains.feed.columns import OPTIONS, Column
from domains.feed.models import BadRow, FeedProduct, FeedVariant
from domains.feed.rows import Row
from domains.feed.skus import made_up_sku
from domains.kernel.markup import safe_html, summary
from domains.kernel.money import UnitPrices
from domains.kernel.text import NAME_LENGTH, TEXT_LENGTH

LAST = 1_000_000_000
MAX_IMAGES = 250
NO_CATEGORY = "Uncategorised"
ONE_FORM = (("title", "default title"),)
VARIANT_COLUMNS = (*(value for _, value in OPTIONS), Column.SKU, Column.PRICE, Column.QUANTITY)


class Sheet:
    """The rows of one handle, read one after the other."""

    def __init__(self, handle: str, prices: UnitPrices, given: frozenset[Column]) -> None:
        self.bad_rows: list[BadRow] = []
        self.handle = handle
        self._prices = prices
        self._given = given
        self._rows = 0
        self._head: FeedProduct | None = None
        self._option_names: tuple[str | None, ...] = ()
        self._variants: dict[tuple[str, ...], FeedVariant] = {}
        self._skus: dict[str, int] = {}
        self._images: list[tuple[int, str]] = []

    def read(self, row: Row) -> None:
        """Take a row in, or note why it is bad."""
        self._rows += 1
        try:
            self._take(row, is_first=self._rows == 1)
        except BadCell as reason:
            self.bad_rows.append(BadRow(row.line, self.handle, str(reason)))

    def _take(self, row: Row, *, is_first: bool) -> None:
        if is_first:
            read_handle(row.cells)
            self._option_names = _read_option_names(row.cells)
            self._head = _read_head(row, self.handle, self._given)
        if is_first or any(column in row.cells for column in VARIANT_COLUMNS):
            self._add_variant(row)
        elif Column.IMAGE not in row.cells:
            raise BadCell("The row gives neither a variant nor an image.")
        self._add_image(row.cells)

    def product(self) -> FeedProduct | None:
        """The product when all its rows are good, else None."""
        if self.bad_rows or self._head is None:
            return None
        images = dict.fromkeys(url for _, url in sorted(self._images, key=lambda image: image[0]))
        return replace(self._head, images=tuple(images), variants=tuple(self._variants.values()))

    def _add_variant(self, row: Row) -> None:
        options = self._read_options(row.cells)
        values = tuple(value for _, value in options)
        given_sku = read_sku(row.cells)
        sku = given_sku or made_up_sku(self.handle, values)
        price = read_amount(row.cells, Column.PRICE, self._prices)
        if price is None:
            raise BadCell(f"`{Column.PRICE}` is missing.")
        variant = FeedVariant(
            line=row.line,
            sku=sku,
            is_made_up=given_sku is None,
            options=options,
            price=price,
            compare_at_price=read_amount(row.cells, Column.COMPARE_AT_PRICE, self._prices),
            is_tracked=Column.TRACKER in row.cells,
            quantity=read_quantity(row.cells),
            image=read_url(row.cells, Column.VARIANT_IMAGE),
        )
        same = tuple(value.casefold() for value in values)
        if same in self._variants:
            raise BadCell(f"The options are those of line {self._variants[same].line}.")
        if sku in self._skus:
            raise BadCell(f"The SKU {sku!r} is that of line {self._skus[sku]}.")
        self._variants[same] = variant
        self._skus[sku] = row.line

    def _read_options(self, cells: dict[Column, str]) -> tuple[tuple[str, str], ...]:
        options: list[tuple[str, str]] = []
        for name, (name_column, value_column) in zip(self._option_names, OPTIONS, strict=False):
            value = read_text(cells, value_column, NAME_LENGTH)
            if name and value:
                options.append((name, value))
            elif name:
                raise BadCell(f"`{value_column}` is missing.")
            elif value:
                raise BadCell(f"`{value_column}` is given, but the product's first row has no `{name_column}`.")
        if tuple((name.lower(), value.lower()) for name, value in options) == ONE_FORM:
            return ()
        return tuple(options)

    def _add_image(self, cells: dict[Column, str]) -> None:
        url, position = read_url(cells, Column.IMAGE), read_position(cells)
        if url is None:
            return
        if len(self._images) == MAX_IMAGES:
            raise BadCell(f"The product has more than {MAX_IMAGES} images.")
        self._images.append((position or LAST, url))


def _read_option_names(cells: dict[Column, str]) -> tuple[str | None, ...]:
    names = tuple(read_text(cells, name, NAME_LENGTH) for name, _ in OPTIONS)
    given = [name.casefold() for name in names if name]
    if len(given) != len(set(given)):
        raise BadCell("Two options have the same name.")
    return names


def _read_head(row: Row, handle: str, given: frozenset[Column]) -> FeedProduct:
    cells = row.cells
    title = read_text(cells, Column.TITLE, NAME_LENGTH)
    if title is None:
        raise BadCell("`Title` is missing on the product's first row.")
    body = safe_html(read_text(cells, Column.BODY, TEXT_LENGTH) or "").strip()
    if len(body) > TEXT_LENGTH:
        raise BadCell(f"`{Column.BODY}` is longer than {TEXT_LENGTH:,} characters as HTML.")
    tags = read_tags(cells)
    return FeedProduct(
        line=row.line,
        handle=handle,
        title=title,
        body=body or None,
        summary=summary(body) or None,
        vendor=read_text(cells, Column.VENDOR, NAME_LENGTH),
        category=read_text(cells, Column.TYPE, NAME_LENGTH) or (tags[0] if tags else NO_CATEGORY),
        tags=tags,
        is_published=read_published(cells),
        images=(),
        variants=(),
        given=given,
    )
