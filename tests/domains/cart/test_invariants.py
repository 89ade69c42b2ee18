"""The invariants of carts find each damage and nothing else."""

from contextlib import suppress
from typing import Any

import pytest

from domains.cart.invariants import INVARIANTS
from tests.conftest import Undo
from tests.domains.cart.conftest import Carts, MakeStocked

RULES = {invariant.rule: invariant.query for invariant in INVARIANTS}
DAMAGE = {
    "Carts keep within their limits": "update cart_items set quantity = 1000001 where company_id = $1",
    "A cart's line names a variant of its product": (
        "update cart_items i set variant_id = v.id from product_variants v where v.company_id = $1 and "
        "i.company_id = $1 and v.product_id <> i.product_id"
    ),
    "A cart's lines are in its currency": "update cart_items set currency = 'USD' where company_id = $1",
    "Expired carts are deleted": "update carts set expires_at = now() - interval '3 days' where company_id = $1",
}


def test_every_invariant_has_a_damage_case() -> None:
    assert set(DAMAGE) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
async def test_each_damage_is_found_by_its_invariant(
    carts: Carts, make_stocked: MakeStocked, owner: Any, rule: str
) -> None:
    await make_stocked(skus=("V",), name="In variants")
    await carts.guest(await make_stocked("A", name="Alone"))
    company = carts.actor.company_id
    mine = f"select count(*) from ({RULES[rule].rsplit('limit', 1)[0]}) as broken where company_id = $1"  # noqa: S608 - ours
    async with owner.acquire() as connection:
        before = await connection.fetchval(mine, company)
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute(DAMAGE[rule], company)
                after = await connection.fetchval(mine, company)
                raise Undo
    assert (before, after) == (0, 1)
