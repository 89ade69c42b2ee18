"""The root fields and nodes of the shipping domain."""

from typing import Final

from gateway.graphql.shipping.profiles.mutations import ShippingProfileMutation
from gateway.graphql.shipping.profiles.queries import ShippingProfileQuery
from gateway.graphql.shipping.zones.mutations import ShippingZoneMutation
from gateway.graphql.shipping.zones.nodes import ZONE_NODES
from gateway.graphql.shipping.zones.queries import ShippingZoneQuery

QUERIES: Final = (ShippingZoneQuery, ShippingProfileQuery)
MUTATIONS: Final = (ShippingZoneMutation, ShippingProfileMutation)
NODES: Final = (*ZONE_NODES,)
