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
CATEGORY_KINDS: Mapping[str, type] = {"display_order": int, "name": str, "created_at": datetime}


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A category with what stands below it, in display order."""

    category: Category
    children: "Sequence[CategoryNode]"


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFilter:
    """Which categories; None asks nothing. `roots_only` and `parent_id` exclude each other."""

    parent_id: UUID | None = None
    roots_only: bool = False
    is_active: bool | None = None
    is_featured: bool | None = None
    search: str | None = None


def nodes(rows: Iterable[Category]) -> list[CategoryNode]:
    """The trees below the root categories, of rows in display order; without a path to a root a row is left out."""
    below: dict[UUID | None, list[Category]] = defaultdict(list)
    for row in rows:
        below[row.parent_id].append(row)

    def grow(parent_id: UUID | None) -> list[CategoryNode]:
        return [CategoryNode(row, grow(row.id)) for row in below[parent_id]]

    return grow(None)


async def lock_category(tx: Tx, category_id: UUID, *, field: Sequence[str] = ("id",)) -> Category:
    """A category, in a tree that nobody else changes until the transaction ends. Raises CategoryNotFound."""
    await sql.lock_category_tree(tx)
    row = await data.category.find_unique(tx, id=category_id)
    if row is None:
        raise CategoryNotFound(category_id, field=field)
    return row
