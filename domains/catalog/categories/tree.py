"""Reads the tree of categories."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from domains.catalog import data, sql
from domains.catalog.errors import CategoryNotFound
from domains.catalog.models import Category
from domains.kernel.database import Tx

CategoryOrder = Literal["display_order", "name", "created_at"]
SORT_TYPES: Mapping[str, type] = {"display_order": int, "name": str, "created_at": datetime}


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A category with its descendants, in display order."""

    category: Category
    children: "Sequence[CategoryNode]"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFilter:
    """Conditions on categories; None is no condition. `roots_only` and `parent_id` are mutually exclusive."""

    parent_id: UUID | None = None
    roots_only: bool = False
    is_active: bool | None = None
    is_featured: bool | None = None
    search: str | None = None


def build_tree(rows: Iterable[Category]) -> list[CategoryNode]:
    """The trees of rows in display order, from the root categories; rows without a path to a root are omitted."""
    children: dict[UUID | None, list[Category]] = defaultdict(list)
    for row in rows:
        children[row.parent_id].append(row)

    def subtrees(parent_id: UUID | None) -> list[CategoryNode]:
        return [CategoryNode(row, subtrees(row.id)) for row in children[parent_id]]

    return subtrees(None)


async def lock_category(tx: Tx, category_id: UUID, *, field: Sequence[str] = ("id",)) -> Category:
    """A category, with the tree locked against changes until the transaction ends. Raises CategoryNotFound."""
    await sql.lock_category_tree(tx)
    row = await data.category.find_unique(tx, id=category_id)
    if row is None:
        raise CategoryNotFound(category_id, field=field)
    return row
