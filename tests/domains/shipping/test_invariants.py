"""The invariants of shipping zones find each damage and nothing else."""

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from domains.shipping.invariants import INVARIANTS
from tests.conftest import Undo
from tests.domains.shipping.conftest import MakeMethod, MakeZone

RULES = {invariant.rule: invariant.query for invariant in INVARIANTS}
BREAKS = {
    "No two active shipping zones contain the same country, state or postal prefix": (
        "update shipping_zones set is_active = true where company_id = $1"
    ),
    "The shipping settings say whether a company has zones": (
        "update shipping_settings set has_zones = false where company_id = $1"
    ),
    "The amounts of shipping methods are in the currency of their company": (
        "update shipping_methods set currency = 'USD' where company_id = $1"
    ),
}


def test_every_invariant_has_a_break() -> None:
    assert set(BREAKS) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
async def test_each_break_is_found_by_its_invariant(
    make_zone: MakeZone, make_method: MakeMethod, company: UUID, owner: Any, rule: str
) -> None:
    prefix = [{"country": "DE", "prefix": "10"}]
    await make_zone("Old", postal_codes=prefix, is_active=False)
    await make_method(await make_zone("New", countries=["DE"], states=["DE-BY"], postal_codes=prefix))
    mine = f"select count(*) from ({RULES[rule].rsplit('limit', 1)[0]}) as broken where company_id = $1"  # noqa: S608 - ours
    async with owner.acquire() as connection:
        before = await connection.fetchval(mine, company)
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute(BREAKS[rule], company)
                after = await connection.fetchval(mine, company)
                raise Undo
    assert (before, after) == (0, 1)
