"""What tests ask about the gift cards that an order has sold."""

import re
from decimal import Decimal
from uuid import UUID

from domains.order.models import Order
from domains.payment.gift_cards.models import GiftCard
from tests.domains.notification.mailbox import Mailbox
from tests.domains.order.storefront import Storefront

CODE = re.compile(r"^[0-9A-Z]{4}(?:-[0-9A-Z]{4}){4}$", re.MULTILINE)
SOLD = """
select coalesce(sum(case l.side when 'CREDIT' then l.amount else -l.amount end), 0)
from ledger_lines l where l.company_id = $1 and l.account = '2110'
"""


async def item_of(shop: Storefront, order: Order, sku: str = "CARD") -> UUID:
    """The id of an order's line."""
    items = await shop.services.order.items_of(shop.database.reader(shop.company_id), [order.id])
    return next(item.id for item in items if item.sku == sku)


async def cards_of(shop: Storefront, order: Order) -> list[GiftCard]:
    """The cards of an order, oldest first."""
    reader = shop.database.reader(shop.company_id)
    items = await shop.services.order.items_of(reader, [order.id])
    return await shop.services.payment.gift_cards.of_order_items(reader, [item.id for item in items])


async def balances(shop: Storefront, order: Order) -> list[tuple[Decimal, bool]]:
    """The balance of each card of an order, and whether it is disabled."""
    cards, reader = await cards_of(shop, order), shop.database.reader(shop.company_id)
    found = await shop.services.payment.gift_cards.balances(reader, [card.id for card in cards])
    return [(found[card.id], card.disabled_at is not None) for card in cards]


async def sold_and_not_issued(shop: Storefront) -> Decimal:
    """The balance of the account of gift cards that are sold and not issued."""
    amount: Decimal = await shop.owner.fetchval(SOLD, shop.company_id)
    return amount


def codes_in(mailbox: Mailbox) -> list[str]:
    """The codes in all mails."""
    return [code for mail in mailbox.mails for code in CODE.findall(mail.text)]
