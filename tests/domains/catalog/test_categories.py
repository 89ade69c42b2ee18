"""Categories: parallel moves keep the tree a tree."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.categories.attributes import AttributeRule, AttributeValue
from domains.catalog.categories.tree import CategoryFilter, CategoryNode
from domains.catalog.data import AttributeType
from domains.catalog.errors import (
    AttributeNameTaken,
    CategoryCycle,
    CategoryInUse,
    CategoryNotFound,
    ProductNotFound,
    SlugTaken,
)
from domains.catalog.events import CategoryChanged, CategoryDeleted, ProductUpdated
from domains.catalog.models import Category, NewCategory, NewImage
from domains.catalog.service import CatalogService
from domains.kernel.actor import Actor
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError, InvalidInput
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from domains.kernel.text.validation import Required, TooLong
from tests.domains.catalog.conftest import MakeProduct

Make = Callable[..., Awaitable[Category]]
UPDATED = """
select aggregate_id from outbox_events
where topic = 'product.updated' and aggregate_id = any($1) and payload->'fields' = to_jsonb($2::text[])
"""


@pytest.fixture
def make(database: Database, catalog: CatalogService, actor: Actor) -> Make:
    async def make(name: str = "Shoes", **given: Any) -> Category:
        async def work(tx: Tx) -> Category:
            return await catalog.categories.create(tx, NewCategory(name=name, **given))

        return await database.run(work, actor)

    return make


def shape(nodes: list[CategoryNode]) -> list[Any]:
    return [(node.category.name, shape(list(node.children))) for node in nodes]


async def test_the_category_tree_is_read_in_display_order_with_one_statement(
    make: Make, catalog: CatalogService, reader: Reader, actor: Actor, company: UUID
) -> None:
    second = await make("B", display_order=2)
    await make("A", display_order=1)
    await make("B2", parent_id=second.id, is_active=False)
    deep = await make("B1", parent_id=second.id)
    await make("B11", parent_id=deep.id)

    with counting() as count:
        seen = await catalog.get_category_tree(reader, Actor.anonymous(company))

    assert shape(seen) == [("A", []), ("B", [("B1", [("B11", [])])])]
    assert count.data == 1
    assert shape(await catalog.get_category_tree(reader, actor))[1] == (
        "B",
        [("B1", [("B11", [])]), ("B2", [])],
    )


async def test_an_inactive_category_and_its_subcategories_are_hidden_from_customers(
    make: Make, catalog: CatalogService, reader: Reader, actor: Actor, company: UUID
) -> None:
    hidden = await make("Hidden", is_active=False)
    below = await make("Below", parent_id=hidden.id)
    shown = await make("Shown")
    customer = Actor.anonymous(company)

    page = await catalog.categories.find_page(reader, customer, PageArgs(), CategoryFilter())
    assert [row.id for row in page.items] == [shown.id]
    for category in (hidden, below):
        with pytest.raises(CategoryNotFound):
            await catalog.categories.find(reader, customer, slug=category.slug)
    assert (await catalog.categories.find(reader, actor, id=below.id)).name == "Below"


async def test_a_category_cannot_be_moved_below_itself(
    make: Make, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    top = await make("Top")
    middle = await make("Middle", parent_id=top.id)
    bottom = await make("Bottom", parent_id=middle.id)

    for target in (top, middle, bottom):
        with pytest.raises(CategoryCycle):
            await database.run(lambda tx, to=target.id: catalog.categories.move(tx, top.id, to), actor)  # type: ignore[misc] # a default binds the loop's value
    with pytest.raises(CategoryNotFound):
        await database.run(lambda tx: catalog.categories.move(tx, top.id, new_id()), actor)
    moved = await database.run(lambda tx: catalog.categories.move(tx, bottom.id, None), actor)
    assert moved.parent_id is None


async def test_two_parallel_moves_create_no_cycle(
    make: Make, catalog: CatalogService, database: Database, actor: Actor, reader: Reader
) -> None:
    for _ in range(5):
        left, right = await make("Left"), await make("Right")
        outcomes = await asyncio.gather(
            database.run(lambda tx, a=left, b=right: catalog.categories.move(tx, a.id, b.id), actor),  # type: ignore[misc] # as above
            database.run(lambda tx, a=left, b=right: catalog.categories.move(tx, b.id, a.id), actor),  # type: ignore[misc] # as above
            return_exceptions=True,
        )

        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["CategoryCycle", "CategoryRow"]
        parents = {row.id: row.parent_id for row in await catalog.categories.find_many(reader, [left.id, right.id])}
        assert sorted(parent is None for parent in parents.values()) == [False, True]


async def test_a_tree_has_at_most_twenty_levels(
    make: Make, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    parent = await make("1")
    for level in range(2, 21):
        parent = await make(str(level), parent_id=parent.id)

    with pytest.raises(InvalidInput, match="20 levels"):
        await make("21", parent_id=parent.id)
    pair = await make("A")
    await make("B", parent_id=pair.id)
    grandparent = parent.parent_id
    assert grandparent is not None
    with pytest.raises(InvalidInput, match="20 levels"):
        await database.run(lambda tx: catalog.categories.move(tx, pair.id, grandparent), actor)


async def test_moving_below_an_inactive_category_hides_the_products(
    make: Make,
    make_product: MakeProduct,
    catalog: CatalogService,
    database: Database,
    actor: Actor,
    reader: Reader,
    category: Category,
) -> None:
    product = await make_product()
    attic = await make("Attic", is_active=False)
    customer = Actor.anonymous(actor.company_id)

    await database.run(lambda tx: catalog.categories.move(tx, category.id, attic.id), actor)
    with pytest.raises(ProductNotFound):
        await catalog.products.find(reader, customer, product.id)
    await database.run(lambda tx: catalog.categories.move(tx, category.id, None), actor)
    assert (await catalog.products.find(reader, customer, product.id)).id == product.id


async def test_a_category_in_use_cannot_be_deleted(
    make: Make,
    make_product: MakeProduct,
    catalog: CatalogService,
    database: Database,
    actor: Actor,
    reader: Reader,
    category: Category,
) -> None:
    child = await make("Child", parent_id=category.id)
    kept, archived = await make_product(), await make_product()
    await database.run(lambda tx: catalog.delete_product(tx, archived.id), actor)

    with pytest.raises(CategoryInUse, match="sub-categories"):
        await database.run(lambda tx: catalog.categories.delete(tx, category.id), actor)
    await database.run(lambda tx: catalog.categories.move(tx, child.id, None), actor)
    with pytest.raises(CategoryInUse, match="move them to another category"):
        await database.run(lambda tx: catalog.categories.delete(tx, category.id), actor)
    for nowhere in (new_id(), category.id):
        with pytest.raises(CategoryNotFound):
            await database.run(
                lambda tx, to=nowhere: catalog.categories.delete(tx, category.id, move_products_to=to),  # type: ignore[misc] # as above
                actor,
            )
    async with database.transaction(actor) as tx:
        await catalog.categories.delete(tx, category.id, move_products_to=child.id)
        assert tx.events == [
            ProductUpdated(product_id=kept.id, fields=["category_id"]),
            CategoryDeleted(category_id=category.id),
        ]

    assert await catalog.categories.find_many(reader, [category.id]) == []
    moved = await catalog.products.find_many(reader, actor, [kept.id, archived.id])
    assert {product.category_id for product in moved} == {child.id}


async def test_events_of_moved_products_are_written_in_batches(
    make: Make,
    make_product: MakeProduct,
    catalog: CatalogService,
    database: Database,
    actor: Actor,
    owner: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def moved(products: int) -> int:
        """The number of statements of a deletion that moves so many products."""
        category, target = await make("Full"), await make("Target")
        made = {(await make_product(category_id=category.id)).id for _ in range(products)}
        with counting() as count:
            await database.run(
                lambda tx: catalog.categories.delete(tx, category.id, move_products_to=target.id), actor
            )
        emitted = await owner.fetch(UPDATED, list(made), ["category_id"])
        assert sorted(row["aggregate_id"] for row in emitted) == sorted(made)
        return count.data

    usual = await moved(1)
    monkeypatch.setattr("domains.catalog.products.updates.BATCH_SIZE", 2)
    assert [await moved(products) - usual for products in (2, 3, 5)] == [0, 1, 2]


async def test_creating_a_product_while_its_category_is_deleted_fails_one_of_both(
    make: Make, make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    for _ in range(5):
        category = await make("Short-lived")
        outcomes = await asyncio.gather(
            make_product(category_id=category.id),
            database.run(lambda tx, it=category: catalog.categories.delete(tx, it.id), actor),  # type: ignore[misc] # as above
            return_exceptions=True,
        )
        failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert len(failed) == 1
        assert isinstance(failed[0], CategoryInUse | CategoryNotFound), failed


async def test_category_slugs_are_generated_stored_and_refused(
    make: Make, catalog: CatalogService, database: Database, actor: Actor
) -> None:
    first, second = await make("Für Kinder"), await make("Für Kinder")
    assert (first.slug, second.slug) == ("fur-kinder", "fur-kinder-2")
    renamed = await database.run(lambda tx: catalog.categories.update(tx, first.id, {"name": "Kinder"}), actor)
    assert renamed.slug == "fur-kinder"
    with pytest.raises(SlugTaken):
        await database.run(lambda tx: catalog.categories.update(tx, second.id, {"slug": "fur-kinder"}), actor)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": " "}, Required),
        ({"name": "x" * 256}, TooLong),
        ({"slug": "No Slug"}, InvalidInput),
        ({"parent_id": new_id()}, CategoryNotFound),
        ({"display_order": 10**9}, InvalidInput),
        ({"image": NewImage("data:text/html,x")}, InvalidInput),
    ],
)
async def test_invalid_input_creates_no_category(
    make: Make, reader: Reader, given: dict[str, Any], error: type[DomainError]
) -> None:
    with pytest.raises(error):
        await make(**{"name": "X", **given})
    assert await reader.fetch_value("select count(*) from categories where company_id = $1", reader.company_id) == 0


async def test_attributes_are_inherited_and_the_nearest_category_overrides(
    make: Make, catalog: CatalogService, database: Database, actor: Actor, reader: Reader
) -> None:
    top = await make("Top")
    below = await make("Below", parent_id=top.id)

    async def ask(tx: Tx) -> None:
        text = AttributeRule("Material", AttributeType.TEXT, is_required=True, is_filterable=False)
        weight = AttributeRule("Weight", AttributeType.NUMBER, is_required=False, is_filterable=True)
        own = AttributeRule("material", AttributeType.TEXT, is_required=False, is_filterable=True)
        await catalog.attributes.create(tx, top.id, text)
        await catalog.attributes.create(tx, top.id, weight, unit="g")
        await catalog.attributes.create(tx, below.id, own)
        with pytest.raises(AttributeNameTaken):
            await catalog.attributes.create(tx, top.id, own)

    await database.run(ask, actor)
    with counting() as count:
        found = await catalog.attributes.effective(reader, [top.id, below.id])

    assert [(rule.name, rule.is_required) for rule in found[top.id]] == [("Material", True), ("Weight", False)]
    assert [(rule.name, rule.is_required) for rule in found[below.id]] == [("Weight", False), ("material", False)]
    assert count.data == 2


@pytest.mark.parametrize(
    ("type", "options"),
    [
        (AttributeType.SELECT, ()),
        (AttributeType.SELECT, ("A", "A")),
        (AttributeType.SELECT, ("",)),
        (AttributeType.TEXT, ("A",)),
    ],
)
async def test_options_require_the_type_select(
    make: Make,
    catalog: CatalogService,
    database: Database,
    actor: Actor,
    type: AttributeType,
    options: tuple[str, ...],
) -> None:
    category = await make()
    rule = AttributeRule("Fit", type, is_required=False, is_filterable=False, options=options)

    with pytest.raises(DomainError):
        await database.run(lambda tx: catalog.attributes.create(tx, category.id, rule), actor)


async def test_pages_of_categories_are_consecutive(
    make: Make, catalog: CatalogService, reader: Reader, actor: Actor
) -> None:
    names = [(await make(name)).name for name in "DBCA"]

    first = await catalog.categories.find_page(reader, actor, PageArgs(first=3), CategoryFilter(), "name")
    rest = PageArgs(first=3, after=first.cursors[-1])
    second = await catalog.categories.find_page(reader, actor, rest, CategoryFilter(), "name")

    assert [row.name for row in [*first.items, *second.items]] == sorted(names)
    assert (first.has_next, second.has_next, await first.count()) == (True, False, 4)


async def test_a_product_created_while_its_category_is_hidden_is_hidden(
    make: Make, make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor, reader: Reader
) -> None:
    for _ in range(5):
        category = await make("Soon hidden")
        made, *_ = await asyncio.gather(
            make_product(category_id=category.id),
            database.run(lambda tx, it=category: catalog.categories.update(tx, it.id, {"is_active": False}), actor),  # type: ignore[misc] # as above
        )
        assert await catalog.products.find_many(reader, Actor.anonymous(actor.company_id), [made.id]) == []


async def test_renaming_an_attribute_renames_it_on_the_products(
    make: Make, make_product: MakeProduct, catalog: CatalogService, database: Database, actor: Actor, reader: Reader
) -> None:
    top = await make("Top")
    below = await make("Below", parent_id=top.id)
    rule = AttributeRule("Fit", AttributeType.TEXT, is_required=True, is_filterable=True)
    asked = await database.run(lambda tx: catalog.attributes.create(tx, top.id, rule), actor)
    inside = await make_product(category_id=below.id, attributes=[AttributeValue("Fit", "Slim")])
    outside = await make_product(attributes=[AttributeValue("Fit", "Wide")])

    archived = await make_product(category_id=below.id, attributes=[AttributeValue("Fit", "Loose")])
    await database.run(lambda tx: catalog.delete_product(tx, archived.id), actor)

    new = AttributeRule("Cut", AttributeType.TEXT, is_required=True, is_filterable=True)
    async with database.transaction(actor) as tx:
        await catalog.attributes.update(tx, asked.id, new)
        assert tx.events == [
            ProductUpdated(product_id=inside.id, fields=["attributes"]),
            CategoryChanged(category_id=top.id),
        ]
    await database.run(lambda tx: catalog.update_product(tx, inside.id, {"category_id": top.id}), actor)

    stored = await catalog.products.attributes_of(reader, [inside.id, outside.id, archived.id])
    assert {(row.product_id, row.name, row.value) for row in stored} == {
        (inside.id, "Cut", "Slim"),
        (outside.id, "Fit", "Wide"),
        (archived.id, "Cut", "Loose"),
    }
