"""Cells into values, by the rules that the catalogue has for every product, with a reason where a cell is not one."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final, TypeVar

import orjson

from domains.catalog import validation
from domains.catalog.categories import attributes
from domains.catalog.categories.attributes import AttributeValue
from domains.catalog.imports.models import Options
from domains.catalog.models import VariantOption
from domains.feed.csv.amounts import decimal_of, is_ambiguous, truth_of, whole_of
from domains.feed.csv.columns import Column
from domains.feed.imports.reports import RowFault
from domains.feed.models import MOST_STOCK, Cells, FormStatus
from domains.kernel.errors import DomainError
from domains.kernel.values.money import UnitPrices

STATUSES: Final = {"active": True, "draft": False, "archived": False, "unlisted": False}
CONTROL: Final = re.compile(r"\s+|[\x00-\x1f\x7f-\x9f]+")
Value = TypeVar("Value")


class BadCell(Exception):
    """A cell that cannot be read; the message is the reason that a report shows."""

    def __init__(self, reason: str, column: str | None = None, *, code: RowFault = RowFault.INVALID) -> None:
        super().__init__(reason)
        self.column = column
        self.code = code


class CellReader:
    """The cells of one row. A cell that a product can do without is left out with a warning when it is bad."""

    def __init__(self, cells: Cells, prices: UnitPrices, warn: Callable[[str, str], None]) -> None:
        self.cells = cells
        self.prices = prices
        self.unread: set[str] = set()
        self._warn = warn

    def needed(self, column: str, read: Callable[[str], Value]) -> Value | None:
        """A cell without which there is no product; None when it is empty. Raises BadCell."""
        text = self.cells.get(column)
        if text is None:
            return None
        try:
            return read(text)
        except DomainError as error:
            raise BadCell(_about(column, error.message), column) from error

    def spared(self, column: str, read: Callable[[str], Value]) -> Value | None:
        """A cell that the rest can do without: a bad one is as if the file did not have it, with a warning."""
        if column not in self.cells:
            return None
        try:
            return self.needed(column, read)
        except BadCell as bad:
            self.unread.add(column)
            self.warn(column, f"{bad} It is left out.")
            return None

    def warn(self, column: str, reason: str) -> None:
        """Tell that a cell is taken otherwise than it stands there."""
        self._warn(column, reason)

    def product(self, field: str, column: str) -> Callable[[Any], Any]:
        """The catalogue's rule for a field of products."""
        return lambda text: validation.PRODUCT[field](text, (column,), self.prices)

    def variant(self, field: str, column: str) -> Callable[[Any], Any]:
        """The catalogue's rule for a field of variants."""
        return lambda text: validation.VARIANT[field](text, (column,), self.prices)

    def of_product(self, field: str, column: str) -> Any:
        """A field of a product that the rest can do without, by the catalogue's rule."""
        return self.spared(column, self.product(field, column)) if column in self.cells else None

    def of_variant(self, field: str, column: str) -> Any:
        """A field of a variant that the rest can do without, by the catalogue's rule."""
        return self.spared(column, self.variant(field, column)) if column in self.cells else None

    def amount(self, column: str) -> Callable[[str], Decimal]:
        """A price, in the company's currency."""

        def read(text: str) -> Decimal:
            number = decimal_of(text)
            if number is None:
                two = ", which may be thousands or decimals" if is_ambiguous(text) else ""
                advice = f"must be a number such as 19.90, not negative; it is {shown(text)}{two}"
                raise BadCell(f"`{column}` {advice}.", column)
            price: Decimal = validation.PRODUCT["base_price"](number, (column,), self.prices)
            return price

        return read

    def price_or_none(self, column: str) -> Decimal | None:
        """A price that the row can do without."""
        return self.spared(column, self.amount(column)) if column in self.cells else None

    def truth(self, column: str) -> bool | None:
        """TRUE or FALSE in the word of some language, None when the cell is empty or says neither."""

        def read(text: str) -> bool:
            truth = truth_of(text)
            if truth is None:
                raise BadCell(f"`{column}` must be TRUE or FALSE; it is {shown(text)}.", column)
            return truth

        return self.spared(column, read)

    def urls(self, column: str, read: Callable[[list[str]], list[str]]) -> tuple[str, ...]:
        """Addresses of images, one after the other with space between them."""
        return tuple(self.spared(column, lambda text: read(text.split())) or ())


def read_sku(reader: CellReader, column: str = Column.SKU) -> str | None:
    """A SKU, or None. Line breaks and other characters that are not printed become spaces, with a warning."""
    if column not in reader.cells:
        return None

    def read(text: str) -> str:
        plain = text if text.isprintable() else " ".join(CONTROL.sub(" ", text).split())
        plain = "".join(filter(str.isprintable, plain))
        if plain != text:
            reader.warn(column, f"`{column}` has characters that are not printed; it is taken as {plain!r}.")
        return validation.normalize_sku(plain, (column,))

    return reader.needed(column, read)


def read_quantity(reader: CellReader, column: str = Column.QUANTITY) -> int | None:
    """A stock level, or None where the file does not give one. Below nothing is nothing, with a warning."""
    if column not in reader.cells:
        return None

    def read(text: str) -> int:
        number = whole_of(text)
        if number is None or number > MOST_STOCK:
            limits = f"a whole number from 0 to {MOST_STOCK:,}"
            raise BadCell(f"`{column}` must be {limits}; it is {shown(text)}.", column)
        if number < 0:
            reader.warn(column, f"`{column}` is {number}, sold beyond its stock; it is taken as 0.")
        return max(0, number)

    return reader.spared(column, read)


