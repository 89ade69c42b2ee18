"""`commerce doctor --sku SKU`: prints every change of the stock of one SKU, and whether the ledger adds up."""

import asyncio
from collections.abc import Iterator, Mapping
from uuid import UUID

from domains.inventory.models import InventoryItem, InventoryLevel, Reservation, SkuTimeline, StockMovement
from gateway.bootstrap import wired
from gateway.commands.databases import database_url
from gateway.commands.output import write_lines
from gateway.settings import Settings


def run(settings: Settings, sku: str, company: str | None) -> int:
    """Print the timeline. Returns the exit code, 0 if the ledger adds up.

    Raises NotFound for an unknown company or SKU.
    """
    with database_url(settings) as url:
        timeline = asyncio.run(find(settings, url, sku, company))
    write_lines(lines_of(timeline))
    return 0 if timeline.is_consistent else 1


async def find(settings: Settings, url: str, sku: str, slug: str | None) -> SkuTimeline:
    """The timeline of a company's SKU. Raises NotFound."""
    async with wired(settings, url) as platform:
        company = await platform.companies.find(slug, include_inactive=True)
        return await platform.services.inventory.listing.timeline(platform.database.reader(company.id), sku)


def lines_of(timeline: SkuTimeline) -> Iterator[str]:
    """The timeline in lines, oldest first."""
    yield f"SKU {timeline.sku!r} {_owner(timeline)}"
    if timeline.item is None:
        yield "It was never stocked."
        return
    item, codes = timeline.item, _codes(timeline)
    yield f"Now:  {_units(item)}; order {item.reorder_quantity} again at {item.reorder_point}"
    if codes:
        yield from (f"  in {codes[each.level.warehouse_id]}: {_units(each.level)}" for each in timeline.levels)
    yield ""
    yield from (_movement(movement, codes) for movement in timeline.movements)
    if timeline.reservations:
        yield ""
        yield "Reserved now:"
        yield from (_reservation(reservation, codes) for reservation in timeline.reservations)
    yield ""
    yield (
        "ok   The ledger and the reservations add up to the stock."
        if timeline.is_consistent
        else f"BAD  The ledger adds up to {timeline.available} available and {timeline.reserved} reserved units, the "
        f"reservations to {timeline.in_reservations}. Stock was changed outside the ledger: "
        "undo that change, then count the SKU and set its stock with `stockSet`."
    )


def _owner(timeline: SkuTimeline) -> str:
    if timeline.owner is None:
        return "is no longer used by a product or variant."
    owner = f"product {timeline.owner.product_id}"
    if timeline.owner.variant_id is not None:
        owner = f"variant {timeline.owner.variant_id} of {owner}"
    state = "archived" if timeline.owner.is_archived else "on sale" if timeline.owner.is_sold else "not on sale"
    return f"is {owner}, {state}{'' if timeline.owner.is_tracked else ', not tracked: it can always be sold'}."


def _codes(timeline: SkuTimeline) -> Mapping[UUID, str]:
    """The codes of the warehouses; none for a SKU that is in one only."""
    codes = {each.warehouse.id: each.warehouse.code for each in timeline.levels}
    return codes if len(codes) > 1 else {}


def _units(stock: InventoryItem | InventoryLevel) -> str:
    quarantined = f" + {stock.quarantined_stock} quarantined" if stock.quarantined_stock else ""
    return f"{stock.available_stock} available + {stock.reserved_stock} reserved{quarantined} = {stock.total_stock}"


def _movement(entry: StockMovement, codes: Mapping[UUID, str]) -> str:
    actor = entry.actor_kind if entry.performed_by is None else f"{entry.actor_kind} {entry.performed_by}"
    place = f"in {codes[entry.warehouse_id]}" if codes else None
    notes = [place, f"by {actor}", entry.reason, f"for {entry.reference}" if entry.reference else None]
    return (
        f"{entry.created_at:%Y-%m-%d %H:%M:%S}  {entry.type:<11} available {entry.available_delta:+}  "
        f"reserved {entry.reserved_delta:+}  {_quarantined(entry)}total {entry.balance_after}  "
        f"{', '.join(filter(None, notes))}"
    )


def _quarantined(entry: StockMovement) -> str:
    return f"quarantined {entry.quarantined_delta:+}  " if entry.quarantined_delta else ""


def _reservation(reservation: Reservation, codes: Mapping[UUID, str]) -> str:
    owner = f"order {reservation.order_id}" if reservation.order_id else f"cart {reservation.cart_id}"
    place = f" in {codes[reservation.warehouse_id]}" if codes else ""
    until = f"until {reservation.expires_at:%Y-%m-%d %H:%M:%S}" if reservation.expires_at else "without a time limit"
    return f"{reservation.created_at:%Y-%m-%d %H:%M:%S}  {reservation.quantity} by {owner}{place}, {until}"
