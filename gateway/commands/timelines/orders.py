"""`commerce doctor --order NUMBER`: prints the timeline of one order, and whether its sums are consistent."""

import asyncio
from collections.abc import Iterator

from domains.kernel.values.money import round_half_up
from domains.order.timeline import OrderTimeline
from gateway.bootstrap import wired
from gateway.commands.databases import database_url
from gateway.commands.output import write_lines
from gateway.settings import Settings


def run(settings: Settings, number: str, company: str | None) -> int:
    """Print the timeline; the exit code is 0 when totals and captures are consistent. Raises NotFound."""
    with database_url(settings) as url:
        timeline = asyncio.run(find(settings, url, number, company))
    write_lines(lines_of(timeline))
    return 0 if timeline.is_consistent and timeline.is_settled else 1


async def find(settings: Settings, url: str, number: str, slug: str | None) -> OrderTimeline:
    """The timeline of a company's order. Raises NotFound."""
    async with wired(settings, url) as platform:
        company = await platform.companies.find(slug, include_inactive=True)
        return await platform.services.order.timeline.of(platform.database.reader(company.id), number)


def lines_of(timeline: OrderTimeline) -> Iterator[str]:
    """The timeline in lines, oldest first."""
    order = timeline.order
    buyer = f"customer {order.user_id}" if order.user_id else "a guest"
    yield f"Order {order.order_number} ({order.id}) of {buyer}, {order.email}: {order.status}"
    for item in timeline.items:
        total = round_half_up(item.total_price, order.currency)
        yield f"  {item.quantity - item.dropped_quantity} x {item.sku or item.product_name}: {total} {order.currency}"
    yield f"  shipping: {round_half_up(order.shipping_cost, order.currency)} {order.currency}"
    yield f"  total: {round_half_up(order.total, order.currency)} {order.currency}"
    for promotion in timeline.promotions:
        amount = round_half_up(promotion.discount_amount, order.currency)
        yield f"  {promotion.promotion_name!r} discounted it by {amount} {order.currency}"
    if timeline.awaits_acceptance:
        yield (
            f"  by {order.payment_method}, to be accepted until {order.expires_at:%Y-%m-%d %H:%M:%S}: "
            "`orderStatusUpdate` to CONFIRMED accepts it"
        )
    yield ""
    yield from (f"{at:%Y-%m-%d %H:%M:%S}  {what}" for at, what in timeline.entries())
    if timeline.has_more_movements:
        yield "  and more: `stockMovements` lists all movements with the order's id as their reference"
    yield ""
    yield (
        "ok   The lines and the shipping add up to the total."
        if timeline.is_consistent
        else "BAD  The lines and the shipping do not add up to the total: it was written outside the order domain."
    )
    yield _money(timeline)


def _money(timeline: OrderTimeline) -> str:
    if timeline.is_settled:
        return (
            "ok   The total was captured."
            if timeline.order.paid_at
            else "ok   It is not paid, and nothing was captured."
        )
    captured = f"{round_half_up(timeline.captured, timeline.order.currency)} {timeline.order.currency}"
    state = "is paid" if timeline.order.paid_at else "is not paid"
    return (
        f"BAD  The order {state}, but {captured} were captured: compare its payments with the provider's "
        "records, and refund the excess."
    )
