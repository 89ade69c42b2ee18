"""Search: products by filters and words; typing errors are corrected when nothing is found."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from uuid import UUID

from domains.catalog import sql
from domains.catalog.policy import sees_drafts
from domains.catalog.search import index, search_sql
from domains.catalog.search.documents import search_expression
from domains.catalog.search.facet_tokens import Tokens
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
from domains.catalog.search.normalization import choices, is_run, words
from domains.catalog.search.spelling import allowed_errors, nearest
from domains.kernel.actor import Actor
from domains.kernel.database import Reader, Tx
from domains.kernel.errors import InvalidInput
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import normalize_search

MAX_WORDS = 8
# What no document has: every word of one begins with letters.
NOTHING = "'-'"
SEARCH_LENGTH = 255
NEWEST = ProductSort(ProductSortField.NEWEST)
RELEVANCE = ProductSort(ProductSortField.RELEVANCE)


class Search:
    """Finds products by filters and words."""

    async def find(self, db: Reader, query: ProductQuery, args: PageArgs, *, listed_only: bool) -> FoundProducts:
        """A page of the products that a query asks for.

        One statement; three when nothing is found as typed and similar words exist. Raises InvalidInput for page
        arguments, cursors, lists and numbers out of range, TooLong for a search above 255 characters.
        """
        text = normalize_search(query.search, max_length=SEARCH_LENGTH)
        selection = select(db, query.filter, listed_only=listed_only)
        if text is None:
            return FoundProducts(await find_page(db, selection, query.sort or NEWEST, args), selection)
        sort = query.sort or RELEVANCE
        as_typed = choices(text)[:MAX_WORDS]
        if not as_typed:
            nothing = replace(selection, expression=NOTHING)
            return FoundProducts(await find_page(db, nothing, sort, args), nothing)
        found = await _find(db, selection, as_typed, sort, args) if not _goes_on_corrected(args, sort) else None
        if found is not None and (found.page.items or args.cursor is not None or not args.size):
            return found
        understood = await correct(db, text)
        if all(understood) and understood != as_typed:
            return await _find(db, selection, understood, sort, args, corrected=True)
        return found or await _find(db, selection, as_typed, sort, replace(args, after=None, before=None))

    async def in_categories(
        self, db: Reader, actor: Actor, category_ids: Sequence[UUID], args: PageArgs
    ) -> list[FoundProducts]:
        """The same page of each category's products, with those of its descendants, newest first. One statement."""
        listed_only = not sees_drafts(actor)
        selections = [
            select(db, ProductFilter(category_ids=[each]), listed_only=listed_only) for each in category_ids
        ]
        pages = await find_pages(db, selections, NEWEST, args)
        return [FoundProducts(page, selection) for page, selection in zip(pages, selections, strict=True)]

    async def project_stock(
        self,
        tx: Tx,
        product_ids: Sequence[UUID],
        read: Callable[[Reader, Sequence[UUID]], Awaitable[dict[UUID, bool]]],
    ) -> None:
        """Write into the search index which products are in stock, as `read` returns it under the index's locks.

        Of two concurrent calls the later one therefore reads the newer stock, in whatever order the events arrive.
        """
        await sql.lock_search_rows(tx, product_ids)
        await index.set_in_stock(tx, await read(tx, product_ids))


async def correct(db: Reader, text: str) -> list[Sequence[str]]:
    """For each word the terms it may stand for: itself when it is one, none when nothing is like it; one statement.

    Words that are too short to guess at stand for themselves, and so do runs without spaces.
    """
    typed = words(text)[:MAX_WORDS]
    understood: list[Sequence[str]] = [[word] for word in typed]
    doubtful = [place for place, word in enumerate(typed) if allowed_errors(word) and not _is_exact(word)]
    if not doubtful:
        return understood
    last = len(typed) - 1
    doubts = [
        search_sql.Doubt(typed[place], allowed_errors(typed[place]), unfinished=place == last) for place in doubtful
    ]
    candidates: dict[int, list[str]] = {}
    for record in await search_sql.nearby_terms(db, doubts):
        candidates.setdefault(doubtful[record["place"]], []).append(record["term"])
    for place in doubtful:
        understood[place] = nearest(typed[place], candidates.get(place, ()), unfinished=place == last)
    return understood


async def _find(
    db: Reader,
    selection: Selection,
    alternatives: Sequence[Sequence[str]],
    sort: ProductSort,
    args: PageArgs,
    *,
    corrected: bool = False,
) -> FoundProducts:
    searched = replace(selection, expression=search_expression(Tokens.of(db.company_id).code, alternatives))
    page = await find_page(db, searched, sort, args, corrected=corrected)
    understood = " ".join(choices[0] for choices in alternatives) if corrected else None
    return FoundProducts(page, searched, alternatives, understood)


def _is_exact(word: str) -> bool:
    """Whether a word is nothing to guess at: a number, or of a script without spaces."""
    return word.isdigit() or is_run(word)


def _goes_on_corrected(args: PageArgs, sort: ProductSort) -> bool:
    """Whether the page follows one of a corrected search: its cursors say so."""
    if args.cursor is None:
        return False
    try:
        sort.keyset(args, corrected=True)
    except InvalidInput:
        return False
    return True
