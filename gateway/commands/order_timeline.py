"""`commerce doctor --order NUMBER`: tells everything that happened to one order, and whether it adds up."""

import asyncio
import sys
from collections.abc import Iterator

from domains.kernel.values.money import round_half_up
from domains.order.timeline import OrderStory
from gateway.bootstrap import wired
from gateway.commands.databases import database_url
from gateway.settings import Settings


def run(settings: Settings, number: str, company: str | None) -> int:
    """Print the story; the exit code: 0 when figures and money add up. Raises NotFound for an unknown one."""
    with database_url(settings) as url:
        story = asyncio.run(find(settings, url, number, company))
    sys.stdout.write("".join(f"{line}\n" for line in lines_of(story)))
    return 0 if story.adds_up and story.is_settled else 1


async def find(settings: Settings, url: str, number: str, slug: str | None) -> OrderStory:
    """The story of a company's order. Raises NotFound."""
    async with wired(settings, url) as platform:
        company = await platform.companies.find(slug, even_closed=True)
        return await platform.services.order.story_of(platform.database.reader(company.id), number)


def lines_of(story: OrderStory) -> Iterator[str]:
    """The story in lines, oldest first."""
    order = story.order
    buyer = f"customer {order.user_id}" if order.user_id else "a guest"
    yield f"Order {order.order_number} ({order.id}) of {buyer}, {order.email}: {order.status}"
    for item in story.items:
        total = round_half_up(item.total_price, order.currency)
        yield f"  {item.quantity} x {item.sku or item.product_name}: {total} {order.currency}"
    yield f"  shipping: {round_half_up(order.shipping_cost, order.currency)} {order.currency}"
    yield f"  in all {round_half_up(order.total, order.currency)} {order.currency}"
    for promotion in story.promotions:
        amount = round_half_up(promotion.discount_amount, order.currency)
        yield f"  {promotion.promotion_name!r} had taken off {amount} {order.currency}"
    if story.awaits_acceptance:
        yield (
            f"  by {order.payment_method}, waits to be accepted until {order.expires_at:%Y-%m-%d %H:%M:%S}: "
            "`orderStatusUpdate` to CONFIRMED accepts it"
        )
    yield ""
    yield from (f"{at:%Y-%m-%d %H:%M:%S}  {what}" for at, what in story.happenings())
    if story.has_more_movements:
        yield "  and more entries of the ledger: `stockMovements` lists those with the order's id as their reference"
    yield ""
    yield (
        "ok   The lines and the shipping add up to the total."
        if story.adds_up
        else "BAD  The lines and the shipping do not add up to the total: somebody wrote past the order domain."
    )
    yield _money(story)


def _money(story: OrderStory) -> str:
    if story.is_settled:
        return "ok   The whole total was taken." if story.order.paid_at else "ok   It is not paid, nothing was taken."
    captured = f"{round_half_up(story.captured, story.order.currency)} {story.order.currency}"
    says = "is paid" if story.order.paid_at else "is not paid"
    return (
        f"BAD  The order {says}, but {captured} were taken: compare its payments with the provider's own list, and "
        "refund what was taken for nothing."
    )
