"""The bands of a shipping method: half-open ranges of weight and amount that cover its limits exactly once. Pure."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from domains.shipping.errors import ShippingRateOutsideLimits, ShippingRatesIncomplete, ShippingRatesOverlap
from domains.shipping.models import NOTHING, Limits

INFINITE: Final = Decimal("Infinity")
FIELD: Final = "rates"


def require_tiling(limits: Limits, bands: Sequence[Limits]) -> None:
    """Check that each weight and amount within the limits is in exactly one band.

    Raises ShippingRateOutsideLimits, ShippingRatesOverlap, ShippingRatesIncomplete: the first that is found, with the
    place. No bands are complete.
    """
    if not bands:
        return
    outer = _box(limits)
    boxes = [_box(band) for band in bands]
    for index, box in enumerate(boxes):
        if box[0] < outer[0] or box[1] > outer[1] or box[2] < outer[2] or box[3] > outer[3]:
            raise ShippingRateOutsideLimits(_words(limits), field=(FIELD, str(index)))
    weights, amounts = _bounds([*boxes, outer], 0), _bounds([*boxes, outer], 2)
    owners: dict[tuple[int, int], int] = {}
    for index, box in enumerate(boxes):
        for cell in _cells(box, weights, amounts):
            if (owner := owners.setdefault(cell, index)) != index:
                place = _words(_limits_of(cell, weights, amounts))
                raise ShippingRatesOverlap(place, owner, field=(FIELD, str(index)))
    for cell in _cells(outer, weights, amounts):
        if cell not in owners:
            raise ShippingRatesIncomplete(_words(_limits_of(cell, weights, amounts)), field=(FIELD,))


_Box = tuple[Decimal, Decimal, Decimal, Decimal]


def _box(limits: Limits) -> _Box:
    """The least and the greatest weight, the least and the greatest amount."""
    return (
        limits.min_weight or NOTHING,
        INFINITE if limits.max_weight is None else limits.max_weight,
        limits.min_amount or NOTHING,
        INFINITE if limits.max_amount is None else limits.max_amount,
    )


def _bounds(boxes: Iterable[_Box], start: int) -> list[Decimal]:
    return sorted({bound for box in boxes for bound in box[start : start + 2]})


def _cells(box: _Box, weights: Sequence[Decimal], amounts: Sequence[Decimal]) -> Iterable[tuple[int, int]]:
    """The cells of a box in the grid of all bounds, by the indices of their least weight and amount."""
    rows = range(weights.index(box[0]), weights.index(box[1]))
    columns = range(amounts.index(box[2]), amounts.index(box[3]))
    return ((row, column) for row in rows for column in columns)


def _limits_of(cell: tuple[int, int], weights: Sequence[Decimal], amounts: Sequence[Decimal]) -> Limits:
    row, column = cell
    bounds = (weights[row], weights[row + 1], amounts[column], amounts[column + 1])
    return Limits(*(None if bound == INFINITE else bound for bound in bounds))


def _words(limits: Limits) -> str:
    """Limits as a message names them: weights from 5 to below 10 kg and amounts from 0."""
    weights = _range(limits.min_weight, limits.max_weight, " kg")
    return f"weights {weights} and amounts {_range(limits.min_amount, limits.max_amount, '')}"


def _range(minimum: Decimal | None, maximum: Decimal | None, unit: str) -> str:
    least = f"from {(minimum or NOTHING).normalize():f}"
    return f"{least}{unit}" if maximum is None else f"{least} to below {maximum.normalize():f}{unit}"
