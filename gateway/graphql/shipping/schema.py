"""The root fields and nodes of the shipping domain."""

from typing import Final

from gateway.graphql.shipping.carriers.mutations import CarrierMutation
from gateway.graphql.shipping.carriers.nodes import CARRIER
from gateway.graphql.shipping.carriers.queries import CarrierQuery
from gateway.graphql.shipping.labels.mutations import LabelMutation
from gateway.graphql.shipping.labels.nodes import SHIPPING_LABEL
from gateway.graphql.shipping.labels.queries import LabelQuery
from gateway.graphql.shipping.profiles.mutations import ShippingProfileMutation
from gateway.graphql.shipping.profiles.queries import ShippingProfileQuery
from gateway.graphql.shipping.shipments.mutations import ShipmentMutation
from gateway.graphql.shipping.shipments.queries import ShipmentQuery
from gateway.graphql.shipping.tracking.mutations import ShipmentTrackingMutation
from gateway.graphql.shipping.tracking.queries import TrackShipmentQuery
from gateway.graphql.shipping.zones.mutations import ShippingZoneMutation
from gateway.graphql.shipping.zones.nodes import ZONE_NODES
from gateway.graphql.shipping.zones.queries import ShippingZoneQuery

QUERIES: Final = (
    ShippingZoneQuery,
    ShippingProfileQuery,
    CarrierQuery,
    LabelQuery,
    ShipmentQuery,
    TrackShipmentQuery,
)
MUTATIONS: Final = (
    ShippingZoneMutation,
    ShippingProfileMutation,
    CarrierMutation,
    LabelMutation,
    ShipmentMutation,
    ShipmentTrackingMutation,
)
NODES: Final = (*ZONE_NODES, CARRIER, SHIPPING_LABEL)
