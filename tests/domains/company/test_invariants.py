"""The invariants of companies."""

from typing import Any
from uuid import UUID

import pytest

from domains.company.invariants import INVARIANTS, amounts_in_currency
from gateway.services import money_tables_of
from tests.conftest import Undo
from tests.domains.company.test_companies import add_money

RULES = {rule.rule: rule.query for rule in (*INVARIANTS, amounts_in_currency(money_tables_of()))}
CURRENCY = "Every amount is in its company's currency"


async def violations_in(db: Any, company: UUID) -> list[tuple[str, str, str]]:
    slug = f"shop-{company.hex}"
    return [tuple(row) for row in await db.fetch(RULES[CURRENCY]) if row["slug"] == slug]


async def test_a_currency_changed_directly_in_the_database_is_found(owner: Any, company: UUID) -> None:
    await add_money(owner, company)
    assert await violations_in(owner, company) == []
    async with owner.acquire() as connection:
        with pytest.raises(Undo):
            await _change_and_undo(connection, company)


async def _change_and_undo(connection: Any, company: UUID) -> None:
    async with connection.transaction():
        await connection.execute("update companies set currency = 'USD' where id = $1", company)
        assert await violations_in(connection, company) == [(f"shop-{company.hex}", "promotions", "EUR")]
        raise Undo


async def test_a_missing_default_company_is_found(owner: Any) -> None:
    assert await owner.fetch(RULES["There is an active default company"]) == []
    async with owner.acquire() as connection:
        with pytest.raises(Undo):
            await _close_and_undo(connection)


async def _close_and_undo(connection: Any) -> None:
    async with connection.transaction():
        await connection.execute("update companies set is_active = false where slug = 'default'")
        assert len(await connection.fetch(RULES["There is an active default company"])) == 1
        raise Undo
