"""One product's rows while they are read: the first gives the product, each a variant, an image or both."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from domains.catalog import validation
from domains.catalog.imports.models import Options
from domains.catalog.validation import MAX_IMAGES
from domains.feed.csv import cells as values
from domains.feed.csv.cells import BadCell, CellReader
from domains.feed.csv.columns import OPTION_COLUMNS, OPTIONS, Column
from domains.feed.imports import variants
from domains.feed.imports.skus import fallback_sku, generated_sku
from domains.feed.imports.variants import ReportColumns, RowProblems
from domains.feed.models import (
    BadRow,
    DuplicateSkus,
    Entry,
    FeedProduct,
    FeedVariant,
    ReadOptions,
    RefusedProduct,
    Row,
    VariantStatus,
)

LAST: Final = 1_000_000_000
DEFAULT_OPTION: Final = (("title", "default title"),)
OLD_DEFAULT_OPTION: Final = (("title", "default"),)
HEAD_COLUMNS: Final = frozenset(
    {
        *(Column.BODY, Column.SUMMARY, Column.VENDOR, Column.MODEL, Column.TYPE, Column.PRODUCT_CATEGORY),
        *(Column.TAGS, Column.PUBLISHED, Column.STATUS, Column.FEATURED, Column.BASE_PRICE),
        *(Column.BASE_COMPARE_AT_PRICE, Column.ATTRIBUTES),
    }
)
"""What the first row says of the whole product, beside its images."""
VARIANT_COLUMNS: Final = (
    *(value for _, value in OPTIONS),
    *(Column.SKU, Column.PRICE, Column.QUANTITY, Column.VARIANT_OPTIONS, Column.VARIANT_STATUS),
)


NAMES: Final = ReportColumns(Column.HANDLE, Column.SKU, Column.OPTION1_VALUE)


def read_group(handle: str, rows: Sequence[Row | BadRow], reading: ReadOptions) -> Iterator[Entry]:
    """The product that the rows of one handle make; rows that only make the same slug are refused beside it."""
    sheet = Sheet(handle, reading)
    for row in rows:
        if isinstance(row, BadRow):
            sheet.problems.bad_rows.append(row)
        else:
            sheet.read(row)
    product = sheet.product()
    yield product or RefusedProduct(handle, tuple(sorted(sheet.problems.bad_rows, key=lambda bad: bad.line)))
    if sheet.strangers:
        yield RefusedProduct(sheet.strangers[0].handle, tuple(sheet.strangers))


class Sheet:
    """The rows of one handle, read one after the other."""

    def __init__(self, handle: str, reading: ReadOptions) -> None:
        self.problems = RowProblems(handle)
        self.strangers: list[BadRow] = []
        self.handle = handle
        self._reading = reading
        self._rows = 0
        self._raw_handle = ""
        self._line = 0
        self._head: partial[FeedProduct] | None = None
        self._columns = reading.columns
        self._option_names: tuple[str | None, ...] = ()
        self._variants: list[FeedVariant] = []
        self._images: list[tuple[int, str, str | None]] = []
        self._lacks_images = False

    def read(self, row: Row) -> None:
        """Take a row in, or note why it is bad."""
        self._rows += 1
        raw = row.cells.get(Column.HANDLE, "").lower()
        self._raw_handle = self._raw_handle or raw
        if not self.handle:
            self.problems.bad_rows.append(BadRow(row.line, raw, _no_handle(raw), Column.HANDLE))
            return
        if raw != self._raw_handle:
            reason = f"`{Column.HANDLE}` {raw!r} is taken as {self.handle!r}, which is that of {self._raw_handle!r}."
            self.strangers.append(BadRow(row.line, raw, f"{reason} Give it another.", Column.HANDLE))
            return
        try:
            self._take(row, self._reader(row))
        except BadCell as bad:
            self.problems.refuse(row.line, str(bad), bad.column, bad.code)

    def product(self) -> FeedProduct | None:
        """The product when all its rows are good, else None."""
        if self._variants:
            self._require_forms()
        if self.problems.bad_rows or self._head is None:
            return None
        images = dict.fromkeys(url for _, url, _ in sorted(self._images, key=lambda image: image[0]))
        alt_texts = {url: text for _, url, text in self._images if text is not None}
        if len(images) > MAX_IMAGES:
            reason = f"Of {len(images)} images the first {MAX_IMAGES} are taken."
            self.problems.warn(self._line, Column.IMAGE, reason)
        return self._head(
            columns=self._columns - {Column.IMAGE} if self._lacks_images else self._columns,
            images=tuple(images)[:MAX_IMAGES],
            variants=tuple(self._variants),
            is_simple=self._is_simple(),
            warnings=tuple(self.problems.warnings),
            **({"image_alt_texts": alt_texts} if alt_texts else {}),
        )

    def _reader(self, row: Row) -> CellReader:
        return CellReader(
            row.cells, self._reading.prices, lambda column, why: self.problems.warn(row.line, column, why)
        )

    def _take(self, row: Row, reader: CellReader) -> None:
        is_first = self._rows == 1
        if is_first:
            self._tell_of_handle(row)
            self._option_names = _read_option_names(reader)
            self._line = row.line
            self._head = _read_head(row.line, self.handle, reader, self._reading.columns)
        if is_first or any(column in row.cells for column in VARIANT_COLUMNS):
            self._add_variant(row.line, reader)
        elif Column.IMAGE not in row.cells:
            raise BadCell("The row gives neither a variant nor an image.")
        self._add_image(reader)
        if is_first:
            self._columns -= reader.unread & HEAD_COLUMNS

    def _tell_of_handle(self, row: Row) -> None:
        if self.handle != self._raw_handle:
            reason = f"`{Column.HANDLE}` {self._raw_handle!r} is taken as {self.handle!r}."
            self.problems.warn(row.line, Column.HANDLE, reason)

    def _add_variant(self, line: int, reader: CellReader) -> None:
        options, is_json = self._read_options(reader)
        status = values.read_variant_status(reader)
        own = values.read_sku(reader)
        price = reader.required(Column.PRICE, reader.amount(Column.PRICE))
        if price is None and Column.PRICE in self._reading.columns:
            raise BadCell(f"`{Column.PRICE}` is missing.", Column.PRICE)
        if not is_json and _says(options, DEFAULT_OPTION):
            options = ()
        is_generated = own is None and status is not VariantStatus.NO_SKU
        sku, fallback = self._skus(own, options, is_generated=is_generated)
        self._variants.append(
            FeedVariant(
                line=line,
                sku=sku,
                is_generated=is_generated,
                options=options,
                price=price,
                compare_at_price=reader.optional_price(Column.COMPARE_AT_PRICE) or None,
                is_tracked=Column.TRACKER in reader.cells,
                quantity=values.read_quantity(reader),
                images=_read_images(reader),
                is_active=status is not VariantStatus.INACTIVE,
                name=reader.variant_field("name", Column.VARIANT_NAME),
                color=reader.variant_field("color", Column.VARIANT_COLOR),
                size=reader.variant_field("size", Column.VARIANT_SIZE),
                fallback_sku=fallback,
                has_json_options=is_json,
                unread=frozenset(reader.unread),
            )
        )

    def _skus(self, own: str | None, options: Options, *, is_generated: bool) -> tuple[str | None, str | None]:
        """A variant's SKU, and one for when something else has that: of a given one when asked for."""
        if is_generated:
            chosen = [value for _, value in options]
            return generated_sku(self.handle, chosen), fallback_sku(self.handle, chosen)
        if own is not None and self._reading.duplicate_skus is DuplicateSkus.SUFFIX:
            return own, generated_sku(own, [self.handle, *(value for _, value in options)])
        return own, None

    def _without_options(self, variant: FeedVariant) -> FeedVariant:
        """The only variant of a product, whose option says in Shopify's older words that there is none."""
        own = None if variant.is_generated else variant.sku
        sku, fallback = self._skus(own, (), is_generated=variant.is_generated)
        return replace(variant, options=(), sku=sku, fallback_sku=fallback)

    def _read_options(self, reader: CellReader) -> tuple[Options, bool]:
        json_options = values.read_options(reader)
        if json_options is not None:
            return json_options, True
        options: list[tuple[str, str]] = []
        for name, (name_column, value_column) in zip(self._option_names, OPTIONS, strict=False):
            value = None
            if value_column in reader.cells:
                value = reader.required(value_column, reader.variant("size", value_column))
            if name and value:
                options.append((name, value))
            elif name:
                raise BadCell(f"`{value_column}` is missing.", value_column)
            elif value:
                reason = f"`{value_column}` is given, but the product's first row has no `{name_column}`."
                raise BadCell(reason, value_column)
        return tuple(options), False

    def _add_image(self, reader: CellReader) -> None:
        position = values.read_position(reader)
        if Column.IMAGE not in reader.cells:
            return
        rule = reader.product("images", Column.IMAGE)
        found = reader.optional(Column.IMAGE, lambda text: rule([text]))
        alt_text = reader.optional(Column.IMAGE_ALT_TEXT, validation.normalize_alt_text)
        self._images += [(position or LAST, url, alt_text) for url in found or ()]
        self._lacks_images |= Column.IMAGE in reader.unread

    def _is_simple(self) -> bool | None:
        if not OPTION_COLUMNS & self._reading.columns and not any(
            variant.has_json_options for variant in self._variants
        ):
            return None
        return not self._variants[0].options and not self._variants[0].has_json_options

    def _require_forms(self) -> None:
        """See that the rows are variants of one product, by the rules that the catalogue saves them by."""
        first = self._variants[0]
        if len(self._variants) == 1 and not first.has_json_options and _says(first.options, OLD_DEFAULT_OPTION):
            self._variants = [self._without_options(first)]
        singles = variants.without_duplicates(self._variants, self.problems, NAMES)
        self._variants = variants.with_distinct_skus(singles, self.problems, NAMES, self._reading.duplicate_skus)
        is_simple = self._is_simple()
        plain = [variant for variant in self._variants if not variant.options and not variant.has_json_options]
        if is_simple is not None and self._require_alike(plain):
            variants.require_one_product(self._variants, self.problems, NAMES, is_simple=is_simple)

    def _require_alike(self, plain: list[FeedVariant]) -> bool:
        """Whether all rows have options or none has; else each that has none is bad."""
        if len(plain) in {0, len(self._variants)}:
            return True
        reason = "The row says that the product has no options ('Default Title'), its other rows give some."
        for variant in plain:
            self.problems.refuse(variant.line, reason, Column.OPTION1_VALUE)
        return False


