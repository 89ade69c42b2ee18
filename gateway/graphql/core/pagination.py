"""Relay connections over the kernel's pages (GraphQL Cursor Connections Specification)."""

import re
from typing import Any, Final, Generic, Self, TypeVar

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema

from domains.kernel.pagination.pages import Page, PageArgs
from gateway.graphql.core.relations import After, Before, First, Last, computed, deferred

__all__ = ["After", "Before", "Connection", "Edge", "First", "Last", "PageArgs", "PageInfo", "name_items"]

T = TypeVar("T")


_LIST_TYPE: Final = re.compile(r"(\w+)(?:Connection|Edge)")
_WORD: Final = re.compile(r"[A-Z][a-z0-9]*")


@strawberry.type(description="The position of a page in its list, for requesting the next or the previous page.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(
        description="Whether items follow this page. Request them with `after` set to `endCursor`."
    )
    has_previous_page: bool = strawberry.field(
        description="Whether items precede this page. Request them with `last` and `before` set to `startCursor`."
    )
    start_cursor: str | None = strawberry.field(
        description="The cursor of the page's first item; null when the page is empty."
    )
    end_cursor: str | None = strawberry.field(
        description="The cursor of the page's last item; null when the page is empty."
    )


@strawberry.type(description="One of the listed {items}, with its cursor.")
class Edge(Generic[T]):
    """Relay's Edge; `name_items` fills in the noun of the listed type."""

    cursor: str = strawberry.field(
        description="An opaque text for the position of the {item} in the list. Use it as `after` or `before`, with "
        "the same `sortBy`."
    )
    node: T = strawberry.field(description="The {item} at this position.")


@strawberry.type(
    description="One page of a list of {items}: 20 unless `first` or `last` asks for another number, at most 100."
)
class Connection(Generic[T]):
    """Relay's Connection; created from a kernel page by `Connection.of`."""

    page: strawberry.Private[Page[Any]]
    nodes: list[T] = strawberry.field(
        description="The {items} of this page in the order of the list, which is that of `sortBy` where there is one."
    )

    @computed
    def edges(self) -> list[Edge[T]]:
        """The {items} of this page in the same order as `nodes`, each with its cursor."""
        return [Edge(cursor=cursor, node=node) for cursor, node in zip(self.page.cursors, self.nodes, strict=True)]

    @computed
    def page_info(self) -> PageInfo:
        """Whether there are pages before and after this one, and the cursors to request them."""
        cursors = self.page.cursors
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )

    total_count: int = deferred(
        "count",
        description="The number of {items} in the whole list, with `filter` and `search` applied. It takes one more "
        "database statement: select it only when it is shown.",
    )

    async def count(self) -> int:
        """The number of items of the whole list, by one more statement."""
        return await self.page.count()

    @classmethod
    def of(cls, page: Page[Any], **more: Any) -> Self:
        """The connection that shows a page; `more` are the further fields of a subclass."""
        return cls(page=page, nodes=list(page.items), **more)


def name_items(schema: GraphQLSchema) -> None:
    """Fill the noun of the listed type into the descriptions of connections and edges: `{item}` and `{items}`."""
    for kind in schema.type_map.values():
        match = _LIST_TYPE.fullmatch(kind.name)
        if match is None or not isinstance(kind, GraphQLObjectType):
            continue
        noun = " ".join(_WORD.findall(match[1])).lower()
        for described in (kind, *kind.fields.values()):
            if described.description:
                text = described.description.replace("{items}", _plural(noun))
                described.description = text.replace("{item}", noun)


def _plural(noun: str) -> str:
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"
