"""The tables of the migrations match the generated modules."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from domains.kernel.prisma.columns import Default, Tenancy
from domains.kernel.prisma.runtime import Table
from tests.conftest import Pool

AnyTable = Table[Any, Any, Any, Any, Any, Any]
ROOT = Path(__file__).parents[4]
TABLES = [
    value
    for path in sorted(ROOT.glob("domains/*/data.py"))
    for value in vars(import_module(f"domains.{path.parent.name}.data")).values()
    if isinstance(value, Table)
]
COLUMNS = """
SELECT a.attname, format_type(a.atttypid, NULL) AS type, a.attnotnull, a.atthasdef
FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
"""
KEYS = """
SELECT array_agg(a.attname::text) AS names FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid
AND a.attnum = ANY (i.indkey) WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indpred IS NULL
GROUP BY i.indexrelid
"""
ALIASES = {
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
    "character": "text",
    "character varying": "text",
}


def test_every_table_of_the_schema_is_checked() -> None:
    assert len(TABLES) == (ROOT / "schema.prisma").read_text().count("\nmodel ")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
async def test_columns_and_keys_match_the_generated_module(owner: Pool, table: AnyTable) -> None:
    found = {record["attname"]: record for record in await owner.fetch(COLUMNS, table.name)}
    for name, column in table._columns.items():
        plain = found[name]["type"].removesuffix("[]")
        assert ALIASES.get(plain, plain) == column.sql_type.strip('"'), name
        assert found[name]["type"].endswith("[]") == column.is_list, name
        assert column.is_list or found[name]["attnotnull"] == (not column.nullable), name
        assert column.default is not Default.DATABASE or found[name]["atthasdef"], name
    assert ("company_id" in found) == (table._tenancy is not Tenancy.NONE)
    unique = {frozenset(record["names"]) for record in await owner.fetch(KEYS, table.name)}
    assert {frozenset(key) for key in table._keys.values()} <= unique


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
async def test_required_columns_of_the_database_are_in_the_generated_module(owner: Pool, table: AnyTable) -> None:
    for record in await owner.fetch(COLUMNS, table.name):
        if record["attnotnull"] and not record["atthasdef"]:
            assert record["attname"] in table._columns, record["attname"]
