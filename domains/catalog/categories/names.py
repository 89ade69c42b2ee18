"""Lookup of categories by name for imports; missing categories are created."""

from collections.abc import Collection, Iterable
from uuid import UUID

from domains.catalog import data
from domains.catalog.events import CategoryChanged
from domains.catalog.slugs import generate_slug, slug_candidates
from domains.kernel.database import Tx
from domains.kernel.ids import new_id

FALLBACK = "category"


class CategoryNames:
    """The company's categories by name: an exact match comes first, then one that differs in letter case."""

    def __init__(self, rows: Iterable[data.CategoryRow]) -> None:
        self.slugs: set[str] = set()
        self._by_id: dict[UUID, data.CategoryRow] = {}
        self._exact: dict[str, UUID] = {}
        self._by_casefold: dict[str, UUID] = {}
        for row in rows:
            self.add(row)

    def add(self, row: data.CategoryRow) -> None:
        """Add a category; of two with the same name the first one is found."""
        self.slugs.add(row.slug)
        self._by_id[row.id] = row
        self._exact.setdefault(row.name, row.id)
        self._by_casefold.setdefault(row.name.casefold(), row.id)

    def find(self, name: str, *, present: UUID | None = None) -> UUID | None:
        """The category of this name; of several, the product's present one."""
        current = self._by_id.get(present) if present else None
        if current and current.name == name:
            return current.id
        if (exact := self._exact.get(name)) is None and current and current.name.casefold() == name.casefold():
            return current.id
        return exact or self._by_casefold.get(name.casefold())


async def find_or_create(tx: Tx, names: Collection[str]) -> CategoryNames:
    """The company's categories, after those of these names that are missing were created. One statement, or three.

    The caller has locked the tree of categories, so a missing name is created once. The slug of a new category
    only has to be unused: names with the same slug (`C`, `C++`) are two categories. Emits CategoryChanged for each
    new category.
    """
    order: list[data.CategoryOrder] = [{"created_at": "asc"}, {"id": "asc"}]
    known = CategoryNames(await data.category.find_many(tx, order_by=order))
    new_rows: list[data.CategoryCreate] = []
    missing: dict[str, str] = {}
    for name in names:
        if known.find(name) is None:
            missing.setdefault(name.casefold(), name)
    for name in missing.values():
        slug = _unused_slug(name, known.slugs)
        known.slugs.add(slug)
        new_rows.append({"id": new_id(), "slug": slug, "name": name})
    if new_rows:
        await data.category.create_many(tx, new_rows)
        for row in await data.category.find_many(tx, where={"id": {"in": [row["id"] for row in new_rows]}}):
            known.add(row)
            tx.emit(CategoryChanged(category_id=row.id))
    return known


def _unused_slug(name: str, taken: Collection[str]) -> str:
    for batch in slug_candidates(generate_slug(name, fallback=FALLBACK)):
        if free := next((slug for slug in batch if slug not in taken), None):
            return free
    raise AssertionError  # candidates never end
