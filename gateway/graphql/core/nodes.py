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

MAX_IDS: Final = 100
LoadById: TypeAlias = Callable[[Context, Sequence[UUID]], Awaitable[Sequence[Any]]]


@dataclass(frozen=True, slots=True, eq=False)
class NodeType:
    """A type that `node` finds by its id: `load` returns each object, or None if the actor may not see it.

    Without the permission of the guard, `node` returns null.
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
        objects = await self.load(context, list(dict.fromkeys(ids)))
        return [item for item in objects if item is not None]


@dataclass(frozen=True, slots=True, eq=False)
class PartType:
    """A type that is part of another: actors who may see the owner see the objects of its relations `fields`."""

    shown_as: type[Node]
    table: NodeTable
    owner: NodeType
    fields: tuple[str, ...]

    async def find(self, context: Context, rows: Sequence[NodeRow]) -> list[Any]:
        """The objects of these rows whose owners the actor may see."""
        owners = await self.owner.visible(context, [row.owner_id for row in rows])
        ids = {row.id for row in rows}
        parts = [part for field in self.fields for part in await self._parts(context, owners, field)]
        return [part for part in parts if part.id in ids]

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
    """The objects of these ids that the actor may see: one statement for their types, and the loads of each type."""
    by_table: defaultdict[str, list[NodeRow]] = defaultdict(list)
    for row in await find_rows(context.reader, (node_type.table for node_type in types.values()), ids):
        by_table[row.table].append(row)
    objects: dict[UUID, Any] = {}
    for table, rows in by_table.items():
        objects |= {item.id: item for item in await types[table].find(context, rows)}
    return objects


def node_query(types: Sequence[AnyNodeType]) -> type:
    """The fields of Query that find objects of these types."""
    by_table = {node_type.table.name: node_type for node_type in types}

    @strawberry.type
    class NodeQuery:
        """Queries for objects of any type."""

        @query(PUBLIC)
        async def node(
            self, info: Info, id: Annotated[UUID, strawberry.argument(description="The id of an object of any type.")]
        ) -> Node | None:
            """An object by its id; null when there is none, or when you may not see it.

            It does not return orders of guests; use `orderByToken`.
            """
            return present(Node, (await find_nodes(info.context, by_table, [id])).get(id))

        @query(PUBLIC)
        async def nodes(
            self,
            info: Info,
            ids: Annotated[list[UUID], strawberry.argument(description="At most 100 ids of objects of any types.")],
        ) -> list[Node | None]:
            """Objects by their ids, in their order; null where `node` returns null."""
            if len(ids) > MAX_IDS:
                raise TooMany(f"`ids` has {len(ids)} ids; at most {MAX_IDS} are allowed.", field=("ids",))
            objects = await find_nodes(info.context, by_table, ids)
            return present_all(Node, [objects.get(node_id) for node_id in ids])

    return NodeQuery
