"""Reads a product from its rows: the first has the product's fields, each a variant, an image or both."""

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

UNKNOWN_POSITION: Final = 1_000_000_000
DEFAULT_OPTION: Final = (("title", "default title"),)
OLD_DEFAULT_OPTION: Final = (("title", "default"),)
HEAD_COLUMNS: Final = frozenset(
    {
        *(Column.BODY, Column.SUMMARY, Column.VENDOR, Column.MODEL, Column.TYPE, Column.PRODUCT_CATEGORY),
        *(Column.TAGS, Column.PUBLISHED, Column.STATUS, Column.FEATURED, Column.BASE_PRICE),
        *(Column.BASE_COMPARE_AT_PRICE, Column.ATTRIBUTES, Column.GIFT_CARD),
    }
)
"""The columns of the whole product that are read from its first row, apart from images."""
VARIANT_COLUMNS: Final = (
    *(value for _, value in OPTIONS),
    *(Column.SKU, Column.PRICE, Column.QUANTITY, Column.VARIANT_OPTIONS, Column.VARIANT_STATUS),
)


REPORT_COLUMNS: Final = ReportColumns(Column.HANDLE, Column.SKU, Column.OPTION1_VALUE)


def read_group(handle: str, rows: Sequence[Row | BadRow], reading: ReadOptions) -> Iterator[Entry]:
    """The product of the rows with one handle; rows whose different handle has the same slug are refused."""
    product_rows = ProductRows(handle, reading)
    for row in rows:
        if isinstance(row, BadRow):
            product_rows.problems.bad_rows.append(row)
        else:
            product_rows.read(row)
    product = product_rows.product()
    yield product or RefusedProduct(handle, tuple(sorted(product_rows.problems.bad_rows, key=lambda bad: bad.line)))
    if product_rows.conflicting_rows:
        yield RefusedProduct(product_rows.conflicting_rows[0].handle, tuple(product_rows.conflicting_rows))


class ProductRows:
    """The rows of one handle, read one after the other."""

    def __init__(self, handle: str, reading: ReadOptions) -> None:
        self.problems = RowProblems(handle)
        self.conflicting_rows: list[BadRow] = []
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
        self._has_invalid_image = False

    def read(self, row: Row) -> None:
        """Read a row, or add the reason why it is bad."""
        self._rows += 1
        raw = row.cells.get(Column.HANDLE, "").lower()
        self._raw_handle = self._raw_handle or raw
        if not self.handle:
            self.problems.bad_rows.append(BadRow(row.line, raw, _no_handle(raw), Column.HANDLE))
            return
        if raw != self._raw_handle:
            reason = f"`{Column.HANDLE}` {raw!r} has the slug {self.handle!r}, which {self._raw_handle!r} has too."
            self.conflicting_rows.append(BadRow(row.line, raw, f"{reason} Change one of the handles.", Column.HANDLE))
            return
        try:
            self._read_row(row, self._reader(row))
        except BadCell as bad:
            self.problems.refuse(row.line, str(bad), bad.column, bad.code)

    def product(self) -> FeedProduct | None:
        """The product when all its rows are valid, else None."""
        if self._variants:
            self._require_valid_variants()
        if self.problems.bad_rows or self._head is None:
            return None
        images = dict.fromkeys(url for _, url, _ in sorted(self._images, key=lambda image: image[0]))
        alt_texts = {url: text for _, url, text in self._images if text is not None}
        variants.warn_of_mixed_shipping(self._variants, self.problems, Column.REQUIRES_SHIPPING)
        if len(images) > MAX_IMAGES:
            reason = f"The product has {len(images)} images; the first {MAX_IMAGES} are imported."
            self.problems.warn(self._line, Column.IMAGE, reason)
        return self._head(
            columns=self._columns - {Column.IMAGE} if self._has_invalid_image else self._columns,
            images=tuple(images)[:MAX_IMAGES],
            variants=tuple(self._variants),
            is_simple=self._is_simple(),
            warnings=tuple(self.problems.warnings),
            **({"image_alt_texts": alt_texts} if alt_texts else {}),
        )

    def _reader(self, row: Row) -> CellReader:
        return CellReader(
            row.cells, self._reading.prices, lambda column, reason: self.problems.warn(row.line, column, reason)
        )

    def _read_row(self, row: Row, reader: CellReader) -> None:
        is_first = self._rows == 1
        if is_first:
            self._warn_of_handle(row)
            self._option_names = _read_option_names(reader)
            self._line = row.line
            self._head = _read_head(row.line, self.handle, reader, self._reading.columns)
        if is_first or any(column in row.cells for column in VARIANT_COLUMNS):
            self._add_variant(row.line, reader)
        elif Column.IMAGE not in row.cells:
            raise BadCell("The row has neither a variant nor an image.")
        self._add_image(reader)
        if is_first:
            self._columns -= reader.unread & HEAD_COLUMNS

    def _warn_of_handle(self, row: Row) -> None:
        if self.handle != self._raw_handle:
            reason = f"`{Column.HANDLE}` {self._raw_handle!r} is imported as {self.handle!r}."
            self.problems.warn(row.line, Column.HANDLE, reason)

    def _add_variant(self, line: int, reader: CellReader) -> None:
        options, is_json = self._read_options(reader)
        status = values.read_variant_status(reader)
        own = values.read_sku(reader)
        price = reader.required(Column.PRICE, reader.amount(Column.PRICE))
        if price is None and Column.PRICE in self._reading.columns:
            raise BadCell(f"`{Column.PRICE}` is missing.", Column.PRICE)
        if not is_json and _equal_ignoring_case(options, DEFAULT_OPTION):
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
                weight=values.read_weight(reader),
                requires_shipping=reader.boolean(Column.REQUIRES_SHIPPING),
                unread=frozenset(reader.unread),
            )
        )

    def _skus(self, own: str | None, options: Options, *, is_generated: bool) -> tuple[str | None, str | None]:
        """A variant's SKU, and its fallback if that is taken; SKUs of the file have one only with `SUFFIX`."""
        if is_generated:
            option_values = [value for _, value in options]
            return generated_sku(self.handle, option_values), fallback_sku(self.handle, option_values)
        if own is not None and self._reading.duplicate_skus is DuplicateSkus.SUFFIX:
            return own, generated_sku(own, [self.handle, *(value for _, value in options)])
        return own, None

    def _without_options(self, variant: FeedVariant) -> FeedVariant:
        """The only variant of a product, without Shopify's older default option."""
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
                reason = f"`{value_column}` has a value, but the product's first row has no `{name_column}`."
                raise BadCell(reason, value_column)
        return tuple(options), False

    def _add_image(self, reader: CellReader) -> None:
        position = values.read_position(reader)
        if Column.IMAGE not in reader.cells:
            return
        rule = reader.product("images", Column.IMAGE)
        urls = reader.optional(Column.IMAGE, lambda text: rule([text]))
        alt_text = reader.optional(Column.IMAGE_ALT_TEXT, validation.normalize_alt_text)
        self._images += [(position or UNKNOWN_POSITION, url, alt_text) for url in urls or ()]
        self._has_invalid_image |= Column.IMAGE in reader.unread

    def _is_simple(self) -> bool | None:
        if not OPTION_COLUMNS & self._reading.columns and not any(
            variant.has_json_options for variant in self._variants
        ):
            return None
        return not self._variants[0].options and not self._variants[0].has_json_options

    def _require_valid_variants(self) -> None:
        """Refuse rows that are not variants of one product by the rules of the catalogue."""
        first = self._variants[0]
        if (
            len(self._variants) == 1
            and not first.has_json_options
            and _equal_ignoring_case(first.options, OLD_DEFAULT_OPTION)
        ):
            self._variants = [self._without_options(first)]
        distinct = variants.without_duplicates(self._variants, self.problems, REPORT_COLUMNS)
        self._variants = variants.with_distinct_skus(
            distinct, self.problems, REPORT_COLUMNS, self._reading.duplicate_skus
        )
        is_simple = self._is_simple()
        without_options = [
            variant for variant in self._variants if not variant.options and not variant.has_json_options
        ]
        if is_simple is not None and self._require_same_kind(without_options):
            variants.require_one_product(self._variants, self.problems, REPORT_COLUMNS, is_simple=is_simple)

    def _require_same_kind(self, without_options: list[FeedVariant]) -> bool:
        """Whether all rows have options or none has; otherwise those without are refused."""
        if len(without_options) in {0, len(self._variants)}:
            return True
        reason = "The row has no options ('Default Title'), but other rows of the product have some."
        for variant in without_options:
            self.problems.refuse(variant.line, reason, Column.OPTION1_VALUE)
        return False


