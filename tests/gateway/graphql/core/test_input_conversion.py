"""What a client gave in an input, as the domain takes it."""

from types import NoneType
from typing import get_args, get_type_hints

import pytest

from domains.account.models import AddressChanges, ProfileChanges
from domains.catalog.models import CategoryChanges, ProductChanges, VariantChanges
from domains.company.models import SettingsChanges
from domains.inventory.models import ReorderChanges, WarehouseChanges
from domains.promotion.models import NewPromotion, PromotionChanges
from domains.review.models import ReviewChanges
from domains.role.models import RoleChanges
from domains.shipping.carriers.models import CarrierChanges
from domains.shipping.models import (
    NewShippingMethod,
    ShippingMethodChanges,
    ShippingProfileChanges,
    ShippingZoneChanges,
)
from domains.tax.models import NewTaxRate, TaxClassChanges, TaxRateChanges
from gateway.graphql.account.inputs import AddressUpdateInput, ProfileUpdateInput
from gateway.graphql.catalog.category_inputs import CategoryUpdateInput
from gateway.graphql.catalog.inputs import ProductUpdateInput
from gateway.graphql.catalog.variants.inputs import ProductVariantUpdateInput
from gateway.graphql.company.inputs import CompanyCreateInput
from gateway.graphql.core.fields import from_input
from gateway.graphql.inventory.inputs import StockReorderUpdateInput
from gateway.graphql.inventory.warehouse_inputs import WarehouseUpdateInput
from gateway.graphql.promotion.inputs import PromotionCreateInput, PromotionUpdateInput
from gateway.graphql.review.inputs import ReviewCreateInput, ReviewUpdateInput
from gateway.graphql.role.inputs import RoleUpdateInput
from gateway.graphql.shipping.carriers.inputs import CarrierUpdateInput
from gateway.graphql.shipping.profiles.inputs import ShippingProfileUpdateInput
from gateway.graphql.shipping.zones.inputs import ShippingZoneCreateInput, ShippingZoneUpdateInput
from gateway.graphql.shipping.zones.method_inputs import ShippingMethodCreateInput, ShippingMethodUpdateInput
from gateway.graphql.tax.inputs import TaxClassUpdateInput, TaxRateCreateInput, TaxRateUpdateInput

NULL_AS_ABSENT = {(ReorderChanges, "reorder_point"), (ReorderChanges, "reorder_quantity")}
PAIRS: list[tuple[type, type, set[str]]] = [
    (AddressChanges, AddressUpdateInput, {"id"}),
    (CategoryChanges, CategoryUpdateInput, {"id"}),
    (NewPromotion, PromotionCreateInput, set()),
    (ProductChanges, ProductUpdateInput, {"id"}),
    (ProfileChanges, ProfileUpdateInput, set()),
    (PromotionChanges, PromotionUpdateInput, {"id"}),
    (ReorderChanges, StockReorderUpdateInput, {"sku", "warehouse_id"}),
    (ReviewChanges, ReviewCreateInput, {"product_id"}),
    (ReviewChanges, ReviewUpdateInput, {"id"}),
    (RoleChanges, RoleUpdateInput, {"id"}),
    (SettingsChanges, CompanyCreateInput, {"slug"}),
    (TaxClassChanges, TaxClassUpdateInput, {"id"}),
    (NewTaxRate, TaxRateCreateInput, set()),
    (TaxRateChanges, TaxRateUpdateInput, {"id"}),
    (ShippingZoneChanges, ShippingZoneCreateInput, set()),
    (ShippingZoneChanges, ShippingZoneUpdateInput, {"id"}),
    (NewShippingMethod, ShippingMethodCreateInput, set()),
    (ShippingMethodChanges, ShippingMethodUpdateInput, {"id"}),
    (ShippingProfileChanges, ShippingProfileUpdateInput, {"id"}),
    (CarrierChanges, CarrierUpdateInput, {"id"}),
    (VariantChanges, ProductVariantUpdateInput, {"id"}),
    (WarehouseChanges, WarehouseUpdateInput, {"id"}),
]


@pytest.mark.parametrize(("kind", "input", "exclude"), PAIRS)
def test_changes_have_the_fields_of_their_input(kind: type, input: type, exclude: set[str]) -> None:
    assert set(get_type_hints(input)) - exclude <= set(get_type_hints(kind))


@pytest.mark.parametrize(("kind", "input", "exclude"), PAIRS)
def test_changes_may_be_null_where_their_input_may_be(kind: type, input: type, exclude: set[str]) -> None:
    hints = get_type_hints(kind)
    nullable = {name for name, hint in get_type_hints(input).items() if NoneType in get_args(hint)}
    refused = {name for name in nullable - exclude if NoneType not in get_args(hints[name])}
    assert refused == {name for owner, name in NULL_AS_ABSENT if owner is kind}


def test_what_is_absent_stays_absent_and_null_is_given() -> None:
    assert from_input(ProfileChanges, ProfileUpdateInput(first_name="Ada", phone=None)) == {
        "first_name": "Ada",
        "phone": None,
    }
