"""The types of zones, methods, rates and profiles that `node` finds."""

from typing import Final

from domains.shipping.domain import SHIPPING_METHODS, SHIPPING_PROFILES, SHIPPING_RATES, SHIPPING_ZONES
from gateway.graphql.core.nodes import AnyNodeType, NodeType
from gateway.graphql.shipping.profiles.loaders import load_profiles
from gateway.graphql.shipping.profiles.types import ShippingProfile
from gateway.graphql.shipping.zones.loaders import load_methods, load_rates, load_zones
from gateway.graphql.shipping.zones.queries import MAY_READ
from gateway.graphql.shipping.zones.types import ShippingMethod, ShippingRate, ShippingZone

ZONE_NODES: Final[list[AnyNodeType]] = [
    NodeType(ShippingZone, SHIPPING_ZONES, load_zones, MAY_READ),
    NodeType(ShippingMethod, SHIPPING_METHODS, load_methods, MAY_READ),
    NodeType(ShippingRate, SHIPPING_RATES, load_rates, MAY_READ),
    NodeType(ShippingProfile, SHIPPING_PROFILES, load_profiles, MAY_READ),
]
