"""Listing: a page of products, filtered, searched and sorted, by one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from domains.catalog.models import Product, product_from_record
from domains.catalog.search import search_sql
from domains.catalog.search.facet_tokens import TokenKind, Tokens
from domains.catalog.search.filters import FacetKey, Selection
from domains.kernel.database import Reader
from domains.kernel.errors import InvalidInput
from domains.kernel.pagination.pages import Page, PageArgs, cut, decode_cursor, encode_cursor
from domains.kernel.text.validation import casefold_text, optional_text

T = TypeVar("T")
MOST_VALUES = 100
MOST_ATTRIBUTES = 10
HIGHEST_RATING = 5


class ProductSortField(StrEnum):
    """What products can be sorted by; the id decides between equals, in the same direction."""

    NAME = "NAME"
    PRICE = "PRICE"
    NEWEST = "NEWEST"
    RATING = "RATING"
    POPULARITY = "POPULARITY"
    RELEVANCE = "RELEVANCE"


KINDS: dict[ProductSortField, type] = {
    ProductSortField.NAME: str,
    ProductSortField.PRICE: Decimal,
    ProductSortField.NEWEST: datetime,
    ProductSortField.RATING: Decimal,
    ProductSortField.POPULARITY: int,
    ProductSortField.RELEVANCE: float,
}


@dataclass(frozen=True, slots=True)
class ProductSort:
    """An order of products."""

    field: ProductSortField = ProductSortField.NEWEST
    descending: bool = True

    @property
    def name(self) -> str:
        """What a cursor of this order carries, so that it fits no other."""
        return f"products:{self.field}:{'desc' if self.descending else 'asc'}"


@dataclass(frozen=True, slots=True)
class AttributeChoice:
    """Some values of one attribute, in any case; a product needs one of them."""

    name: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """What products must be like; everything given must hold, and of a list one value is enough.

    Prices are in the company's currency and both ends belong to the range. `is_listed` is for staff: customers see
    listed products only.
    """

    category_ids: Sequence[UUID] = ()
    brands: Sequence[str] = ()
    attributes: Sequence[AttributeChoice] = ()
    lowest_price: Decimal | None = None
    highest_price: Decimal | None = None
    lowest_rating: Decimal | None = None
    in_stock: bool | None = None
    is_featured: bool | None = None
    is_listed: bool | None = None


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """A question to the catalogue. Without a sort, found products come by relevance and all others newest first."""

    filter: ProductFilter = ProductFilter()
    search: str | None = None
    sort: ProductSort | None = None


@dataclass(frozen=True, slots=True)
class FoundProducts:
    """What was found: a page, the selection it is a page of, and what was searched for.

    `alternatives` are the words that were searched, each with those taken for it; `corrected` is the search as it was
    understood, when nothing was found as it was typed.
    """

    page: Page[Product]
    selection: Selection
    alternatives: Sequence[Sequence[str]] = ()
    corrected: str | None = None


async def find_page(
    db: Reader, selection: Selection, sort: ProductSort, args: PageArgs, *, order: str | None = None
) -> Page[Product]:
    """One page of a selection; see `find_pages`."""
    (page,) = await find_pages(db, [selection], sort, args, order=order)
    return page


async def find_pages(
    db: Reader, selections: Sequence[Selection], sort: ProductSort, args: PageArgs, *, order: str | None = None
) -> list[Page[Product]]:
    """The same page of each selection; one statement, and one more for each count that is asked for.

    `order` is what cursors of the lists carry, when it is not the order alone. Raises InvalidInput for page arguments
    that contradict each other, for a cursor of another list, and for an order by relevance without a search.
    """
    if sort.field == ProductSortField.RELEVANCE and any(each.expression is None for each in selections):
        raise InvalidInput("Products can be sorted by relevance only when there is a `search`.", field=("sort_by",))
    order = order or sort.name
    after = read_cursor(args.cursor, order, sort) if args.cursor is not None else None
    part = search_sql.Slice(sort.field, sort.descending != args.backward, args.size + 1, after)
    records: list[list[asyncpg.Record]] = [[] for _ in selections]
    for record in await search_sql.pages(db, selections, part):
        records[record["place"]].append(record)

    def cursor_of(record: asyncpg.Record) -> str:
        return encode_cursor(order, [record["sort_value"], record["id"]])

    return [
        cut(found, args, cursor_of, partial(search_sql.count, db, selection)).map(product_from_record)
        for selection, found in zip(selections, records, strict=True)
    ]


def read_cursor(cursor: str, order: str, sort: ProductSort) -> Sequence[Any]:
    """The sort value and id of a cursor. Raises InvalidInput when it is not one of this order."""
    values = decode_cursor(cursor, order, [KINDS[sort.field], UUID])
    if None in values:
        raise InvalidInput("This is not a cursor of this list.", field=("after",))
    return values


def select(db: Reader, wanted: ProductFilter, *, listed_only: bool, expression: str | None = None) -> Selection:
    """The selection that a filter describes.

    Raises InvalidInput for lists that are too long, values that are no text, prices or ratings that are no numbers.
    """
    _require_possible(wanted)
    tokens = Tokens.of(db.company_id)
    any_of: dict[FacetKey, Sequence[str]] = {}
    none_of: dict[FacetKey, str] = {}
    if wanted.category_ids:
        any_of[TokenKind.CATEGORY, ""] = [tokens.category(each) for each in _some(wanted.category_ids, "categories")]
    if wanted.brands:
        any_of[TokenKind.BRAND, ""] = [tokens.brand(each) for each in _some(wanted.brands, "brands")]
    for choice in _merged(wanted.attributes):
        key = (TokenKind.ATTRIBUTE, casefold_text(choice.name))
        any_of[key] = [tokens.attribute(choice.name, each) for each in _some(choice.values, "attributes")]
    for kind, token, chosen in (
        (TokenKind.STOCK, tokens.in_stock, wanted.in_stock),
        (TokenKind.FEATURED, tokens.featured, wanted.is_featured),
    ):
        if chosen:
            any_of[kind, ""] = [token]
        elif chosen is not None:
            none_of[kind, ""] = token
    return Selection(
        company_id=db.company_id,
        listed=True if listed_only else wanted.is_listed,
        expression=expression,
        any_of=any_of,
        none_of=none_of,
        lowest_price=wanted.lowest_price,
        highest_price=wanted.highest_price,
        lowest_rating=wanted.lowest_rating,
    )


def _some(values: Sequence[T], name: str) -> Sequence[T]:
    if len(values) > MOST_VALUES:
        raise InvalidInput(
            f"At most {MOST_VALUES} values can be given; these are {len(values)}.", field=("filter", name)
        )
    for value in values:
        optional_text(str(value), field=("filter", name))
    return values


def _merged(choices: Sequence[AttributeChoice]) -> Sequence[AttributeChoice]:
    if len(choices) > MOST_ATTRIBUTES:
        raise InvalidInput(f"At most {MOST_ATTRIBUTES} attributes can be given.", field=("filter", "attributes"))
    by_name: dict[str, AttributeChoice] = {}
    _some([choice.name for choice in choices], "attributes")
    for choice in choices:
        name = casefold_text(choice.name)
        known = by_name.get(name)
        by_name[name] = replace(known, values=[*known.values, *choice.values]) if known else choice
    return [choice for choice in by_name.values() if choice.values]


def _require_possible(wanted: ProductFilter) -> None:
    """Raises InvalidInput for prices and ratings that no product could have."""
    low, high, rating = wanted.lowest_price, wanted.highest_price, wanted.lowest_rating
    for price in (low, high):
        if price is not None and not (price.is_finite() and abs(price.adjusted()) < 100):
            raise InvalidInput("This is no number that a price could have.", field=("filter", "price"))
    if low is not None and high is not None and low > high:
        raise InvalidInput(
            f"The lowest price, {low:f}, is above the highest, {high:f}: exchange them.", field=("filter", "price")
        )
    if rating is not None and not (rating.is_finite() and 0 <= rating <= HIGHEST_RATING):
        raise InvalidInput(f"A rating is from 0 to {HIGHEST_RATING}.", field=("filter", "min_rating"))
