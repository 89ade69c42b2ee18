"""The shipping method of an order in the API, as it was when the order was created."""

from typing import Any

from domains.shipping import delivery_dates
from domains.shipping.models import ShippingServiceType
from gateway.graphql.core.fields import computed
from gateway.graphql.shipping import enums as _enums  # noqa: F401 - ShippingServiceType must be a GraphQL enum first
from gateway.graphql.shipping.delivery_dates import DeliveryDates, delivery_dates_of


def _estimated_delivery_date(root: Any) -> DeliveryDates | None:
    """When the delivery was expected at the time of the order; null without an estimate.

    Units on backorder arrive later: see `backorders`.
    """
    if root.earliest_delivery_date is None:
        return None
    dates = delivery_dates.DeliveryDates(root.earliest_delivery_date, root.estimated_delivery_date)
    return delivery_dates_of(dates)


def _shipping_service_type(root: Any) -> ShippingServiceType | None:
    """The speed of the delivery at the time of the order; null when nothing is shipped, and for older orders."""
    return None if root.shipping_service_type is None else ShippingServiceType(root.shipping_service_type)


ESTIMATED_DELIVERY_DATE: Any = computed(_estimated_delivery_date)
SHIPPING_SERVICE_TYPE: Any = computed(_shipping_service_type)