def read_position(reader: CellReader) -> int | None:
    """Where an image stands among the product's, from 1, or None."""
    if Column.IMAGE_POSITION not in reader.cells:
        return None

    def read(text: str) -> int:
        number = whole_of(text)
        if number is None or number < 1:
            raise BadCell(f"`{Column.IMAGE_POSITION}` must be a whole number from 1; it is {shown(text)}.")
        return number

    return reader.spared(Column.IMAGE_POSITION, read)


def read_published(reader: CellReader) -> bool:
    """Whether the product is shown: `Published` (true when empty), and `Status` where the file has it.

    What cannot be read hides a new product.
    """

    def read(text: str) -> bool:
        if text.lower() not in STATUSES:
            words = "active, draft, archived or unlisted"
            raise BadCell(f"`{Column.STATUS}` must be {words}; it is {shown(text)}.", Column.STATUS)
        if text.lower() == "unlisted":
            reader.warn(Column.STATUS, "A product that is unlisted, found by its address alone, is hidden here.")
        return STATUSES[text.lower()]

    published, status = reader.truth(Column.PUBLISHED), reader.spared(Column.STATUS, read)
    is_read = not reader.unread & {Column.PUBLISHED, Column.STATUS}
    reader.unread |= set() if is_read else {Column.PUBLISHED, Column.STATUS}
    return is_read and published is not False and status is not False


def read_variant_status(reader: CellReader) -> FormStatus:
    """Whether the variant is on sale, off sale, or has no SKU."""
    if Column.VARIANT_STATUS not in reader.cells:
        return FormStatus.ACTIVE

    def read(text: str) -> FormStatus:
        try:
            return FormStatus(text.lower())
        except ValueError:
            words = ", ".join(FormStatus)
            raise BadCell(f"`{Column.VARIANT_STATUS}` must be one of {words}; it is {shown(text)}.") from None

    return reader.spared(Column.VARIANT_STATUS, read) or FormStatus.ACTIVE


def read_category(reader: CellReader) -> str | None:
    """The category: `Type`, else the last part of `Product Category` (`Apparel > Clothing > Shirts`), else none."""

    def name(column: str) -> Callable[[str], str]:
        return lambda text: str(validation.CATEGORY["name"](text.rpartition(">")[2], (column,), None))

    given = reader.spared(Column.TYPE, lambda text: str(validation.CATEGORY["name"](text, (Column.TYPE,), None)))
    return given or reader.spared(Column.PRODUCT_CATEGORY, name(Column.PRODUCT_CATEGORY))


def read_tags(reader: CellReader) -> tuple[str, ...]:
    """The tags in their order, each once."""
    rule = reader.product("tags", Column.TAGS)
    return tuple(reader.spared(Column.TAGS, lambda text: rule([text])) or ())


def read_options(reader: CellReader) -> Options | None:
    """Options that the option columns cannot hold, as JSON: `[{"name": "Size", "value": "S"}]`; None without any."""
    if Column.VARIANT_OPTIONS not in reader.cells:
        return None

    def read(text: str) -> Options:
        given = [VariantOption(*pair) for pair in _records(Column.VARIANT_OPTIONS, text, ("name", "value"))]
        rule = validation.VARIANT["options"]
        return tuple((one["name"], one["value"]) for one in rule(given, (Column.VARIANT_OPTIONS,), None))

    return reader.needed(Column.VARIANT_OPTIONS, read)


def read_attributes(reader: CellReader) -> tuple[AttributeValue, ...]:
    """A product's attributes, as JSON: `[{"name": "Width", "value": "30", "unit": "cm"}]`."""
    if Column.ATTRIBUTES not in reader.cells:
        return ()

    def read(text: str) -> tuple[AttributeValue, ...]:
        pairs = _records(Column.ATTRIBUTES, text, ("name", "value"), ("unit",))
        given = [AttributeValue(*pair) for pair in pairs]
        return tuple(attributes.require_values({}, given, field=(Column.ATTRIBUTES,)))

    return reader.spared(Column.ATTRIBUTES, read) or ()


def _records(column: str, text: str, needed: Iterable[str], more: Iterable[str] = ()) -> list[list[Any]]:
    """A JSON list of objects of texts, as the values of their keys. Raises BadCell."""
    keys, further = list(needed), list(more)
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    is_sound = isinstance(found, list) and all(
        isinstance(one, dict)
        and all(isinstance(one.get(key), str) for key in keys)
        and all(isinstance(one.get(key), str | None) for key in further)
        for one in found
    )
    if not is_sound:
        raise BadCell(f"`{column}` must be a list of objects in JSON with {', '.join(keys)}.", column)
    return [[one.get(key) for key in (*keys, *further)] for one in found]


def _about(column: str, message: str) -> str:
    """The catalogue's message, beginning with the column that it is about."""
    message = message.replace(f"`{column}[0]`", f"`{column}`")  # the only one, or the first
    return message if f"`{column}" in message else f"`{column}`: {message}"


def shown(text: str) -> str:
    """A cell for a message, cut where it is long."""
    return repr(text if len(text) <= 40 else f"{text[:40]}…")
