"""Suggestions: products, categories and searches for a text that is being typed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from domains.catalog.models import Category, Product
from domains.catalog.search import search_sql
from domains.catalog.search.documents import search_expression
from domains.catalog.search.facet_tokens import Tokens
from domains.catalog.search.listing import ProductFilter, ProductSort, ProductSortField, find_page, select
from domains.catalog.search.normalization import choices, index_words, lexemes
from domains.catalog.search.search import MAX_WORDS, SEARCH_LENGTH, correct
from domains.kernel.database import Reader
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import normalize_search

MAX_SUGGESTIONS = 20
_MAX_CATEGORIES = 5_000
_POPULAR_FIRST = ProductSort(ProductSortField.POPULARITY)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Popular products with the words in their names, categories with the words in theirs, completed searches."""

    products: Sequence[Product] = ()
    categories: Sequence[Category] = ()
    terms: Sequence[str] = ()


class SuggestionSearch:
    """Finds suggestions for a search that is being typed."""

    async def find(self, db: Reader, text: str, take: int) -> Suggestions:
        """At most `take` (1 to 20) suggestions of each sort, of listed products only.

        Three statements, five after a typing error. Raises TooLong beyond 255 characters.
        """
        typed = normalize_search(text, max_length=SEARCH_LENGTH) or ""
        as_typed = choices(typed)[:MAX_WORDS]
        if not as_typed:
            return Suggestions()
        take = max(1, min(take, MAX_SUGGESTIONS))
        alternatives: Sequence[Sequence[str]] = as_typed
        products = await _named(db, alternatives, take)
        if not products:
            alternatives = await correct(db, typed)
            products = await _named(db, alternatives, take) if all(alternatives) else ()
        understood = alternatives if products else as_typed
        *before, last = understood
        endings = await search_sql.terms_beginning(db, last[-1], take)
        start = [each[0] for each in before]
        return Suggestions(
            products, await _categories(db, understood, take), [" ".join([*start, end]) for end in endings]
        )


async def _named(db: Reader, alternatives: Sequence[Sequence[str]], take: int) -> Sequence[Product]:
    expression = search_expression(Tokens.of(db.company_id).code, alternatives, weights="A")
    selection = replace(select(db, ProductFilter(), listed_only=True), expression=expression)
    page = await find_page(db, selection, _POPULAR_FIRST, PageArgs(first=take))
    return page.items


async def _categories(db: Reader, alternatives: Sequence[Sequence[str]], take: int) -> Sequence[Category]:
    rows = await search_sql.visible_categories(db, _MAX_CATEGORIES)
    return [row for row in rows if _has_all(row.name, alternatives)][:take]


def _has_all(name: str, alternatives: Sequence[Sequence[str]]) -> bool:
    standing = {word for place in index_words(name) for word in place}
    return all(
        any(_stands(word, standing, unfinished=place == len(alternatives)) for word in choices)
        for place, choices in enumerate(alternatives, 1)
    )


def _stands(word: str, standing: Collection[str], *, unfinished: bool) -> bool:
    return all(
        lexeme in standing or ((unfinished or is_beginning) and any(other.startswith(lexeme) for other in standing))
        for lexeme, is_beginning in lexemes(word)
    )