def _no_handle(raw: str) -> str:
    return (
        f"`{Column.HANDLE}` must be made of letters, digits and hyphens." if raw else f"`{Column.HANDLE}` is missing."
    )


def _says(options: Options, words: Options) -> bool:
    """Whether options are these, whatever their letter case."""
    return len(options) == 1 and tuple((name.lower(), value.lower()) for name, value in options) == words


def _read_option_names(reader: CellReader) -> tuple[str | None, ...]:
    names = tuple(
        reader.required(name, reader.variant("size", name)) if name in reader.cells else None for name, _ in OPTIONS
    )
    given = [name.casefold() for name in names if name]
    if len(given) != len(set(given)):
        raise BadCell("Two options have the same name.", Column.OPTION1_NAME)
    return names


def _read_images(reader: CellReader) -> tuple[str, ...]:
    if Column.VARIANT_IMAGE not in reader.cells and Column.VARIANT_IMAGES not in reader.cells:
        return ()
    first = reader.optional(Column.VARIANT_IMAGE, lambda text: reader.variant("images", Column.VARIANT_IMAGE)([text]))
    more = reader.urls(Column.VARIANT_IMAGES, reader.variant("images", Column.VARIANT_IMAGES))
    return tuple(dict.fromkeys((*(first or ()), *more)))[:MAX_IMAGES]


def _read_head(line: int, handle: str, reader: CellReader, given: frozenset[str]) -> partial[FeedProduct]:
    title = reader.required(Column.TITLE, reader.product("name", Column.TITLE))
    if title is None and Column.TITLE in given:
        raise BadCell(f"`{Column.TITLE}` is missing on the product's first row.", Column.TITLE)
    return partial(
        FeedProduct,
        line=line,
        handle=handle,
        title=title,
        body=reader.product_field("long_description", Column.BODY),
        summary=reader.product_field("description", Column.SUMMARY),
        vendor=reader.product_field("brand", Column.VENDOR),
        model=reader.product_field("model", Column.MODEL),
        category=values.read_category(reader),
        tags=values.read_tags(reader),
        is_published=values.read_published(reader),
        is_featured=reader.boolean(Column.FEATURED) or False,
        base_price=reader.optional_price(Column.BASE_PRICE),
        base_compare_at_price=reader.optional_price(Column.BASE_COMPARE_AT_PRICE),
        attributes=values.read_attributes(reader),
    )
