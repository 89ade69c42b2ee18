"""The settings of companies move to the domains with their values; a company that never changed any has no row."""

from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from domains.kernel.ids import new_id
from gateway.infra.migrations import migrate
from gateway.infra.postgres import connected
from tests.gateway.infra.migrations.earlier_migrations import migrations_before

MOVED: Final[dict[str, dict[str, Any]]] = {
    "catalog_settings": {"unit_price_decimals": 4},
    "tax_settings": {"tax_rate": Decimal("0.081000"), "prices_include_tax": False},
    "cart_settings": {"max_order_lines": 7, "max_line_units": 8},
    "order_settings": {
        "order_number_pattern": "T-{number}",
        "guest_checkout": False,
        "accept_unpaid_up_to": Decimal("99.5000"),
        "max_order_units": 1234,
        "max_order_value": Decimal("5000.0000"),
        "payment_minutes": 45,
        "acceptance_hours": 12,
        "max_unpaid_orders": 3,
    },
}
# Settings of later versions, with their defaults.
ADDED: Final[dict[str, dict[str, Any]]] = {
    "cart_settings": {"abandoned_after_hours": 24},
    "tax_settings": {
        "tax_country": None,
        "tax_province": None,
        "tax_postal_code": None,
        "shipping_tax_method": "UNTAXED",
        "shipping_tax_class_id": None,
        "vat_number": None,
        "reverse_charge_countries": [],
    },
}
PLAIN = "insert into companies (id, name, slug, updated_at) values ($1::uuid, 'A', $1::uuid::text, now())"


async def test_settings_move_to_their_domains_with_their_values(empty_database: str, tmp_path: Path) -> None:
    await migrate(empty_database, folder=migrations_before("20261128012000_domain_settings", tmp_path))
    changed, one_setting, plain = new_id(), new_id(), new_id()
    values = {name: value for settings in MOVED.values() for name, value in settings.items()}
    assignments = ", ".join(f"{name} = ${place}" for place, name in enumerate(values, 2))
    async with connected(empty_database) as connection:
        for company in (changed, one_setting, plain):
            await connection.execute(PLAIN, company)
        await connection.execute(f"update companies set {assignments} where id = $1", changed, *values.values())  # noqa: S608 - ours
        await connection.execute("update companies set max_order_value = 10 where id = $1", one_setting)
    await migrate(empty_database)
    async with connected(empty_database) as connection:
        for table, settings in MOVED.items():
            rows = {row["company_id"]: dict(row) for row in await connection.fetch(f"select * from {table}")}  # noqa: S608 - ours
            assert rows[changed] == {"company_id": changed, **settings, **ADDED.get(table, {})}
            assert plain not in rows
            assert (one_setting in rows) is (table == "order_settings")