def _no_handle(raw: str) -> str:
    return (
        f"`{Column.HANDLE}` must be made of letters, digits and hyphens." if raw else f"`{Column.HANDLE}` is missing."
    )


def _equal_ignoring_case(options: Options, words: Options) -> bool:
    """Whether options are these, ignoring case."""
    return len(options) == 1 and tuple((name.lower(), value.lower()) for name, value in options) == words


def _read_option_names(reader: CellReader) -> tuple[str | None, ...]:
    names = tuple(
        reader.required(name, reader.variant("size", name)) if name in reader.cells else None for name, _ in OPTIONS
    )
    casefolded_names = [name.casefold() for name in names if name]
    if len(casefolded_names) != len(set(casefolded_names)):
        raise BadCell("Two options have the same name.", Column.OPTION1_NAME)
    return names


def _read_images(reader: CellReader) -> tuple[str, ...]:
    if Column.VARIANT_IMAGE not in reader.cells and Column.VARIANT_IMAGES not in reader.cells:
        return ()
    first = reader.optional(Column.VARIANT_IMAGE, lambda text: reader.variant("images", Column.VARIANT_IMAGE)([text]))
    more = reader.urls(Column.VARIANT_IMAGES, reader.variant("images", Column.VARIANT_IMAGES))
    return tuple(dict.fromkeys((*(first or ()), *more)))[:MAX_IMAGES]


def _read_head(line: int, handle: str, reader: CellReader, columns: frozenset[str]) -> partial[FeedProduct]:
    title = reader.required(Column.TITLE, reader.product("name", Column.TITLE))
    if title is None and Column.TITLE in columns:
        raise BadCell(f"`{Column.TITLE}` is missing on the product's first row.", Column.TITLE)
    # Positional: CPython 3.11 keeps each tuple of twenty names of arguments in a free list that it does not use.
    return partial(
        FeedProduct,
        line,
        handle,
        title=title,
        body=reader.product_field("long_description", Column.BODY),
        summary=reader.product_field("description", Column.SUMMARY),
        vendor=reader.product_field("brand", Column.VENDOR),
        model=reader.product_field("model", Column.MODEL),
        category=values.read_category(reader),
        tags=values.read_tags(reader),
        is_published=values.read_published(reader),
        is_featured=reader.boolean(Column.FEATURED) or False,
        is_gift_card=reader.boolean(Column.GIFT_CARD),
        base_price=reader.optional_price(Column.BASE_PRICE),
        base_compare_at_price=reader.optional_price(Column.BASE_COMPARE_AT_PRICE),
        attributes=values.read_attributes(reader),
    )
