"""Reads cells as values by the validation rules of the catalogue, with the reason when a cell is invalid."""

import re
from collections.abc import Callable, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, TypeVar

import orjson

from domains.catalog import validation
from domains.catalog.categories import attributes
from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.imports.models import Options
from domains.catalog.models import VariantOption
from domains.catalog.products.measures import GRAM, MAX_WEIGHT
from domains.feed.csv.amounts import is_ambiguous, parse_boolean, parse_decimal, parse_whole_number
from domains.feed.csv.columns import Column
from domains.feed.imports.reports import RowFault
from domains.feed.models import MAX_STOCK, Cells, VariantStatus
from domains.kernel.errors import DomainError
from domains.kernel.values.money import UnitPrices

STATUSES: Final = {"active": True, "draft": False, "archived": False, "unlisted": False}
WEIGHT_UNITS: Final = ("g", "kg", "lb", "oz")
CONTROL: Final = re.compile(r"\s+|[\x00-\x1f\x7f-\x9f]+")
Value = TypeVar("Value")


class BadCell(Exception):
    """A cell that cannot be read; the message is the reason that a report shows."""

    def __init__(self, reason: str, column: str | None = None, *, code: RowFault = RowFault.INVALID) -> None:
        super().__init__(reason)
        self.column = column
        self.code = code


class CellReader:
    """The cells of one row. An invalid optional cell is ignored with a warning."""

    def __init__(self, cells: Cells, prices: UnitPrices, warn: Callable[[str, str], None]) -> None:
        self.cells = cells
        self.prices = prices
        self.unread: set[str] = set()
        self._warn = warn

    def required(self, column: str, read: Callable[[str], Value]) -> Value | None:
        """A cell whose invalid value refuses the row; None when it is empty. Raises BadCell."""
        text = self.cells.get(column)
        if text is None:
            return None
        try:
            return read(text)
        except DomainError as error:
            raise BadCell(_with_column(column, error.message), column) from error

    def optional(self, column: str, read: Callable[[str], Value]) -> Value | None:
        """An optional cell: an invalid one is ignored with a warning, as if the file did not have it."""
        if column not in self.cells:
            return None
        try:
            return self.required(column, read)
        except BadCell as bad:
            self.unread.add(column)
            self.warn(column, f"{bad} It is ignored.")
            return None

    def warn(self, column: str, reason: str) -> None:
        """Report that a cell is read as another value."""
        self._warn(column, reason)

    def product(self, field: str, column: str) -> Callable[[Any], Any]:
        """The catalogue's normalizer of a product field."""
        return lambda text: validation.PRODUCT[field](text, (column,), self.prices)

    def variant(self, field: str, column: str) -> Callable[[Any], Any]:
        """The catalogue's normalizer of a variant field."""
        return lambda text: validation.VARIANT[field](text, (column,), self.prices)

    def product_field(self, field: str, column: str) -> Any:
        """An optional field of a product."""
        return self.optional(column, self.product(field, column)) if column in self.cells else None

    def variant_field(self, field: str, column: str) -> Any:
        """An optional field of a variant."""
        return self.optional(column, self.variant(field, column)) if column in self.cells else None

    def amount(self, column: str) -> Callable[[str], Decimal]:
        """A price, in the company's currency."""

        def read(text: str) -> Decimal:
            number = parse_decimal(text)
            if number is None:
                ambiguity = ", which may be thousands or decimals" if is_ambiguous(text) else ""
                rule = f"must be a number such as 19.90, not negative; it is {quote(text)}{ambiguity}"
                raise BadCell(f"`{column}` {rule}.", column)
            price: Decimal = validation.PRODUCT["base_price"](number, (column,), self.prices)
            return price

        return read

    def optional_price(self, column: str) -> Decimal | None:
        """An optional price."""
        return self.optional(column, self.amount(column)) if column in self.cells else None

    def boolean(self, column: str) -> bool | None:
        """TRUE or FALSE in a word of some language; None when the cell is empty or another word."""

        def read(text: str) -> bool:
            value = parse_boolean(text)
            if value is None:
                raise BadCell(f"`{column}` must be TRUE or FALSE; it is {quote(text)}.", column)
            return value

        return self.optional(column, read)

    def urls(self, column: str, read: Callable[[list[str]], list[str]]) -> tuple[str, ...]:
        """URLs of images, separated by spaces."""
        return tuple(self.optional(column, lambda text: read(text.split())) or ())


