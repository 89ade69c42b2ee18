"""Why no shipping method applies to the goods of a cart; pure."""

from decimal import Decimal
from uuid import UUID

import pytest

from domains.cart.shipping.errors import ShippingMethodUnavailable, ShippingRateOutdated, ShippingUnavailable
from domains.cart.shipping.problems import ERRORS, MESSAGES, ShippingProblem, ShippingProblemCode, problem_of
from domains.shipping.models import (
    Consignment,
    Limits,
    OfferedMethod,
    SaleShipping,
    ShippingMethodType,
    ShippingPricing,
)

POST, LIVE, SHOP, GONE = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=9)
GOODS = Consignment(Decimal(2), 1, Decimal(20))
HEAVY = Consignment(Decimal(50), 1, Decimal(20))
METHODS = (
    OfferedMethod(id=POST, name="Post", base_price=Decimal(5), limits=Limits(max_weight=Decimal(30))),
    OfferedMethod(id=LIVE, name="Live", pricing=ShippingPricing.CARRIER, limits=Limits(max_weight=Decimal(30))),
    OfferedMethod(id=SHOP, name="Shop", type=ShippingMethodType.PICKUP),
)


def code_of(goods: Consignment | None, chosen: UUID | None = None, *, quoted: bool = False) -> str | None:
    """The problem of goods with a chosen method; `quoted`: its carrier has given a price."""
    prices = {LIVE: Decimal(7)} if quoted else {}
    problem = problem_of(SaleShipping("EUR", METHODS, chosen, prices), goods)
    return None if problem is None else problem.code.value


@pytest.mark.parametrize("chosen", [None, POST, SHOP])
def test_goods_that_a_method_carries_have_no_problem(chosen: UUID | None) -> None:
    assert code_of(GOODS, chosen) is None


@pytest.mark.parametrize("chosen", [None, LIVE, GONE])
def test_a_cart_without_goods_to_ship_has_no_problem(chosen: UUID | None) -> None:
    assert code_of(None, chosen) is None


def test_a_method_that_is_not_offered_is_unavailable() -> None:
    assert code_of(GOODS, GONE) == "SHIPPING_METHOD_UNAVAILABLE"


def test_a_method_that_does_not_carry_the_goods_is_unsuitable() -> None:
    assert code_of(HEAVY, POST) == "SHIPPING_METHOD_UNSUITABLE"
    assert code_of(HEAVY, LIVE) == "SHIPPING_METHOD_UNSUITABLE"


def test_a_live_price_is_needed_of_a_carrier() -> None:
    assert code_of(GOODS, LIVE) == "SHIPPING_RATE_OUTDATED"
    assert code_of(GOODS, LIVE, quoted=True) is None


def test_goods_that_can_only_be_collected_need_a_choice() -> None:
    assert code_of(HEAVY) == "SHIPPING_METHOD_REQUIRED"


def test_without_any_method_shipping_is_unavailable() -> None:
    problem = problem_of(SaleShipping("EUR", ()), GOODS)
    assert problem is not None
    assert problem.code is ShippingProblemCode.SHIPPING_UNAVAILABLE


@pytest.mark.parametrize("code", ShippingProblemCode)
def test_each_problem_is_an_error_of_the_same_code(code: ShippingProblemCode) -> None:
    error = ShippingProblem.of(code).error(("shipping_method_id",))
    assert (error.code, error.message, error.field) == (code.value, MESSAGES[code], ("shipping_method_id",))


def test_errors_name_what_they_are_about() -> None:
    assert ERRORS[ShippingProblemCode.SHIPPING_UNAVAILABLE] is ShippingUnavailable
    assert ERRORS[ShippingProblemCode.SHIPPING_METHOD_UNAVAILABLE] is ShippingMethodUnavailable
    assert ERRORS[ShippingProblemCode.SHIPPING_RATE_OUTDATED] is ShippingRateOutdated
