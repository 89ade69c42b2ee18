"""An export that is imported into another company is exported again with the same bytes."""

import csv
import io
from decimal import Decimal
from typing import Any

from domains.catalog.models import NewCategory, NewProduct, NewVariant, VariantOption
from domains.inventory.models import StockCount
from domains.kernel.actor import Actor
from domains.kernel.database import Tx
from domains.kernel.ids import new_id
from domains.kernel.monitoring.statement_counts import counting
from tests.domains.feed.files import FIXTURES, csv_bytes, mug
from tests.domains.feed.shops import Shop

POTTERY = (FIXTURES / "pottery.csv").read_bytes()


async def test_an_export_imported_elsewhere_exports_the_same_bytes(shop: Shop, other_shop: Shop) -> None:
    await shop.import_file(POTTERY)
    first = await shop.export_file()
    report = await other_shop.import_file(first, strict=True)
    assert (report.applied, report.products_created) == (True, 4)
    assert await other_shop.export_file() == first


async def test_an_export_imported_into_the_same_shop_changes_nothing(shop: Shop) -> None:
    await shop.import_file(POTTERY)
    before = await shop.counts(), await shop.products(), await shop.stock()
    report = await shop.import_file(await shop.export_file())
    assert report.products_unchanged == 4
    assert (await shop.counts(), await shop.products(), await shop.stock()) == before


async def test_products_created_by_hand_survive_the_round_trip(shop: Shop, other_shop: Shop) -> None:
    async def work(tx: Tx) -> None:
        catalog = shop.feed._catalog
        category = await catalog.categories.create(tx, NewCategory(name="Cups"))
        common: dict[str, Any] = {"category_id": category.id, "base_price": Decimal(10)}
        await catalog.create_product(
            tx, NewProduct(name='A "10%" mug, =1+1', description="5 < 6\nand more", tags=["a,b"], sku="M", **common)
        )
        unlike = [
            NewVariant(sku="P-1", options=[VariantOption("Size", "S")], price_modifier=Decimal(-2)),
            NewVariant(sku="P-2", options=[VariantOption("Glaze", "Ash")], images=["/media/ash.jpg"]),
            NewVariant(sku="P-3", options=[VariantOption("Glaze", "Old")], is_active=False),
        ]
        await catalog.create_product(
            tx, NewProduct(name="Pot", variants=unlike, compare_at_price=Decimal(15), **common)
        )
        await catalog.create_product(tx, NewProduct(name="Nothing to sell", **common))

    await shop.database.run(work, Actor.system(shop.id))
    first = await shop.export_file()
    assert first.count(b"\r\n") == 1 + 1 + 1 + 3
    report = await other_shop.import_file(first, strict=True)
    assert (report.applied, report.products_created) == (True, 3)
    assert await other_shop.prices("pot") == {"P-1": "8.00", "P-2": "10.00", "P-3": "10.00"}
    assert await other_shop.export_file() == first


async def test_weights_and_what_is_shipped_survive_the_round_trip(shop: Shop, other_shop: Shop) -> None:
    async def work(tx: Tx) -> None:
        catalog = shop.feed._catalog
        category = await catalog.categories.create(tx, NewCategory(name="Cups"))
        common: dict[str, Any] = {"category_id": category.id, "base_price": Decimal(10)}
        sizes = [
            NewVariant(sku="J-1", options=[VariantOption("Size", "S")], weight=Decimal("0.4")),
            NewVariant(sku="J-2", options=[VariantOption("Size", "M")]),
            NewVariant(sku="J-3", options=[VariantOption("Size", "L")], weight=Decimal(0)),
        ]
        await catalog.create_product(tx, NewProduct(name="Jug", variants=sizes, weight=Decimal("1.25"), **common))
        await catalog.create_product(tx, NewProduct(name="Course", sku="C", requires_shipping=False, **common))
        await catalog.create_product(tx, NewProduct(name="Cup", sku="CUP", weight=Decimal("0.001"), **common))
        await catalog.create_product(tx, NewProduct(name="Card", is_gift_card=True, **common))

    await shop.database.run(work, Actor.system(shop.id))
    first = await shop.export_file()
    rows = list(csv.DictReader(io.StringIO(first.decode())))
    columns = ("Variant SKU", "Variant Grams", "Variant Weight Unit", "Variant Requires Shipping")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("", "", "", "false"),
        ("C", "", "", "false"),
        ("CUP", "1", "kg", "true"),
        ("J-1", "400", "kg", "true"),
        ("J-2", "1250", "kg", "true"),
        ("J-3", "0", "kg", "true"),
    ]
    assert (await shop.import_file(first, strict=True)).products_unchanged == 4
    assert (await other_shop.import_file(first, strict=True)).products_created == 4
    again = list(csv.DictReader(io.StringIO((await other_shop.export_file()).decode())))
    assert [(row["Variant Grams"] or "0", row["Variant Requires Shipping"]) for row in again] == [
        (row["Variant Grams"] or "0", row["Variant Requires Shipping"]) for row in rows
    ]


