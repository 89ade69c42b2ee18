"""Merging lines into a cart: how many units fit, and why the others do not; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from domains.cart.models import Addition, CartLimits, LeftOver, LeftReason, WantedLine
from domains.catalog.products.offers import Offer, OfferKey
from domains.inventory.models import StockLevel


@dataclass(slots=True)
class Plan:
    """The units to add, and the lines that do not fit in full."""

    additions: list[Addition] = field(default_factory=list)
    left: list[LeftOver] = field(default_factory=list)


def level_of(offer: Offer, levels: Mapping[str, StockLevel]) -> StockLevel:
    """The stock of an offer; none if it is tracked and has no SKU."""
    return levels.get(offer.sku or "", StockLevel(0, is_tracked=offer.is_tracked))


def plan(
    wanted: Sequence[WantedLine],
    held: Mapping[OfferKey, int],
    offers: Mapping[OfferKey, Offer],
    levels: Mapping[str, StockLevel],
    limits: CartLimits,
) -> Plan:
    """The units of wanted lines, in their order, that fit into a cart with these quantities; equal lines add up.

    A line takes as many units as there are and as a line may have, and a cart as many lines as it may have; what it
    held before stays, whatever there is.
    """
    made, lines = Plan(), len(held)
    for line in added_up(wanted):
        offer = offers.get(line.key)
        room, reason = _room(line, offer, held.get(line.key, 0), levels, limits)
        if room > 0 and line.key not in held and lines >= limits.lines:
            room, reason = 0, LeftReason.LINE_LIMIT
        taken = max(0, min(line.quantity, room))
        if taken and offer is not None:
            lines += line.key not in held
            price = offer.price.amount if line.price is None else line.price
            made.additions.append(Addition(line.key, taken, price))
        if taken < line.quantity or line.quantity < 1:
            made.left.append(LeftOver(line.product_id, line.variant_id, line.quantity, taken, reason))
    return made


def added_up(wanted: Sequence[WantedLine]) -> list[WantedLine]:
    """The lines with those of the same product and variant as one; a line without units adds nothing to another."""
    lines: dict[tuple[OfferKey, bool], WantedLine] = {}
    for line in wanted:
        key = (line.key, line.quantity > 0)
        known = lines.get(key)
        lines[key] = line if known is None else replace(known, quantity=known.quantity + line.quantity)
    return list(lines.values())


def _room(
    line: WantedLine, offer: Offer | None, held: int, levels: Mapping[str, StockLevel], limits: CartLimits
) -> tuple[int, LeftReason]:
    """The number of units that a line can add, and why not more."""
    if line.quantity < 1:
        return 0, LeftReason.INVALID_QUANTITY
    if offer is None or not offer.is_sold:
        return 0, LeftReason.NOT_FOR_SALE
    level = level_of(offer, levels)
    if level.is_tracked and level.available < limits.units:
        return level.available - held, LeftReason.INSUFFICIENT_STOCK
    return limits.units - held, LeftReason.QUANTITY_LIMIT
