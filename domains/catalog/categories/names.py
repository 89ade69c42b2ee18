"""Categories found by their names, as files of products name them; those that are missing are made."""

from collections.abc import Collection, Iterable
from uuid import UUID

from domains.catalog import data
from domains.catalog.events import CategoryChanged
from domains.catalog.slugs import candidates, slug_from
from domains.kernel.database import Tx
from domains.kernel.ids import new_id

FALLBACK = "category"


class CategoryNames:
    """The company's categories by name: one written the same comes first, then one that differs in letter case."""

    def __init__(self, rows: Iterable[data.CategoryRow]) -> None:
        self.slugs: set[str] = set()
        self._by_id: dict[UUID, data.CategoryRow] = {}
        self._exact: dict[str, UUID] = {}
        self._folded: dict[str, UUID] = {}
        for row in rows:
            self.add(row)

    def add(self, row: data.CategoryRow) -> None:
        """Know one more; of two with one name the first that is added is found."""
        self.slugs.add(row.slug)
        self._by_id[row.id] = row
        self._exact.setdefault(row.name, row.id)
        self._folded.setdefault(row.name.casefold(), row.id)

    def find(self, name: str, *, present: UUID | None = None) -> UUID | None:
        """The category of this name; of several the one where the product is at present."""
        here = self._by_id.get(present) if present else None
        if here and here.name == name:
            return here.id
        if (found := self._exact.get(name)) is None and here and here.name.casefold() == name.casefold():
            return here.id
        return found or self._folded.get(name.casefold())


async def named(tx: Tx, names: Collection[str]) -> CategoryNames:
    """The company's categories, those of these names among them. One statement, and one more to make some.

    The tree of categories is held against changes, so a name that is not found is nobody's. The slug of a new one
    only has to be free: names that make the same slug (`C`, `C++`) are two categories.
    """
    order: list[data.CategoryOrder] = [{"created_at": "asc"}, {"id": "asc"}]
    known = CategoryNames(await data.category.find_many(tx, order_by=order))
    made: list[data.CategoryCreate] = []
    missing: dict[str, str] = {}
    for name in names:
        if known.find(name) is None:
            missing.setdefault(name.casefold(), name)
    for name in missing.values():
        slug = _free(name, known.slugs)
        known.slugs.add(slug)
        made.append({"id": new_id(), "slug": slug, "name": name})
    if made:
        await data.category.create_many(tx, made)
        for row in await data.category.find_many(tx, where={"id": {"in": [row["id"] for row in made]}}):
            known.add(row)
            tx.emit(CategoryChanged(category_id=row.id))
    return known


def _free(name: str, taken: Collection[str]) -> str:
    for batch in candidates(slug_from(name, fallback=FALLBACK)):
        if free := next((slug for slug in batch if slug not in taken), None):
            return free
    raise AssertionError  # candidates never end
