"""Relay connections over the kernel's pages (GraphQL Cursor Connections Specification)."""

from typing import Any, Generic, Self, TypeVar

import strawberry

from domains.kernel.pagination.pages import Page, PageArgs
from gateway.graphql.core.relations import After, Before, First, Last, computed, deferred

__all__ = ["After", "Before", "Connection", "Edge", "First", "Last", "PageArgs", "PageInfo"]

T = TypeVar("T")


@strawberry.type(description="The position of a page in its list.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Whether items follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether items precede this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the page's first item.")
    end_cursor: str | None = strawberry.field(description="The cursor of the page's last item.")


@strawberry.type(description="An item of a list with its cursor.")
class Edge(Generic[T]):
    """Relay's Edge."""

    cursor: str = strawberry.field(
        description="The position of the item. Use it as `after` or `before` to continue from here."
    )
    node: T = strawberry.field(description="The item itself.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """Relay's Connection; created from a kernel page by `Connection.of`."""

    page: strawberry.Private[Page[Any]]
    nodes: list[T] = strawberry.field(description="The items of this page.")

    @computed
    def edges(self) -> list[Edge[T]]:
        """The items of this page, each with its cursor."""
        return [Edge(cursor=cursor, node=node) for cursor, node in zip(self.page.cursors, self.nodes, strict=True)]

    @computed
    def page_info(self) -> PageInfo:
        """The position of this page in the list."""
        cursors = self.page.cursors
        return PageInfo(
            has_next_page=self.page.has_next,
            has_previous_page=self.page.has_previous,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )

    total_count: int = deferred(
        "count", description="The number of items of the whole list; counted only when selected."
    )

    async def count(self) -> int:
        """The number of items of the whole list, by one more statement."""
        return await self.page.count()

    @classmethod
    def of(cls, page: Page[Any], **more: Any) -> Self:
        """The connection that shows a page; `more` are the further fields of a subclass."""
        return cls(page=page, nodes=list(page.items), **more)
