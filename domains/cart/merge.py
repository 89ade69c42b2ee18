"""Merging lines into a cart: how many units fit, and why the others do not; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from domains.cart.models import Addition, CartLimits, NewLine, RejectedLine, RejectionReason
from domains.catalog.products.offers import Offer, OfferKey
from domains.inventory.models import StockLevel


@dataclass(slots=True)
class Plan:
    """The units to add, and the lines that do not fit in full."""

    additions: list[Addition] = field(default_factory=list)
    rejected: list[RejectedLine] = field(default_factory=list)


def stock_level(offer: Offer, levels: Mapping[str, StockLevel]) -> StockLevel:
    """The stock of an offer; none if it is tracked and has no SKU."""
    return levels.get(offer.sku or "", StockLevel(0, is_tracked=offer.is_tracked))


def plan(
    new_lines: Sequence[NewLine],
    quantities: Mapping[OfferKey, int],
    offers: Mapping[OfferKey, Offer],
    levels: Mapping[str, StockLevel],
    limits: CartLimits,
) -> Plan:
    """The units of new lines, in their order, that fit into a cart with these quantities; equal lines are combined.

    A line is limited by the stock and by the units of a line, the cart by its number of lines. The units that are
    already in the cart stay, also without stock.
    """
    result, lines = Plan(), len(quantities)
    for line in combined(new_lines):
        offer = offers.get(line.key)
        capacity, reason = _capacity(line, offer, quantities.get(line.key, 0), levels, limits)
        if capacity > 0 and line.key not in quantities and lines >= limits.lines:
            capacity, reason = 0, RejectionReason.LINE_LIMIT
        added = max(0, min(line.quantity, capacity))
        if added and offer is not None:
            lines += line.key not in quantities
            price = offer.price.amount if line.price is None else line.price
            result.additions.append(Addition(line.key, added, price))
        if added < line.quantity or line.quantity < 1:
            result.rejected.append(RejectedLine(line.product_id, line.variant_id, line.quantity, added, reason))
    return result


def without(moved: Sequence[NewLine], additions: Sequence[Addition]) -> list[Addition]:
    """What was added beyond the units of moved lines."""
    units = {line.key: line.quantity for line in moved}
    left = (replace(each, quantity=each.quantity - units.get(each.key, 0)) for each in additions)
    return [each for each in left if each.quantity > 0]


def combined(new_lines: Sequence[NewLine]) -> list[NewLine]:
    """The lines, with those of the same product and variant combined; lines without units stay apart."""
    lines: dict[tuple[OfferKey, bool], NewLine] = {}
    for line in new_lines:
        key = (line.key, line.quantity > 0)
        same = lines.get(key)
        lines[key] = line if same is None else replace(same, quantity=same.quantity + line.quantity)
    return list(lines.values())


def _capacity(
    line: NewLine, offer: Offer | None, in_cart: int, levels: Mapping[str, StockLevel], limits: CartLimits
) -> tuple[int, RejectionReason]:
    """The number of units that a line can add, and why not more."""
    if line.quantity < 1:
        return 0, RejectionReason.INVALID_QUANTITY
    if offer is None or not offer.is_sold:
        return 0, RejectionReason.NOT_FOR_SALE
    level = stock_level(offer, levels)
    if level.is_tracked and level.sellable < limits.units:
        return level.sellable - in_cart, RejectionReason.INSUFFICIENT_STOCK
    return limits.units - in_cart, RejectionReason.QUANTITY_LIMIT
