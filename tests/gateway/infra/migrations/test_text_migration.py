"""Texts of an earlier version are normalized; conflicting ones are kept and reported by `commerce doctor`."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any, Final
from uuid import UUID

import orjson
import pytest

from domains.catalog.invariants import ROW_INVARIANTS as CATALOG
from domains.catalog.search import index
from domains.inventory.invariants import ROW_INVARIANTS as INVENTORY
from domains.kernel.actor import Actor
from domains.kernel.clock import FixedClock, SystemClock
from domains.kernel.database import Database
from domains.kernel.ids import new_id
from domains.kernel.text.validation import normalize_key, normalize_text
from domains.order.invariants import ROW_INVARIANTS as ORDERS
from domains.order.search.index import index_outdated
from gateway.infra.migrations import FOLDER, load, migrate, statements
from gateway.infra.postgres import connected, open_pool
from gateway.services import rules_of
from tests.gateway.site import services_of

BEFORE: Final = "20261128001000"
NAME: Final = "20261128001002_normal_texts"
# What the rule looks at, and what it meets: of each kind some.
ALPHABET: Final = (
    "aZ1 .-\n\t\u00e9\u0301\u0308\u1100\u1161\u00a0\u2800\u3000\u0085\u200b\u200c\u200d\u200e\u200f\u061c\u202e\u2066"
    "\ufe0f\ufe00\u00ad\ufeff\u2060\u3164\u180e\u034f\u0001\u001c\u007f\u0939\u094d\u0915\u0646\u05d0\u0436\u4e2d\u0e01"
    "\u115f\u1160\u05b0\u0315\uff9e\u2764\U0001f469\U0001f4bb\U0001f3f4\U000e0067\U000e007f\U000e0100\u0130\u212b\ufb01"
)
LEFT: Final = """
select proname from pg_proc where pronamespace = 'public'::regnamespace and proname ~ 'normal|searched|visible'
"""
E_ACUTE, DECOMPOSED, HIDDEN = "\u00e9", "e\u0301", "\u200b"


async def test_the_functions_of_the_migration_equal_those_of_the_application(empty_database: str) -> None:
    random = Random(20261128)  # noqa: S311 - no secret
    texts = ["".join(random.choices(ALPHABET, k=random.randint(1, 7))) for _ in range(30_000)]
    (migration,) = [each for each in load() if each.name == NAME]
    async with connected(empty_database) as connection:
        for _, statement in statements(migration.sql):
            if statement.startswith(("create function normal_text(", "create function normal_key(", WITHOUT)):
                await connection.execute(statement)
        rows = await connection.fetch("select t, normal_text(t), normal_key(t) from unnest($1::text[]) t", texts)
    assert [
        (ascii(t), ascii(n), ascii(k)) for t, n, k in rows if (n, k) != (normalize_text(t), normalize_key(t))
    ] == []


WITHOUT: Final = "create function without_invisible("


class Shop:
    """A shop that the version before filled."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.company = new_id()
        self.ids: dict[str, UUID] = {}

    async def put(self, table: str, remembered: str = "", /, **columns: Any) -> UUID:
        """A row of a table, with the name that it is remembered by."""
        row: dict[str, Any] = {"id": new_id(), "company_id": self.company, **columns}
        if table in ("users", "companies"):
            del row["company_id"]
        names = ", ".join(row)
        await self.connection.execute(
            f"insert into {table} ({names}) select {names} from json_populate_record(null::{table}, $1::text::json)",  # noqa: S608 - the test's own
            orjson.dumps(row, default=str).decode(),
        )
        self.ids[remembered] = row["id"]
        return self.ids[remembered]

    async def fill(self) -> None:
        now = "2026-11-27T00:00:00Z"
        await self.put("companies", name=f"Caf{DECOMPOSED}", slug="a", updated_at=now, id=self.company, **COMPANY)
        category = await self._categories(now)
        await self._products(category, now)
        await self._order(now)
        role = await self.connection.fetchval("select id from roles where code = 'CUSTOMER' and company_id is null")
        await self.put(
            "users", "user", email="a@example.com", first_name=f"S{HIDDEN}ø", last_name=" Ann\u00a0", role_id=role,
            phone="+491711234567 x12", search_text=f"s{HIDDEN}ø  ann a@example.com", updated_at=now, **USER,
        )  # fmt: skip

    async def _categories(self, now: str) -> UUID:
        category: UUID = new_id()
        rows: dict[str, dict[str, Any]] = {
            "kept": {"name": "A", "slug": f"caf{E_ACUTE}", "id": category},
            "clash": {"name": f"B{HIDDEN}", "slug": f"caf{DECOMPOSED}"},
            "free": {"name": "C", "slug": f"th{DECOMPOSED}"},
            "unseen": {"name": HIDDEN, "slug": "d", "description": "\u2800"},
        }
        for name, row in rows.items():
            await self.put("categories", name, updated_at=now, **CATEGORY, **row)
        for name in (f"M{DECOMPOSED}t", f"M{E_ACUTE}t"):
            await self.put("category_attributes", name, category_id=category, name=name, **ATTRIBUTE)
        return category

    async def _products(self, category: UUID, now: str) -> None:
        rows: dict[str, dict[str, Any]] = {
            "alone": {"sku": f"{DECOMPOSED}1", "tags": [f"caf{DECOMPOSED}", f"caf{E_ACUTE}", HIDDEN, "b"]},
            "first": {"sku": f"{E_ACUTE}2", "images": ["//host/x.png", "https://a.example/b.jpg"]},
            "second": {"sku": f"{DECOMPOSED}2", "images": ["https://a.example/a<b>.jpg"]},
            "several": {"sku": None},
        }
        for name, row in rows.items():
            product = await self.put(
                "products", name, name=f"{name}{HIDDEN}", slug=name, category_id=category, updated_at=now,
                brand=f"Caf{DECOMPOSED}", description=HIDDEN, **{**PRODUCT, **row},
            )  # fmt: skip
            if row["sku"] is not None:
                await self.put("inventory_items", product_id=product, sku=row["sku"], updated_at=now, **ITEM)
            await self.connection.execute(
                "insert into product_search (product_id, company_id, name_key, price, rating, created_at, is_listed, "
                "tokens, version) values ($1, $2, '', 1, 0, now(), true, '{}', 1)",
                product,
                self.company,
            )
        await self.put(
            "product_variants", "variant", product_id=product, sku="v", name=f"Gr{HIDDEN}een", updated_at=now,
            options=[{"name": f"Couleur{HIDDEN}", "value": f"D{DECOMPOSED}"}], **VARIANT,
        )  # fmt: skip

    async def _order(self, now: str) -> None:
        address = await self.put(
            "order_addresses", "address", full_name="\u2800", address_line_1=f"Rue{HIDDEN} 1", city="Paris",
            postal_code="75001\u00a0", country="FR", phone=HIDDEN, created_at=now,
        )  # fmt: skip
        order = await self.put(
            "orders", "order", order_number="2026-000237", email="a@example.com", shipping_address_id=address,
            notes=f"Merci{HIDDEN}", updated_at=now, created_at=now, **ORDER,
        )  # fmt: skip
        await self.put(
            "order_items", "line", order_id=order, product_id=self.ids["second"], sku=f"{DECOMPOSED}2",
            product_name=f"caf{DECOMPOSED}", created_at=now, **LINE,
        )  # fmt: skip

    async def value(self, table: str, column: str, name: str) -> Any:
        sql = f"select {column} from {table} where id = $1"  # noqa: S608 - the test's own
        return await self.connection.fetchval(sql, self.ids[name])


