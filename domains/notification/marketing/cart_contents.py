"""The contents of carts as reminders tell them: what can be bought now, at the present prices."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from domains.cart.models import Cart, CartContents, CartLine, CartRef
from domains.cart.service import CartService
from domains.inventory.models import StockLevel
from domains.inventory.service import InventoryService
from domains.kernel.database import Reader
from domains.kernel.settings import SettingsTable
from domains.notification.checks import Variables
from domains.notification.models import NotificationSettings
from domains.notification.orders.variables import MOST_ITEMS, amount_text
from domains.pricing.models import Quote

NO_CART: Final = CartRef()


class ReminderContents:
    """Reads carts for reminders."""

    def __init__(
        self, cart: CartService, inventory: InventoryService, settings: SettingsTable[NotificationSettings]
    ) -> None:
        self._cart = cart
        self._inventory = inventory
        self._settings = settings

    async def carts(self, db: Reader, ids: Collection[UUID]) -> list[Cart]:
        """The carts of these ids, in no order. One statement."""
        return await self._cart.carts_by_id(db, NO_CART, ids, sees_all=True)

    async def variables(self, db: Reader, carts: Sequence[Cart]) -> Mapping[UUID, Variables]:
        """The variables of carts by id, without those of which nothing can be bought now. Six statements, or none.

        The total is that of the lines that can be bought, with discounts and taxes, and without shipping.
        """
        if not carts:
            return {}
        contents = await self._cart.contents(db, carts)
        skus = {line.offer.sku for each in contents for line in each.on_sale if line.offer.sku}
        levels = await self._inventory.listing.levels(db, skus) if skus else {}
        present = [
            replace(each, lines=[line for line in each.on_sale if _is_sold(line, levels)]) for each in contents
        ]
        present = [each for each in present if each.lines]
        quotes = await self._cart.quotes.of(db, present) if present else []
        storefront = (await self._settings.current(db)).storefront_url
        pairs = zip(present, quotes, strict=True)
        return {each.cart.id: _variables(each, quote, storefront) for each, quote in pairs}


def _is_sold(line: CartLine, levels: Mapping[str, StockLevel]) -> bool:
    level = levels.get(line.offer.sku or "")
    return not line.offer.is_tracked or (level is not None and level.sellable > 0)


def _variables(contents: CartContents, quote: Quote, storefront: str | None) -> Variables:
    totals = {line.key: line.total for line in quote.lines}
    items: list[dict[str, Any]] = [
        {
            "name": line.offer.product.name,
            "variant": line.offer.variant.name if line.offer.variant else None,
            "quantity": line.quantity,
            "total": amount_text(totals[line.id], quote.currency),
        }
        for line in contents.lines[:MOST_ITEMS]
    ]
    return {
        "items": items,
        "total": amount_text(sum(totals.values(), Decimal(0)), quote.currency),
        "currency": quote.currency,
        "url": f"{storefront.rstrip('/')}/cart" if storefront else None,
    }
