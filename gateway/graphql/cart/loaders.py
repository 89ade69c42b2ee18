"""Batch functions of carts: lines, products and prices are read once per request."""

from collections.abc import Collection, Sequence
from uuid import UUID

from domains.cart.models import Cart, CartContents, CartLine
from domains.inventory.models import StockLevel
from domains.pricing.models import Quote
from gateway.graphql.cart.totals import CartItemTotals, CartTotals, line_totals_of, totals_of
from gateway.graphql.core.context import Context

LevelKey = tuple[str | None, bool]
LineKey = tuple[Cart, UUID]


async def load_contents(context: Context, keys: Sequence[Cart]) -> Sequence[CartContents]:
    """The contents of carts."""
    return await context.services.cart.contents(context.reader, keys)


async def load_lines(context: Context, keys: Sequence[Cart]) -> Sequence[Sequence[CartLine]]:
    """The lines of carts."""
    return [list(contents.lines) for contents in await contents_of(context, keys)]


async def load_quantities(context: Context, keys: Sequence[Cart]) -> Sequence[int]:
    """The number of units of carts, of all lines."""
    return await context.services.cart.count_units(context.reader, keys)


async def load_quotes(context: Context, keys: Sequence[Cart]) -> Sequence[Quote]:
    """The quotes of carts."""
    return await context.services.cart.quotes.of(context.reader, await contents_of(context, keys))


async def load_totals(context: Context, keys: Sequence[Cart]) -> Sequence[CartTotals]:
    """The totals of carts. The total that is shown to the buyer is stored with the cart."""
    calculated = await _quotes(context, keys)
    for contents, totals in zip(await contents_of(context, keys), calculated, strict=True):
        await context.services.cart.quotes.store_shown_total(context.db, context.actor, contents, totals)
    return [totals_of(totals) for totals in calculated]


async def load_line_totals(context: Context, keys: Sequence[LineKey]) -> Sequence[CartItemTotals | None]:
    """The totals of lines, by (cart, line)."""
    carts = list(dict.fromkeys(cart for cart, _ in keys))
    lines = {line.key: (line, totals.currency) for totals in await _quotes(context, carts) for line in totals.lines}
    return [line_totals_of(*lines[line_id]) if line_id in lines else None for _, line_id in keys]


async def load_levels(context: Context, keys: Sequence[LevelKey]) -> Sequence[int | None]:
    """The available units, by (SKU, is_tracked); null for untracked SKUs."""
    levels = await _levels(context, keys)
    return [levels[sku].available if is_tracked and sku else 0 if is_tracked else None for sku, is_tracked in keys]


async def load_availability(context: Context, keys: Sequence[tuple[str | None, bool, bool, int]]) -> Sequence[bool]:
    """Whether a quantity can be bought now, by (SKU, is_tracked, is_sold, quantity)."""
    level_keys = list(dict.fromkeys((sku, is_tracked) for sku, is_tracked, _, _ in keys))
    available_by_key = dict(
        zip(level_keys, await context.loaders.of(load_levels).load_level(level_keys), strict=True)
    )
    return [
        is_sold and ((available := available_by_key[sku, is_tracked]) is None or available >= quantity)
        for sku, is_tracked, is_sold, quantity in keys
    ]


async def contents_of(context: Context, carts: Collection[Cart]) -> list[CartContents]:
    """The contents of carts, read once per request."""
    return await context.loaders.of(load_contents).load_level(list(carts))


async def _quotes(context: Context, carts: Sequence[Cart]) -> list[Quote]:
    return await context.loaders.of(load_quotes).load_level(list(carts))


async def _levels(context: Context, keys: Collection[LevelKey]) -> dict[str, StockLevel]:
    skus = {sku for sku, is_tracked in keys if sku and is_tracked}
    return await context.services.inventory.listing.levels(context.reader, skus) if skus else {}