COMPANY: Final = {
    "currency": "EUR", "tax_rate": 0, "prices_include_tax": True, "flat_shipping": 0,
    "order_number_pattern": "{number}", "is_active": True, "created_at": "2026-11-27T00:00:00Z", "time_zone": "UTC",
    "card_payments": "EVERYONE",
    "invoice_payments": "NOBODY", "cash_on_delivery": "NOBODY", "guest_checkout": True, "max_order_units": 9,
    "max_order_lines": 9, "max_line_units": 9, "payment_minutes": 30, "acceptance_hours": 72, "max_unpaid_orders": 20,
}  # fmt: skip
AT: Final = {"created_at": "2026-11-27T00:00:00Z"}
CATEGORY: Final = {"display_order": 0, "is_active": True, "is_featured": False, **AT}
ATTRIBUTE: Final = {"type": "TEXT", "is_required": False, "is_filterable": False, "options": []}
PRODUCT: Final = {
    "base_price": 1, "currency": "EUR", "images": [], "tags": [], "is_tracked": True, "is_active": True,
    "is_featured": False, "view_count": 0, "rating_sum": 0, "review_count": 0, **AT,
}  # fmt: skip
VARIANT: Final = {
    "price_modifier": 0, "images": [], "is_tracked": True, "is_active": True, "display_order": 0, **AT
}  # fmt: skip
ITEM: Final = {
    "available_stock": 0, "reserved_stock": 0, "total_stock": 0, "reorder_point": 0, "reorder_quantity": 0, **AT
}  # fmt: skip
USER: Final = {"is_active": True, "email_verified": True, **AT}
ORDER: Final = {
    "status": "DELIVERED", "currency": "EUR", "subtotal": 1, "tax_amount": 0, "shipping_cost": 0,
    "discount_amount": 0, "total": 1, "tax_rate": 0, "prices_include_tax": True, "email_confirmed": False,
    "card_limited": False,
    "guest_token_hash": "0" * 64,
}  # fmt: skip
LINE: Final = {
    "quantity": 1, "unit_price": 1, "discount_amount": 0, "tax_amount": 0, "total_price": 1, "currency": "EUR",
    "product_snapshot": {},
}  # fmt: skip