def read_sku(reader: CellReader, column: str = Column.SKU) -> str | None:
    """A SKU, or None. Line breaks and other unprintable characters become spaces, with a warning."""
    if column not in reader.cells:
        return None

    def read(text: str) -> str:
        printable = text if text.isprintable() else " ".join(CONTROL.sub(" ", text).split())
        printable = "".join(filter(str.isprintable, printable))
        if printable != text:
            reader.warn(column, f"`{column}` has characters that are not printable; it is read as {printable!r}.")
        return validation.normalize_sku(printable, (column,))

    return reader.required(column, read)


def read_quantity(reader: CellReader, column: str = Column.QUANTITY) -> int | None:
    """A stock level, or None where the file has none. A negative one is 0, with a warning."""
    if column not in reader.cells:
        return None

    def read(text: str) -> int:
        number = parse_whole_number(text)
        if number is None or number > MAX_STOCK:
            limits = f"a whole number from 0 to {MAX_STOCK:,}"
            raise BadCell(f"`{column}` must be {limits}; it is {quote(text)}.", column)
        if number < 0:
            reader.warn(column, f"`{column}` is {number}; a negative stock is read as 0.")
        return max(0, number)

    return reader.optional(column, read)


def read_weight(reader: CellReader) -> Decimal | None:
    """A weight in kilograms, or None where the file has none. It is in grams, whatever unit is shown."""

    def grams(text: str) -> Decimal:
        number = parse_decimal(text)
        weight = number and (number / 1000).quantize(GRAM, ROUND_HALF_UP)
        if weight is None or weight > MAX_WEIGHT:
            limits = f"a number of grams from 0 to {MAX_WEIGHT * 1000:,}"
            raise BadCell(f"`{Column.GRAMS}` must be {limits}; it is {quote(text)}.", Column.GRAMS)
        return weight

    def unit(text: str) -> None:
        if text.lower() not in WEIGHT_UNITS:
            rule = f"must be {', '.join(WEIGHT_UNITS[:-1])} or {WEIGHT_UNITS[-1]}"
            raise BadCell(f"`{Column.WEIGHT_UNIT}` {rule}; it is {quote(text)}.", Column.WEIGHT_UNIT)

    reader.optional(Column.WEIGHT_UNIT, unit)
    return reader.optional(Column.GRAMS, grams)


def read_position(reader: CellReader) -> int | None:
    """The position of an image among the product's, from 1, or None."""
    if Column.IMAGE_POSITION not in reader.cells:
        return None

    def read(text: str) -> int:
        number = parse_whole_number(text)
        if number is None or number < 1:
            raise BadCell(f"`{Column.IMAGE_POSITION}` must be a whole number from 1; it is {quote(text)}.")
        return number

    return reader.optional(Column.IMAGE_POSITION, read)


def read_published(reader: CellReader) -> bool:
    """Whether the product is shown: `Published` (true when empty), and `Status` where the file has it.

    An invalid cell hides a new product.
    """

    def read(text: str) -> bool:
        if text.lower() not in STATUSES:
            words = "active, draft, archived or unlisted"
            raise BadCell(f"`{Column.STATUS}` must be {words}; it is {quote(text)}.", Column.STATUS)
        if text.lower() == "unlisted":
            reader.warn(Column.STATUS, "An unlisted product, which is found by its URL only, is hidden.")
        return STATUSES[text.lower()]

    published, status = reader.boolean(Column.PUBLISHED), reader.optional(Column.STATUS, read)
    is_read = not reader.unread & {Column.PUBLISHED, Column.STATUS}
    reader.unread |= set() if is_read else {Column.PUBLISHED, Column.STATUS}
    return is_read and published is not False and status is not False


