"""The options of a sale: which methods carry a consignment, and at what price."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domains.shipping.models import (
    Consignment,
    DayRange,
    Limits,
    OfferedMethod,
    RateBand,
    SaleShipping,
    ShippingMethodType,
    ShippingOption,
    ShippingPricing,
    ShippingServiceType,
)

D = Decimal
A, B, C = (UUID(int=number) for number in (1, 2, 3))
BOOKS, FURNITURE = UUID(int=11), UUID(int=12)
GOODS = Consignment(D("2.5"), 3, D(40))
FLAT = OfferedMethod(id=A, name="Standard", base_price=D("4.9"))


def sale(*methods: OfferedMethod, currency: str = "EUR", chosen: UUID | None = None) -> SaleShipping:
    return SaleShipping(currency, methods, chosen)


def price(method: OfferedMethod, goods: Consignment = GOODS, currency: str = "EUR") -> Decimal | None:
    option = sale(method, currency=currency).option(goods)
    return None if option is None else option.price


def test_a_company_without_zones_ships_everywhere_free_of_charge() -> None:
    free = ShippingOption(
        None, "Shipping", None, ShippingServiceType.STANDARD, ShippingMethodType.DELIVERY, D("0.00"), None, None
    )
    shipping = SaleShipping.free("EUR")
    assert shipping.option(GOODS) == free
    assert shipping.options(GOODS) == [free]


def test_a_price_is_the_base_and_the_weight_and_the_units_and_the_band() -> None:
    method = replace(FLAT, price_per_kg=D("1.10"), price_per_item=D("0.25"))
    assert price(method) == D("4.90") + D("2.75") + D("0.75")
    light, heavy = RateBand(Limits(None, D(2)), D(1)), RateBand(Limits(D(2), D(5)), D("2.005"))
    assert price(replace(method, bands=(light, heavy))) == D("10.41")  # 10.405, half up
    assert price(replace(FLAT, base_price=D("4.4")), currency="JPY") == 4


def test_shipping_is_free_from_the_threshold() -> None:
    method = replace(FLAT, free_from=D(40), bands=(RateBand(Limits(), D(7)),))
    assert (price(method), price(method, replace(GOODS, subtotal=D("39.99")))) == (D(0), D("11.90"))


def test_limits_and_bands_contain_their_minimum_and_not_their_maximum() -> None:
    within = replace(FLAT, limits=Limits(D("2.5"), D(3), D(40), D(50)))
    assert price(within) == D("4.90")
    for outside in (
        replace(GOODS, weight=D("2.499")),
        replace(GOODS, weight=D(3)),
        replace(GOODS, subtotal=D("39.99")),
        replace(GOODS, subtotal=D(50)),
    ):
        assert price(within, outside) is None
    bands = (RateBand(Limits(max_weight=D("2.5")), D(1)), RateBand(Limits(min_weight=D("2.5")), D(2)))
    assert price(replace(FLAT, bands=bands)) == D("6.90")
    assert price(replace(FLAT, bands=bands[:1])) is None


def test_a_method_carries_goods_whose_profiles_are_all_its_own() -> None:
    all_profiles, books = FLAT, replace(FLAT, profile_ids=frozenset({BOOKS}))
    default = replace(FLAT, profile_ids=frozenset({None, BOOKS}))
    carried = {
        profiles: [price(method, replace(GOODS, profile_ids=frozenset(profiles))) is not None
                   for method in (all_profiles, books, default)]
        for profiles in ((None,), (BOOKS,), (BOOKS, None), (BOOKS, FURNITURE))
    }  # fmt: skip
    assert carried == {
        (None,): [True, False, True],
        (BOOKS,): [True, True, True],
        (BOOKS, None): [True, False, True],
        (BOOKS, FURNITURE): [True, False, False],
    }


def test_options_are_in_the_order_of_price_and_position() -> None:
    dear, cheap = replace(FLAT, id=B, base_price=D(9)), replace(FLAT, id=C, position=2)
    live = replace(FLAT, id=UUID(int=4), pricing=ShippingPricing.CARRIER)
    options = sale(live, dear, cheap, replace(FLAT, position=1)).options(GOODS)
    assert [(option.method_id, option.price) for option in options] == [
        (A, D("4.90")), (C, D("4.90")), (B, D("9.00")), (live.id, None)
    ]  # fmt: skip


def test_without_a_choice_the_cheapest_delivery_at_a_price_of_its_own_applies() -> None:
    pickup = replace(FLAT, id=B, type=ShippingMethodType.PICKUP, base_price=D(0), pickup_warehouse_id=A)
    live = replace(FLAT, id=C, pricing=ShippingPricing.CARRIER)
    shipping = replace(sale(pickup, live, FLAT), carrier_prices={C: D(1)})
    assert [option.method_id for option in shipping.options(GOODS)] == [B, C, A]
    assert shipping.option(GOODS) == ShippingOption(
        A, "Standard", None, ShippingServiceType.STANDARD, ShippingMethodType.DELIVERY, D("4.90"), None, None
    )
    assert sale(pickup, live).option(GOODS) is None


def test_the_choice_applies_as_long_as_it_carries_the_goods() -> None:
    express = replace(
        FLAT,
        id=B,
        name="Express",
        carrier="dhl",
        service_type=ShippingServiceType.EXPRESS,
        base_price=D(12),
        estimated_days=DayRange(1, 2),
        limits=Limits(max_weight=D(3)),
    )
    shipping = sale(FLAT, express, chosen=B)
    assert shipping.option(GOODS) == ShippingOption(
        B,
        "Express",
        "dhl",
        ShippingServiceType.EXPRESS,
        ShippingMethodType.DELIVERY,
        D("12.00"),
        DayRange(1, 2),
        None,
    )
    assert shipping.option(replace(GOODS, weight=D(3))) is None
    assert sale(FLAT, chosen=C).option(GOODS) is None


def test_a_live_price_applies_once_its_carrier_has_quoted_it() -> None:
    live = replace(FLAT, pricing=ShippingPricing.CARRIER, free_from=D(100))
    shipping = sale(live, chosen=A)
    assert shipping.option(GOODS) is None
    quoted = replace(shipping, carrier_prices={A: D("7.777")})
    options = [quoted.option(replace(GOODS, subtotal=subtotal)) for subtotal in (D("99.99"), D(100))]
    assert [option and option.price for option in options] == [D("7.78"), D(0)]


WEIGHTS = st.decimals(0, 50, places=3)
PRICES = st.decimals(0, 100, places=2)


@given(st.lists(st.tuples(PRICES, PRICES), max_size=6), WEIGHTS, st.integers(1, 99), PRICES)
def test_the_cheapest_option_does_not_depend_on_the_order_of_the_methods(
    drawn: list[tuple[Decimal, Decimal]], weight: Decimal, units: int, subtotal: Decimal
) -> None:
    methods = [
        replace(FLAT, id=UUID(int=number), base_price=base, price_per_kg=per_kg, position=number)
        for number, (base, per_kg) in enumerate(drawn)
    ]
    goods = Consignment(weight, units, subtotal)
    option, options = sale(*methods).option(goods), sale(*reversed(methods)).options(goods)
    assert option == (options[0] if options else None)
    assert sale(*reversed(methods)).option(goods) == option
