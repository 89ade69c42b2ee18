"""Stock: never below zero, and the ledger agrees with the balance."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from domains.catalog.events import ProductUpdated
from domains.catalog.models import NewVariant
from domains.catalog.service import CatalogService
from domains.inventory.alerts.events import StockRanOut
from domains.inventory.errors import InsufficientStock, SkuHasStock, SkuNotFound, StockLimitExceeded
from domains.inventory.events import BackInStock, StockAdjusted, StockChanged, StockRanLow
from domains.inventory.models import MovementFilter, MovementType, StockCount
from domains.inventory.service import InventoryService
from domains.kernel.actor import Actor, ActorKind
from domains.kernel.database import Database, Reader, Tx
from domains.kernel.errors import DomainError, InvalidInput, OutOfRange
from domains.kernel.monitoring.statement_counts import counting
from domains.kernel.pagination.pages import PageArgs
from tests.domains.catalog.conftest import MakeCustomer, MakeProduct

pytestmark = pytest.mark.usefixtures("invariants_hold")


async def available_stock(reader: Reader, sku: str) -> int | None:
    found: int | None = await reader.fetch_value(
        "select available_stock from inventory_items where company_id = $1 and sku = $2", reader.company_id, sku
    )
    return found


async def test_a_count_writes_the_difference_to_the_ledger(
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    reader: Reader,
    make_customer: MakeCustomer,
) -> None:
    await make_product(sku="A")
    clerk = await make_customer()

    async def count(tx: Tx, to: int) -> int:
        return await inventory.ledger.set(tx, [StockCount("A", to)], reason="Stocktaking", reference="S-1")

    assert [await database.run(lambda tx, n=n: count(tx, n), clerk) for n in (5, 5, 2)] == [1, 0, 1]  # type: ignore[misc] # a default binds the loop's value
    page = await inventory.listing.find_movements(reader, PageArgs(), MovementFilter(sku="A"))

    assert [(m.quantity, m.available_delta, m.balance_after, m.reason, m.reference) for m in page.items] == [
        (3, -3, 2, "Stocktaking", "S-1"),
        (5, 5, 5, "Stocktaking", "S-1"),
    ]
    assert {(m.type, m.performed_by, m.actor_kind) for m in page.items} == {
        (MovementType.ADJUSTMENT, clerk.user_id, ActorKind.USER)
    }


async def test_parallel_changes_add_up_and_never_go_below_zero(
    make_product: MakeProduct, inventory: InventoryService, database: Database, actor: Actor, reader: Reader
) -> None:
    await make_product(sku="A")
    await database.run(lambda tx: inventory.ledger.set(tx, [StockCount("A", 5)]), actor)

    outcomes = await asyncio.gather(
        *(database.run(lambda tx: inventory.update_stock(tx, "A", -1, "taken"), actor) for _ in range(8)),
        return_exceptions=True,
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        *["InsufficientStock"] * 3,
        *["InventoryItemRow"] * 5,
    ]
    assert await available_stock(reader, "A") == 0


async def test_counts_of_the_same_skus_in_any_order_do_not_deadlock(
    make_product: MakeProduct, inventory: InventoryService, database: Database, actor: Actor, reader: Reader
) -> None:
    skus = [f"S{number}" for number in range(20)]
    await make_product(variants=[NewVariant(sku=sku) for sku in skus])

    async def count(number: int) -> None:
        ordered = skus if number % 2 else skus[::-1]
        async with database.transaction(actor) as tx:
            await inventory.ledger.set(tx, [StockCount(sku, number) for sku in ordered])

    await asyncio.gather(*(count(number) for number in range(1, 7)))
    assert len({await available_stock(reader, sku) for sku in skus}) == 1


async def test_the_first_count_of_five_hundred_skus_executes_three_statements_and_the_next_one_five(
    make_product: MakeProduct, inventory: InventoryService, database: Database, actor: Actor, reader: Reader
) -> None:
    await make_product(variants=[NewVariant(sku=f"S{number:03}") for number in range(500)])
    for added, expected in ((0, (499, 3)), (1, (500, 5))):
        counts = [StockCount(f"S{number:03}", number + added) for number in range(500)]
        with counting() as statements:
            changed = await database.run(partial(inventory.ledger.set, counts=counts), actor)
        assert (changed, statements.data) == expected
        ends = (await available_stock(reader, "S000"), await available_stock(reader, "S499"))
        assert ends == (added, 499 + added)


async def test_counts_of_stocked_and_new_skus_change_both(
    make_product: MakeProduct, inventory: InventoryService, database: Database, actor: Actor, reader: Reader
) -> None:
    await make_product(variants=[NewVariant(sku=sku) for sku in ("A", "B", "C")])
    await database.run(lambda tx: inventory.ledger.set(tx, [StockCount("B", 5)]), actor)
    counts = [StockCount("C", 0), StockCount("B", 3), StockCount("A", 7)]
    assert await database.run(lambda tx: inventory.ledger.set(tx, counts), actor) == 2
    items = {item.sku: item for item in await inventory.listing.items_by_sku(reader, ["A", "B", "C"])}
    assert {sku: (item.available_stock, item.total_stock) for sku, item in items.items()} == {
        "A": (7, 7),
        "B": (3, 3),
        "C": (0, 0),
    }
    assert {sku: item.last_restocked is not None for sku, item in items.items()} == {"A": True, "B": True, "C": False}


async def test_a_tracked_sku_without_item_is_unavailable_and_an_untracked_one_available(
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    reader: Reader,
    catalog: CatalogService,
) -> None:
    product = await make_product(
        variants=[NewVariant(sku="T"), NewVariant(sku="U", is_tracked=False), NewVariant(sku="O", is_active=False)]
    )
    await database.run(lambda tx: inventory.ledger.set(tx, [StockCount("O", 9)]), actor)

    async def available(sku: str, qty: int = 1) -> bool:
        return await inventory.check_availability(reader, sku, qty)

    assert [await available(sku) for sku in ("T", "U", "O", "unknown")] == [False, True, False, False]
    await database.run(lambda tx: inventory.update_stock(tx, "T", 2, movement_type=MovementType.PURCHASE), actor)
    assert [await available("T", qty) for qty in (1, 2, 3)] == [True, True, False]
    assert await inventory.projection.products_in_stock(reader, [product.id]) == {product.id: True}
    for qty in (0, -1):
        with pytest.raises(InvalidInput):
            await available("T", qty)
    await database.run(lambda tx: catalog.delete_product(tx, product.id), actor)
    assert [await available(sku) for sku in ("T", "U")] == [False, False]


async def test_a_change_of_stock_or_tracking_updates_the_catalogue(
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    reader: Reader,
    catalog: CatalogService,
) -> None:
    product = await make_product(variants=[NewVariant(sku="A"), NewVariant(sku="B")])

    async def shown() -> bool:
        found: bool = await reader.fetch_value(
            "select in_stock from product_search where company_id = $1 and product_id = $2",
            reader.company_id,
            product.id,
        )
        return found

    async def project(tx: Tx) -> None:
        await inventory.projection.show_stock(tx, [product.id])

    async with database.transaction(actor) as tx:
        await inventory.ledger.set(tx, [StockCount("A", 1), StockCount("B", 0)])
        (adjusted, event, back) = tx.events
    assert isinstance(adjusted, StockAdjusted)
    assert adjusted.items == [{"sku": "A", "product_id": product.id, "change": 1, "available": 1}]
    assert isinstance(event, StockChanged)
    assert (event.product_ids, event.skus) == ([product.id], ["A"])
    assert isinstance(back, BackInStock)
    assert [item["sku"] for item in back.items] == ["A"]
    assert not await shown()
    await database.run(project, actor)
    assert await shown()

    (first, _) = await catalog.variants.of_products(reader, actor, [product.id])
    async with database.transaction(actor) as tx:
        await catalog.variants.update(tx, first.id, {"is_active": False})
        assert [type(event) for event in tx.events] == [ProductUpdated]
    await database.run(project, actor)
    assert not await shown()


async def test_the_events_of_a_batch_are_of_one_aggregate_and_so_delivered_in_their_order(
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    owner: Any,
) -> None:
    await make_product(variants=[NewVariant(sku=sku) for sku in "ABC"])
    first = [StockCount("A", 9), StockCount("B", 9), StockCount("C", 0)]
    await database.run(lambda tx: inventory.ledger.set(tx, first), actor)
    await owner.execute("update inventory_items set reorder_point = 3 where company_id = $1", actor.company_id)
    async with database.transaction(actor) as tx:
        await inventory.ledger.set(tx, [StockCount("C", 5), StockCount("B", 0), StockCount("A", 8)])
        emitted = list(tx.events)
    assert [type(event) for event in emitted] == [StockAdjusted, StockChanged, BackInStock, StockRanLow, StockRanOut]
    item = "select id from inventory_items where company_id = $1 and sku = 'A'"
    assert [event.aggregate_id for event in emitted] == [await owner.fetchval(item, actor.company_id)] * 5


async def test_the_later_stock_event_wins_in_any_order_of_delivery(
    make_product: MakeProduct, inventory: InventoryService, database: Database, actor: Actor, reader: Reader
) -> None:
    product = await make_product(sku="A")
    for _ in range(5):
        await asyncio.gather(
            *(
                database.run(work, actor)
                for work in (
                    lambda tx: inventory.projection.show_stock(tx, [product.id]),
                    lambda tx: inventory.ledger.set(tx, [StockCount("A", 1)]),
                    lambda tx: inventory.projection.show_stock(tx, [product.id]),
                )
            )
        )
        await database.run(lambda tx: inventory.projection.show_stock(tx, [product.id]), actor)
        assert await reader.fetch_value("select in_stock from product_search where product_id = $1", product.id)
        await database.run(lambda tx: inventory.ledger.set(tx, [StockCount("A", 0)]), actor)


async def test_stock_follows_a_renamed_sku(
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    reader: Reader,
    catalog: CatalogService,
) -> None:
    product = await make_product(sku="OLD")
    await database.run(lambda tx: inventory.ledger.set(tx, [StockCount("OLD", 3)]), actor)

    async def rename(tx: Tx, to: str | None) -> None:
        await catalog.update_product(tx, product.id, {"sku": to})
        await inventory.sku_assignments.rename_sku(tx, product.id, None, to)

    with pytest.raises(SkuHasStock, match="'OLD' has 3 units in stock"):
        await database.run(lambda tx: rename(tx, None), actor)
    await database.run(lambda tx: rename(tx, "NEW"), actor)
    assert (await available_stock(reader, "OLD"), await available_stock(reader, "NEW")) == (None, 3)


@pytest.mark.parametrize(
    ("counts", "error"),
    [
        ([StockCount("A", -1)], InvalidInput),
        ([StockCount("A", 2**40)], InvalidInput),
        ([StockCount("A", 1), StockCount("A", 2)], InvalidInput),
        ([StockCount("A", 1), StockCount("unknown", 2)], SkuNotFound),
        ([StockCount("A\x00", 1)], InvalidInput),
    ],
)
async def test_an_invalid_count_changes_nothing(
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    reader: Reader,
    counts: list[StockCount],
    error: type[DomainError],
) -> None:
    await make_product(sku="A")
    with pytest.raises(error):
        await database.run(lambda tx: inventory.ledger.set(tx, counts), actor)
    assert await available_stock(reader, "A") is None


@pytest.mark.parametrize("quantity", [0, -1, 2**31 - 1, -(2**31)])
async def test_an_invalid_change_changes_nothing(
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    reader: Reader,
    quantity: int,
) -> None:
    await make_product(sku="A")
    with pytest.raises((OutOfRange, StockLimitExceeded, InsufficientStock)):
        await database.run(lambda tx: inventory.update_stock(tx, "A", quantity), actor)
    assert await available_stock(reader, "A") is None


async def test_stock_of_another_company_is_not_found(
    make_product: MakeProduct,
    inventory: InventoryService,
    database: Database,
    actor: Actor,
    reader: Reader,
    other_company: UUID,
) -> None:
    product = await make_product(sku="A")
    await database.run(lambda tx: inventory.ledger.set(tx, [StockCount("A", 3)]), actor)
    stranger, elsewhere = Actor.system(other_company), database.reader(other_company)

    for attempt in (
        lambda tx: inventory.ledger.set(tx, [StockCount("A", 0)]),
        lambda tx: inventory.update_stock(tx, "A", -1),
    ):
        with pytest.raises(SkuNotFound):
            await database.run(attempt, stranger)
    await database.run(lambda tx: inventory.sku_assignments.rename_sku(tx, product.id, None, "B"), stranger)
    assert await inventory.listing.items_of_products(elsewhere, [product.id]) == []
    assert (await inventory.listing.find_items(elsewhere, PageArgs())).items == []
    assert (await inventory.listing.find_movements(elsewhere, PageArgs(), MovementFilter(sku="A"))).items == []
    assert not await inventory.check_availability(elsewhere, "A", 1)
    assert await available_stock(reader, "A") == 3
