"""Estimated days of deliveries in the API."""

from datetime import date

import strawberry

from domains.shipping import delivery_dates


@strawberry.type(description="The days between which a delivery is expected, in the time zone of the shop.")
class DeliveryDates:
    """A range of days."""

    earliest: date = strawberry.field(description="The first day on which the goods may arrive.")
    latest: date = strawberry.field(description="The last day on which the goods should have arrived.")


def delivery_dates_of(dates: delivery_dates.DeliveryDates | None) -> DeliveryDates | None:
    """The days in the API."""
    return None if dates is None else DeliveryDates(earliest=dates.earliest, latest=dates.latest)
