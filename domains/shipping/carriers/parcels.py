"""Parcels and typed labels as staff enter them. Pure."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domains.kernel.errors import InvalidInput, NotApplicable, OutOfRange, TooManyDecimals
from domains.kernel.text.validation import Required, require_text
from domains.kernel.validation import collect_errors, prefix_errors
from domains.kernel.values.money import Money, require_amount
from domains.shipping.carriers.models import NewLabel
from domains.shipping.carriers.requests import Parcel, TypedLabel

SERVICE_LENGTH: Final = 50
MAX_WEIGHT: Final = Decimal(1_000)
MAX_SIDE: Final = Decimal(1_000)
WEIGHT_DECIMALS: Final = 3
SIDE_DECIMALS: Final = 2
SIDES: Final = ("length", "width", "height")
TRACKING_NUMBER: Final = re.compile(r"[A-Z0-9][A-Z0-9./-]{3,63}")


@dataclass(frozen=True, slots=True)
class CheckedLabel:
    """A label to buy; the currency is the company's, `typed` is set for an adapter that takes typed labels only."""

    service: str
    parcel: Parcel
    currency: str
    typed: TypedLabel | None


def require_label(new: NewLabel, currency: str, *, takes_typed_labels: bool) -> CheckedLabel:
    """The label of an input.

    Raises, for all fields at once, Required, TooLong, InvalidInput, OutOfRange, TooManyDecimals, and NotApplicable
    for a typed label of a carrier that makes its own.
    """
    service, parcel, typed = "", Parcel(Decimal(1)), None
    with collect_errors() as each:
        with each:
            service = require_text(new.service, field=("service",), max_length=SERVICE_LENGTH)
        with each:
            parcel = require_parcel(new.parcel)
        with each:
            if takes_typed_labels:
                typed = _typed(new, currency)
            else:
                _require_untyped(new)
    return CheckedLabel(service, parcel, currency, typed)


def require_parcel(parcel: Parcel) -> Parcel:
    """The parcel itself: a weight in kg above 0, and all sides in cm or none. Raises as `require_label`."""
    with prefix_errors(("parcel",)), collect_errors() as each:
        with each:
            _require_number(parcel.weight, MAX_WEIGHT, WEIGHT_DECIMALS, "kg", "weight")
        given = {name: side for name in SIDES if (side := getattr(parcel, name)) is not None}
        for name, side in given.items():
            with each:
                _require_number(side, MAX_SIDE, SIDE_DECIMALS, "cm", name)
        for name in SIDES if given else ():
            with each:
                if name not in given:
                    raise Required("Give the length, the width and the height of the parcel, or none.", field=(name,))
    return parcel


def require_weight(weight: Decimal) -> Decimal:
    """A weight in kg above 0. Raises OutOfRange, TooManyDecimals."""
    _require_number(weight, MAX_WEIGHT, WEIGHT_DECIMALS, "kg", "weight")
    return weight


def _require_number(value: Decimal, maximum: Decimal, decimals: int, unit: str, name: str) -> None:
    if not value.is_finite() or not 0 < value <= maximum:
        raise OutOfRange(f"The {name} is above 0 and at most {maximum} {unit}.", field=(name,))
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > decimals:
        raise TooManyDecimals(f"The {name} in {unit} has at most {decimals} decimals.", field=(name,))


def _typed(new: NewLabel, currency: str) -> TypedLabel:
    number, cost = "", Decimal(0)
    with collect_errors() as each:
        with each:
            number = "".join((new.tracking_number or "").split()).upper()
            if not number:
                raise Required("Type the tracking number of the label.", field=("tracking_number",))
            if not TRACKING_NUMBER.fullmatch(number):
                raise InvalidInput(
                    "A tracking number is 4 to 64 letters, digits, `.`, `/` and `-`. Copy it from the label.",
                    field=("tracking_number",),
                )
        with each:
            if new.cost is None:
                raise Required("Type what the label has cost.", field=("cost",))
            cost = require_amount(new.cost, currency, field=("cost",))
            if cost < 0:
                raise OutOfRange("The cost of a label is not negative.", field=("cost",))
    return TypedLabel(number, Money(cost, currency))


def _require_untyped(new: NewLabel) -> None:
    with collect_errors() as each:
        for name in ("tracking_number", "cost"):
            with each:
                if getattr(new, name) is not None:
                    raise NotApplicable(
                        "The carrier makes the label, its tracking number and its cost. Leave it out.", field=(name,)
                    )
