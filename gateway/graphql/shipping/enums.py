"""The enumerations of shipping methods in the API."""

from domains.shipping.models import ShippingMethodType, ShippingServiceType
from gateway.graphql.core.enums import describe

describe(
    ShippingMethodType,
    "Whether a shipping method sends the goods, or the buyer collects them.",
    {
        ShippingMethodType.DELIVERY: "The goods are sent to the buyer.",
        ShippingMethodType.PICKUP: "The buyer collects the goods at a warehouse.",
    },
)
describe(
    ShippingServiceType,
    "The speed of a shipping method.",
    {
        ShippingServiceType.STANDARD: "The usual delivery.",
        ShippingServiceType.EXPRESS: "A faster delivery.",
        ShippingServiceType.OVERNIGHT: "A delivery on the next working day.",
    },
)
