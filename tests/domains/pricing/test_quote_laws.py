"""Thousands of carts at random, each held to the laws of totals; `make fuzz` tries a million."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domains.promotion.models import DiscountType
from tests.domains.pricing import quote_laws


@given(st.randoms(use_true_random=False))
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_quote_satisfies_every_law(random: Random) -> None:
    case = quote_laws.made_up(random)
    assert quote_laws.require_lawful(case) == case.total()


@pytest.mark.parametrize("batch", range(5))
def test_thousands_of_random_quotes_satisfy_every_law(batch: int) -> None:
    seen: set[DiscountType] = set()
    for seed in range(batch * 1_000, batch * 1_000 + 1_000):
        case = quote_laws.numbered(seed)
        used = {discount.promotion_id for discount in quote_laws.require_lawful(case).adjustments}
        seen |= {promotion.discount_type for promotion in case.promotions if promotion.id in used}
    assert seen == set(DiscountType)
