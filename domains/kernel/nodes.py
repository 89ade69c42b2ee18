"""Objects found by their id alone: one statement finds the table of each id."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domains.kernel.database import Reader

IN_COMPANY: Final = "company_id = $1 and "


@dataclass(frozen=True, slots=True)
class NodeTable:
    """A table of objects with an id, as its domain declares it.

    `owner` is the column with the id of the object that decides who may see a row; the id itself where none does. A
    table of the platform (`is_shared`) is not restricted to the company: who may see its rows is decided when they
    are loaded.
    """

    name: str
    owner: str = "id"
    is_shared: bool = False

    @property
    def fragment(self) -> str:
        """The ids that the table holds among those of $2, each with its table and its owner."""
        company = "" if self.is_shared else IN_COMPANY
        return f"select '{self.name}' as name, id, {self.owner} as owner from {self.name} where {company}id = any($2)"  # noqa: S608 - names of tables and columns


@dataclass(frozen=True, slots=True)
class NodeRow:
    """Where an id was found: the table, and the owner of the row."""

    table: str
    id: UUID
    owner_id: UUID


async def find_rows(db: Reader, tables: Iterable[NodeTable], ids: Collection[UUID]) -> list[NodeRow]:
    """Where these ids are found among the tables, in no order. One statement; it does not check permissions."""
    fragments = "\nunion all ".join(table.fragment for table in tables)
    rows = await db.fetch(fragments, db.company_id, list(ids))
    return [NodeRow(row["name"], row["id"], row["owner"]) for row in rows]
