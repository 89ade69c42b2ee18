"""The invariants of tax rates find each damage and nothing else."""

from contextlib import suppress
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domains.tax.invariants import INVARIANTS
from tests.conftest import Undo
from tests.domains.tax.conftest import MakeClass, MakeRate

RULES = {invariant.rule: invariant.query for invariant in INVARIANTS}
BREAKS = {
    "No two rates of one tax, class and place are valid on the same day": (
        "update tax_rates set valid_until = '2026-07-01' where company_id = $1 and valid_until = '2026-06-30'"
    ),
}


def test_every_invariant_has_a_break() -> None:
    assert set(BREAKS) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
async def test_each_break_is_found_by_its_invariant(
    make_class: MakeClass, make_rate: MakeRate, company: UUID, owner: Any, rule: str
) -> None:
    goods, books = await make_class(), await make_class("books")
    for tax_class in (goods, books):
        await make_rate(tax_class, province="NY", country="US")
    await make_rate(goods, valid_until=date(2026, 6, 30))
    await make_rate(goods, name="vat", valid_from=date(2026, 7, 1))
    mine = f"select count(*) from ({RULES[rule].rsplit('limit', 1)[0]}) as broken where company_id = $1"  # noqa: S608 - ours
    async with owner.acquire() as connection:
        before = await connection.fetchval(mine, company)
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute(BREAKS[rule], company)
                after = await connection.fetchval(mine, company)
                raise Undo
    assert (before, after) == (0, 1)
