"""Batch functions of a cart's fields: one reading of lines, products and prices serves them all."""

from collections.abc import Collection, Sequence

from domains.cart.models import Cart, CartContents, CartLine
from domains.inventory.models import Level
from gateway.graphql.context import Context

LevelKey = tuple[str | None, bool]


async def load_contents(context: Context, keys: Sequence[Cart]) -> Sequence[CartContents]:
    """What is in carts."""
    return await context.services.cart.contents(context.reader, keys)


async def load_lines(context: Context, keys: Sequence[Cart]) -> Sequence[Sequence[CartLine]]:
    """The lines of carts."""
    return [list(contents.lines) for contents in await contents_of(context, keys)]


async def load_quantities(context: Context, keys: Sequence[Cart]) -> Sequence[int]:
    """How many units are in carts, all lines together."""
    return [sum(line.quantity for line in contents.lines) for contents in await contents_of(context, keys)]


async def load_levels(context: Context, keys: Sequence[LevelKey]) -> Sequence[int | None]:
    """How many units there are, by (SKU, whether it is counted); null for what is not counted."""
    levels = await _levels(context, keys)
    return [levels[sku].available if is_tracked and sku else 0 if is_tracked else None for sku, is_tracked in keys]


async def load_availability(context: Context, keys: Sequence[tuple[str | None, bool, bool, int]]) -> Sequence[bool]:
    """Whether so many units can be bought now, by (SKU, whether it is counted, whether it is sold, quantity)."""
    levels = await context.loaders.of(load_levels).load_level(list({(sku, counted) for sku, counted, _, _ in keys}))
    known = dict(zip({(sku, counted) for sku, counted, _, _ in keys}, levels, strict=True))
    return [
        is_sold and ((available := known[sku, is_tracked]) is None or available >= quantity)
        for sku, is_tracked, is_sold, quantity in keys
    ]


async def contents_of(context: Context, carts: Collection[Cart]) -> list[CartContents]:
    """What is in carts, read once in a request."""
    return await context.loaders.of(load_contents).load_level(list(carts))


async def _levels(context: Context, keys: Collection[LevelKey]) -> dict[str, Level]:
    skus = {sku for sku, is_tracked in keys if sku and is_tracked}
    return await context.services.inventory.levels(context.reader, skus) if skus else {}
