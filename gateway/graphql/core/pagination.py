"""Relay connections over the kernel's pages (GraphQL Cursor Connections Specification)."""

from typing import Any, Generic, Self, TypeVar

import strawberry

from domains.kernel.pagination.pages import Page, PageArgs
from gateway.graphql.core.relations import After, Before, First, Last, computed, deferred

__all__ = ["After", "Before", "Connection", "Edge", "First", "Last", "PageArgs", "PageInfo"]

T = TypeVar("T")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Whether the list goes on after this page.")
    has_previous_page: bool = strawberry.field(description="Whether the list has something before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the page's first item.")
    end_cursor: str | None = strawberry.field(description="The cursor of the page's last item.")


@strawberry.type(description="One item of a list with the cursor that stands at it.")
class Edge(Generic[T]):
    """Relay's Edge."""

    cursor: str = strawberry.field(description="Give it as `after` or `before` to go on from here.")
    node: T = strawberry.field(description="The item itself.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """Relay's Connection; made of a kernel page by `Connection.of`."""

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

    total_count: int = deferred("count", description="How many items the whole list has; counted only when asked.")

    async def count(self) -> int:
        """How many items the whole list has, by one more statement."""
        return await self.page.count()

    @classmethod
    def of(cls, page: Page[Any], **more: Any) -> Self:
        """The connection that shows a page; `more` are the further fields of a subclass."""
        return cls(page=page, nodes=list(page.items), **more)