@pytest.fixture
async def shop(empty_database: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """The shop after the migrations."""
    folder = tmp_path / "migrations"
    shutil.copytree(
        FOLDER, folder, ignore=lambda _, names: [name for name in names if name[:2] == "20" and name > BEFORE]
    )
    await migrate(empty_database, folder=folder)
    async with connected(empty_database) as connection:
        made = Shop(connection)
        await made.fill()
        await migrate(empty_database)
        yield made


async def reported_texts(shop: Shop) -> set[tuple[str, str, str]]:
    """The texts that `commerce doctor` reports: table, column, and the row by its name."""
    names = {str(row_id): name for name, row_id in shop.ids.items()}
    found = [row for rule in rules_of() for row in await rule.violations(shop.connection) if "column" in row]
    return {(row["table"], row["column"], names[row["id"]]) for row in found}


async def test_stored_texts_are_normalized(shop: Shop) -> None:
    assert await shop.connection.fetchval("select name from companies where id = $1", shop.company) == "Café"
    for table, column, name, expected in (
        ("categories", "name", "clash", "B"),
        ("categories", "slug", "free", f"th{E_ACUTE}"),
        ("categories", "description", "unseen", None),
        ("products", "name", "alone", "alone"),
        ("products", "brand", "alone", f"Caf{E_ACUTE}"),
        ("products", "description", "alone", None),
        ("products", "sku", "alone", f"{E_ACUTE}1"),
        ("products", "tags", "alone", [f"caf{E_ACUTE}", "b"]),
        ("product_variants", "name", "variant", "Green"),
        ("order_addresses", "full_name", "address", ""),
        ("order_addresses", "address_line_1", "address", "Rue 1"),
        ("order_addresses", "postal_code", "address", "75001"),
        ("order_addresses", "phone", "address", None),
        ("orders", "notes", "order", "Merci"),
        ("order_items", "sku", "line", f"{E_ACUTE}2"),
        ("order_items", "product_name", "line", f"caf{E_ACUTE}"),
        ("users", "first_name", "user", "Sø"),
        ("users", "last_name", "user", "Ann"),
        ("users", "search_text", "user", "so ann a@example.com 491711234567"),
    ):
        assert await shop.value(table, column, name) == expected, (table, column)
    assert await shop.value("product_variants", "options", "variant") == [{"name": "Couleur", "value": f"D{E_ACUTE}"}]
    stocked = await shop.connection.fetch("select sku from inventory_items where company_id = $1", shop.company)
    assert {row[0] for row in stocked} == {f"{E_ACUTE}1", f"{E_ACUTE}2", f"{DECOMPOSED}2"}
    versions = await shop.connection.fetch("select distinct version from product_search")
    assert [row[0] for row in versions] == [0]
    assert await shop.connection.fetch(LEFT) == []


async def test_conflicting_texts_are_kept_and_reported(shop: Shop) -> None:
    assert await reported_texts(shop) == {
        ("categories", "slug", "clash"),
        ("categories", "name", "unseen"),
        ("category_attributes", "name", f"M{DECOMPOSED}t"),
        ("products", "sku", "second"),
        ("inventory_items", "sku", ""),
        ("products", "images[]", "first"),
        ("products", "images[]", "second"),
    }


async def test_existing_orders_are_marked_to_be_indexed(shop: Shop) -> None:
    rows = await shop.connection.fetch("select order_id, terms, version from order_search")
    assert [tuple(row) for row in rows] == [(shop.ids["order"], [], 0)]
    (found,) = [each for rule in ORDERS for each in await rule.violations(shop.connection)]
    assert (found["order_number"], found["version"]) == ("2026-000237", 0)


async def test_reported_conflicts_are_resolved_by_the_recommended_mutations(
    shop: Shop, empty_database: str, clock: FixedClock
) -> None:
    pool = await open_pool(empty_database)
    try:
        database, actor = Database(pool, SystemClock()), Actor.system(shop.company)
        services = services_of(clock, database)
        ids = shop.ids
        for work in (
            lambda tx: services.catalog.categories.update(tx, ids["clash"], {"slug": "other"}),
            lambda tx: services.catalog.categories.update(tx, ids["unseen"], {"name": "Seen"}),
            lambda tx: services.catalog.attributes.delete(tx, ids[f"M{DECOMPOSED}t"]),
            lambda tx: services.catalog.update_product(tx, ids["second"], {"sku": "2b", "images": []}),
            lambda tx: services.inventory.sku_assignments.rename_sku(tx, ids["second"], None, "2b"),
            lambda tx: services.catalog.update_product(tx, ids["first"], {"images": ["https://a.example/b.jpg"]}),
        ):
            await database.run(work, actor)
        while await database.run(index.reindex_outdated, actor):
            pass
        while await database.run(index_outdated, actor):
            pass
    finally:
        await pool.close()
    assert await reported_texts(shop) == set()
    assert {rule.rule for rule in ORDERS if await rule.violations(shop.connection)} == set()
    assert {rule.rule for rule in (*CATALOG, *INVENTORY) if await rule.violations(shop.connection)} == set()
