"""Queries of single products and of categories; lists and search are in `listing`."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import strawberry

from domains.catalog.categories.tree import CategoryFilter, CategoryNode
from domains.kernel.errors import InvalidInput
from gateway.graphql.catalog.loaders import load_children
from gateway.graphql.catalog.types import Category, Product
from gateway.graphql.core.context import Context, Info
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import PUBLIC, input_values, present, present_all, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.core.sorting import SortDirection


class CategorySortField(StrEnum):
    """What categories can be ordered by."""

    DISPLAY_ORDER = "display_order"
    NAME = "name"
    CREATED_AT = "created_at"


describe(
    CategorySortField,
    "What categories are ordered by.",
    {
        CategorySortField.DISPLAY_ORDER: "The order they were given.",
        CategorySortField.NAME: "By letter.",
        CategorySortField.CREATED_AT: "When they were made.",
    },
)


@strawberry.input(description="Which categories; what is left out asks nothing.")
class CategoryFilterInput:
    """Conditions, which are combined with AND."""

    parent_id: UUID | None = strawberry.field(default=None, description="Right below this category.")
    roots_only: bool = strawberry.field(default=False, description="Only those that stand under no other.")
    is_active: bool | None = strawberry.field(default=None, description="Whether customers see them.")
    is_featured: bool | None = strawberry.field(default=None, description="Whether they are pointed out.")


@strawberry.input(description="The order of categories.")
class CategorySortInput:
    """A field and a direction."""

    field: CategorySortField = strawberry.field(
        default=CategorySortField.DISPLAY_ORDER, description="What they are ordered by."
    )
    direction: SortDirection = strawberry.field(default=SortDirection.ASC, description="Which end comes first.")


Id = Annotated[UUID | None, strawberry.argument(description="The id; give it or `slug`.")]
Slug = Annotated[str | None, strawberry.argument(description="The last part of its URL; give it or `id`.")]
Search = Annotated[str | None, strawberry.argument(description="Words that occur in it, in any case.")]


@strawberry.type
class CatalogQuery:
    """The queries of products and categories."""

    @query(PUBLIC)
    async def product(self, info: Info, id: Id = None, slug: Slug = None) -> Product | None:
        """A product by its id or its slug; null when there is none, or it is not for the caller to see."""
        context = info.context
        if id is not None and slug is None:
            return present(Product, await context.services.catalog.products.find(context.reader, context.actor, id))
        if slug is not None and id is None:
            found = await context.services.catalog.find_product_by_slug(context.reader, context.actor, slug)
            return present(Product, found)
        raise InvalidInput("Give either `id` or `slug`.", field=("id",))

    @query(PUBLIC)
    async def category(self, info: Info, id: Id = None, slug: Slug = None) -> Category | None:
        """A category by its id or its slug; null when there is none, or it is not for the caller to see."""
        context = info.context
        if (id is None) == (slug is None):
            raise InvalidInput("Give either `id` or `slug`.", field=("id",))
        found = await context.services.catalog.categories.find(context.reader, context.actor, id=id, slug=slug)
        return present(Category, found)

    @query(PUBLIC)
    async def categories(
        self,
        info: Info,
        filter: Annotated[
            CategoryFilterInput | None,
            strawberry.argument(description="Conditions that the listed categories meet; all of them when left out."),
        ] = None,
        search: Search = None,
        sort_by: Annotated[CategorySortInput | None, strawberry.argument(description="Their order.")] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Category]:
        """The categories, as a list."""
        context, order = info.context, sort_by or CategorySortInput()
        wanted = CategoryFilter(**(input_values(filter) if filter else {}), search=search)
        page = await context.services.catalog.categories.find_page(
            context.reader,
            context.actor,
            PageArgs(first, after, last, before),
            wanted,
            order.field.value,
            order.direction.value,
        )
        return Connection[Category].of(page)

    @query(PUBLIC)
    async def category_tree(self, info: Info) -> list[Category]:
        """The roots of the tree; their `children` come with them. Beyond three levels `categories` is cheaper."""
        context = info.context
        nodes = await context.services.catalog.get_category_tree(context.reader, context.actor)
        _remember(context, nodes)
        return present_all(Category, [node.category for node in nodes])


def _remember(context: Context, nodes: "list[CategoryNode]") -> None:
    """Let the loader of children know the whole tree, so that no level of it is read again."""
    loader = context.loaders.of(load_children)
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        loader.cache_value(node.category.id, [child.category for child in node.children])
        waiting.extend(node.children)
