"""Suggestions: products, categories and completed searches for a text that is being entered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from domains.catalog.documents.live_values import LiveValues
from domains.catalog.documents.products import ShownProduct
from domains.catalog.documents.reader import NOTHING_LIVE, ProductReader, Reading
from domains.catalog.models import Category
from domains.catalog.policy import sees_drafts
from domains.catalog.search import search_sql
from domains.catalog.search.documents import search_expression
from domains.catalog.search.facet_tokens import FacetTokens
from domains.catalog.search.listing import ProductFilter, ProductSort, ProductSortField, find_page, select
from domains.catalog.search.normalization import index_words, lexemes, word_alternatives
from domains.catalog.search.search import MAX_WORDS, SEARCH_LENGTH, correct
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import normalize_search

MAX_SUGGESTIONS = 20
_MAX_CATEGORIES = 5_000
_POPULAR_FIRST = ProductSort(ProductSortField.POPULARITY)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Popular products with the words in their names, categories with the words in theirs, completed searches."""

    products: Sequence[ShownProduct] = ()
    categories: Sequence[Category] = ()
    terms: Sequence[str] = ()


class SuggestionSearch:
    """Finds suggestions for a search text that is being entered."""

    def __init__(self, reader: ProductReader) -> None:
        self._reader = reader

    async def find(
        self, db: Reader, actor: Actor, text: str, take: int, live: LiveValues = NOTHING_LIVE
    ) -> Suggestions:
        """At most `take` (1 to 20) suggestions of each kind, of listed products only.

        Three statements, five after a typing error. Raises TooLong beyond 255 characters.
        """
        entered = normalize_search(text, max_length=SEARCH_LENGTH) or ""
        as_entered = word_alternatives(entered)[:MAX_WORDS]
        if not as_entered:
            return Suggestions()
        take = max(1, min(take, MAX_SUGGESTIONS))
        alternatives: Sequence[Sequence[str]] = as_entered
        reading = Reading(self._reader, sees_drafts(actor), live)
        products = await _find_by_name(db, alternatives, take, reading)
        if not products:
            alternatives = await correct(db, entered)
            products = await _find_by_name(db, alternatives, take, reading) if all(alternatives) else ()
        corrected_words = alternatives if products else as_entered
        *before, last = corrected_words
        endings = await search_sql.terms_with_prefix(db, last[-1], take)
        start = [choices[0] for choices in before]
        return Suggestions(
            products, await _categories(db, corrected_words, take), [" ".join([*start, end]) for end in endings]
        )


async def _find_by_name(
    db: Reader, alternatives: Sequence[Sequence[str]], take: int, reading: Reading
) -> Sequence[ShownProduct]:
    expression = search_expression(FacetTokens.for_company(db.company_id).code, alternatives, in_name=True)
    selection = replace(select(db, ProductFilter(), listed_only=True), expression=expression)
    page = await find_page(db, selection, _POPULAR_FIRST, PageArgs(first=take), reading)
    return page.items


async def _categories(db: Reader, alternatives: Sequence[Sequence[str]], take: int) -> Sequence[Category]:
    rows = await search_sql.visible_categories(db, _MAX_CATEGORIES)
    return [row for row in rows if _has_all(row.name, alternatives)][:take]


def _has_all(name: str, alternatives: Sequence[Sequence[str]]) -> bool:
    name_words = {word for position in index_words(name) for word in position}
    return all(
        any(_matches(word, name_words, unfinished=position == len(alternatives)) for word in choices)
        for position, choices in enumerate(alternatives, 1)
    )


def _matches(word: str, name_words: Collection[str], *, unfinished: bool) -> bool:
    return all(
        lexeme in name_words
        or ((unfinished or is_beginning) and any(other.startswith(lexeme) for other in name_words))
        for lexeme, is_beginning in lexemes(word)
    )
