"""Batch functions of carts: lines, products and prices are read once per request."""

from collections.abc import Collection, Sequence
from uuid import UUID

from domains.cart.models import Cart, CartContents, CartLine, PricedCart
from domains.cart.shipping.models import AppliedShipping
from domains.cart.tenders.models import TenderQuote
from domains.inventory.models import StockLevel
from domains.pricing.models import Quote
from gateway.graphql.cart.availability import AvailabilityKey, CartItemAvailability, availability_of
from gateway.graphql.cart.shipping import CartShippingOption, CartShippingProblem, option_of, problem_of
from gateway.graphql.cart.tenders import CartGiftCard, CartStoreCredit, gift_cards_of, money, store_credit_of
from gateway.graphql.cart.totals import CartItemTotals, CartTotals, line_totals_of, totals_of
from gateway.graphql.core.context import Context
from gateway.graphql.core.scalars import Money
from gateway.graphql.shipping.delivery_dates import DeliveryDates, delivery_dates_of

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


async def load_priced(context: Context, keys: Sequence[Cart]) -> Sequence[PricedCart]:
    """Carts with their quotes."""
    return await context.services.cart.quotes.priced(context.reader, await contents_of(context, keys))


async def load_shipping(context: Context, keys: Sequence[Cart]) -> Sequence[AppliedShipping]:
    """The shipping of carts."""
    priced = await context.loaders.of(load_priced).load_level(list(keys))
    return await context.services.cart.shipping.applied(context.reader, priced)


async def load_shipping_method(context: Context, keys: Sequence[Cart]) -> Sequence[CartShippingOption | None]:
    """The shipping methods that apply to carts."""
    return [option_of(applied.option) for applied in await _shipping(context, keys)]


async def load_shipping_problem(context: Context, keys: Sequence[Cart]) -> Sequence[CartShippingProblem | None]:
    """Why no shipping method applies to carts."""
    return [problem_of(applied.problem) for applied in await _shipping(context, keys)]


async def load_requires_shipping(context: Context, keys: Sequence[Cart]) -> Sequence[bool]:
    """Whether carts have goods that are shipped."""
    return [applied.is_shipped for applied in await _shipping(context, keys)]


async def load_delivery_dates(context: Context, keys: Sequence[Cart]) -> Sequence[DeliveryDates | None]:
    """When the goods of carts arrive if they are ordered now."""
    return [
        delivery_dates_of(applied.option.dates) if applied.option else None
        for applied in await _shipping(context, keys)
    ]


async def load_tenders(context: Context, keys: Sequence[Cart]) -> Sequence[TenderQuote | None]:
    """What the tenders of carts pay of them; None for a cart without tenders."""
    priced = list(zip(await contents_of(context, keys), await _quotes(context, keys), strict=True))
    return await context.services.cart.tenders.quotes(context.reader, priced)


async def load_shown(context: Context, keys: Sequence[Cart]) -> Sequence[tuple[Quote, TenderQuote | None]]:
    """The quotes of carts with their tenders. What is shown to the buyer is stored with the cart."""
    calculated = await _quotes(context, keys)
    tenders = await context.loaders.of(load_tenders).load_level(list(keys))
    shown = list(zip(calculated, tenders, strict=True))
    store = context.services.cart.quotes.store_shown_total
    for contents, (quoted, paying) in zip(await contents_of(context, keys), shown, strict=True):
        await store(context.db, context.actor, contents, quoted, paying.due if paying else None)
    return shown


async def load_totals(context: Context, keys: Sequence[Cart]) -> Sequence[CartTotals]:
    """The totals of carts."""
    return [totals_of(quoted) for quoted, _ in await _shown(context, keys)]


async def load_amounts_due(context: Context, keys: Sequence[Cart]) -> Sequence[Money]:
    """What is left to pay of carts in money."""
    return [
        money(quoted.total if paying is None else paying.due, quoted.currency)
        for quoted, paying in await _shown(context, keys)
    ]


async def load_gift_cards(context: Context, keys: Sequence[Cart]) -> Sequence[list[CartGiftCard]]:
    """The gift cards of carts, in the order in which they pay."""
    return [[] if paying is None else gift_cards_of(paying) for _, paying in await _shown(context, keys)]


async def load_store_credit(context: Context, keys: Sequence[Cart]) -> Sequence[CartStoreCredit | None]:
    """The store credit of carts that use it."""
    return [None if paying is None else store_credit_of(paying) for _, paying in await _shown(context, keys)]


async def load_line_totals(context: Context, keys: Sequence[LineKey]) -> Sequence[CartItemTotals | None]:
    """The totals of lines, by (cart, line)."""
    carts = list(dict.fromkeys(cart for cart, _ in keys))
    lines = {line.key: (line, totals.currency) for totals in await _quotes(context, carts) for line in totals.lines}
    return [line_totals_of(*lines[line_id]) if line_id in lines else None for _, line_id in keys]


async def load_stock(context: Context, keys: Sequence[LevelKey]) -> Sequence[StockLevel]:
    """The stock of lines, by (SKU, is_tracked); none of a tracked line without a SKU."""
    levels = await _levels(context, keys)
    return [levels.get(sku or "", StockLevel(0, is_tracked)) for sku, is_tracked in keys]


async def load_levels(context: Context, keys: Sequence[LevelKey]) -> Sequence[int | None]:
    """The available units, by (SKU, is_tracked); null for untracked SKUs."""
    levels = await context.loaders.of(load_stock).load_level(list(keys))
    return [level.available if level.is_tracked else None for level in levels]


async def load_availability(context: Context, keys: Sequence[AvailabilityKey]) -> Sequence[CartItemAvailability]:
    """Whether a quantity can be bought now, and from what, by (SKU, is_tracked, is_sold, quantity)."""
    level_keys = list(dict.fromkeys((sku, is_tracked) for sku, is_tracked, _, _ in keys))
    by_key = dict(zip(level_keys, await context.loaders.of(load_stock).load_level(level_keys), strict=True))
    return [
        availability_of(by_key[sku, is_tracked], quantity, is_sold=is_sold)
        for sku, is_tracked, is_sold, quantity in keys
    ]


async def contents_of(context: Context, carts: Collection[Cart]) -> list[CartContents]:
    """The contents of carts, read once per request."""
    return await context.loaders.of(load_contents).load_level(list(carts))


async def _shown(context: Context, carts: Sequence[Cart]) -> list[tuple[Quote, TenderQuote | None]]:
    return await context.loaders.of(load_shown).load_level(list(carts))


async def _quotes(context: Context, carts: Sequence[Cart]) -> list[Quote]:
    return [priced.quote for priced in await context.loaders.of(load_priced).load_level(list(carts))]


async def _shipping(context: Context, carts: Sequence[Cart]) -> list[AppliedShipping]:
    return await context.loaders.of(load_shipping).load_level(list(carts))


async def _levels(context: Context, keys: Collection[LevelKey]) -> dict[str, StockLevel]:
    skus = {sku for sku, is_tracked in keys if sku and is_tracked}
    return await context.services.inventory.listing.levels(context.reader, skus) if skus else {}
