"""Search: products by filters and words; typing errors are corrected when nothing is found."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from domains.catalog import sql
from domains.catalog.documents.live_values import LiveValues
from domains.catalog.documents.reader import NOTHING_LIVE, ProductReader, Reading
from domains.catalog.events import ProductAvailabilityChanged
from domains.catalog.policy import sees_drafts
from domains.catalog.search import index, search_sql
from domains.catalog.search.documents import search_expression
from domains.catalog.search.facet_tokens import FacetTokens
from domains.catalog.search.filters import Selection
from domains.catalog.search.listing import (
    FoundProducts,
    ProductFilter,
    ProductQuery,
    ProductSort,
    ProductSortField,
    find_page,
    find_pages,
    select,
)
from domains.catalog.search.normalization import is_run, word_alternatives, words
from domains.catalog.search.rare_searches import RareSearches
from domains.catalog.search.spelling import allowed_errors, nearest
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import normalize_search

MAX_WORDS = 8
# A word that no document has: every word of a document begins with letters.
NO_MATCH = "'-'"
SEARCH_LENGTH = 255
NEWEST = ProductSort(ProductSortField.NEWEST)
RELEVANCE = ProductSort(ProductSortField.RELEVANCE)


class Search:
    """Finds products by filters and words."""

    def __init__(self, reader: ProductReader, rare: RareSearches | None = None) -> None:
        self._reader = reader
        self._rare = rare

    async def find(self, db: Reader, query: ProductQuery, args: PageArgs, reading: Reading) -> FoundProducts:
        """A page of the products that match a query; without drafts of the listed ones.

        One statement; three when nothing is found and similar words exist. Raises InvalidInput for
        contradictory page arguments, CursorInvalid, TooMany, OutOfRange, RangeInverted, and TooLong for a search
        above 255 characters.
        """
        text = normalize_search(query.search, max_length=SEARCH_LENGTH)
        selection = select(db, query.filter, listed_only=not reading.with_drafts)
        if text is None:
            return FoundProducts(await find_page(db, selection, query.sort or NEWEST, args, reading), selection)
        sort = query.sort or RELEVANCE
        as_entered = word_alternatives(text)[:MAX_WORDS]
        if not as_entered:
            empty_selection = replace(selection, expression=NO_MATCH)
            return FoundProducts(await find_page(db, empty_selection, sort, args, reading), empty_selection)
        find = partial(_find, db, selection, sort=sort, reading=reading, rare=self._rare)
        result = await find(as_entered, args=args) if not _continues_correction(args, sort) else None
        if result is not None and (result.page.items or args.cursor is not None or not args.size):
            return result
        corrected_words = await correct(db, text)
        if all(corrected_words) and corrected_words != as_entered:
            return await find(corrected_words, args=args, corrected=True)
        return result or await find(as_entered, args=replace(args, after=None, before=None))

    async def in_categories(
        self,
        db: Reader,
        actor: Actor,
        category_ids: Sequence[UUID],
        args: PageArgs,
        live: LiveValues = NOTHING_LIVE,
    ) -> list[FoundProducts]:
        """The same page of each category's products, with those of its descendants, newest first. One statement."""
        reading = Reading(self._reader, sees_drafts(actor), live)
        selections = [
            select(db, ProductFilter(category_ids=[category_id]), listed_only=not reading.with_drafts)
            for category_id in category_ids
        ]
        pages = await find_pages(db, selections, NEWEST, args, reading)
        return [FoundProducts(page, selection) for page, selection in zip(pages, selections, strict=True)]

    async def project_stock(
        self,
        tx: Tx,
        product_ids: Sequence[UUID],
        read: Callable[[Reader, Sequence[UUID]], Awaitable[dict[UUID, bool]]],
    ) -> None:
        """Write into the search index which products are in stock, as `read` returns it under the index's locks.

        Of two concurrent calls the later one therefore reads the newer stock, in whatever order the events arrive.
        Emits ProductAvailabilityChanged with the products that changed.
        """
        shown = await sql.lock_shown_stock(tx, product_ids)
        stocked = await read(tx, product_ids)
        changed = {product_id: stocked[product_id] for product_id, was in shown.items() if stocked[product_id] != was}
        if changed:
            await index.set_in_stock(tx, changed)
            tx.emit(_availability_changed(changed))


def _availability_changed(in_stock: Mapping[UUID, bool]) -> ProductAvailabilityChanged:
    by_state: dict[bool, list[UUID]] = {True: [], False: []}
    for product_id, is_in_stock in sorted(in_stock.items()):
        by_state[is_in_stock].append(product_id)
    return ProductAvailabilityChanged(in_stock=by_state[True], out_of_stock=by_state[False])


async def correct(db: Reader, text: str) -> list[Sequence[str]]:
    """The terms that each word may be a misspelling of: itself when it is one, none without a similar one.

    Words that are too short to correct, and runs without spaces, are returned unchanged.
    """
    entered = words(text)[:MAX_WORDS]
    corrected_words: list[Sequence[str]] = [[word] for word in entered]
    uncertain = [position for position, word in enumerate(entered) if allowed_errors(word) and not _is_exact(word)]
    if not uncertain:
        return corrected_words
    last = len(entered) - 1
    uncertain_words = [
        search_sql.UncertainWord(entered[position], allowed_errors(entered[position]), unfinished=position == last)
        for position in uncertain
    ]
    candidates: dict[int, list[str]] = {}
    for record in await search_sql.similar_terms(db, uncertain_words):
        candidates.setdefault(uncertain[record["word_index"]], []).append(record["term"])
    for position in uncertain:
        corrected_words[position] = nearest(
            entered[position], candidates.get(position, ()), unfinished=position == last
        )
    return corrected_words


async def _find(
    db: Reader,
    selection: Selection,
    alternatives: Sequence[Sequence[str]],
    *,
    sort: ProductSort,
    args: PageArgs,
    reading: Reading,
    rare: RareSearches | None,
    corrected: bool = False,
) -> FoundProducts:
    code = FacetTokens.for_company(db.company_id).code
    searched = replace(selection, expression=search_expression(code, alternatives), alternatives=alternatives)
    page = await find_page(db, searched, sort, args, reading, corrected=corrected, rare=rare)
    corrected_words = " ".join(choices[0] for choices in alternatives) if corrected else None
    return FoundProducts(page, searched, alternatives, corrected_words)


def _is_exact(word: str) -> bool:
    """Whether a word is not corrected: a number, or of a script without spaces."""
    return word.isdigit() or is_run(word)


def _continues_correction(args: PageArgs, sort: ProductSort) -> bool:
    """Whether the page continues a corrected search, as its cursor shows."""
    if args.cursor is None:
        return False
    try:
        sort.keyset(args, corrected=True)
    except InvalidInput:
        return False
    return True
