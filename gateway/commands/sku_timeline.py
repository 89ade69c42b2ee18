"""`commerce doctor --sku SKU`: tells everything that happened to the stock of one SKU, and whether it adds up."""

import asyncio
import sys
from collections.abc import Iterator

from domains.inventory.models import InventoryItem, Reservation, SkuTimeline, StockMovement
from gateway.bootstrap import wired
from gateway.commands.databases import database_url
from gateway.settings import Settings


def run(settings: Settings, sku: str, company: str | None) -> int:
    """Print the story; the exit code: 0 when the ledger adds up. Raises NotFound for an unknown company or SKU."""
    with database_url(settings) as url:
        story = asyncio.run(find(settings, url, sku, company))
    sys.stdout.write("".join(f"{line}\n" for line in told(story)))
    return 0 if story.adds_up else 1


async def find(settings: Settings, url: str, sku: str, slug: str | None) -> SkuTimeline:
    """The story of a company's SKU. Raises NotFound."""
    async with wired(settings, url) as platform:
        company = await platform.companies.find(slug, even_closed=True)
        return await platform.services.inventory.listing.timeline_of(platform.database.reader(company.id), sku)


def told(story: SkuTimeline) -> Iterator[str]:
    """The story in lines, oldest first."""
    yield f"SKU {story.sku!r} {_owner(story)}"
    if story.item is None:
        yield "It was never stocked, so there are none of it."
        return
    yield f"Now:  {_stock(story.item)}"
    yield ""
    yield from (_movement(movement) for movement in story.movements)
    if story.reservations:
        yield ""
        yield "Held now:"
        yield from (_held(reservation) for reservation in story.reservations)
    yield ""
    yield (
        "ok   The ledger and the reservations add up to the stock."
        if story.adds_up
        else f"BAD  The ledger adds up to {story.free} free and {story.reserved} reserved, the reservations to "
        f"{story.held}. Somebody wrote past the inventory: undo that, then count the SKU and set it with `stockSet`."
    )


def _owner(story: SkuTimeline) -> str:
    if story.owner is None:
        return "is the SKU of nothing any more."
    what = f"product {story.owner.product_id}"
    if story.owner.variant_id is not None:
        what = f"variant {story.owner.variant_id} of {what}"
    state = "archived" if story.owner.is_archived else "on sale" if story.owner.is_sold else "not on sale"
    return f"is {what}, {state}{'' if story.owner.is_tracked else ', not tracked: it can always be sold'}."


def _stock(item: InventoryItem) -> str:
    return (
        f"{item.available_stock} free + {item.reserved_stock} reserved = {item.total_stock}; "
        f"order {item.reorder_quantity} again at {item.reorder_point}"
    )


def _movement(entry: StockMovement) -> str:
    who = entry.actor_kind if entry.performed_by is None else f"{entry.actor_kind} {entry.performed_by}"
    notes = [f"by {who}", entry.reason, f"for {entry.reference}" if entry.reference else None]
    return (
        f"{entry.created_at:%Y-%m-%d %H:%M:%S}  {entry.type:<11} free {entry.available_delta:+}  "
        f"reserved {entry.reserved_delta:+}  total {entry.balance_after}  {', '.join(filter(None, notes))}"
    )


def _held(reservation: Reservation) -> str:
    owner = f"order {reservation.order_id}" if reservation.order_id else f"cart {reservation.cart_id}"
    until = f"until {reservation.expires_at:%Y-%m-%d %H:%M:%S}" if reservation.expires_at else "for good"
    return f"{reservation.created_at:%Y-%m-%d %H:%M:%S}  {reservation.quantity} by {owner}, {until}"