def read_variant_status(reader: CellReader) -> VariantStatus:
    """Whether the variant is on sale, off sale, or has no SKU."""
    if Column.VARIANT_STATUS not in reader.cells:
        return VariantStatus.ACTIVE

    def read(text: str) -> VariantStatus:
        try:
            return VariantStatus(text.lower())
        except ValueError:
            words = ", ".join(VariantStatus)
            raise BadCell(f"`{Column.VARIANT_STATUS}` must be one of {words}; it is {quote(text)}.") from None

    return reader.optional(Column.VARIANT_STATUS, read) or VariantStatus.ACTIVE


def read_category(reader: CellReader) -> str | None:
    """The category: `Type`, else the last part of `Product Category` (`Apparel > Clothing > Shirts`), else none."""

    def name(column: str) -> Callable[[str], str]:
        return lambda text: str(validation.CATEGORY["name"](text.rpartition(">")[2], (column,), None))

    product_type = reader.optional(
        Column.TYPE, lambda text: str(validation.CATEGORY["name"](text, (Column.TYPE,), None))
    )
    return product_type or reader.optional(Column.PRODUCT_CATEGORY, name(Column.PRODUCT_CATEGORY))


def read_tags(reader: CellReader) -> tuple[str, ...]:
    """The tags in their order, each once."""
    rule = reader.product("tags", Column.TAGS)
    return tuple(reader.optional(Column.TAGS, lambda text: rule([text])) or ())


def read_options(reader: CellReader) -> Options | None:
    """Options that do not fit the option columns, as JSON: `[{"name": "Size", "value": "S"}]`; None without any."""
    if Column.VARIANT_OPTIONS not in reader.cells:
        return None

    def read(text: str) -> Options:
        options = [VariantOption(*pair) for pair in _records(Column.VARIANT_OPTIONS, text, ("name", "value"))]
        rule = validation.VARIANT["options"]
        return tuple((option["name"], option["value"]) for option in rule(options, (Column.VARIANT_OPTIONS,), None))

    return reader.required(Column.VARIANT_OPTIONS, read)


def read_attributes(reader: CellReader) -> tuple[AttributeValue, ...]:
    """A product's attributes, as JSON: `[{"name": "Width", "value": "30", "unit": "cm"}]`."""
    if Column.ATTRIBUTES not in reader.cells:
        return ()

    def read(text: str) -> tuple[AttributeValue, ...]:
        records = _records(Column.ATTRIBUTES, text, ("name", "value"), ("unit",))
        values = [AttributeValue(*record) for record in records]
        return tuple(attributes.require_values({}, values, field=(Column.ATTRIBUTES,)))

    return reader.optional(Column.ATTRIBUTES, read) or ()


def _records(column: str, text: str, required: Iterable[str], optional: Iterable[str] = ()) -> list[list[Any]]:
    """A JSON list of objects of texts, as the values of their keys. Raises BadCell."""
    required_keys, optional_keys = list(required), list(optional)
    try:
        records = orjson.loads(text)
    except orjson.JSONDecodeError:
        records = None
    is_valid = isinstance(records, list) and all(
        isinstance(record, dict)
        and all(isinstance(record.get(key), str) for key in required_keys)
        and all(isinstance(record.get(key), str | None) for key in optional_keys)
        for record in records
    )
    if not is_valid:
        raise BadCell(f"`{column}` must be a list of objects in JSON with {', '.join(required_keys)}.", column)
    return [[record.get(key) for key in (*required_keys, *optional_keys)] for record in records]


def _with_column(column: str, message: str) -> str:
    """The catalogue's message, beginning with the column that it is about."""
    message = message.replace(f"`{column}[0]`", f"`{column}`")  # the only one, or the first
    return message if f"`{column}" in message else f"`{column}`: {message}"


def quote(text: str) -> str:
    """A cell in quotes for a message, cut when it is long."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
