"""Queries of single products and of categories; lists and search are in `listing`."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import strawberry

from domains.catalog.categories.tree import CategoryFilter, CategoryNode
from domains.kernel.errors import InvalidInput
from gateway.answers.dependencies import Cached
from gateway.graphql.catalog.category_types import Category
from gateway.graphql.catalog.loaders import cache_live_values, load_children
from gateway.graphql.catalog.selections import live_values_of
from gateway.graphql.catalog.types import Product
from gateway.graphql.core.context import Context, Info
from gateway.graphql.core.enums import describe
from gateway.graphql.core.fields import PUBLIC, input_values, present, present_all, query
from gateway.graphql.core.pagination import After, Before, Connection, First, Last, PageArgs
from gateway.graphql.core.sorting import SortDirection


class CategorySortField(StrEnum):
    """The fields that categories can be sorted by."""

    DISPLAY_ORDER = "display_order"
    NAME = "name"
    CREATED_AT = "created_at"


describe(
    CategorySortField,
    "The fields that categories can be sorted by.",
    {
        CategorySortField.DISPLAY_ORDER: "The position among siblings; see `Category.displayOrder`.",
        CategorySortField.NAME: "The name, alphabetically.",
        CategorySortField.CREATED_AT: "The time at which the category was created.",
    },
)


@strawberry.input(
    description="Conditions on categories, all of which must hold. Null and absent fields set no condition."
)
class CategoryFilterInput:
    """Conditions, which are combined with AND."""

    parent_id: UUID | None = strawberry.field(default=None, description="Only the direct children of this category.")
    roots_only: bool = strawberry.field(
        default=False, description="True: only categories without a parent; false: all levels."
    )
    is_active: bool | None = strawberry.field(
        default=None,
        description="True: categories that are active themselves; false: inactive ones, which only staff see.",
    )
    is_featured: bool | None = strawberry.field(
        default=None, description="True: categories that the storefront should highlight; false: all others."
    )


@strawberry.input(description="The order of categories.")
class CategorySortInput:
    """A field and a direction."""

    field: CategorySortField = strawberry.field(
        default=CategorySortField.DISPLAY_ORDER, description="The value to sort by; DISPLAY_ORDER by default."
    )
    direction: SortDirection = strawberry.field(
        default=SortDirection.ASC, description="The direction; ascending by default."
    )


Id = Annotated[UUID | None, strawberry.argument(description="The id of the object. Give either `id` or `slug`.")]
Slug = Annotated[
    str | None,
    strawberry.argument(
        description="The readable part of the object's URL, ignoring case. Give either `slug` or `id`."
    ),
]
Search = Annotated[
    str | None,
    strawberry.argument(
        description=("A text that occurs in the name, ignoring case, at most 255 characters; null or empty for all.")
    ),
]


@strawberry.type
class CatalogQuery:
    """The queries of products and categories."""

    @query(PUBLIC, cached=Cached())
    async def product(self, info: Info, id: Id = None, slug: Slug = None) -> Product | None:
        """A product by its id or its slug; null when there is none that the caller may see."""
        context, live = info.context, live_values_of(info)
        catalog = context.services.catalog
        if id is not None and slug is None:
            product = await catalog.products.find(context.reader, context.actor, id, live)
        elif slug is not None and id is None:
            product = await catalog.find_product_by_slug(context.reader, context.actor, slug, live)
        else:
            raise InvalidInput("Give either `id` or `slug`.", field=("id",))
        cache_live_values(context, live)
        return present(Product, product)

    @query(PUBLIC, cached=Cached())
    async def category(self, info: Info, id: Id = None, slug: Slug = None) -> Category | None:
        """A category by its id or its slug; null when there is none that the caller may see."""
        context = info.context
        if (id is None) == (slug is None):
            raise InvalidInput("Give either `id` or `slug`.", field=("id",))
        category = await context.services.catalog.categories.find(context.reader, context.actor, id=id, slug=slug)
        return present(Category, category)

    @query(PUBLIC, cached=Cached())
    async def categories(
        self,
        info: Info,
        filter: Annotated[
            CategoryFilterInput | None,
            strawberry.argument(description="Conditions on the categories; all categories by default."),
        ] = None,
        search: Search = None,
        sort_by: Annotated[
            CategorySortInput | None,
            strawberry.argument(description="The order; by default by display order, ascending."),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> Connection[Category]:
        """The categories of all levels as a flat list. Customers see active ones only."""
        context, order = info.context, sort_by or CategorySortInput()
        filters = CategoryFilter(**(input_values(filter) if filter else {}), search=search)
        page = await context.services.catalog.categories.find_page(
            context.reader,
            context.actor,
            PageArgs(first, after, last, before),
            filters,
            order.field.value,
            order.direction.value,
        )
        return Connection[Category].of(page)

    @query(PUBLIC, cached=Cached())
    async def category_tree(self, info: Info) -> list[Category]:
        """The root categories. Their `children` are already loaded. Beyond three levels `categories` costs less."""
        context = info.context
        nodes = await context.services.catalog.get_category_tree(context.reader, context.actor)
        _cache_children(context, nodes)
        return present_all(Category, [node.category for node in nodes])


def _cache_children(context: Context, nodes: "list[CategoryNode]") -> None:
    """Cache the whole tree in the loader of children, so that no level is loaded again."""
    loader = context.loaders.of(load_children)
    remaining = list(nodes)
    while remaining:
        node = remaining.pop()
        loader.cache_value(node.category.id, [child.category for child in node.children])
        remaining.extend(node.children)