async def test_an_export_without_products_is_the_heading(shop: Shop) -> None:
    content = await shop.export_file()
    assert content.startswith(b"Handle,Title,Body (HTML),")
    assert content.count(b"\r\n") == 1


async def test_an_export_executes_four_statements_a_page(shop: Shop) -> None:
    await shop.import_file(csv_bytes(*(mug() | {"Handle": f"mug-{number:03}"} for number in range(260))))
    with counting() as count:
        content = await shop.export_file()
    assert content.count(b"\r\n") == 261
    assert count.data == 4 + 4 + 1


async def test_an_export_contains_only_the_products_of_its_company(shop: Shop, other_shop: Shop) -> None:
    await shop.import_file(csv_bytes(mug()))
    await other_shop.import_file(csv_bytes(mug() | {"Handle": "secret"}))
    assert b"secret" not in await shop.export_file()


async def test_alt_texts_are_imported_with_their_images_and_kept_when_the_file_has_none(
    shop: Shop, other_shop: Shop
) -> None:
    front, back = "https://example.com/front.jpg", "https://example.com/back.jpg"
    cells = {"Image Src": front, "Image Alt Text": " A mug, lit "}
    await shop.import_file(csv_bytes(mug(**cells), {"Handle": "mug", "Image Src": back}))

    async def alt_texts(of: Shop) -> Any:
        return await of.owner.fetchval("select image_alt_texts from products where company_id = $1", of.id)

    assert await alt_texts(shop) == {front: "A mug, lit"}
    first = await shop.export_file()
    await other_shop.import_file(first, strict=True)
    assert await alt_texts(other_shop) == {front: "A mug, lit"}
    assert await other_shop.export_file() == first

    await shop.import_file(csv_bytes({"Handle": "mug", "Image Src": back}, {"Handle": "mug", "Image Src": front}))
    assert await alt_texts(shop) == {front: "A mug, lit"}
    await shop.import_file(csv_bytes(mug(**{"Image Src": front, "Image Alt Text": ""})))
    assert await alt_texts(shop) == {}


SECOND = """
insert into warehouses (id, company_id, code, name, updated_at) values ($1, $2, 'SECOND', 'Second warehouse', now())
"""


async def test_quantities_are_those_of_the_default_warehouse(shop: Shop) -> None:
    cells = {"Variant SKU": "M", "Variant Inventory Tracker": "shopify", "Variant Inventory Qty": "5"}
    await shop.import_file(csv_bytes(mug() | cells))
    second = new_id()
    await shop.owner.execute(SECOND, second, shop.id)
    inventory = shop.feed._inventory
    await shop.database.run(lambda tx: inventory.ledger.set(tx, [StockCount("M", 7, second)]), Actor.system(shop.id))
    assert await shop.stock() == {"M": (12, 2)}
    content = await shop.export_file()
    (row,) = csv.DictReader(io.StringIO(content.decode()))
    assert row["Variant Inventory Qty"] == "5"
    report = await shop.import_file(content)
    assert (report.stock_changes, await shop.stock()) == (0, {"M": (12, 2)})
