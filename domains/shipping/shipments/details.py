"""What staff enter of a parcel: its label, or its carrier, tracking, weight and cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypedDict
from uuid import UUID

from domains.kernel.database import Tx
from domains.kernel.errors import InvalidInput, NotApplicable, OutOfRange
from domains.kernel.validation import collect_errors
from domains.kernel.values.money import require_amount
from domains.kernel.values.urls import optional_url
from domains.shipping import data
from domains.shipping.carriers.carriers import Carriers
from domains.shipping.carriers.errors import CarrierNotFound, LabelNotFound, TrackingNumberTaken
from domains.shipping.carriers.models import LabelStatus, ShippingLabel
from domains.shipping.carriers.parcels import TRACKING_NUMBER, require_weight
from domains.shipping.shipments.errors import LabelNotUsable, LabelOfReturn, LabelUsed

OF_LABEL: Final = ("carrier_id", "tracking_number", "weight", "cost")


class ParcelDetails(TypedDict, total=False):
    """What is known of a parcel; absent fields do not change. A label gives the carrier, number, weight and cost.

    `weight` is in kilograms, `cost` in the currency of the order.
    """

    label_id: UUID | None
    carrier_id: UUID | None
    tracking_number: str | None
    tracking_url: str | None
    weight: Decimal | None
    cost: Decimal | None
    estimated_delivery_date: date | None


@dataclass(frozen=True, slots=True)
class ParcelOwner:
    """The shipment whose details are checked, None for a new one; its order, and the currency of that."""

    order_id: UUID
    currency: str
    shipment: data.ShipmentRow | None = None

    @property
    def shipment_id(self) -> UUID | None:
        """The id of the shipment that has the details already."""
        return None if self.shipment is None else self.shipment.id


async def checked(tx: Tx, carriers: Carriers, owner: ParcelOwner, details: ParcelDetails) -> data.ShipmentUpdate:
    """The columns of details.

    A label is locked, so that it is not voided meanwhile. Raises, for all fields at once, LabelNotFound,
    LabelOfReturn, LabelNotUsable, LabelUsed, CarrierNotFound, TrackingNumberTaken, NotApplicable, InvalidInput,
    OutOfRange, TooManyDecimals, TooLong. Two statements for a label, one for a tracking number, and one for carriers
    that are not cached.
    """
    columns: Any = {}
    given: Mapping[str, Any] = details
    with collect_errors() as each:
        if label_id := details.get("label_id"):
            for name in OF_LABEL:
                with each:
                    if given.get(name) is not None:
                        raise NotApplicable("The label has it. Leave it out.", field=(name,))
            with each:
                columns |= await _of_label(tx, carriers, owner, label_id)
        else:
            if "label_id" in details:
                columns["label_id"] = None
            await _entered(tx, carriers, owner, details, columns, each)
        with each:
            if "tracking_url" in details:
                columns["tracking_url"] = optional_url(details["tracking_url"], field=("tracking_url",))
        if "estimated_delivery_date" in details:
            columns["estimated_delivery_date"] = details["estimated_delivery_date"]
    checked: data.ShipmentUpdate = columns
    return checked


async def _entered(
    tx: Tx, carriers: Carriers, owner: ParcelOwner, details: ParcelDetails, columns: dict[str, Any], each: Any
) -> None:
    """Check what was entered without a label, and add it to the columns."""
    with each:
        if "carrier_id" in details:
            columns |= await _carrier(tx, carriers, details["carrier_id"])
    with each:
        if "weight" in details:
            weight = details["weight"]
            columns["weight"] = None if weight is None else require_weight(weight)
    with each:
        if "cost" in details:
            columns |= _cost(details["cost"], owner.currency)
    with each:
        if "tracking_number" in details:
            columns["tracking_number"] = tracking_number_of(details["tracking_number"])
    with each:
        if {"carrier_id", "tracking_number"} & columns.keys():
            await _require_free(tx, owner, columns)


async def _of_label(tx: Tx, carriers: Carriers, owner: ParcelOwner, label_id: UUID) -> Mapping[str, Any]:
    label = await data.shipping_label.find_unique(tx, id=label_id, lock=True)
    if label is None or label.order_id != owner.order_id:
        raise LabelNotFound
    if label.is_return:
        raise LabelOfReturn
    if label.status is not LabelStatus.PURCHASED or label.void_requested_at is not None:
        raise LabelNotUsable(label.status)
    user = await data.shipment.find_unique(tx, label_id=label_id)
    if user is not None and user.id != owner.shipment_id:
        raise LabelUsed
    return {**_columns_of(label), "label_id": label_id, **await _carrier(tx, carriers, label.carrier_id)}


def _columns_of(label: ShippingLabel) -> Mapping[str, Any]:
    return {
        "tracking_number": label.tracking_number,
        "weight": label.weight,
        "cost": label.cost,
        "currency": label.currency,
    }


async def _carrier(tx: Tx, carriers: Carriers, carrier_id: UUID | None) -> Mapping[str, Any]:
    if carrier_id is None:
        return {"carrier_id": None, "carrier_name": None}
    carrier = (await carriers.opened(tx)).get(carrier_id)
    if carrier is None:
        raise CarrierNotFound(field=("carrier_id",))
    return {"carrier_id": carrier_id, "carrier_name": carrier.row.name}


async def _require_free(tx: Tx, owner: ParcelOwner, columns: Mapping[str, Any]) -> None:
    """Raise TrackingNumberTaken when another shipment of the carrier has the tracking number."""
    before = owner.shipment
    carrier_id = columns.get("carrier_id", before and before.carrier_id)
    number = columns.get("tracking_number", before and before.tracking_number)
    if carrier_id is None or number is None:
        return
    other = await data.shipment.find_unique(tx, carrier_id=carrier_id, tracking_number=number)
    if other is not None and other.id != owner.shipment_id:
        raise TrackingNumberTaken


def _cost(cost: Decimal | None, currency: str) -> Mapping[str, Any]:
    if cost is None:
        return {"cost": None, "currency": None}
    exact = require_amount(cost, currency, field=("cost",))
    if exact < 0:
        raise OutOfRange("The cost of a shipment is not negative.", field=("cost",))
    return {"cost": exact, "currency": currency}


def tracking_number_of(text: str | None) -> str | None:
    """A tracking number in its form, None for an empty text. Raises InvalidInput."""
    number = "".join((text or "").split()).upper()
    if number and not TRACKING_NUMBER.fullmatch(number):
        raise InvalidInput(
            "A tracking number is 4 to 64 letters, digits, `.`, `/` and `-`. Copy it from the label.",
            field=("tracking_number",),
        )
    return number or None
