"""Reads a variant from a WooCommerce row: price, stock, status and SKU."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from domains.catalog.imports.models import Options
from domains.feed.csv.cells import BadCell, CellReader, quote, read_quantity, read_sku
from domains.feed.csv.columns import Column
from domains.feed.imports.skus import fallback_sku, generated_sku
from domains.feed.models import DuplicateSkus, FeedVariant, ReadOptions
from domains.feed.woocommerce.columns import WooColumn, columns_of

STOCK_OF_PARENT: Final = "parent"
BACKORDER: Final = "backorder"


@dataclass(frozen=True, slots=True)
class Stock:
    """The stock of a variant; without a quantity it does not change."""

    is_tracked: bool
    quantity: int | None = None


def read_variant(line: int, reader: CellReader, reading: ReadOptions, images: tuple[str, ...] = ()) -> FeedVariant:
    """The variant of a row, without options, and without a SKU if the row has none. Raises BadCell."""
    price, compare_at = _read_price(reader, reading.today)
    stock, sku = read_stock(reader), read_sku(reader, WooColumn.SKU)
    unread = columns_of(reader.unread)
    if WooColumn.STOCK not in reading.columns and stock.quantity is None:
        unread |= {Column.TRACKER}
    return FeedVariant(
        line=line,
        sku=sku,
        is_generated=sku is None,
        options=(),
        price=price,
        compare_at_price=compare_at,
        is_tracked=stock.is_tracked,
        quantity=stock.quantity,
        images=images,
        is_active=reader.cells.get(WooColumn.PUBLISHED) != "0",
        unread=unread,
    )


def read_stock(reader: CellReader) -> Stock:
    """The stock in a row. Without a quantity the variant is untracked, or has stock 0 where it is not in stock.

    A variation that uses the stock of its product is tracked, with an unknown quantity.
    """
    in_stock = reader.cells.get(WooColumn.IN_STOCK, "").lower()
    if reader.cells.get(WooColumn.BACKORDERS, "0") != "0" or in_stock == BACKORDER:
        reader.warn(
            WooColumn.BACKORDERS, "Backorders are not supported: a tracked variant is sold until its stock is 0."
        )
    if reader.cells.get(WooColumn.STOCK, "").lower() == STOCK_OF_PARENT:
        return Stock(is_tracked=True)
    if WooColumn.STOCK in reader.cells:
        return Stock(is_tracked=True, quantity=read_quantity(reader, WooColumn.STOCK))
    is_in_stock = in_stock == BACKORDER or reader.boolean(WooColumn.IN_STOCK)
    if is_in_stock is False:
        return Stock(is_tracked=True, quantity=0)
    return Stock(is_tracked=WooColumn.IN_STOCK in reader.unread)


def with_sku(
    variant: FeedVariant, identifier: str, options: Options, unspecified: Sequence[str], reading: ReadOptions
) -> FeedVariant:
    """The variant with its options and a SKU; `identifier` is the product's.

    `unspecified` are the values that distinguish it from other variants of the same row, which share the row's SKU.
    """
    values = [value for _, value in options]
    own = variant.sku
    if own is None:
        return replace(
            variant,
            options=options,
            sku=generated_sku(identifier, values),
            fallback_sku=fallback_sku(identifier, values),
        )
    if unspecified:
        sku, fallback = generated_sku(own, unspecified), fallback_sku(own, [identifier, *values])
        return replace(variant, options=options, sku=sku, fallback_sku=fallback, is_generated=True)
    is_suffixed = reading.duplicate_skus is DuplicateSkus.SUFFIX
    return replace(
        variant, options=options, fallback_sku=generated_sku(own, [identifier, *values]) if is_suffixed else None
    )


def _read_price(reader: CellReader, today: date | None) -> tuple[Decimal, Decimal | None]:
    """The price and the compare-at price: while a sale runs the sale price and the regular one."""
    regular = reader.required(WooColumn.REGULAR_PRICE, reader.amount(WooColumn.REGULAR_PRICE))
    sale = reader.required(WooColumn.SALE_PRICE, reader.amount(WooColumn.SALE_PRICE))
    if regular is None:
        raise BadCell(f"`{WooColumn.REGULAR_PRICE}` is missing.", WooColumn.REGULAR_PRICE)
    if sale is None or sale >= regular:
        return regular, None
    starts, ends = (reader.optional(column, _day) for column in (WooColumn.SALE_STARTS, WooColumn.SALE_ENDS))
    if today and ((starts and today < starts) or (ends and today > ends)):
        reader.warn(WooColumn.SALE_PRICE, "The sale does not run today: the regular price is imported.")
        return regular, None
    if ends:
        reader.warn(WooColumn.SALE_ENDS, f"The sale ends on {ends}; its price is not changed back on that day.")
    return sale, regular


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BadCell(f"A date must have the form 2026-01-31; it is {quote(text)}.") from None
