"""Thousands of random carts are checked against the laws of quotes; `make fuzz` tries a million."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domains.promotion.models import DiscountType
from tests.domains.pricing import quote_laws


@given(st.randoms(use_true_random=False))
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_quote_satisfies_every_law(random: Random) -> None:
    case = quote_laws.random_case(random)
    assert quote_laws.require_laws(case) == case.total()


@pytest.mark.parametrize("batch", range(5))
def test_thousands_of_random_quotes_satisfy_every_law(batch: int) -> None:
    seen: set[DiscountType] = set()
    for seed in range(batch * 1_000, batch * 1_000 + 1_000):
        case = quote_laws.case_of_seed(seed)
        used = {discount.source_id for discount in quote_laws.require_laws(case).adjustments}
        seen |= {promotion.discount_type for promotion in case.promotions if promotion.id in used}
    assert seen == set(DiscountType)
