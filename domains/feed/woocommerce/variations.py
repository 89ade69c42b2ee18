"""What a row of WooCommerce's says of a form that a product is sold in: its price, its stock, its state, its SKU."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from domains.catalog.imports.models import Options
from domains.feed.csv.cells import BadCell, CellReader, read_quantity, read_sku, shown
from domains.feed.csv.columns import Column
from domains.feed.imports.skus import made_up_sku, spare_sku
from domains.feed.models import DuplicateSkus, FeedVariant, Reading
from domains.feed.woocommerce.columns import Woo, columns_of

OF_PARENT: Final = "parent"
BACKORDER: Final = "backorder"


@dataclass(frozen=True, slots=True)
class Stock:
    """What is known of a form's stock."""

    is_tracked: bool
    quantity: int | None = None


def read_form(line: int, reader: CellReader, reading: Reading, images: tuple[str, ...] = ()) -> FeedVariant:
    """The form of a row, as yet without options, and without a SKU where it has none of its own. Raises BadCell."""
    price, strike = _read_price(reader, reading.today)
    stock, sku = read_stock(reader), read_sku(reader, Woo.SKU)
    unread = columns_of(reader.unread)
    if Woo.STOCK not in reading.given and stock.quantity is None:
        unread |= {Column.TRACKER}
    return FeedVariant(
        line=line,
        sku=sku,
        is_made_up=sku is None,
        options=(),
        price=price,
        compare_at_price=strike,
        is_tracked=stock.is_tracked,
        quantity=stock.quantity,
        images=images,
        is_active=reader.cells.get(Woo.PUBLISHED) != "0",
        unread=unread,
    )


def read_stock(reader: CellReader) -> Stock:
    """How much there is. What is not counted is sold uncounted, or not at all where it is not in stock.

    What is counted for all variations of a product together is counted, though nobody knows how much of which.
    """
    said = reader.cells.get(Woo.IN_STOCK, "").lower()
    if reader.cells.get(Woo.BACKORDERS, "0") != "0" or said == BACKORDER:
        reader.warn(Woo.BACKORDERS, "Nothing is sold on backorder here: what is counted is sold until it is gone.")
    if reader.cells.get(Woo.STOCK, "").lower() == OF_PARENT:
        return Stock(is_tracked=True)
    if Woo.STOCK in reader.cells:
        return Stock(is_tracked=True, quantity=read_quantity(reader, Woo.STOCK))
    is_in_stock = said == BACKORDER or reader.truth(Woo.IN_STOCK)
    if is_in_stock is False:
        return Stock(is_tracked=True, quantity=0)
    return Stock(is_tracked=Woo.IN_STOCK in reader.unread)


def with_sku(form: FeedVariant, base: str, options: Options, added: Sequence[str], reading: Reading) -> FeedVariant:
    """The form with its options and a SKU; `base` is what the product is known by.

    `added` are the values that tell it from other forms of the same row, which share the row's SKU.
    """
    values = [value for _, value in options]
    own = form.sku
    if own is None:
        return replace(form, options=options, sku=made_up_sku(base, values), spare_sku=spare_sku(base, values))
    if added:
        sku, spare = made_up_sku(own, added), spare_sku(own, [base, *values])
        return replace(form, options=options, sku=sku, spare_sku=spare, is_made_up=True)
    is_suffixed = reading.duplicate_skus is DuplicateSkus.SUFFIX
    return replace(form, options=options, spare_sku=made_up_sku(own, [base, *values]) if is_suffixed else None)


def _read_price(reader: CellReader, today: date | None) -> tuple[Decimal, Decimal | None]:
    """The price, and what it is compared with: while a sale runs its price, and the regular one."""
    regular = reader.needed(Woo.REGULAR_PRICE, reader.amount(Woo.REGULAR_PRICE))
    sale = reader.needed(Woo.SALE_PRICE, reader.amount(Woo.SALE_PRICE))
    if regular is None:
        raise BadCell(f"`{Woo.REGULAR_PRICE}` is missing.", Woo.REGULAR_PRICE)
    if sale is None or sale >= regular:
        return regular, None
    starts, ends = (reader.spared(column, _day) for column in (Woo.SALE_STARTS, Woo.SALE_ENDS))
    if today and ((starts and today < starts) or (ends and today > ends)):
        reader.warn(Woo.SALE_PRICE, "The sale does not run today: the regular price is taken.")
        return regular, None
    if ends:
        reader.warn(Woo.SALE_ENDS, f"The sale ends on {ends}; here its price stays until it is changed.")
    return sale, regular


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise BadCell(f"A day is written as 2026-01-31; it is {shown(text)}.") from None
