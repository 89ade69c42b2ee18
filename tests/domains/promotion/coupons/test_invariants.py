"""The invariants of coupons find each damage and nothing else."""

from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from domains.promotion.coupons.invariants import INVARIANTS
from tests.conftest import Undo
from tests.domains.promotion.coupons.conftest import MakeCodes, MakeCoupon, UseCoupon, use_of

RULES = {invariant.rule: invariant.query for invariant in INVARIANTS}
BREAKS = {
    "The usage count of each coupon is the number of its uses": (
        "update coupons set usage_count = 1 where company_id = $1 and code = 'FIVE'"
    ),
    "No coupon is used more often than its limit": (
        "update coupons set usage_count = 1, usage_limit = 1 where company_id = $1 and code = 'FIVE'"
    ),
    "The usage count of each unique code is the number of its uses, within its limit": (
        "update coupon_codes set usage_count = 0 where company_id = $1 and code = 'ONE'"
    ),
    "A use of a coupon is by its own code": (
        "update coupon_usages u set coupon_id = k.id from coupons k "
        "where u.company_id = $1 and k.company_id = $1 and k.code = 'OTHER' and u.coupon_code_id is not null"
    ),
    "A code is that of one promotion, one coupon, or one unique code": (
        "update coupons set code = 'TWO' where company_id = $1 and code = 'FIVE'"
    ),
    "A coupon has one code that its buyers share, or unique codes": (
        "update coupons set code = 'SHARED' where company_id = $1 and code is null"
    ),
}


def test_every_invariant_has_a_break() -> None:
    assert set(BREAKS) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
async def test_each_break_is_found_by_its_invariant(
    make_coupon: MakeCoupon, make_codes: MakeCodes, use_coupon: UseCoupon, company: UUID, owner: Any, rule: str
) -> None:
    shared, unique = await make_coupon(), await make_coupon(name="Vip", code=None)
    one, _ = await make_codes(unique, "ONE", "TWO")
    await use_coupon(use_of(shared), use_of(unique, one))
    await use_coupon(use_of(shared), email="bob@example.com")
    other = await make_coupon(code="OTHER")
    await use_coupon(use_of(other), email="cleo@example.com")
    mine = f"select count(*) from ({RULES[rule].rsplit('limit', 1)[0]}) as broken where company_id = $1"  # noqa: S608 - ours
    async with owner.acquire() as connection:
        before = await connection.fetchval(mine, company)
        with suppress(Undo):
            async with connection.transaction():
                await connection.execute(BREAKS[rule], company)
                after = await connection.fetchval(mine, company)
                raise Undo
    assert (before, after) == (0, 1)
