"""Searches as customers or staff make them, without a service around them."""

from domains.catalog.documents.reader import ProductReader, Reading
from domains.catalog.search import search, suggestions
from domains.catalog.search.listing import FoundProducts, ProductQuery
from domains.kernel.actor import Actor
from domains.kernel.database import Reader
from domains.kernel.ids import new_id
from domains.kernel.pagination.pages import PageArgs
from tests.read_model import READING


class Search:
    """Searches of products."""

    def __init__(self) -> None:
        self._reader = ProductReader(READING)

    async def find(self, db: Reader, query: ProductQuery, args: PageArgs, *, listed_only: bool) -> FoundProducts:
        """A page, of listed products alone as customers see them."""
        reading = Reading(self._reader, with_drafts=not listed_only)
        return await search.Search(self._reader).find(db, query, args, reading)


class SuggestionSearch:
    """Suggestions for a guest."""

    async def find(self, db: Reader, text: str, take: int) -> suggestions.Suggestions:
        """The suggestions."""
        guest = Actor.anonymous(db.company_id or new_id())
        return await suggestions.SuggestionSearch(ProductReader(READING)).find(db, guest, text, take)
