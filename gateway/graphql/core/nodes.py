"""`node` and `nodes`: objects found by their id alone, as the actor may see them."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

import strawberry
from strawberry.types.base import get_object_definition

from domains.kernel.errors import TooMany
from domains.kernel.nodes import NodeRow, NodeTable, find_rows
from gateway.graphql.core.context import Context, Info
from gateway.graphql.core.fields import PUBLIC, Guard, present, present_all, query
from gateway.graphql.core.node import Node
from gateway.graphql.core.relations import Relation

MOST_IDS: Final = 100
LoadById: TypeAlias = Callable[[Context, Sequence[UUID]], Awaitable[Sequence[Any]]]


@dataclass(frozen=True, slots=True, eq=False)
class NodeType:
    """A type that `node` finds by its own id: `load` gives, for each id, the object or None as the actor may see it.

    An actor that the guard refuses finds none.
    """

    shown_as: type[Node]
    table: NodeTable
    load: LoadById
    guard: Guard = PUBLIC

    async def find(self, context: Context, rows: Sequence[NodeRow]) -> list[Any]:
        """The objects of these rows that the actor may see."""
        return await self.visible(context, [row.id for row in rows])

    async def visible(self, context: Context, ids: Collection[UUID]) -> list[Any]:
        """The objects of these ids that the actor may see."""
        if not self.guard.admits(context.actor):
            return []
        found = await self.load(context, list(dict.fromkeys(ids)))
        return [each for each in found if each is not None]


@dataclass(frozen=True, slots=True, eq=False)
class PartType:
    """A type that is part of another: who sees the owner sees it, as the owner's relations `fields` give it."""

    shown_as: type[Node]
    table: NodeTable
    owner: NodeType
    fields: tuple[str, ...]

    async def find(self, context: Context, rows: Sequence[NodeRow]) -> list[Any]:
        """The objects of these rows whose owners the actor may see."""
        owners = await self.owner.visible(context, [row.owner_id for row in rows])
        wanted = {row.id for row in rows}
        found = [part for field in self.fields for part in await self._parts(context, owners, field)]
        return [part for part in found if part.id in wanted]

    async def _parts(self, context: Context, owners: Sequence[Any], field: str) -> Iterable[Any]:
        relation = self._relation(field)
        keys = [key for owner in owners if (key := getattr(owner, relation.key)) is not None]
        loaded = await context.loaders.of(relation.load).load_level(list(dict.fromkeys(keys)))
        return [part for parts in loaded for part in (parts if relation.many else [parts]) if part is not None]

    def _relation(self, field: str) -> Relation:
        declared = get_object_definition(self.owner.shown_as, strict=True).get_field(field)
        if declared is None:
            raise LookupError(field)
        relation: Relation = declared.metadata["relation"]
        return relation


AnyNodeType: TypeAlias = NodeType | PartType


async def find_nodes(context: Context, types: Mapping[str, AnyNodeType], ids: Sequence[UUID]) -> dict[UUID, Any]:
    """The objects of these ids that the actor may see: a statement for their types, and what each type loads by."""
    by_table: defaultdict[str, list[NodeRow]] = defaultdict(list)
    for row in await find_rows(context.reader, (each.table for each in types.values()), ids):
        by_table[row.table].append(row)
    found: dict[UUID, Any] = {}
    for table, rows in by_table.items():
        found |= {each.id: each for each in await types[table].find(context, rows)}
    return found


def node_query(types: Sequence[AnyNodeType]) -> type:
    """The fields of Query that find objects of these types."""
    by_table = {each.table.name: each for each in types}

    @strawberry.type
    class NodeQuery:
        """Questions about objects of any type."""

        @query(PUBLIC)
        async def node(
            self, info: Info, id: Annotated[UUID, strawberry.argument(description="The id of an object of any type.")]
        ) -> Node | None:
            """An object by its id alone, with the permissions of its type; null when there is none to see.

            A guest's order is not found here: `orderByToken` opens it.
            """
            return present(Node, (await find_nodes(info.context, by_table, [id])).get(id))

        @query(PUBLIC)
        async def nodes(
            self,
            info: Info,
            ids: Annotated[list[UUID], strawberry.argument(description="At most 100 ids of objects of any types.")],
        ) -> list[Node | None]:
            """Objects by their ids, in their order, each as `node` gives it: null where there is none to see."""
            if len(ids) > MOST_IDS:
                raise TooMany(f"`ids` has {len(ids)} ids; at most {MOST_IDS} are allowed.", field=("ids",))
            found = await find_nodes(info.context, by_table, ids)
            return present_all(Node, [found.get(each) for each in ids])

    return NodeQuery
