"""Listing: a page of products, filtered, searched and sorted, by one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar
from uuid import UUID

import asyncpg

from domains.catalog.documents.products import ShownProduct
from domains.catalog.documents.reader import Reading
from domains.catalog.search import facet_sql, search_sql
from domains.catalog.search.facet_tokens import FacetTokens, TokenKind
from domains.catalog.search.filters import FacetKey, Selection
from domains.catalog.search.rare_searches import RareSearches
from domains.kernel.database import Reader
from domains.kernel.errors import OutOfRange, RangeInverted, TooMany
from domains.kernel.pagination.keyset import Column, Keyset
from domains.kernel.pagination.pages import Page, PageArgs, cut
from domains.kernel.text.validation import Required, casefold_text, optional_text

T = TypeVar("T")
MAX_VALUES = 100
MAX_ATTRIBUTES = 10
HIGHEST_RATING = 5


class ProductSortField(StrEnum):
    """The fields that products can be sorted by; the id breaks ties, in the same direction."""

    NAME = "NAME"
    PRICE = "PRICE"
    NEWEST = "NEWEST"
    RATING = "RATING"
    POPULARITY = "POPULARITY"
    RELEVANCE = "RELEVANCE"


COLUMNS: Final[Mapping[ProductSortField, Column]] = {
    ProductSortField.NAME: Column("s.name_key", str),
    ProductSortField.PRICE: Column("s.price", Decimal),
    ProductSortField.NEWEST: Column("s.created_at", datetime),
    ProductSortField.RATING: Column("s.rating", Decimal),
    ProductSortField.POPULARITY: Column("s.popularity", int),
    ProductSortField.RELEVANCE: search_sql.RANK,
}


@dataclass(frozen=True, slots=True)
class ProductSort:
    """An order of products."""

    field: ProductSortField = ProductSortField.NEWEST
    descending: bool = True

    def keyset(self, args: PageArgs, *, corrected: bool = False) -> Keyset:
        """A page in this order, of a search as entered or of a corrected one, which has its own cursors.

        Raises InvalidInput for contradictory page arguments, CursorInvalid for a cursor of another list.
        """
        order = f"products:{self.field}{':corrected' if corrected else ''}"
        columns = (COLUMNS[self.field], search_sql.PRODUCT_ID)
        return Keyset.of(args, columns, order=order, descending=self.descending)


@dataclass(frozen=True, slots=True)
class AttributeFilter:
    """Values of one attribute; a product needs one of them. Case is ignored."""

    name: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductFilter:
    """Conditions on products, which are combined with AND; of a list one value is enough.

    Prices are in the company's currency and both ends belong to the range. `is_listed` is for staff: customers see
    listed products only.
    """

    category_ids: Sequence[UUID] = ()
    brands: Sequence[str] = ()
    attributes: Sequence[AttributeFilter] = ()
    lowest_price: Decimal | None = None
    highest_price: Decimal | None = None
    lowest_rating: Decimal | None = None
    in_stock: bool | None = None
    is_featured: bool | None = None
    is_listed: bool | None = None


@dataclass(frozen=True, slots=True)
class ProductQuery:
    """A query for products. Without a sort, a search is sorted by relevance and other lists newest first."""

    filter: ProductFilter = ProductFilter()
    search: str | None = None
    sort: ProductSort | None = None


@dataclass(frozen=True, slots=True)
class FoundProducts:
    """The result of a query: a page, its selection, and the searched words.

    `alternatives` are the searched words, each with its alternatives; `corrected` is the search text after the
    correction of its spelling, when the original text found nothing.
    """

    page: Page[ShownProduct]
    selection: Selection
    alternatives: Sequence[Sequence[str]] = ()
    corrected: str | None = None

    def is_exact(self, count: int) -> bool:
        """Whether the number that the page counted is that of all products: it is stored, or at most 10,000."""
        return count <= facet_sql.COUNTED or self.selection.counted_token("") is not None


async def find_page(
    db: Reader,
    selection: Selection,
    sort: ProductSort,
    args: PageArgs,
    reading: Reading,
    *,
    corrected: bool = False,
    rare: RareSearches | None = None,
) -> Page[ShownProduct]:
    """One page of a selection; see `find_pages`."""
    (page,) = await find_pages(db, [selection], sort, args, reading, corrected=corrected, rare=rare)
    return page


async def find_pages(
    db: Reader,
    selections: Sequence[Selection],
    sort: ProductSort,
    args: PageArgs,
    reading: Reading,
    *,
    corrected: bool = False,
    rare: RareSearches | None = None,
) -> list[Page[ShownProduct]]:
    """The same page of each selection; one statement, and one more for each count that is requested.

    One more reads the documents of products that are not remembered. Searches that are known to be `rare` are ranked
    whole, and others become known.

    Raises as `ProductSort.keyset`, OutOfRange for more than MAX_PAGE products, and Required for an order by relevance
    without a search.
    """
    if sort.field == ProductSortField.RELEVANCE and any(selection.expression is None for selection in selections):
        raise Required(
            "Products can be sorted by relevance only with a `search`. Give one, or another `sort_by`.",
            field=("search",),
        )
    keyset = sort.keyset(args, corrected=corrected)
    records: list[list[asyncpg.Record]] = [[] for _ in selections]
    for record in await search_sql.pages(db, selections, keyset, reading.head(db), rare):
        records[record["selection_index"]].append(record)
    pages = [
        cut(page_records, args, keyset.cursor_of, partial(search_sql.count, db, selection))
        for selection, page_records in zip(selections, records, strict=True)
    ]
    products = await reading.complete(db, [record for page in pages for record in page.items])
    return [page.map_present(lambda record: products.get(record[0])) for page in pages]


def select(db: Reader, filters: ProductFilter, *, listed_only: bool, expression: str | None = None) -> Selection:
    """The selection that a filter describes.

    Raises TooMany for a list, InvalidInput and TooLong for a text, OutOfRange and RangeInverted for prices and
    ratings.
    """
    _require_valid_ranges(filters)
    tokens = FacetTokens.for_company(db.company_id)
    any_of: dict[FacetKey, Sequence[str]] = {}
    none_of: dict[FacetKey, str] = {}
    if filters.category_ids:
        any_of[TokenKind.CATEGORY, ""] = [
            tokens.category(category_id) for category_id in _require_values(filters.category_ids, "categories")
        ]
    if filters.brands:
        any_of[TokenKind.BRAND, ""] = [tokens.brand(brand) for brand in _require_values(filters.brands, "brands")]
    for attribute in _merged(filters.attributes):
        key = (TokenKind.ATTRIBUTE, casefold_text(attribute.name))
        any_of[key] = [
            tokens.attribute(attribute.name, value) for value in _require_values(attribute.values, "attributes")
        ]
    for kind, token, chosen in (
        (TokenKind.STOCK, tokens.in_stock, filters.in_stock),
        (TokenKind.FEATURED, tokens.featured, filters.is_featured),
    ):
        if chosen:
            any_of[kind, ""] = [token]
        elif chosen is not None:
            none_of[kind, ""] = token
    return Selection(
        company_id=db.company_id,
        listed=True if listed_only else filters.is_listed,
        expression=expression,
        any_of=any_of,
        none_of=none_of,
        lowest_price=filters.lowest_price,
        highest_price=filters.highest_price,
        lowest_rating=filters.lowest_rating,
    )


def _require_values(values: Sequence[T], name: str) -> Sequence[T]:
    if len(values) > MAX_VALUES:
        raise TooMany(f"At most {MAX_VALUES} values can be given; these are {len(values)}.", field=(name,))
    for value in values:
        optional_text(str(value), field=(name,))
    return values


def _merged(attributes: Sequence[AttributeFilter]) -> Sequence[AttributeFilter]:
    if len(attributes) > MAX_ATTRIBUTES:
        raise TooMany(f"At most {MAX_ATTRIBUTES} attributes can be given.", field=("attributes",))
    by_name: dict[str, AttributeFilter] = {}
    _require_values([attribute.name for attribute in attributes], "attributes")
    for attribute in attributes:
        name = casefold_text(attribute.name)
        earlier = by_name.get(name)
        by_name[name] = replace(earlier, values=[*earlier.values, *attribute.values]) if earlier else attribute
    return [attribute for attribute in by_name.values() if attribute.values]


def _require_valid_ranges(filters: ProductFilter) -> None:
    """Raise OutOfRange for an invalid price or rating, RangeInverted for prices in the wrong order."""
    low, high, rating = filters.lowest_price, filters.highest_price, filters.lowest_rating
    for price in (low, high):
        if price is not None and not (price.is_finite() and abs(price.adjusted()) < 100):
            raise OutOfRange("This is not a valid price.", field=("price",))
    if low is not None and high is not None and low > high:
        raise RangeInverted(
            f"The lowest price, {low:f}, is above the highest, {high:f}: exchange them.", field=("price",)
        )
    if rating is not None and not (rating.is_finite() and 0 <= rating <= HIGHEST_RATING):
        raise OutOfRange(f"A rating is from 0 to {HIGHEST_RATING}.", field=("min_rating",))
